"""A case: one auditor may read the shared words of one cycle for some hours, once two people agreed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID

from eventsourcing.domain import event

from services.access import Exemption
from services.exhibits import Opening
from shared.errors import NotAllowed, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event

Reason = Literal["complaint", "litigation", "audit", "works_council", "security", "other"]
LONGEST = timedelta(hours=4)


class TwoOthersNeeded(RuleBroken):
    """A case takes two people besides whoever asked: one of data protection, one of HR or an admin."""


class NotForMachines(NotAllowed):
    """Only people ask for a case, agree to it and read in it: use your own login, not a machine's."""


class CaseDecided(RuleBroken):
    """This case was decided or has ended; ask for another one."""


class Case(Aggregate):
    """Who asked for which cycle and why, who agreed, and until when it opens anything."""

    TOPIC = "cases"

    class Requested(Created, frozen=True, kw_only=True):
        TOPIC = "cases.requested"
        person: UUID
        cycle: UUID
        reason: str
        auditor: str
        hours: int

    class Approved(Event, frozen=True, kw_only=True):
        TOPIC = "cases.approved"
        by: str
        role: str

    class Granted(Event, frozen=True, kw_only=True):
        TOPIC = "cases.granted"
        until: datetime

    class Refused(Event, frozen=True, kw_only=True):
        TOPIC = "cases.refused"

    class Revoked(Event, frozen=True, kw_only=True):
        TOPIC = "cases.revoked"

    @classmethod
    def request(cls, stream: UUID, at: datetime, **asked: Any) -> Self:
        """Ask to read what was shared in one cycle."""
        return cls.begin(stream, at, **asked)

    @event(Requested)
    def __init__(self, person: UUID, cycle: UUID, reason: str, auditor: str, hours: int) -> None:
        self.person, self.cycle = person, cycle
        self.reason, self.auditor, self.hours = reason, auditor, hours
        self.state = "requested"
        self.approvals: dict[str, str] = {}
        self.granted_at: datetime | None = None
        self.until: datetime | None = None

    def approve(self, by: str, roles: frozenset[str]) -> None:
        """Agree to it; the second of two people who may grants it."""
        self._must_be_undecided()
        role = self._role_of(by, roles)
        if role is None:
            raise TwoOthersNeeded
        self._approve(by=by, role=role)
        if len(self.approvals) == 2:
            until = self.at + min(timedelta(hours=self.hours), LONGEST)
            self._grant(until=until, timestamp=self.at)

    def may_be_approved(self, by: str, roles: frozenset[str]) -> bool:
        """Whether somebody's word is still wanted, and counts."""
        return self.state == "requested" and self._role_of(by, roles) is not None

    @event(Approved)
    def _approve(self, by: str, role: str) -> None:
        self.approvals[by] = role

    @event(Granted)
    def _grant(self, until: datetime, timestamp: datetime) -> None:
        self.state = "granted"
        self.granted_at, self.until = timestamp, until

    def refuse(self) -> None:
        """Don't agree to it."""
        self._must_be_undecided()
        self._refuse()

    @event(Refused)
    def _refuse(self) -> None:
        self.state = "refused"

    def revoke(self) -> None:
        """End it before its time."""
        if not self.is_open:
            raise CaseDecided
        self._revoke(timestamp=self.at)

    @event(Revoked)
    def _revoke(self, timestamp: datetime) -> None:
        self.state = "revoked"
        self.until = timestamp

    @property
    def is_open(self) -> bool:
        """Whether it opens anything at this moment."""
        return self.state == "granted" and self.until is not None and self.at < self.until

    def exemption(self) -> Exemption:
        """What it opens to whom; `CaseDecided` where it opens nothing any more, or nothing yet."""
        if not self.is_open or self.granted_at is None or self.until is None:
            raise CaseDecided
        return Exemption("case", self.granted_at, self.until, self.auditor)

    def openings(self) -> list[Opening]:
        """What was shared in the cycle, to the auditor, while it is open."""
        if not self.is_open:
            return []
        return [Opening(self.exemption(), "auditor", cycle=self.cycle, kind="answer")]

    @property
    def subject(self) -> UUID:
        return self.person

    @property
    def correlation(self) -> UUID:
        return self.cycle

    def receipt(self) -> dict[str, Any]:
        return {"id": str(self.id), "version": self.version, "state": self.state}

    def _role_of(self, by: str, roles: frozenset[str]) -> str | None:
        """As which of the two somebody may agree; whoever asked or has agreed, as none."""
        if by == self.auditor or by in self.approvals:
            return None
        known = set(self.approvals.values())
        return next((r for r in ("dpo", "hr", "admin") if r in roles and _fits(r, known)), None)

    def _must_be_undecided(self) -> None:
        if self.state != "requested":
            raise CaseDecided


def _fits(role: str, known: set[str]) -> bool:
    """One is of data protection, the other of HR or an admin."""
    return "dpo" not in known if role == "dpo" else not known & {"hr", "admin"}
