"""Some lives, lived through the real use cases by a clock that jumps: what the copies are made from.

Whatever comes by itself is the course's (the worker's own activity takes it when it is due); what people
do comes from a seed. Nothing is written down by hand.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from console.bootstrap import House
from services.conversation.content import Direction
from services.cycles.course import next_step
from services.cycles.progress import Progress
from services.people.employment import Profile
from services.planning.content import Action, Goal, Method
from shared.eventstore.record import Asked, Command
from shared.eventstore.sealing import Row, unseal
from shared.principal import Principal, workflow
from workflows.messages import CycleRun, Mail

NAME, EMAIL = "Nobody In Particular", "nobody@in-particular.example"
DEPARTMENT, LOCATION, ENTITY = "the-department", "the-location", "the-entity"
"""What stands in a life where a copy has its own."""

DIRECTIONS: tuple[Direction, ...] = ("expand", "deepen", "redirect", "undecided")
METHODS: tuple[Method, ...] = ("job_enrichment", "stretch_assignment", "mentoring", "coaching")
ANSWER = "What I would like to keep is the work with people in the field, and less of the rest. "
QUIET, DECLINES, PAUSES = 0.12, 0.17, 0.25
WITHOUT_PLAN, CHANGES_PARTNER, LEAVES = 0.1, 0.12, 0.03
"""How often it happens in a round; the first three are steps of one die."""


class Calendar:
    """The record's time, as far as a life has come; each look is a moment later than the one before."""

    def __init__(self, begins: datetime) -> None:
        self.moment = begins

    def now(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def heard(self, database_time: datetime, waited: float) -> None:
        """What the database's clock says is no part of a life."""

    def wait(self, until: datetime) -> None:
        self.moment = max(self.moment, until)


@dataclass(frozen=True)
class Said:
    """An answer to one of a person's commands: by whom, when, and what is kept of it."""

    by: str
    at: datetime
    status: int
    answer: bytes


@dataclass(frozen=True)
class Lived:
    """What became of a life: all that is on record about its person, in order, the words in clear."""

    person: UUID
    partners: tuple[UUID, UUID]
    rows: list[Row]
    words: list[bytes | None]
    said: list[Said]


class Life:
    """One person's years: who they talk with, and what they do when it is their turn."""

    def __init__(self, house: House, tenant: str, calendar: Calendar, number: int) -> None:
        self.house, self.tenant, self.calendar = house, tenant, calendar
        self.chance = random.Random(number)
        self.name = f"life-{number}"
        self.names = [f"{self.name}-first", f"{self.name}-second"]
        self.partner = 0
        self.keys: list[tuple[str, str, datetime]] = []
        self._done: set[object] = set()

    async def live(self, until: datetime) -> None:
        """From the first day in the roster until a moment, or until the cycle is closed."""
        await self.arrive()
        while self.calendar.moment < until:
            situation = await self.house.activities().advance(self.run)
            await self.post(situation.cycle, situation.mails)
            if situation.cycle is None:
                return
            p = await self.house.cycles.progress_of(self.tenant, UUID(situation.cycle))
            assert p is not None
            if not await self.act(p):
                step = next_step(p, self.calendar.moment)
                if step is None:
                    return
                self.calendar.wait(step.due)

    async def arrive(self) -> None:
        for name in self.names:
            profile = Profile(name, f"{name}@example.com")
            await self.house.people.put_person(self.command("platform"), name, profile, None)
        await self.put(None)
        subject = await self.house.record.vault.subject_of(self.tenant, self.name)
        assert subject is not None
        self.person = subject
        self.run = CycleRun(self.tenant, str(subject))
        known = await self.house.record.vault.subjects_of(self.tenant, set(self.names))
        self.partners = (known[self.names[0]], known[self.names[1]])
        await self.house.cycles.start_cycle(self.command("platform"), self.name, "platform")

    async def put(self, last_day: datetime | None) -> None:
        """What the roster feed says of the person, with the partner of the day."""
        profile = Profile(
            NAME, EMAIL, DEPARTMENT, LOCATION, ENTITY, end_date=last_day and last_day.date()
        )
        partner = self.names[self.partner]
        await self.house.people.put_person(self.command("platform"), self.name, profile, partner)

    async def act(self, p: Progress) -> bool:
        """Do what the person does at this point, once; False where they wait."""
        if self.first(p.round, "changes") and self.comes(CHANGES_PARTNER) and p.round > 1:
            self.partner = 1 - self.partner
            await self.put(None)
            return True
        if self.first(p.round, "leaves") and self.comes(LEAVES) and p.round > 1:
            await self.put(self.calendar.moment + timedelta(days=30))
            return True
        if p.handover and p.handover.asked and self.first(p.handover.named_at):
            await self.house.choices.choose_handover(self.own(), self.name, "plan", ())
            return True
        if p.conversation_state == "open" and self.first(p.conversation):
            return await self.talk(p)
        if p.state == "planning" and p.plan and self.first(p.plan):
            return await self.plan(p.plan)
        if p.state == "developing" and p.plan and p.check_ins and self.first(p.plan, p.check_ins):
            self.later(2)
            state = self.chance.choice(["on_track", "on_track", "changed", "blocked"])
            await self.house.plans.check_in(self.own(), p.plan, state, None)
            return True
        return False

    async def talk(self, p: Progress) -> bool:
        """Answer, share, meet and conclude; or keep quiet, decline, or pause first."""
        conversation, mood = p.conversations[-1], self.chance.random()
        talks = self.house.conversations
        if mood < QUIET:
            return False
        if mood < DECLINES:
            await talks.decline(self.own(), conversation)
            return True
        if mood < PAUSES:
            await talks.pause(self.own(), conversation, None)
            self.later(12)
            await talks.resume(self.own(), conversation)
        known = await talks.outcome_of(self.tenant, conversation)
        for question in known.questions:
            self.later(1)
            await self.answer(conversation, question)
        await self.conclude(conversation, follow_up=p.state == "follow_up")
        return True

    async def answer(self, conversation: UUID, question: str) -> None:
        """One question, sometimes worded anew, set aside for a while, or left out for good."""
        talks, die = self.house.conversations, self.chance.random()
        if die < 0.05:
            await talks.decline_question(self.own(), conversation, question)
            return
        if die < 0.12:
            await talks.set_aside(self.own(), conversation, question, None)
            self.later(3)
        text = ANSWER * self.chance.randint(1, 5)
        await talks.record_answer(self.own(), conversation, question, text)
        if die > 0.7:
            await talks.record_answer(self.own(), conversation, question, text + ANSWER)

    async def conclude(self, conversation: UUID, *, follow_up: bool) -> None:
        talks, meeting = self.house.conversations, self.chance.random() < 0.8
        for number in range(0 if follow_up else self.chance.randint(0, 3)):
            kind = self.chance.choice(["value", "skill", "interest"])
            await talks.note_facet(self.own(), conversation, f"facet-{number}", kind, ANSWER[:30])
        direction = self.chance.choice(DIRECTIONS)
        await talks.state_direction(self.own(), conversation, direction, None)
        await talks.share(self.own(), conversation, None, None, None)
        if meeting:
            begins = self.calendar.moment + timedelta(days=5)
            both = self.house.both_sides
            await both.schedule(self.own(), conversation, begins, "PT1H", "Room 2")
            await self.house.activities().advance(self.run)
            self.calendar.wait(begins + timedelta(hours=2))
            await both.claim_held(self.theirs(), conversation, begins.date())
            held = ("held", begins.date())
        await talks.conclude(self.own(), conversation, *(held if meeting else ("waived", None)))

    async def plan(self, plan: UUID) -> bool:
        """A goal or two, an action for each, and both agree; or do without."""
        plans = self.house.plans
        if self.comes(WITHOUT_PLAN):
            await plans.close(self.own(), plan)
            return True
        for number in range(self.chance.randint(1, 2)):
            self.later(1)
            goal = f"goal-{number}"
            await plans.set_goal(self.own(), plan, goal, Goal(ANSWER[:60]))
            owner = "partner" if self.comes(0.3) else "employee"
            action = Action(self.chance.choice(METHODS), ANSWER[:40], goal, ANSWER[:50], owner)
            await plans.plan_action(self.own(), plan, f"action-{number}", action)
        await plans.propose(self.own(), plan)
        self.later(4)
        if self.comes(0.2):
            await plans.request_changes(self.theirs(), plan, ANSWER[:80])
            await plans.set_goal(self.own(), plan, "goal-0", Goal(ANSWER))
            await plans.propose(self.own(), plan)
        await plans.agree(self.theirs(), plan)
        return True

    async def post(self, cycle: str | None, mails: list[Mail]) -> None:
        """The mails that became due were taken by a mail server."""
        for mail in mails:
            assert cycle is not None
            await self._posted(UUID(cycle), UUID(mail.event), mail)

    async def _posted(self, cycle: UUID, event: UUID, mail: Mail) -> None:
        command = Command(
            by=workflow(self.tenant, "CareerCycle"),
            at=self.calendar.now(),
            cause=f"mail/{mail.kind}",
            step=f"sent/{event}/{mail.to}",
        )
        await self.house.cycles.take_step(command, cycle, lambda c: c.note_sent(event, mail.to))

    def later(self, days: int) -> None:
        """Some working hours of some day from now."""
        hours = self.chance.uniform(1, 24 * days)
        self.calendar.wait(self.calendar.moment + timedelta(hours=hours))

    def first(self, *what: object) -> bool:
        """Whether it comes up for the first time."""
        fresh = what not in self._done
        self._done.add(what)
        return fresh

    def comes(self, share: float) -> bool:
        return self.chance.random() < share

    def own(self) -> Command:
        return self.command("employee", self.person)

    def theirs(self) -> Command:
        return self.command("partner", self.partners[self.partner])

    def command(self, role: str, person: UUID | None = None) -> Command:
        """A command with a key, whose answer is kept."""
        by = Principal(self.tenant, frozenset({role}), "roster", person)
        at, key = self.calendar.now(), f"{self.name}/{len(self.keys)}"
        self.keys.append((by.actor, key, at))
        asked = Asked(by.actor, key, self.house.record.vault.fingerprint(key.encode()))
        return Command(by=by, at=at, cause=f"request-{len(self.keys)}", asked=asked)

    async def lived(self) -> Lived:
        """Read back what is on record of the person's life, and the answers to their commands."""
        log = await self.house.record.pool.fetch(_LOG, self.tenant, str(self.person))
        rows = [Row(*values) for values in log]
        key = await self.house.record.vault.key_of(self.tenant, self.person)
        assert key is not None

        said = []
        for actor, name, at in self.keys:
            found = await self.house.record.pool.fetchrow(_RECEIPT, self.tenant, actor, name)
            if found is not None:
                said.append(Said(actor, at, found["status"], found["answer"]))
        words = [unseal(row, key.aead) for row in rows]
        return Lived(self.person, self.partners, rows, words, said)


_LOG = """
SELECT * FROM record.read_log($1, 0, 2147483647)
 WHERE convert_from(meta, 'UTF8')::jsonb ->> 'subject' = $2 ORDER BY position
"""
_RECEIPT = "SELECT * FROM record.read_receipt($1, $2, $3)"


async def live(
    house: House, tenant: str, calendar: Calendar, count: int, years: int
) -> list[Lived]:
    """So many lives, one after the other, each from the calendar's first day on."""
    begins, found = calendar.moment, []
    for number in range(count):
        calendar.moment = begins
        life = Life(house, tenant, calendar, number)
        await life.live(begins + timedelta(days=round(365.25 * years)))
        found.append(await life.lived())
    return found
