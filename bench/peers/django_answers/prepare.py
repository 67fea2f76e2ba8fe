"""Makes the peer's tables, and so many conversations: python -m django_answers.prepare 128"""

import sys

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    from django_answers.models import Conversation

    call_command("migrate", run_syncdb=True, verbosity=0)
    people = [Conversation(id=n + 1, person=f"e{n}") for n in range(int(sys.argv[1]))]
    Conversation.objects.bulk_create(people)


if __name__ == "__main__":
    main()
