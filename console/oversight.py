"""What stands over the rest, put together: for auditors, and for the people the record is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from console.login.kept import KeptForms
from console.login.sessions import Limits, Sessions
from console.pages.language import wording
from services.audit.application import Audit
from services.audit.exporting import Exports
from services.audit.readmodel import Timeline
from services.audit.report import Reports
from services.audit.visibility import Visibility
from services.conversation.drafts import Drafts
from services.conversation.reading import ConversationReader
from services.correction_book import CorrectionBook
from services.cycles.application import Cycles
from services.disclosure import Disclosures
from services.people.application import People
from services.people.copies import Copies
from services.people.keeping import Keeping
from services.people.relations import Relationships
from services.people.retention import Retention, Times, TimesOf
from services.permission import Permission
from services.planning.reading import PlanReader
from services.privacy.application import Cases
from services.privacy.correcting import Correcting
from services.privacy.elsewhere import Elsewhere
from services.privacy.holdings import Holdings, Part
from services.privacy.packages import Lately, Packages
from services.privacy.requests import LASTS
from shared.eventstore.ledger import Ledger
from shared.eventstore.record import Record
from shared.folder import Folder
from shared.mail import FolderMail
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
    correcting: Correcting
    corrections: CorrectionBook
    reports: Reports
    retention: Retention

    def given(self) -> dict[type, Any]:
        """What routes ask for, by its class."""
        return {type(each): each for each in vars(self).values()}


def oversee(
    record: Record,
    permission: Permission,
    conversations: ConversationReader,
    plans: PlanReader,
    people: People,
    cycles: Cycles,
    book: CorrectionBook,
    settings: Settings,
) -> Oversight:
    """Build it on the services that it looks at."""
    audit, timeline = Audit(record, permission, wording), Timeline(record)
    exhibits = {
        "conversation": conversations.exhibits,
        "plan": plans.exhibits,
        "corrections": book.exhibits,
    }
    bundles = Folder(settings.bundles_path, "cairn")
    held = Holdings(
        record,
        timeline.streams_of,
        audit.items,
        _parts(record, timeline, conversations, plans, book, settings),
    )
    cases = Cases(
        record, permission, conversations.read_for_case, timeline.streams_of, timeline.newest
    )
    packages = _packages(record, permission, held, timeline)
    ties, openings = Relationships(record), {"cases": cases.openings, "access": packages.openings}
    return Oversight(
        audit=audit,
        exports=Exports(record, permission, Ledger(record), bundles, timeline.written_before),
        timeline=timeline,
        cases=cases,
        visibility=Visibility(record, audit, timeline, ties, exhibits, openings),
        packages=packages,
        correcting=Correcting(record, permission, book),
        corrections=book,
        reports=Reports(record, timeline, wording),
        retention=Retention(record, permission, people, Keeping(record), _times(cycles)),
    )


def copies_of(record: Record, settings: Settings) -> Copies:
    """Where copies of somebody's words are beside the record, and how each is reached."""
    timeline, sessions = Timeline(record), Sessions(record, _limits(settings))
    mailbox = FolderMail(settings.mail_dir)

    async def bundles_before(tenant: str, at: datetime) -> list[str]:
        return [str(id_) async for id_ in timeline.written_before(tenant, at)]

    return Copies(
        backups_kept=settings.backups_kept,
        sign=Ledger(record).sign,
        bundles_before=bundles_before,
        forget_mail=mailbox.forget,
        forget=[sessions.end_all],
    )


def _packages(
    record: Record, permission: Permission, held: Holdings, timeline: Timeline
) -> Packages:
    return Packages(
        record,
        permission,
        Disclosures(record),
        Ledger(record),
        held,
        timeline.acts_of,
        _asked_lately(record, timeline),
    )


def _asked_lately(record: Record, timeline: Timeline) -> Lately:
    async def lately(tenant: str) -> set[UUID]:
        found, since = set(), record.clock.now() - LASTS
        for topic in ("access.requested", "access.requested_again"):
            async for asked in timeline.back_from_newest(tenant, topic):
                if asked.row.at <= since:
                    break
                found.add(asked.row.stream)
        return found

    return lately


def _times(cycles: Cycles) -> TimesOf:
    async def times_of(tenant: str) -> Times:
        terms, _ = await cycles.policy_of(tenant)
        by_entity = {
            name: {"words": kept.words, "link": kept.link}
            for name, kept in terms.retention_by_entity.items()
        }
        kept = terms.retention
        return Times(terms.retention_on, kept.words, kept.link, by_entity, terms.bundles_kept)

    return times_of


def _limits(settings: Settings) -> Limits:
    return Limits.of(settings.session_idle, settings.session_longest)


def _parts(
    record: Record,
    timeline: Timeline,
    conversations: ConversationReader,
    plans: PlanReader,
    book: CorrectionBook,
    settings: Settings,
) -> dict[str, tuple[str, Part]]:
    """What is held of a person, by the service that knows it."""
    return {
        "conversations": ("conversation", conversations.held_of),
        "plans": ("plan", plans.held_of),
        "corrections": ("corrections", book.held_of),
        "named_elsewhere": ("people", Elsewhere(record, timeline.naming).held_of),
        "drafts": ("conversation", Drafts(record).held_of),
        "forms": ("people", KeptForms(record).held_of),
        "sessions": ("people", Sessions(record, _limits(settings)).held_of),
    }
