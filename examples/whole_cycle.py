"""A whole career cycle over HTTP, in seconds: HR platform, employee, partner and auditor.

    cairn up                                   # in one terminal
    python examples/whole_cycle.py             # in another one

It uses the public API only, by its Python client (clients/python). Months are seconds here, by the
policy that the platform sets.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from cairn_client import Cairn
from cairn_client.schemas import (
    CoachingBody,
    Conversation,
    EnrichmentBody,
    MentoringBody,
    PolicyBody,
    StretchBody,
)

T = TypeVar("T")

POLICY: PolicyBody = {
    "cadence": "PT4S",
    "follow_up_after": "PT5S",
    "check_in_every": "PT2S",
    "answer_nudges": ["PT20S", "PT40S", "PT60S"],
    "partner_nudges": ["PT20S", "PT40S"],
    "plan_within": "PT60S",
}


SUCCESS = "We would both say so"
ACTIONS: dict[str, EnrichmentBody | StretchBody | MentoringBody | CoachingBody] = {
    "enrich": {
        "method": "job_enrichment",
        "title": "Own the release notes",
        "adds": "What goes out with a release, and when",
        "owner": "employee",
        "serves": "lead",
        "success": SUCCESS,
    },
    "stretch": {
        "method": "stretch_assignment",
        "title": "Lead the migration of one service",
        "skill": "Planning for a team",
        "owner": "organisation",
        "serves": "lead",
        "success": SUCCESS,
    },
    "mentor": {
        "method": "mentoring",
        "title": "An hour a month with a principal engineer",
        "rhythm": "monthly",
        "owner": "partner",
        "serves": "lead",
        "success": SUCCESS,
    },
    "coach": {
        "method": "coaching",
        "title": "Sessions on leading without a title",
        "sessions": 6,
        "owner": "organisation",
        "serves": "lead",
        "success": SUCCESS,
    },
}


def main() -> None:
    """Play the whole cycle, then print the auditor's timeline of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path, default=Path(".cairn"))
    arguments.add_argument("--tenant", default=f"example-{uuid4().hex[:8]}")
    wanted = arguments.parse_args()
    api = json.loads((wanted.data_dir / "cairn.json").read_text())["api_url"]

    def caller(role: str, person: str | None = None) -> Cairn:
        return Cairn(api, token(wanted.data_dir, wanted.tenant, role, person))

    platform = caller("platform")
    say("The HR platform sets a policy in seconds and registers two people")
    platform.policy.put_policy(POLICY)
    platform.people.put_person("ben", {"name": "Ben Okoro", "email": "ben@example.com"})
    platform.people.put_person(
        "ana", {"name": "Ana Silva", "email": "ana@example.com", "partner": "ben"}
    )

    say("It starts Ana's cycle, twice: there is one")
    cycle = platform.cycles.start_cycle({"person": "ana"})["id"]
    assert platform.cycles.start_cycle({"person": "ana"})["id"] == cycle

    employee, partner = caller("employee", "ana"), caller("partner", "ben")
    first_conversation(employee, partner, cycle)
    agree_on_a_plan(employee, partner, cycle)
    come_back_to_it(employee, cycle)
    say("The second round begins by itself")
    wait(lambda: platform.cycles.get_cycle(cycle)["round"] == 2)
    print_timeline(caller("auditor"), cycle)


def first_conversation(employee: Cairn, partner: Cairn, cycle: str) -> None:
    """Answer the six questions: one is set aside and given later, one revised, one declined."""
    at = wait(lambda: employee.cycles.get_cycle(cycle)["conversation"])
    hers = employee.conversations
    say("Ana answers, sets one question aside, declines one, and revises another")
    hers.record_answer(at, "impact", {"text": "Two teachers, and a team that trusted me."})
    hers.set_aside(at, "energy")
    hers.record_answer(at, "challenge", {"text": "Too many meetings."})
    hers.record_answer(at, "challenge", {"text": "Meetings without a decision."})
    hers.record_answer(at, "learning", {"text": "To lead without a title."})
    hers.decline_question(at, "ideal")
    hers.record_answer(at, "peak", {"text": "Untangling something nobody understood."})
    hers.note_facet(at, "craft", {"kind": "value", "text": "Doing it properly"})
    hers.record_answer(at, "energy", {"text": "The quiet mornings with a hard problem."})
    hers.state_direction(at, {"direction": "expand", "comment": "Step by step."})

    say("Nothing is visible to Ben before she shares it")
    assert not answers(partner.conversations.get_conversation(at))
    hers.share(at)
    assert answers(partner.conversations.get_conversation(at))

    say("They meet; Ben says so, and Ana's word makes it so")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    partner.conversations.claim_held(at, {"held_on": today})
    hers.conclude(at, {"meeting": "held"})


def agree_on_a_plan(employee: Cairn, partner: Cairn, cycle: str) -> None:
    """Plan goals and actions of all four methods, and agree on the same revision."""
    at = wait(lambda: employee.cycles.get_cycle(cycle)["plan"])
    say("Ana plans, and proposes; Ben agrees")
    employee.plans.set_goal(at, "lead", {"text": "Lead a piece of work from start to end"})
    for name, wanted in ACTIONS.items():
        employee.plans.plan_action(at, name, wanted)
    employee.plans.propose(at)
    partner.plans.agree(at)
    wait(lambda: employee.cycles.get_cycle(cycle)["state"] != "planning")
    employee.plans.start_action(at, "enrich")
    employee.plans.check_in(at, {"state": "on_track"})


def come_back_to_it(employee: Cairn, cycle: str) -> None:
    """The follow-up opens by itself; Ana concludes it."""
    say("Half a year later (five seconds) the follow-up opens by itself")
    wait(lambda: employee.cycles.get_cycle(cycle)["state"] == "follow_up")
    at = wait(lambda: employee.cycles.get_cycle(cycle)["conversation"])
    employee.conversations.record_answer(at, "happened", {"text": "The migration is done."})
    employee.conversations.conclude(at, {"meeting": "waived"})


def print_timeline(auditor: Cairn, cycle: str) -> None:
    """Print who did what when, as the auditor sees it: no names, no words."""
    say("The auditor's timeline:")
    for item in auditor.audit.all_timeline(cycle=cycle):
        print(f"{item['position']:>5}  {item['recorded_at'][:19]}  {item['sentence']}")


def answers(conversation: Conversation) -> list[str]:
    """What can be read of the answers."""
    return [asked["answer"] for asked in conversation["questions"] if asked["answer"]]


def wait(read: Callable[[], T | None], seconds: float = 60) -> T:
    """Read until there is something."""
    deadline = time.monotonic() + seconds
    while not (found := read()):
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s in vain")
        time.sleep(0.1)
    return found


def token(data_dir: Path, tenant: str, role: str, person: str | None) -> str:
    """A development token, from the command line."""
    command = [sys.executable, "-m", "console.cli", "token", "--data-dir", str(data_dir)]
    command += ["--tenant", tenant, "--role", role] + (["--person", person] if person else [])
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def say(text: str) -> None:
    """Tell what is happening."""
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
