"""The use cases of the roster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import isodate

from services.people.breaker import Breaker
from services.people.certificate import Depth
from services.people.copies import Copies
from services.people.domain import Person
from services.people.employment import Profile
from services.people.forgetting import Forgetting
from services.people.readmodel import Roster
from services.permission import Action, Permission, Resource
from shared.errors import NotFound, Stale
from shared.eventstore.record import Answer, Command, KeyUsed, Record
from shared.principal import Principal


@dataclass(frozen=True)
class Keep:
    """The partner stays as they are; `noted` is why, as a code, where another one was named."""

    noted: str | None = None


KEEP, PARTNER_HAS_GONE = Keep(), Keep("partner-has-gone")
Naming = tuple[UUID | None, datetime | None]
"""A partner who hasn't gone, or none, and since when."""


class People:
    """Registers people, keeps their profiles and partners up to date, and knows who is away."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        roster: Roster,
        breaker: Breaker,
        copies: Copies,
    ) -> None:
        self._record = record
        self._permission = permission
        self._roster = roster
        self._breaker = breaker
        self._copies = copies
        self._forgetting = Forgetting(record, copies)

    async def put_person(
        self,
        command: Command,
        person: str,
        profile: Profile,
        partner: str | Keep | None,
        partner_since: datetime | None = None,
    ) -> Answer:
        """Register a person, or replace the profile; a last day that has passed is leaving.

        `partner` None releases the present one, and whoever has left or was forgotten can't be one;
        `partner_since` is since when HR says that it held. Raises `KeyUsed` before anything is done.
        """
        await self._permission.require(command.by, "write", Resource("person"), command.at)
        if await self._record.answered(command) is not None:
            raise KeyUsed
        try:
            return await self._put(command, person, profile, partner, partner_since)
        except Stale:
            if command.if_version is not None:
                raise
            return await self._put(command, person, profile, partner, partner_since)

    async def _put(
        self,
        command: Command,
        person: str,
        profile: Profile,
        partner: str | Keep | None,
        partner_since: datetime | None,
    ) -> Answer:
        subject = await self._record.vault.assign_subject(command.tenant, person)
        known = await self._record.load(Person, command.tenant, subject)
        naming: Naming | Keep
        naming = partner if isinstance(partner, Keep) else (None, partner_since)
        if isinstance(partner, str):
            naming = await self._name(command.tenant, subject, partner, partner_since)
        if known is not None and known.begins_anew(profile):
            seen = command.if_version
            subject, known = await self.begin_anew(command, person, known, profile, naming)
            if seen is not None and known is not None:
                raise Stale  # somebody else began the new life, which the sender hasn't seen
            command = replace(command, if_version=None)
        return await self.put_known(command, subject, known, profile, naming)

    async def _name(
        self, tenant: str, subject: UUID, partner: str, since: datetime | None
    ) -> Naming | Keep:
        """The partner by their random key; one's own is refused by a rule, whoever has gone isn't."""
        other = await self._record.vault.assign_subject(tenant, partner)
        named = await self._record.load(Person, tenant, other) if other != subject else None
        return PARTNER_HAS_GONE if named and named.has_gone else (other, since)

    async def begin_anew(
        self,
        command: Command,
        person: str,
        known: Person,
        profile: Profile,
        naming: Naming | Keep,
    ) -> tuple[UUID, Person | None]:
        """Give the id of somebody who was forgotten to a new life, under a random key of its own.

        The old life loses its link to the id, put on record as an erasure of that depth: the two are
        never joined. Answers whom the id stands for now, also where somebody else was faster. That is
        for ever, so whatever refuses the new life does it before: `Stale` where the sender saw another
        version of the old one, and the rules.
        """
        if command.if_version is not None and command.if_version != known.version:
            raise Stale
        begin(known.id, command.at, profile, naming)
        plain = replace(command, asked=None, if_version=None)
        await self._record.change(Person, known.id, plain, lambda p: p.erase("link"))
        await self.forget(plain, known.id)
        subject = await self._record.vault.assign_subject(command.tenant, person)
        return subject, await self._record.load(Person, command.tenant, subject)

    async def put_known(
        self,
        command: Command,
        subject: UUID,
        known: Person | None,
        profile: Profile,
        naming: Naming | Keep,
    ) -> Answer:
        """What `put_person` does, for whoever has asked for permission and has loaded the person."""
        if known is None:
            known = begin(subject, command.at, profile, naming)
        else:
            await self._permit_closing(command, known, profile)
            known.change_profile(profile)
            _settle(known, naming)
        noted = naming.noted if isinstance(naming, Keep) else None
        body = known.receipt() | ({"noted": noted} if noted else {})
        answer = await self._record.save(known, command, body)
        if known.left_on is not None:
            await self._release_reports(command, subject)
        return answer

    async def _permit_closing(self, command: Command, known: Person, profile: Profile) -> None:
        """Ask the circuit breaker before somebody leaves or becomes inactive, who hasn't yet."""
        before = known.profile
        goes = known.left_on is None and profile.status == "inactive" != before.status
        if not known.erased and (goes or known.would_leave(profile)):
            await self._breaker.require(command, before.legal_entity, known.id)

    async def settle_employment(self, command: Command, subject: UUID) -> None:
        """Put it on record that a person's last day has passed; refused while the feed is stopped."""
        known = await self._record.load(Person, command.tenant, subject)
        if known is not None and known.is_leaving:
            await self._breaker.require(command, known.profile.legal_entity, subject, later=True)
            await self._record.change(Person, subject, command, Person.settle_employment)
        if known is not None and known.has_gone:
            await self._release_reports(command, subject)

    async def _release_reports(self, command: Command, subject: UUID) -> None:
        """Whoever has left or was forgotten is nobody's conversation partner any more.

        A report may take a step of the same name: theirs isn't taken away, and what was released
        already is seen from the relation.
        """

        def release(report: Person) -> None:
            if report.partner == subject:
                report.assign_partner(None)

        plain = replace(command, asked=None, if_version=None, step=None)
        for report in await self._roster.reports_of(command.tenant, subject):
            await self._record.change(Person, report, plain, release)

    async def release_feed(self, command: Command, legal_entity: str | None) -> Answer:
        """Let a stopped feed go on, and make up for those whose last day has passed meanwhile."""
        await self._permission.require(command.by, "write", Resource("feed"), command.at)
        waiting, answer = await self._breaker.release(command, legal_entity)
        for subject in waiting:
            await self.settle_employment(replace(command, asked=None, if_version=None), subject)
        return answer

    async def propose_partner(self, command: Command, person: str, partner: str) -> Answer:
        """The person says with whom they would like to talk."""
        other = await self._record.vault.subject_of(command.tenant, partner)
        if other is None or not await self._record.rows(command.tenant, other):
            raise NotFound(f"There is nobody {partner!r} in the roster; ask HR who could be it.")
        return await self._change(command, person, lambda p: p.propose_partner(other), "choose")

    async def start_leave(
        self, command: Command, person: str, since: MomentThere, until: MomentThere | None
    ) -> Answer:
        """Record a long leave, also one that is over or still to come."""

        def decide(known: Person) -> None:
            zone = known.profile.timezone
            known.start_leave(since(zone), until(zone) if until else None)

        return await self._change(command, person, decide)

    async def end_leave(self, command: Command, person: str, back: MomentThere) -> Answer:
        """Record that somebody is back."""
        return await self._change(command, person, lambda p: p.end_leave(back(p.profile.timezone)))

    async def place_hold(
        self,
        command: Command,
        person: str,
        reason: str,
        review: date | None,
        owner: str | None = None,
    ) -> Answer:
        """Keep a person's record as it is, for a legal reason; looked at again in half a year."""
        known = await self._record.vault.subject_of(command.tenant, owner) if owner else None
        if owner and known is None:
            raise NotFound(
                f"There is nobody {owner!r} in the roster who could answer for the hold."
            )
        day = review or (command.at + isodate.parse_duration(_REVIEWED)).date()
        return await self._change(
            command, person, lambda p: p.place_hold(reason, day, known), "hold"
        )

    async def release_hold(self, command: Command, person: str) -> Answer:
        """Let go of a record that was held."""
        return await self._change(command, person, Person.release_hold, "hold")

    async def set_reminders(self, command: Command, subject: UUID, wanted: bool) -> Answer:
        """Take gentle reminders, or none: so says the person, or whoever holds the link of a mail."""
        decide = Person.want_reminders if wanted else Person.decline_reminders
        return await self._record.change(Person, subject, command, decide)

    async def erase_person(self, command: Command, person: str, depth: Depth = "words") -> Answer:
        """Delete all words of and about a person, for ever; safe to repeat. Answers the certificate."""
        await self._permission.require(command.by, "erase", Resource("person"), command.at)
        subject = await self._record.vault.subject_of(command.tenant, person)
        if subject is None:
            raise NotFound
        answer = await self._forgetting.erase(command, subject, depth)
        await self._release_reports(command, subject)
        return answer

    async def get_certificate(self, by: Principal, subject: UUID) -> dict[str, Any]:
        """The certificate of an erasure, by the person's random key: their own id may be gone."""
        now = self._record.clock.now()
        await self._permission.require(by, "read", Resource("audit"), now)
        known = await self._record.load(Person, by.tenant, subject)
        if known is None or known.erased is None or known.erased_at is None:
            raise NotFound
        depth = cast("Depth", known.erased)
        return await self._copies.certify(by.tenant, subject, known.erased_at, depth)

    async def erase_over(self, command: Command, subject: UUID, last: date, depth: Depth) -> bool:
        """Forget somebody who left on that day or before and isn't held; answers whether it did.

        Whether they did is asked as it is recorded, since they may come back meanwhile.
        """
        erased = False

        def decide(known: Person) -> None:
            nonlocal erased
            erased = known.erase_over(last, depth)

        await self._record.change(Person, subject, command, decide)
        if erased:
            await self.forget(command, subject)
        return erased

    async def forget(self, command: Command, subject: UUID) -> None:
        """Do what a tombstone on record says, whether or not it was begun before."""
        if await self._forgetting.forget(command, subject):
            await self._release_reports(command, subject)

    async def erase_again(self, command: Command, subject: UUID, depth: Depth = "words") -> bool:
        """Forget a person whom an older copy still knows, by its record or its keys alone.

        Answers whether it did.
        """
        known = await self._record.load(Person, command.tenant, subject)
        if known is None:
            return await self._forgetting.forget_unrecorded(command.tenant, subject)
        fresh = not known.erased

        def decide(known: Person) -> None:
            if known.hold is not None:
                known.release_hold()  # as it was before the erasure that this one repeats
            known.erase(depth)

        await self._record.change(Person, subject, command, decide)
        await self.forget(command, subject)
        return fresh

    async def get_person(self, by: Principal, person: str) -> Person:
        """A person's profile, for whoever may see it."""
        subject = await self._record.vault.subject_of(by.tenant, person)
        known = await self._record.load(Person, by.tenant, subject) if subject else None
        if known is None:
            raise NotFound
        resource = Resource("person", known.id)
        await self._permission.require(by, "read", resource, self._record.clock.now())
        return known

    async def person_of(self, tenant: str, subject: UUID) -> Person | None:
        """A person by the random key, for those who write to them; None for one never registered."""
        return await self._record.load(Person, tenant, subject)

    async def _change(
        self,
        command: Command,
        person: str,
        decide: Callable[[Person], None],
        action: Action = "write",
    ) -> Answer:
        subject = await self._record.vault.subject_of(command.tenant, person)
        resource = Resource("person", subject)
        await self._permission.require(command.by, action, resource, command.at)
        if subject is None:
            raise NotFound
        return await self._record.change(Person, subject, command, decide)


def begin(subject: UUID, at: datetime, profile: Profile, naming: Naming | Keep) -> Person:
    """A life as it would begin, not on record yet; raises what the rules refuse."""
    person = Person.register(subject, at, profile)
    _settle(person, naming)
    return person


def _settle(person: Person, naming: Naming | Keep) -> None:
    person.settle_employment()
    if not isinstance(naming, Keep) and person.left_on is None:
        person.assign_partner(*naming)


_REVIEWED = "P6M"
MomentThere = Callable[[str], datetime]
"""A moment in a person's own zone."""
