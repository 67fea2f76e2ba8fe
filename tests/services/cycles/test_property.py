"""P2: a cycle never skips or doubles a step, whatever people, HR, ops and the calendar do.

300 lives of 50 steps each: everything that can happen, in any order and at any time, with a worker that
is down for weeks and zombies that take an old step again. The real rules, the real course, no server.
"""

from __future__ import annotations

import json
from copy import copy, deepcopy
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from console.registry import REGISTRY
from services.conversation.domain import Conversation
from services.conversation.guides import FIRST_CONVERSATION, FOLLOW_UP
from services.cycles.course import next_step, waiting_for
from services.cycles.domain import Cycle
from services.cycles.fold import begin, evolve
from services.cycles.policy import Terms
from services.cycles.progress import Progress
from services.cycles.step import Step
from services.people.domain import Person
from services.people.employment import Profile
from services.planning.domain import Goal, Plan
from shared.errors import Refusal
from shared.eventstore.events import Aggregate
from tests.automaton import CycleAutomaton, Happened, check_cycle, check_ending
from tests.examples import ANA, BEN, EVE
from tests.proving import LONG, Proof

START = datetime(2027, 8, 31, 8, 0, tzinfo=UTC)
ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC"]
SIDES = st.sampled_from(["employee", "partner"])
LIVES, STEPS = (10_000, 50) if LONG else (300, 50)


class Life(RuleBasedStateMachine):
    """One person's record, the cycle that follows from it, and a worker that takes what is due."""

    @initialize(
        zone=st.sampled_from(ZONES), terms=st.sampled_from([Terms(), Terms(cadence="P12M")])
    )
    def begin(self, zone: str, terms: Terms) -> None:
        self.now = START
        self.terms = terms
        self.works = True
        self.taking: str | None = None
        self.log: list[tuple[UUID, Happened]] = []
        self.streams: dict[UUID, Aggregate] = {}
        self.before: tuple[Progress, Step] | None = None
        self.automaton = CycleAutomaton()
        self.found: Progress | None = None
        self.person = Person.register(ANA, START, Profile("Ana", "a@example.com", timezone=zone))
        self.person.assign_partner(BEN)
        self.keep(self.person)
        self.cycle = Cycle.start(tenant="t", person=ANA, number=1, through="api", at=START)
        self.keep(self.cycle)
        self.drive()

    # What people do.

    @rule(question=st.sampled_from(["impact", "energy", "peak"]), days=st.integers(0, 90))
    def sets_aside(self, question: str, days: int) -> None:
        until = self.now + timedelta(days=days) if days else None
        self.does(self.talk, lambda c: c.set_aside(question, until))

    @rule(question=st.sampled_from(["impact", "energy", "peak"]))
    def answers(self, question: str) -> None:
        self.does(self.talk, lambda c: c.record_answer(question, f"at {self.now}"))

    @rule(what=st.sampled_from(["share", "unshare", "decline", "resume"]))
    def says(self, what: str) -> None:
        self.does(self.talk, lambda c: getattr(c, what)())

    @rule(days=st.integers(1, 180))
    def pauses(self, days: int) -> None:
        self.does(self.talk, lambda c: c.pause(self.now + timedelta(days=days)))

    @rule(days=st.integers(1, 40), off=st.booleans())
    def meets(self, days: int, off: bool) -> None:
        starts = self.now + timedelta(days=days)
        partner = self.person.partner
        if off:
            self.does(self.talk, lambda c: c.unschedule("employee"))
        else:
            self.does(self.talk, lambda c: c.schedule("employee", partner, starts, "PT1H", None))

    @rule()
    def concludes(self) -> None:
        def conclude(c: Conversation) -> None:
            c.state_direction("deepen", None)
            c.conclude("waived", None)

        self.does(self.talk, conclude)

    @rule()
    def claims(self) -> None:
        self.does(self.talk, lambda c: c.claim_held(self.now.date()))

    @rule(by=SIDES)
    def proposes(self, by: Any) -> None:
        def propose(p: Plan) -> None:
            p.set_goal("g", Goal(f"at {self.now}"))
            p.propose(by)

        self.does(self.plan, propose)

    @rule(by=SIDES, what=st.sampled_from(["agree", "request_changes"]))
    def replies(self, by: Any, what: str) -> None:
        arguments = [by] if what == "agree" else [by, None]
        self.does(self.plan, lambda p: getattr(p, what)(*arguments))

    @rule(what=st.sampled_from(["close", "check_in"]))
    def follows(self, what: str) -> None:
        arguments = ["on_track", None] if what == "check_in" else []
        self.does(self.plan, lambda p: getattr(p, what)(*arguments))

    # What HR says, and what ops do.

    @rule(ahead=st.integers(-60, 60), days=st.integers(1, 400), known=st.booleans())
    def goes_on_leave(self, ahead: int, days: int, known: bool) -> None:
        since = self.now + timedelta(days=ahead)
        until = since + timedelta(days=days) if known else None
        self.does(self.person, lambda p: p.start_leave(since, until))

    @rule()
    def returns(self) -> None:
        self.does(self.person, lambda p: p.end_leave(self.now))

    @rule(partner=st.sampled_from([BEN, EVE, None]))
    def gets_a_partner(self, partner: UUID | None) -> None:
        self.does(self.person, lambda p: p.assign_partner(partner))

    @rule(zone=st.sampled_from(ZONES), status=st.sampled_from(["active", "inactive"]))
    def changes(self, zone: str, status: str) -> None:
        profile = Profile("Ana", "a@example.com", timezone=zone, status=status)
        self.does(self.person, lambda p: p.change_profile(profile))

    @precondition(lambda self: self.now > START + timedelta(days=700))
    @rule(days=st.integers(0, 60))
    def gives_notice(self, days: int) -> None:
        last: date = self.now.date() + timedelta(days=days)
        profile = Profile("Ana", "a@example.com", end_date=last)
        self.does(self.person, lambda p: p.change_profile(profile))

    @rule(placed=st.booleans())
    def is_held(self, placed: bool) -> None:
        self.does(self.person, lambda p: p.place_hold("x", None) if placed else p.release_hold())

    @rule(days=st.integers(0, 90))
    def is_suspended(self, days: int) -> None:
        until = self.now + timedelta(days=days) if days else None
        self.does(self.cycle, lambda c: c.suspend("by_hand", until))

    @rule(what=st.sampled_from(["resume", "hold_nudges", "release_nudges"]))
    def is_steered(self, what: str) -> None:
        self.does(self.cycle, lambda c: getattr(c, what)())

    # What time and machines do.

    @rule(hours=st.integers(1, 24 * 120))
    def time_passes(self, hours: int) -> None:
        """Step by step, as a worker that is awake sees it; or all at once, when none is."""
        end = self.now + timedelta(hours=hours)
        while self.works and (step := self.step()) is not None and self.now < step.due <= end:
            self.now = step.due
            self.drive()
        self.now = end
        self.drive()

    @rule()
    def the_worker_goes_away_or_comes_back(self) -> None:
        self.works = not self.works
        self.drive()

    @precondition(lambda self: self.before is not None)
    @rule()
    def a_zombie_takes_an_old_step_again(self) -> None:
        """What it would record the record has already, by the ids that come from the step."""
        assert self.before is not None
        progress, step = self.before
        if step == self.step():
            return
        zombie = copy(self)
        there = (self.log, self.streams, self.person, self.cycle, self.automaton, self.found)
        (
            zombie.log,
            zombie.streams,
            zombie.person,
            zombie.cycle,
            zombie.automaton,
            zombie.found,
        ) = deepcopy(there)
        zombie.take(progress, step)
        known = {id_ for _, (*_, id_) in self.log}
        late = zombie.log[len(self.log) :]
        assert not [happened for _, happened in late if happened[3] not in known], "taken twice"

    # What must hold.

    def teardown(self) -> None:
        """The whole once more: folded from its beginning it is where it came to step by step."""
        if not hasattr(self, "log"):
            return
        assert self.folded() == self.found
        check_cycle(happened for stream, happened in self.log if stream == self.cycle.id)
        for stream, aggregate in self.streams.items():
            if aggregate.TOPIC in {"conversation", "plan"}:
                own = [happened for each, happened in self.log if each == stream]
                check_ending(aggregate.TOPIC, own)

    @invariant()
    def what_is_due_was_taken(self) -> None:
        step = self.step()
        assert not self.works or step is None or step.due > self.now, step
        assert waiting_for(self.progress()) in {"employee", "partner", "organisation", "nobody"}

    @invariant()
    def a_plan_has_ended_with_its_round(self) -> None:
        earlier: list[Any] = [self.streams[plan] for plan in self.progress().earlier_plans]
        assert all(plan.state in {"completed", "closed"} for plan in earlier)

    # The machinery.

    def talk(self) -> Any:
        return self.streams.get(self.progress().conversation or UUID(int=0))

    def plan(self) -> Any:
        return self.streams.get(self.progress().plan or UUID(int=0))

    def does(self, whom: Any, decide: Any) -> None:
        """Somebody tries something; a refusal changes nothing. A wake lets the worker look.

        No two commands have the same moment.
        """
        self.now += timedelta(microseconds=1)
        aggregate = whom if isinstance(whom, Aggregate) else whom()
        if aggregate is None:
            return
        aggregate.at = self.now
        try:
            decide(aggregate)
        except Refusal:
            aggregate.collect_events()
            self.reload(aggregate)
            return
        self.keep(aggregate)
        self.drive()

    def reload(self, aggregate: Aggregate) -> None:
        """What was refused half way is forgotten, as a failed request forgets it."""

    def keep(self, aggregate: Aggregate) -> None:
        self.streams[aggregate.id] = aggregate
        for number, event in enumerate(aggregate.collect_events()):
            kind = REGISTRY.of_event(event)  # type: ignore[arg-type]
            facts = json.loads(kind.encode_facts(event))  # type: ignore[arg-type]
            within = f"{self.taking}/{number}" if self.taking else str(event.originator_version)
            id_ = str(uuid5(aggregate.id, within))
            happened = (kind.topic, event.timestamp, facts, id_)
            self.log.append((aggregate.id, happened))
            if kind.topic.startswith("cycles."):
                self.automaton.take(*happened)
            if self.found is not None:
                evolve(self.found, kind.topic, event.timestamp, facts, aggregate.id)

    def folded(self) -> Progress:
        found = begin("t", self.cycle.id, START, {"person": str(ANA)})
        for stream, (topic, at, facts, _id) in self.log:
            evolve(found, topic, at, facts, stream)
        return found

    def progress(self) -> Progress:
        """Where it stands, folded as it happens."""
        self.found = self.found or self.folded()
        return self.found

    def step(self) -> Step | None:
        return next_step(self.progress(), self.now)

    def drive(self) -> None:
        """Take every step that is due, as the worker does."""
        for _ in range(60):
            progress = self.progress()
            step = next_step(progress, self.now)
            if not self.works or step is None or step.due > self.now:
                return
            size = len(self.log)
            self.before = (deepcopy(progress), step)  # for a zombie to hold on to
            self.take(self.before[0], step)
            assert len(self.log) > size, f"{step} is due and can't be taken"
        raise AssertionError("steps lead in a circle")

    def take(self, p: Progress, step: Step) -> None:
        self.taking = f"{p.round}/{step.name}/{step.number}/{step.due.isoformat()}"
        try:
            getattr(self, f"_{step.name}")(p, step)
        except Refusal:
            return  # it has moved on
        finally:
            self.taking = None

    def note(self, decide: Any) -> None:
        self.cycle.at = self.now
        decide(self.cycle)
        self.keep(self.cycle)

    def open(self, p: Progress, guide: Any, round_: int) -> UUID:
        before = self.streams.get(p.conversation or UUID(int=0))
        if isinstance(before, Conversation):
            before.at = self.now
            before.close()
            self.keep(before)
        made = Conversation.open(
            person=ANA, cycle=p.cycle, round=round_, guide=guide, at=self.now, before=before
        )
        if made.id not in self.streams:
            self.keep(made)
        return made.id

    def end_talk(self, p: Progress) -> None:
        talk = self.streams.get(p.conversation or UUID(int=0))
        if isinstance(talk, Conversation):
            talk.at = self.now
            talk.close()
            self.keep(talk)
            self.call_off(p, talk)

    def let_be(self, p: Progress) -> None:
        talk = self.streams.get(p.conversation or UUID(int=0))
        if isinstance(talk, Conversation):
            talk.at = self.now
            talk.rest()
            self.keep(talk)

    def call_off(self, p: Progress, talk: Conversation) -> None:
        """Who has its meeting in the calendar hears that it is off."""
        taking = self.taking
        for number in [off.sequence for off in talk.meeting.called_off(p.announced)]:
            self.taking = f"{taking}/called_off/{number}"
            self.note(partial(Cycle.announce_meeting, conversation=talk.id, sequence=number))
        self.taking = taking

    def on_plan(self, p: Progress, what: str) -> None:
        plan = self.streams.get(p.plan or UUID(int=0))
        if isinstance(plan, Plan):
            plan.at = self.now
            getattr(plan, what)()
            self.keep(plan)

    def _open_conversation(self, p: Progress, s: Step) -> None:
        if s.number <= self.cycle.round:
            return
        self.end_talk(p)
        id_ = self.open(p, FIRST_CONVERSATION, s.number)
        tells = ("employee", "partner")
        self.note(lambda c: c.open_conversation(s.number, id_, "g", 1, 0, self.terms, tells))

    def _end_pause(self, p: Progress, _: Step) -> None:
        talk = self.streams[p.conversation or UUID(int=0)]
        assert isinstance(talk, Conversation)
        talk.at = self.now
        if talk.state == "paused":
            talk.resume()
        self.keep(talk)

    def _announce_meeting(self, p: Progress, s: Step) -> None:
        assert p.conversation is not None
        where = p.conversation
        self.note(lambda c: c.announce_meeting(where, s.number, ("employee", "partner")))

    def _call_off_meeting(self, p: Progress, _: Step) -> None:
        talk = self.streams[p.conversation or UUID(int=0)]
        assert isinstance(talk, Conversation)
        talk.at = self.now
        if talk.meeting.is_scheduled:
            talk.unschedule("nobody")
        self.keep(talk)

    def _nudge(self, _: Progress, s: Step) -> None:
        self.note(lambda c: c.nudge(s.number, s.why, () if s.why else ("employee",)))

    def _nudge_partner(self, p: Progress, s: Step) -> None:
        self.note(lambda c: c.nudge_partner(p.since, s.number, s.why, ("partner",)))

    def _escalate(self, p: Progress, _: Step) -> None:
        self.note(lambda c: c.escalate(p.since, ("hr",)))

    def _open_planning(self, p: Progress, _: Step) -> None:
        assert p.conversation is not None
        plan = Plan.draft(
            person=ANA, cycle=p.cycle, round=p.round, conversation=p.conversation, at=self.now
        )
        if plan.id not in self.streams:
            self.keep(plan)
        self.note(lambda c: c.open_planning(plan.id))

    def _begin_development(self, p: Progress, s: Step) -> None:
        self.note(lambda c: c.begin_development(p.plan, p.activated_at or s.due))

    def _ask_check_in(self, _: Progress, s: Step) -> None:
        self.note(lambda c: c.ask_check_in(s.number, ("employee",)))

    def _open_follow_up(self, p: Progress, _: Step) -> None:
        if self.cycle.state not in {"developing", "steady"}:
            return
        self.end_talk(p)
        self.on_plan(p, "review")
        id_ = self.open(p, FOLLOW_UP, p.round)
        self.note(lambda c: c.open_follow_up(id_, "follow-up", 1, ("employee",)))

    def _rest(self, p: Progress, s: Step) -> None:
        if s.why == "time":
            self.let_be(p)
        self.note(lambda c: c.rest(s.why or "time", p.ended_at or self.now))

    def _complete_round(self, p: Progress, s: Step) -> None:
        if self.cycle.state != "follow_up":
            return
        if s.why == "time":
            self.let_be(p)
        self.on_plan(p, "complete")
        self.note(lambda c: c.complete_round(p.round))

    def _ask_handover(self, p: Progress, _: Step) -> None:
        assert p.handover is not None
        partner, named_at = p.handover.partner, p.handover.named_at
        self.note(lambda c: c.ask_handover(partner, named_at, ("employee",)))

    def _hand_over(self, p: Progress, _: Step) -> None:
        assert p.handover is not None
        self.person.at = self.now
        self.person.choose_handover("plan")
        self.keep(self.person)

    def _suspend(self, _: Progress, s: Step) -> None:
        self.note(lambda c: c.suspend_for(s.why, s.due, s.until))

    def _resume(self, _: Progress, s: Step) -> None:
        self.note(lambda c: c.resume_from(s.why, s.due))

    def _settle_employment(self, _: Progress, __: Step) -> None:
        self.person.at = self.now
        self.person.settle_employment()
        self.keep(self.person)

    def _close(self, p: Progress, s: Step) -> None:
        self.end_talk(p)
        self.on_plan(p, "close")
        self.note(lambda c: c.close(s.why or "ended", ("employee",)))


LIFETIMES = settings(
    max_examples=LIVES,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.timeout(7_200 if LONG else 600)
def test_no_life_skips_or_doubles_a_step(proof: Proof) -> None:
    run_state_machine_as_test(Life, settings=LIFETIMES)
    done = f"{LIVES:,} lives of up to {STEPS} steps each, with a worker that is down and zombies"
    proof("P2 no step is skipped or doubled", done, "skipped 0, doubled 0")
