"""A revision is in force when both sides agreed to that very one; till then the old one stays."""

from __future__ import annotations

from datetime import datetime
from typing import get_args
from uuid import UUID

from eventsourcing.domain import event

from services.planning.content import Agreement, Promise, Side, Wish
from services.planning.drafting import Drafting
from shared.errors import RuleBroken
from shared.eventstore.events import Event, Words


class NothingToAgree(RuleBroken):
    """The plan wasn't proposed yet; propose it first."""


class NothingPlanned(RuleBroken):
    """A plan that is proposed holds at least one goal; set one, or close the plan without."""


class Agreeing(Drafting):
    """Propose, agree, ask for changes."""

    class Proposed(Event, frozen=True, kw_only=True):
        TOPIC = "plan.proposed"
        by: str
        revision: int

    class ChangesRequested(Event, frozen=True, kw_only=True):
        TOPIC = "plan.changes_requested"
        by: str
        revision: int
        comment: Words | None = None

    class Agreed(Event, frozen=True, kw_only=True):
        """`partner` is who agreed as the partner: from then on, whose promise it is."""

        TOPIC = "plan.agreed"
        by: str
        revision: int
        partner: UUID | None = None

    class Activated(Event, frozen=True, kw_only=True):
        TOPIC = "plan.activated"
        revision: int

    def propose(self, by: Side, partner: UUID | None = None, since: datetime | None = None) -> None:
        """Put the present revision to the other side; whoever proposes agrees to it.

        The employee's proposal shows the plan to the `partner` of that day, who has been one `since`
        then: to a new one it is proposed again.
        """
        self.must_go_on()
        if not self.goals:
            raise NothingPlanned
        agreed = self.has_agreed(by, partner, since)
        if not agreed or (by == "employee" and not self._is_shown(since)):
            self._propose(by=by, revision=self.revision, timestamp=self.at)
        if not agreed:
            self._agree_to_present(by, partner, since)

    @event(Proposed)
    def _propose(self, by: str, revision: int, timestamp: datetime) -> None:
        if by == "employee":
            self.shown = (*self.shown, timestamp)
            self.shown_at = (*self.shown_at, self.version + 1)
        if self.state == "draft":
            self.state = "proposed"

    def agree(self, by: Side, partner: UUID | None = None, since: datetime | None = None) -> None:
        """Agree to the present revision; with the agreements of the employee and of the `partner` of
        that day it is in force."""
        self.must_go_on()
        if not self.proposed:
            raise NothingToAgree
        if not self.has_agreed(by, partner, since):
            self._agree_to_present(by, partner, since)

    def _agree_to_present(self, by: Side, partner: UUID | None, since: datetime | None) -> None:
        who = partner if by == "partner" else None
        self._agree(by=by, revision=self.revision, partner=who, timestamp=self.at)
        if all(self.has_agreed(side, partner, since) for side in get_args(Side)):
            self._activate(revision=self.revision, timestamp=self.at)

    @event(Agreed)
    def _agree(self, by: str, revision: int, partner: UUID | None, timestamp: datetime) -> None:
        self.agreements.setdefault(revision, {})[by] = Agreement(timestamp, partner)

    @event(Activated)
    def _activate(self, revision: int, timestamp: datetime) -> None:
        self.state = "active" if self.state == "proposed" else self.state
        self.promises = self._promised(self.agreements[revision]["partner"].who, timestamp)
        self.in_force = revision
        self.agreed_goals = dict(self.goals)
        self.agreed_actions = dict(self.actions)
        self.activated_at = self.activated_at or timestamp

    def request_changes(self, by: Side, comment: str | None) -> None:
        """Ask the other side for changes to the present revision."""
        self.must_go_on()
        if not self.proposed:
            raise NothingToAgree
        self._request_changes(by=by, revision=self.revision, comment=comment, timestamp=self.at)

    @event(ChangesRequested)
    def _request_changes(
        self, by: Side, revision: int, comment: str | None, timestamp: datetime
    ) -> None:
        self.agreements.pop(revision, None)
        self.wish = Wish(by, revision, comment, timestamp)

    def has_agreed(self, side: str, partner: UUID | None, since: datetime | None) -> bool:
        """Whether a side's agreement to the present revision counts, with a `partner` `since` a moment.

        That of somebody who was the partner before then counts no more, unless the revision is in force
        already. Releases before didn't say whose it was.
        """
        found = self.agreements.get(self.revision, {}).get(side)
        if found is None or side == "employee" or self.revision == self.in_force:
            return found is not None
        return found.who in {None, partner} and (since is None or found.at >= since)

    @property
    def proposed(self) -> bool:
        """Whether the employee has shown the plan to anybody."""
        return bool(self.shown)

    def _is_shown(self, since: datetime | None) -> bool:
        return any(since is None or moment >= since for moment in self.shown)

    def _promised(self, partner: UUID | None, at: datetime) -> dict[str, Promise]:
        """What is promised with this revision: an unchanged action stays the promise that it was."""
        found = {}
        for name, action in self.actions.items():
            known, before = self.promises.get(name), self.agreed_actions.get(name)
            if known is not None and (action.dropped or action == before):
                found[name] = known
            elif action.owner != "employee" and not action.dropped:
                found[name] = Promise(action.owner, partner, at)
        return found
