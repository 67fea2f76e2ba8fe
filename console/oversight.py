"""What stands over the rest, put together: for auditors, and for the people the record is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from console.login.kept import KeptForms
from console.login.sessions import Limits, Sessions
from console.pages.language import wording
from services.audit.application import Audit
from services.audit.exporting import Exports
from services.audit.readmodel import Timeline
from services.audit.visibility import Visibility
from services.conversation.drafts import Drafts
from services.conversation.reading import ConversationReader
from services.disclosure import Disclosures
from services.people.application import Relationships
from services.permission import Permission
from services.planning.reading import PlanReader
from services.privacy.application import Cases
from services.privacy.holdings import Holdings, Part
from services.privacy.packages import Packages
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.folder import Folder
from shared.settings import Settings


@dataclass(frozen=True)
class Oversight:
    """Timeline, replay, who could see what, and what is taken along."""

    audit: Audit
    exports: Exports
    timeline: Timeline
    cases: Cases
    visibility: Visibility
    packages: Packages

    def given(self) -> dict[type, Any]:
        """What routes ask for, by its class."""
        return {type(each): each for each in vars(self).values()}


def oversee(
    record: Record,
    permission: Permission,
    conversations: ConversationReader,
    plans: PlanReader,
    disclosures: Disclosures,
    drafts: Drafts,
    settings: Settings,
) -> Oversight:
    """Build it on the services that it looks at."""
    audit, timeline = Audit(record, permission, wording), Timeline(record)
    exhibits = {
        "conversation": conversations.exhibits,
        "plan": plans.exhibits,
    }
    bundles = Folder(settings.bundles_path, "cairn")
    held = Holdings(
        record,
        timeline.streams_of,
        audit.items,
        _parts(record, conversations, plans, drafts, settings),
    )
    return Oversight(
        audit=audit,
        exports=Exports(record, permission, Ledger(record), bundles),
        timeline=timeline,
        cases=Cases(
            record,
            permission,
            conversations.read_for_case,
            timeline.streams_of,
            timeline.newest,
        ),
        visibility=Visibility(record, audit, timeline, Relationships(record), exhibits),
        packages=Packages(record, permission, disclosures, Ledger(record), held, timeline.acts_of),
    )


def _parts(
    record: Record,
    conversations: ConversationReader,
    plans: PlanReader,
    drafts: Drafts,
    settings: Settings,
) -> dict[str, tuple[str, Part]]:
    """What is held of a person, by the service that knows it."""
    limits = Limits.of(settings.session_idle, settings.session_longest)
    return {
        "conversations": ("conversation", conversations.held_of),
        "plans": ("plan", plans.held_of),
        "drafts": ("conversation", drafts.held_of),
        "forms": ("people", KeptForms(record).held_of),
        "sessions": ("people", Sessions(record, limits).held_of),
    }
