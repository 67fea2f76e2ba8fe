"""A person of the roster: profile, employment, and the dated relation to a conversation partner."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import event

from shared.errors import NotFound, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event, Words


class OwnPartner(RuleBroken):
    """Nobody can be their own conversation partner; name somebody else or leave `partner` out."""


class NobodyToHandOverTo(RuleBroken):
    """There is no conversation partner to hand anything over to at the moment."""


class NoMentoringOffered(NotFound):
    """No mentoring is on offer here."""


class PersonErased(RuleBroken):
    """This person's words were erased; nothing more can be recorded about them."""


@dataclass(frozen=True)
class Profile:
    """What an HR system knows of a person, whole each time."""

    name: str
    email: str
    department: str | None = None
    location: str | None = None
    legal_entity: str | None = None
    timezone: str = "UTC"
    locale: str = "en"
    start_date: date | None = None
    end_date: date | None = None
    status: str = "active"


@dataclass(frozen=True)
class Handover:
    """What the person hands over to a new partner: `nothing`, `plan` or `plan_and_answers`."""

    choice: str
    answers: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Offer:
    """Willing to mentor in these skills, so many people at once."""

    skills: tuple[str, ...]
    capacity: int


@dataclass
class Relation:
    """One conversation partner for a time; `until` is None while it lasts."""

    partner: UUID
    since: datetime
    until: datetime | None = None
    handover: Handover | None = None

    def lasts_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


class Person(Aggregate):
    """One person; the stream's id is the random key by which everything else knows them."""

    TOPIC = "people"

    class Registered(Created, frozen=True, kw_only=True):
        TOPIC = "people.registered"
        name: Words
        email: Words
        department: str | None = None
        location: str | None = None
        legal_entity: str | None = None
        timezone: str
        locale: str
        start_date: date | None = None
        end_date: date | None = None
        status: str

    class ProfileChanged(Event, frozen=True, kw_only=True):
        TOPIC = "people.profile_changed"
        name: Words
        email: Words
        department: str | None = None
        location: str | None = None
        legal_entity: str | None = None
        timezone: str
        locale: str
        start_date: date | None = None
        end_date: date | None = None
        status: str

    class PartnerAssigned(Event, frozen=True, kw_only=True):
        TOPIC = "people.partner_assigned"
        partner: UUID
        since: datetime

    class PartnerReleased(Event, frozen=True, kw_only=True):
        TOPIC = "people.partner_released"
        partner: UUID
        until: datetime

    class HandoverChosen(Event, frozen=True, kw_only=True):
        """`answers` names answers, facets and directions of earlier conversations, by ids."""

        TOPIC = "people.handover_chosen"
        partner: UUID
        choice: str
        answers: tuple[str, ...] = ()

    class MentoringOffered(Event, frozen=True, kw_only=True):
        """Skills are codes that the company uses, so that they can be looked for."""

        TOPIC = "people.mentoring_offered"
        skills: tuple[str, ...]
        capacity: int

    class MentoringWithdrawn(Event, frozen=True, kw_only=True):
        TOPIC = "people.mentoring_withdrawn"

    class Erased(Event, frozen=True, kw_only=True):
        """The tombstone that covers every body of this person's words before it."""

        TOPIC = "people.erased"

    profile: Profile
    relations: list[Relation]
    erased: bool

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
        self.erased = False
        self.offer: Offer | None = None
        self.profile = Profile(
            name, email, department, location, legal_entity, timezone, locale, start_date,
            end_date, status,
        )  # fmt: skip

    def change_profile(self, profile: Profile) -> None:
        """Replace the profile; the same one again is nothing new."""
        if self.erased:
            raise PersonErased
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

    def assign_partner(self, partner: UUID | None) -> None:
        """Name the conversation partner from now on, or release the present one."""
        if partner == self.id:
            raise OwnPartner
        present = self.partner
        if partner == present:
            return
        if present is not None:
            self._release_partner(partner=present, until=self.at)
        if partner is not None:
            self._assign_partner(partner=partner, since=self.at)

    @event(PartnerReleased)
    def _release_partner(self, partner: UUID, until: datetime) -> None:
        self.relations[-1].until = until

    @event(PartnerAssigned)
    def _assign_partner(self, partner: UUID, since: datetime) -> None:
        self.relations.append(Relation(partner, since))

    def choose_handover(self, choice: str, answers: tuple[str, ...] = ()) -> None:
        """Say what the present partner gets of what was before; said again, the newer word counts."""
        if self.partner is None:
            raise NobodyToHandOverTo
        present = self.relations[-1].handover
        if present is None or (present.choice, present.answers) != (choice, answers):
            self._choose_handover(
                partner=self.partner, choice=choice, answers=answers, timestamp=self.at
            )

    @event(HandoverChosen)
    def _choose_handover(
        self, partner: UUID, choice: str, answers: tuple[str, ...], timestamp: datetime
    ) -> None:
        self.relations[-1].handover = Handover(choice, answers, timestamp)

    def offer_mentoring(self, skills: tuple[str, ...], capacity: int) -> None:
        """Be willing to mentor so many people at once; the same offer again is nothing new."""
        if self.erased:
            raise PersonErased
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

    def erase(self) -> None:
        """Put it on record that this person's words are deleted; asked again, it is nothing new."""
        if not self.erased:
            self._erase()

    @event(Erased)
    def _erase(self) -> None:
        self.erased = True
        self.offer = None

    @property
    def partner(self) -> UUID | None:
        """The conversation partner of today."""
        last = self.relations[-1] if self.relations else None
        return last.partner if last and last.until is None else None

    @property
    def subject(self) -> UUID:
        return self.id

    def relations_with(self, other: UUID) -> Iterable[Relation]:
        """All times during which the other was this person's conversation partner."""
        return (relation for relation in self.relations if relation.partner == other)

    def receipt(self) -> dict[str, Any]:
        return {"version": self.version, "status": self.profile.status}
