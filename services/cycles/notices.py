"""Which mails a cycle has given rise to, and what became of each: read from the cycle's own events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from services.cycles.course import waiting_for
from services.cycles.progress import EMPLOYEE, NO_PARTNER, PARTNER, Progress
from shared.eventstore.sealing import Row


class Notice(msgspec.Struct):
    """A mail because of one event to one side; `outcome` is None until it was sent or refused."""

    event: UUID
    kind: str
    to: str
    at: datetime
    facts: dict[str, Any]
    outcome: str | None = None


def notices_in(rows: Sequence[Row]) -> list[Notice]:
    """All notices of a cycle, in their order."""
    found: dict[tuple[UUID, str], Notice] = {}
    for row in rows:
        facts = msgspec.json.decode(row.facts)
        for to in facts.get("tells", ()):
            kind = row.type.partition(".")[2]
            found[row.event_id, to] = Notice(row.event_id, kind, to, row.at, facts)
        if row.type in {"cycles.notice_sent", "cycles.notice_refused"}:
            known = found.get((UUID(facts["notice"]), facts["to"]))
            if known is not None:
                known.outcome = facts.get("why", "sent")
    return list(found.values())


def is_outdated(p: Progress, notice: Notice, now: datetime) -> bool:
    """Whether what a mail would say is so no more, by where its cycle stands now.

    It was so when the mail was recorded; no server may have taken it for days since. Of a meeting and
    of the end one is told in any case.
    """
    is_so = _IS_SO.get(notice.kind)
    return is_so is not None and not is_so(p, notice, now)


def _is_open(p: Progress, notice: Notice, _: datetime) -> bool:
    at_hand = p.state != "closed" and notice.facts["conversation"] == str(p.conversation)
    return at_hand and p.conversation_state in {"open", "paused"}


def _reminds_employee(p: Progress, notice: Notice, now: datetime) -> bool:
    return _is_still_up_to(EMPLOYEE, p, notice) and p.withheld(now) is None


def _reminds_partner(p: Progress, notice: Notice, now: datetime) -> bool:
    return _is_still_up_to(PARTNER, p, notice) and p.withheld(now) is None


def _is_up_to_partner(p: Progress, _: Notice, __: datetime) -> bool:
    """HR is told as long as that turn lasts, since in it nobody tells them again: also where the
    employee asked for time meanwhile, or the clocks stood still."""
    return p.escalated and waiting_for(p) == PARTNER


def _is_still_up_to(whom: str, p: Progress, notice: Notice) -> bool:
    """Whether it is the turn that the mail was about: another one began after that was recorded."""
    return waiting_for(p) == whom and p.since <= notice.at


def _has_no_partner(p: Progress, _: Notice, __: datetime) -> bool:
    return p.partner is None and NO_PARTNER in p.suspensions


def _asks_for_check_in(p: Progress, notice: Notice, _: datetime) -> bool:
    """Also while a change of the plan waits for one of the two."""
    is_last = p.check_ins == notice.facts["number"]
    return is_last and p.owes_check_in and not p.suspensions


def _asks_for_handover(p: Progress, notice: Notice, _: datetime) -> bool:
    asked, named_at = notice.facts["partner"], datetime.fromisoformat(notice.facts["named_at"])
    known = p.handover
    return known is not None and (str(known.partner), known.named_at) == (asked, named_at)


_IS_SO: dict[str, Callable[[Progress, Notice, datetime], bool]] = {
    "conversation_opened": _is_open,
    "follow_up_opened": _is_open,
    "nudged": _reminds_employee,
    "partner_nudged": _reminds_partner,
    "escalated": _is_up_to_partner,
    "suspended": _has_no_partner,
    "check_in_asked": _asks_for_check_in,
    "handover_asked": _asks_for_handover,
}
