"""What may be read of plans; whoever reads somebody else's words is put on record first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from services.correction import About
from services.correction_book import Stated
from services.directory import Contacts, Mentors
from services.disclosure import Disclosures, Reading
from services.exhibits import Exhibit
from services.permission import Permission, Resource, Sight
from services.planning.difference import Touch, difference
from services.planning.domain import Plan, plan_id
from services.planning.readmodel import PlanList
from services.planning.suggestions import WHY, Past, Suggestion, skills_of, suggest
from services.planning.view import exhibits_of, promise, promises, view, whole
from services.showing import reaches_partner
from shared.errors import NotAllowed, NotFound, Stale
from shared.eventstore.events import fold
from shared.eventstore.record import Command, Record, Recorded
from shared.eventstore.sealing import Row
from shared.principal import Principal, person_of

_MENTORS_SHOWN = 5


class StalePlan(Stale):
    """The plan was changed in between; see `changes`, then send yours again for the present version."""

    code = "stale"


class PlanReader:
    """Shows plans, what has changed in them and what might fit, to whoever may see it."""

    def __init__(
        self,
        record: Record,
        permission: Permission,
        disclosures: Disclosures,
        plans: PlanList,
        mentors: Mentors,
        contacts: Contacts,
        stated: Stated,
    ) -> None:
        self._record = record
        self._permission = permission
        self._disclosures = disclosures
        self._plans = plans
        self._mentors = mentors
        self._contacts = contacts
        self._stated = stated

    async def get_plan(self, by: Principal, plan: UUID) -> tuple[dict[str, Any], int]:
        """A plan as far as the caller may see it, and its version."""
        known, sight = await self._find(by, plan)
        partners = {promised.by for promised in known.promises.values() if promised.by}
        names = await self._record.vault.people_of(by.tenant, partners)
        shown = view(known, sight, names)
        if sight.sees(whole(known)):
            stated = await self._stated(by.tenant, known.person)
            mine = [one for one in stated if one.about.stream == known.id]
            shown["corrections"] = [o.view() for o in mine if _stands(o.about, known, sight)]
            shown["shared"] = reaches_partner(whole(known), sight.ties, sight.at)
        await self._disclose(known, sight)
        return shown, known.version

    async def diff_plan(
        self, by: Principal, plan: UUID, old: int, new: int | None
    ) -> dict[str, Any]:
        """What changed between two versions, from the one on that the caller was shown."""
        known, sight = await self._find(by, plan)
        _must_see_whole(known, sight)
        found = await self._difference(known, sight, old, new or known.version)
        await self._disclose(known, sight)
        return found

    async def stale(self, command: Command, plan: UUID, seen: int) -> Stale:
        """The refusal of a write that is behind, with what has changed since, for whoever may see it."""
        known, sight = await self._find(command.by, plan)
        if not sight.sees(whole(known)) or seen > known.version:
            return Stale()
        found = await self._difference(known, sight, seen, known.version)
        await self._disclose(known, sight)
        return StalePlan(changes=found["changes"], seen=found["from"], version=known.version)

    async def suggest_methods(self, by: Principal, plan: UUID) -> dict[str, Any]:
        """Methods that might fit, each with its reason, and the goals that nothing serves."""
        known, sight = await self._find(by, plan)
        _must_see_whole(known, sight)
        private = by.subject == known.person
        skills = skills_of(known, private=private)
        mentors = await self._with_room(by.tenant, known, skills)
        past = await self._past(known, sight)
        found = suggest(known, past, mentors, private=private)
        named = {mentor for suggestion in found for mentor in suggestion.mentors}
        contacts = await self._contacts(by.tenant, named) if named else {}
        await self._disclose(known, sight)
        return {
            "unserved_goals": known.unserved_goals,
            "suggestions": [
                _suggestion(one)
                | {
                    "mentors": [
                        {"person": contacts[mentor].person, "name": contacts[mentor].name}
                        for mentor in one.mentors
                        if mentor in contacts
                    ]
                }
                for one in found
            ],
        }

    async def held_of(
        self, tenant: str, person: UUID, streams: Sequence[UUID]
    ) -> list[dict[str, Any]]:
        """A person's plans as they see them themselves, to take along."""
        by = Principal(tenant, frozenset({"employee"}), "employee", person)
        return [(await self.get_plan(by, plan))[0] for plan in streams]

    async def exhibits(self, tenant: str, plan: UUID, as_of: datetime) -> list[Exhibit]:
        """What there was in a plan at a moment that somebody might see; no words."""
        known = await self._record.load(Plan, tenant, plan, as_of=as_of)
        return exhibits_of(known) if known else []

    async def plan_before(self, tenant: str, cycle: UUID, round_: int) -> Plan | None:
        """The plan of the last round that had one."""
        for number in range(round_ - 1, 0, -1):
            if found := await self._record.load(Plan, tenant, plan_id(cycle, number)):
                return found
        return None

    async def _find(self, by: Principal, plan: UUID) -> tuple[Plan, Sight]:
        """A plan of which the caller sees something: the plan, or a promise in it."""
        known = await self._record.load(Plan, by.tenant, plan)
        if known is None:
            raise NotFound
        sight = await self._permission.sight_with_ties(by, known.person, known.at)
        if sight.fields(whole(known)) == "none" and not promises(known, sight, {}):
            raise NotFound
        return known, sight

    async def _difference(self, known: Plan, sight: Sight, old: int, new: int) -> dict[str, Any]:
        tenant = sight.by.tenant
        first = max(old, _shown_from(known, sight))
        last = max(min(new, known.version), first)
        before = await self._record.load(Plan, tenant, known.id, at_version=first)
        now = await self._record.load(Plan, tenant, known.id, at_version=last)
        assert before is not None
        assert now is not None
        rows = await self._record.rows(tenant, known.id, at_version=last)
        touches = await self._touches(tenant, known.id, [r for r in rows if r.version > first])
        return {"from": first, "to": last, "changes": difference(before, now, touches)}

    async def _touches(self, tenant: str, plan: UUID, rows: list[Row]) -> list[Touch]:
        recorded = self._record.read_facts(rows)
        actors = {who for one in recorded if (who := person_of(one.meta.actor))}
        names = await self._record.vault.people_of(tenant, actors)
        return [_touch(plan, one, names) for one in recorded]

    async def _past(self, plan: Plan, sight: Sight) -> list[Past]:
        """What became of actions in this round and those before, as far as the reader sees their plans
        whole; no words are needed for it."""
        streams = [plan_id(plan.cycle, number) for number in range(1, plan.round + 1)]
        rows = await self._record.rows_of(sight.by.tenant, streams)
        found = []
        for stream in streams:
            facts = self._record.read_facts([row for row in rows if row.stream == stream])
            known = fold([one.event for one in facts])
            if isinstance(known, Plan) and sight.sees(whole(known)):
                found += [
                    Past(a.method, a.serves, known.state_of(n)) for n, a in known.actions.items()
                ]
        return found

    async def _with_room(self, tenant: str, plan: Plan, skills: Iterable[str]) -> MentorsBySkill:
        """Those who offered to pass a skill on and have room left, by skill.

        The most room comes first, then an order of this plan's own, so that nobody is always the first.
        """
        offers = await self._mentors(tenant, {skill.lower() for skill in skills})
        taken = await self._plans.mentees_of(tenant, [offer.subject for offer in offers])
        room = {offer.subject: offer.capacity - taken.get(offer.subject, 0) for offer in offers}
        free = [o for o in offers if room[o.subject] > 0 and o.subject != plan.person]
        in_order = sorted(free, key=lambda o: (-room[o.subject], _lot(plan.id, o.subject)))
        return {
            skill: tuple(o.subject for o in in_order if skill.lower() in o.skills)[:_MENTORS_SHOWN]
            for skill in skills
        }

    async def _disclose(self, plan: Plan, sight: Sight) -> None:
        """Put it on record that somebody else's words are about to leave."""
        decision = sight.decide("read", whole(plan))
        readings = []
        if decision.fields in {"all", "titles"}:
            readings = [Reading("plan", plan.id, decision.reason)]
        else:
            seen = [sight.decide("read", promise(plan, name)) for name in plan.promises]
            grounds = {one.reason for one in seen if one.fields == "all"}
            readings = [Reading("promises", plan.id, ground) for ground in sorted(grounds)[:1]]
        if sight.by.subject != plan.person:
            await self._disclosures.record(sight.by, plan.person, readings, sight.at)


MentorsBySkill = dict[str, tuple[UUID, ...]]


def _must_see_whole(plan: Plan, sight: Sight) -> None:
    if not sight.sees(whole(plan)):
        raise NotAllowed(
            "This takes the right to read the whole plan; its employee may hand it over."
        )


def _shown_from(plan: Plan, sight: Sight) -> int:
    """The version from which on the reader may look back: for others than the employee, the first that
    was put before them."""
    if sight.decide("read", whole(plan)).standing == "employee":
        return 1
    shown = [
        version
        for version, moment in zip(plan.shown_at, plan.shown, strict=True)
        if sight.sees(Resource("plan", plan.person, shown=(moment,)))
    ]
    return min(shown, default=plan.version)


def _stands(about: About, known: Plan, sight: Sight) -> bool:
    """Whether the reader of a plan sees what a statement is about: the plan, a goal or an action
    that is in it, or an event since it was put before them."""
    if sight.by.subject == known.person:
        return True
    kind, _, name = (about.part or "").partition("/")
    items: dict[str, Mapping[str, object]] = {"goal": known.goals, "action": known.actions}
    is_since = about.version is not None and about.version >= _shown_from(known, sight)
    is_whole = about.version is None and about.part is None
    return is_since or is_whole or name in items.get(kind, {})


def _touch(plan: UUID, one: Recorded, names: dict[UUID, str]) -> Touch:
    facts = msgspec.json.decode(one.row.facts)
    item = next(((kind, facts[kind]) for kind in ("goal", "action") if kind in facts), None)
    who = person_of(one.meta.actor)
    by = names.get(who) if who else one.meta.actor
    return Touch(one.row.version, item or ("plan", str(plan)), by, one.row.at)


def _suggestion(one: Suggestion) -> dict[str, Any]:
    return {
        "method": one.method,
        "goal": one.goal,
        "reason": one.reason,
        "why": WHY[one.reason],
        "follows_from": one.follows_from,
    }


def _lot(plan: UUID, mentor: UUID) -> bytes:
    return sha256(plan.bytes + mentor.bytes).digest()
