"""A person of the roster: profile, employment, leave, and the dated relation to a conversation partner.

What follows from it for a cycle is decided there (`services/cycles`), not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import event

from services.people import events
from services.people.employment import Handover, Hold, Offer, Profile, Relation
from shared.errors import Invalid, NotFound, RuleBroken
from shared.eventstore.events import Aggregate
from shared.intervals import Interval, ended, overlaid


class OwnPartner(RuleBroken):
    """Nobody can be their own conversation partner; name somebody else or leave `partner` out."""


class PartnerFromTheFuture(Invalid):
    """A conversation partner is named from now on or from a day that has passed, not in advance."""


class NobodyToHandOverTo(RuleBroken):
    """There is no conversation partner to hand anything over to at the moment."""


class NoMentoringOffered(NotFound):
    """No mentoring is on offer here."""


class PersonErased(RuleBroken):
    """This person's words were erased for ever; an erasure of depth `link` frees the id."""


class OnHold(RuleBroken):
    """A legal hold keeps this record as it is; nothing is erased before it was released."""


class NotOnHold(RuleBroken):
    """There is no legal hold on this person's record."""


class LeaveEndsBeforeItBegins(Invalid):
    """A leave ends after it has begun; `until` is its last day."""


class NotOnLeave(RuleBroken):
    """No leave of this person has begun by that day; record one with POST /v1/people/{person}:leave."""


class Person(Aggregate):
    """One person; the stream's id is the random key by which everything else knows them."""

    TOPIC = "people"

    Registered = events.Registered
    ProfileChanged = events.ProfileChanged
    PartnerAssigned = events.PartnerAssigned
    PartnerReleased = events.PartnerReleased
    PartnerProposed = events.PartnerProposed
    HandoverChosen = events.HandoverChosen
    MentoringOffered = events.MentoringOffered
    MentoringWithdrawn = events.MentoringWithdrawn
    LeaveStarted = events.LeaveStarted
    LeaveEnded = events.LeaveEnded
    Left = events.Left
    Rejoined = events.Rejoined
    HoldPlaced = events.HoldPlaced
    HoldReleased = events.HoldReleased
    RemindersDeclined = events.RemindersDeclined
    RemindersWanted = events.RemindersWanted
    Erased = events.Erased

    profile: Profile
    relations: list[Relation]
    employed_since: datetime | None
    """When they were taken in again, for the last time; None for whoever never left."""
    erased: str | None
    """How deeply: `words`, or the `link` to the customer's id too."""
    erased_at: datetime | None

    @classmethod
    def register(cls, subject: UUID, at: datetime, profile: Profile) -> Self:
        """Take a person into the roster."""
        return cls.begin(subject, at, **vars(profile))

    @event(Registered)
    def __init__(
        self,
        name: str,
        email: str,
        department: str | None,
        location: str | None,
        legal_entity: str | None,
        timezone: str,
        locale: str,
        start_date: date | None,
        end_date: date | None,
        status: str,
    ) -> None:
        self.relations = []
        self.leaves: list[Interval] = []
        self.left_on: date | None = None
        self.employed_since = None
        self.hold: Hold | None = None
        self.proposed: UUID | None = None
        self.offer: Offer | None = None
        self.wants_reminders = True
        self.erased = self.erased_at = None
        self.profile = Profile(
            name, email, department, location, legal_entity, timezone, locale, start_date,
            end_date, status,
        )  # fmt: skip

    def change_profile(self, profile: Profile) -> None:
        """Replace the profile; the same one again is nothing new."""
        self._must_be_known()
        if profile != self.profile:
            self._change_profile(**vars(profile))

    @event(ProfileChanged)
    def _change_profile(
        self,
        name: str,
        email: str,
        department: str | None,
        location: str | None,
        legal_entity: str | None,
        timezone: str,
        locale: str,
        start_date: date | None,
        end_date: date | None,
        status: str,
    ) -> None:
        self.profile = Profile(
            name, email, department, location, legal_entity, timezone, locale, start_date,
            end_date, status,
        )  # fmt: skip

    def assign_partner(self, partner: UUID | None, valid_from: datetime | None = None) -> None:
        """Name the conversation partner, or release the present one.

        A day in the past says since when it held; nothing opens backwards.
        """
        self._must_be_known()
        if partner == self.id:
            raise OwnPartner
        if valid_from is not None and valid_from > self.at:
            raise PartnerFromTheFuture
        present = self.partner
        if partner == present:
            return
        since = valid_from or self.at
        if present is not None:
            self._release_partner(partner=present, until=since, timestamp=self.at)
        if partner is not None:
            self._assign_partner(partner=partner, since=since, timestamp=self.at)

    @event(PartnerReleased)
    def _release_partner(self, partner: UUID, until: datetime, timestamp: datetime) -> None:
        self.relations[-1].until = max(until, timestamp)
        self.relations[-1].valid_until = until

    @event(PartnerAssigned)
    def _assign_partner(self, partner: UUID, since: datetime, timestamp: datetime) -> None:
        relation = Relation(
            partner, max(since, timestamp), valid_from=since, employed_since=self.employed_since
        )
        self.relations.append(relation)
        self.proposed = None

    def propose_partner(self, partner: UUID) -> None:
        """The person says with whom they would like to talk; HR names whom it is."""
        self._must_be_known()
        if partner == self.id:
            raise OwnPartner
        if partner not in {self.partner, self.proposed}:
            self._propose_partner(partner=partner)

    @event(PartnerProposed)
    def _propose_partner(self, partner: UUID) -> None:
        self.proposed = partner

    def choose_handover(self, choice: str, answers: tuple[str, ...] = ()) -> None:
        """Say what the present partner gets of what was before; said again, the newer word counts."""
        if self.partner is None:
            raise NobodyToHandOverTo
        known = self.relations[-1].handover
        if known is None or known != Handover(choice, answers, known.at, by_person=True):
            self._choose_handover(
                partner=self.partner,
                choice=choice,
                answers=answers,
                by_person=True,
                timestamp=self.at,
            )

    def hand_over_by_default(self) -> None:
        """Hand over the plan without its texts, where nothing was chosen in time."""
        if self.partner is not None and self.relations[-1].handover is None:
            self._choose_handover(
                partner=self.partner,
                choice="plan",
                answers=(),
                by_person=False,
                timestamp=self.at,
            )

    @event(HandoverChosen)
    def _choose_handover(
        self,
        partner: UUID,
        choice: str,
        answers: tuple[str, ...],
        by_person: bool,
        timestamp: datetime,
    ) -> None:
        self.relations[-1].handover = Handover(choice, answers, timestamp, by_person)

    def offer_mentoring(self, skills: tuple[str, ...], capacity: int) -> None:
        """Be willing to mentor so many people at once; the same offer again is nothing new."""
        self._must_be_known()
        if self.offer != Offer(skills, capacity):
            self._offer_mentoring(skills=skills, capacity=capacity)

    @event(MentoringOffered)
    def _offer_mentoring(self, skills: tuple[str, ...], capacity: int) -> None:
        self.offer = Offer(skills, capacity)

    def withdraw_mentoring(self) -> None:
        """Take on nobody new; pairings that are agreed go on."""
        if self.offer is None:
            raise NoMentoringOffered
        self._withdraw_mentoring()

    @event(MentoringWithdrawn)
    def _withdraw_mentoring(self) -> None:
        self.offer = None

    def start_leave(self, since: datetime, until: datetime | None) -> None:
        """Be away from a moment up to another.

        It replaces a leave with the same beginning, which so becomes longer or shorter, and those that
        lie within it; of others that it overlaps nothing is lost. One without a known end lasts until
        the newer one begins. What is on record from before this rule is read by it too.
        """
        self._must_be_known()
        if until is not None and until <= since:
            raise LeaveEndsBeforeItBegins
        if Interval(since, until) not in self.leaves:
            self._start_leave(since=since, until=until)

    @event(LeaveStarted)
    def _start_leave(self, since: datetime, until: datetime | None) -> None:
        self.leaves = overlaid(self.leaves, Interval(since, until))

    def end_leave(self, until: datetime) -> None:
        """Be back from a moment on; a leave that begins at that moment is taken back."""
        self._must_be_known()
        if any(leave.holds(until) for leave in self.leaves):
            self._end_leave(until=until)
        elif all(leave.until != until for leave in self.leaves):
            raise NotOnLeave

    @event(LeaveEnded)
    def _end_leave(self, until: datetime) -> None:
        self.leaves = ended(self.leaves, until)

    def settle_employment(self) -> None:
        """Leave once the last day has passed, or be taken in again; else it is nothing new.

        Where another day is said afterwards, which has passed too, they have left on that one.
        """
        if self.is_leaving or self._has_left_on_another_day:
            assert self.profile.end_date is not None
            if (partner := self.partner) is not None:
                self._release_partner(partner=partner, until=self.at, timestamp=self.at)
            self._leave_employment(on=self.profile.end_date)
        elif self.left_on is not None and not self.profile.has_ended(self.at):
            self._rejoin(timestamp=self.at)

    @event(Left)
    def _leave_employment(self, on: date) -> None:
        self.left_on = on
        self.leaves = []
        self.offer = None

    @event(Rejoined)
    def _rejoin(self, timestamp: datetime) -> None:
        self.left_on, self.employed_since = None, timestamp

    def place_hold(self, reason: str, review: date | None, owner: UUID | None = None) -> None:
        """Keep the record as it is: no erasure and no retention until it is released.

        Placed again it is looked at again on another day, or has another owner.
        """
        self._must_be_known()
        known = self.hold
        if known is None or (known.reason, known.review, known.owner) != (reason, review, owner):
            self._place_hold(reason=reason, review=review, owner=owner, timestamp=self.at)

    @event(HoldPlaced)
    def _place_hold(
        self, reason: str, review: date | None, owner: UUID | None, timestamp: datetime
    ) -> None:
        self.hold = Hold(reason, review, owner, self.hold.since if self.hold else timestamp)

    def release_hold(self) -> None:
        """Let go of the record again."""
        if self.hold is None:
            raise NotOnHold
        self._release_hold()

    @event(HoldReleased)
    def _release_hold(self) -> None:
        self.hold = self.hold_review = self.hold_owner = None

    def decline_reminders(self) -> None:
        """Take no gentle reminders by mail from now on."""
        if self.wants_reminders and not self.erased:
            self._decline_reminders()

    @event(RemindersDeclined)
    def _decline_reminders(self) -> None:
        self.wants_reminders = False

    def want_reminders(self) -> None:
        """Take gentle reminders by mail again."""
        if not self.wants_reminders and not self.erased:
            self._want_reminders()

    @event(RemindersWanted)
    def _want_reminders(self) -> None:
        self.wants_reminders = True

    def erase(self, depth: str = "words") -> None:
        """Put it on record that this person's words are deleted; asked again, it is nothing new."""
        if self.hold is not None:
            raise OnHold
        if self.erased not in {"link", depth}:
            self._erase(depth=depth, timestamp=self.at)

    def erase_over(self, last: date, depth: str) -> bool:
        """Be erased if the last day was that one or before and nothing holds the record.

        Answers whether that is new. A day that was corrected unrecorded, as releases before did, is
        put on record first.
        """
        if self.left_on is not None:
            self.settle_employment()
        if self.left_on is None or self.left_on > last or self.hold is not None:
            return False
        was = self.erased
        self.erase(depth)
        return self.erased != was

    def erase_further(self) -> None:
        """Put it on record that what was written between the erasure and the key's end goes too."""
        if self.erased is not None:
            self._erase(depth=self.erased, timestamp=self.at)

    @event(Erased)
    def _erase(self, depth: str, timestamp: datetime) -> None:
        if self.erased != depth:
            self.erased, self.erased_at = depth, timestamp
        self.offer = None

    @property
    def partner(self) -> UUID | None:
        """The conversation partner of today."""
        last = self.relations[-1] if self.relations else None
        return last.partner if last and last.until is None else None

    @property
    def has_a_past(self) -> bool:
        """Whether something may have been said before the partner of today was one."""
        again = self.employed_since is not None
        return self.partner is not None and (again or len(self.relations) > 1)

    @property
    def is_leaving(self) -> bool:
        """Whether the last day has passed without that being on record."""
        return self.would_leave(self.profile)

    def would_leave(self, profile: Profile) -> bool:
        """Whether this profile says that the person has left, which isn't on record yet."""
        return self.left_on is None and profile.has_ended(self.at)

    @property
    def has_gone(self) -> bool:
        """Whether nobody can talk with them any more: they have left, or were forgotten."""
        return self.erased is not None or self._has_left

    def begins_anew(self, profile: Profile) -> bool:
        """Whether this profile is the return of somebody whose words were erased after they had left."""
        return self.erased is not None and self.returns(profile)

    def returns(self, profile: Profile) -> bool:
        """Whether this profile says that somebody who has left works here again."""
        return self._has_left and profile.status == "active" and not profile.has_ended(self.at)

    @property
    def _has_left(self) -> bool:
        return self.left_on is not None or self.is_leaving

    @property
    def _has_left_on_another_day(self) -> bool:
        """Whether the profile says another last day than the one on record, and it has passed too."""
        return self.left_on not in {None, self.profile.end_date} and self.profile.has_ended(self.at)

    @property
    def is_away(self) -> bool:
        """Whether a leave holds at this moment, or the roster says inactive."""
        on_leave = any(leave.holds(self.at) for leave in self.leaves)
        return on_leave or self.profile.status == "inactive"

    @property
    def subject(self) -> UUID:
        return self.id

    def relations_with(self, other: UUID) -> Iterable[Relation]:
        """All times during which the other was this person's conversation partner."""
        return (relation for relation in self.relations if relation.partner == other)

    def receipt(self) -> dict[str, Any]:
        return {"version": self.version, "status": self.profile.status}

    def _must_be_known(self) -> None:
        if self.erased:
            raise PersonErased
