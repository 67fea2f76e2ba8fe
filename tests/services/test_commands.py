"""Random commands of all actors through conversations and plans: what must hold, whatever they do.

What a partner may see is worked out a second time here, from who was the partner when something was
shared, and compared with what is shown. A replay through the stored form of the events is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from console.registry import REGISTRY
from services.conversation.content import Part
from services.conversation.domain import Conversation, conversation_id
from services.conversation.guides import FIRST_CONVERSATION
from services.conversation.look import Look
from services.conversation.sharing import DIRECTION
from services.permission import Handover, Relation, Sight
from services.planning.content import Action, Goal
from services.planning.domain import Plan
from services.planning.view import view
from shared.errors import Refusal
from shared.eventstore.events import fold
from shared.principal import Principal
from tests.examples import ANA, BEN, CYCLE, EVE, action
from tests.proving import LONG

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUESTIONS = st.sampled_from(FIRST_CONVERSATION.asks[:2])
FACETS = st.sampled_from(["craft", "lead"])
TEXTS = st.sampled_from(["one", "two", "three"])
SIDES = st.sampled_from(["employee", "partner"])
NAMES = st.one_of(st.none(), st.lists(QUESTIONS, max_size=2))
FACET_NAMES = st.one_of(st.none(), st.lists(FACETS, max_size=1))
ACTIONS = st.sampled_from(["a", "b", "c"])
EVERYTHING = (None, None, None)
SELECTIONS = st.one_of(
    st.just(EVERYTHING), st.tuples(NAMES, FACET_NAMES, st.sampled_from([None, True]))
)
LESS_OFTEN = st.sampled_from([False, False, False, True])
STRANGER = UUID(int=9)
CONVERSATION = conversation_id(CYCLE, 1, "conversation")
WHOLE = Part("question", "the whole plan")
NEXT = "whoever comes next"
MATERIAL = {"goal_set", "goal_dropped", "action_planned", "action_revised", "action_dropped"}


class Pair(RuleBasedStateMachine):
    """Ana, and Ben or Eve as her partner: time, the roster, and what was meant for whom."""

    topic: str

    def begin(self, aggregate: Any) -> None:
        self.now = BEGIN
        self.aggregate = aggregate
        self.events: list[Any] = list(aggregate.collect_events())
        self.relations = [Relation(BEN, BEGIN - timedelta(days=1))]
        self.meant_for: dict[Part, set[Any]] = {}
        self.handed: dict[UUID, set[Part]] = {}

    @rule(partner=st.sampled_from([BEN, EVE, None]))
    def name_partner(self, partner: UUID | None) -> None:
        if partner == self.partner:
            return
        self.pass_time()
        if self.partner is not None:
            last = self.relations[-1]
            self.relations[-1] = Relation(last.partner, last.since, self.now, last.handover)
        self.handed.clear()  # a hand-over is for as long as the relation lasts
        if partner is not None:
            self.relations.append(Relation(partner, self.now))
            for meant in self.meant_for.values():
                if NEXT in meant:
                    meant.remove(NEXT)
                    meant.add(partner)

    @rule(choice=st.sampled_from(["nothing", "plan", "plan_and_answers"]), questions=NAMES)
    def hand_over(self, choice: str, questions: Any) -> None:
        if self.partner is None:
            return
        self.pass_time()
        parts = {Part("question", question) for question in questions or ()}
        chosen = parts if choice == "plan_and_answers" else set()
        names = frozenset(part.named(CONVERSATION) for part in chosen)
        last = self.relations[-1]
        handover = Handover(choice, self.now, names)
        self.relations[-1] = Relation(last.partner, last.since, None, handover)
        self.handed[self.partner] = chosen

    @property
    def partner(self) -> UUID | None:
        last = self.relations[-1]
        return last.partner if last.until is None else None

    def sight(self, person: UUID) -> Sight:
        by = Principal("acme", frozenset({"partner"}), "x", person)
        return Sight(by, self.now, tuple(self.relations))

    def show(self, part: Part) -> None:
        self.meant_for.setdefault(part, set()).add(self.partner or NEXT)

    def take_back(self, parts: Any) -> None:
        for part in parts:
            self.meant_for.pop(part, None)
            for handed in self.handed.values():
                handed.discard(part)

    def attempt(self, decide: Callable[[Any], None]) -> list[str]:
        """Try a command and answer what happened; one that is refused leaves no event."""
        self.pass_time()
        try:
            decide(self.aggregate)
        except Refusal:
            assert not self.aggregate.pending_events
        happened = list(self.aggregate.collect_events())
        self.events += happened
        return [event.TOPIC.partition(".")[2] for event in happened]

    def pass_time(self) -> None:
        self.now += timedelta(minutes=1)
        self.aggregate.at = self.now

    def teardown(self) -> None:
        """A replay of what is stored gives the same state: refused commands have changed nothing."""
        if hasattr(self, "aggregate"):
            assert state(fold([stored(event) for event in self.events])) == state(self.aggregate)


class Conversing(Pair):
    """What may be done to a conversation, by either side, in any order."""

    @initialize()
    def open(self) -> None:
        guide = FIRST_CONVERSATION
        self.begin(Conversation.open(person=ANA, cycle=CYCLE, round=1, guide=guide, at=BEGIN))

    @rule(question=QUESTIONS, text=TEXTS)
    def record_answer(self, question: str, text: str) -> None:
        self.attempt(lambda c: c.record_answer(question, text))

    @rule(question=QUESTIONS, until=st.sampled_from([None, BEGIN + timedelta(hours=1)]))
    def set_aside(self, question: str, until: datetime | None) -> None:
        self.attempt(lambda c: c.set_aside(question, until))

    @rule(question=QUESTIONS)
    def decline_question(self, question: str) -> None:
        if "question_declined" in self.attempt(lambda c: c.decline_question(question)):
            self.take_back([Part("question", question)])

    @rule(facet=FACETS, text=TEXTS)
    def note_facet(self, facet: str, text: str) -> None:
        self.attempt(lambda c: c.note_facet(facet, "goal", text))

    @rule(facet=FACETS)
    def withdraw_facet(self, facet: str) -> None:
        if "facet_withdrawn" in self.attempt(lambda c: c.withdraw_facet(facet)):
            self.take_back([Part("facet", facet)])

    @rule(direction=st.sampled_from(["expand", "deepen"]), comment=st.one_of(st.none(), TEXTS))
    def state_direction(self, direction: Any, comment: str | None) -> None:
        self.attempt(lambda c: c.state_direction(direction, comment))

    @rule(selection=SELECTIONS)
    def share(self, selection: Any) -> None:
        there = self.recorded()
        if "shared" in self.attempt(lambda c: c.share(*selection)):
            for part in there if selection == EVERYTHING else named(*selection):
                self.show(part)

    @rule(selection=SELECTIONS)
    def unshare(self, selection: Any) -> None:
        everything = {*self.recorded(), *self.meant_for}
        if "unshared" in self.attempt(lambda c: c.unshare(*selection)):
            self.take_back(everything if selection == EVERYTHING else named(*selection))

    @rule(how=st.sampled_from(["rest", "resume", "pause", "decline", "close"]), really=LESS_OFTEN)
    def let_be(self, how: str, really: bool) -> None:
        if how == "pause":
            self.attempt(lambda c: c.pause(self.now + timedelta(days=30)))
        elif really or how in {"rest", "resume"}:
            self.attempt(lambda c: getattr(c, how)())

    @rule(meeting=st.sampled_from(["held", "waived"]), really=LESS_OFTEN)
    def conclude(self, meeting: Any, really: bool) -> None:
        if really:
            self.attempt(lambda c: c.conclude(meeting, None))

    @rule(side=SIDES, shared=st.booleans(), text=TEXTS)
    def write_note(self, side: Any, shared: bool, text: str) -> None:
        author = ANA if side == "employee" else (self.partner or BEN)
        self.attempt(lambda c: c.write_note(side, author, text, shared=shared))

    @rule(side=SIDES, how=st.sampled_from(["schedule", "unschedule", "claim"]))
    def meet(self, side: Any, how: str) -> None:
        later = self.now + timedelta(days=3)
        ways: dict[str, Callable[[Conversation], None]] = {
            "schedule": lambda c: c.schedule(side, self.partner, later, "PT1H", "here"),
            "unschedule": lambda c: c.unschedule(side),
            "claim": lambda c: c.claim_held(date(2026, 3, 2)),
        }
        self.attempt(ways[how])

    @invariant()
    def nothing_is_visible_but_what_was_shown_and_only_to_whom(self) -> None:
        if not hasattr(self, "aggregate"):
            return
        known: Conversation = self.aggregate
        for person in (BEN, EVE, STRANGER):
            look = Look(known, self.sight(person))
            seen = {Part("question", q) for q in known.questions if look.text(q)}
            seen |= {Part("facet", name) for name in look.facets()}
            seen |= {DIRECTION} if look.direction()[0] else set()
            assert seen == self.visible_to(person)
            for note in look.notes():
                assert note.author == person or note.shared

    @invariant()
    def it_is_concluded_once_and_nothing_is_said_afterwards(self) -> None:
        topics = [event.TOPIC.partition(".")[2] for event in getattr(self, "events", ())]
        assert topics.count("concluded") <= 1
        if "concluded" in topics:
            at = topics.index("concluded")
            assert "direction_stated" in topics[:at]
            after = {"shared", "unshared", "note_written", "meeting_unscheduled"}
            assert set(topics[at + 1 :]) <= after

    def recorded(self) -> set[Part]:
        known: Conversation = self.aggregate
        answered = {q for q, a in known.answers.items() if a.text and a.state != "declined"}
        facets = {Part("facet", name) for name in known.facets}
        direction = {DIRECTION} if known.direction else set()
        return {Part("question", question) for question in answered} | facets | direction

    def visible_to(self, person: UUID) -> set[Part]:
        if person != self.partner:
            return set()
        shown = {part for part, meant in self.meant_for.items() if person in meant}
        return (shown | self.handed.get(person, set())) & self.recorded()


class Planning(Pair):
    """What may be done to a plan, by either side, in any order."""

    @initialize(agreed_already=st.booleans())
    def draft(self, agreed_already: bool) -> None:
        drafted = Plan.draft(person=ANA, cycle=CYCLE, round=1, conversation=CONVERSATION, at=BEGIN)
        self.begin(drafted)
        if agreed_already:
            self.attempt(lambda p: p.set_goal("lead", Goal("Lead"), "employee"))
            self.attempt(lambda p: p.plan_action("a", action(), "employee"))
            self.propose("employee")
            self.attempt(lambda p: p.agree("partner", BEN))

    @rule(side=SIDES, goal=FACETS, text=TEXTS)
    def set_goal(self, side: Any, goal: str, text: str) -> None:
        self.attempt(lambda p: p.set_goal(goal, Goal(text), side))

    @rule(side=SIDES, goal=FACETS)
    def drop_goal(self, side: Any, goal: str) -> None:
        self.attempt(lambda p: p.drop_goal(goal, side))

    @rule(side=SIDES, name=ACTIONS, goal=FACETS, owner=st.sampled_from(["employee", "partner"]))
    def plan_action(self, side: Any, name: str, goal: str, owner: str) -> None:
        planned: Action = action(serves=goal, owner=owner)
        self.attempt(lambda p: p.plan_action(name, planned, side))

    @rule(side=SIDES, name=ACTIONS, how=st.sampled_from(["drop", "carry"]))
    def decide(self, side: Any, name: str, how: str) -> None:
        if how == "drop":
            self.attempt(lambda p: p.drop_action(name, None, side))
        else:
            self.attempt(lambda p: p.carry_over(name, None, side))

    @rule(side=SIDES, name=ACTIONS, how=st.sampled_from(["start", "finish", "leave", "block"]))
    def report(self, side: Any, name: str, how: str) -> None:
        reports: dict[str, Callable[[Plan], None]] = {
            "start": lambda p: p.start_action(name, None, side),
            "finish": lambda p: p.finish_action(name, "well", side),
            "leave": lambda p: p.leave_action_undone(name, None, side),
            "block": lambda p: p.block_action(name, "organisation", None, side),
        }
        self.attempt(reports[how])

    @rule(side=SIDES)
    def propose(self, side: Any) -> None:
        if "proposed" in self.come_to_terms(Plan.propose, side) and side == "employee":
            self.show(WHOLE)

    @rule(side=SIDES)
    def agree(self, side: Any) -> None:
        self.come_to_terms(Plan.agree, side)

    def come_to_terms(self, decide: Callable[..., None], side: str) -> list[str]:
        """Whatever is newly promised by it is the promise of the partner of that moment."""
        since = self.relations[-1].since if self.partner else None
        happened = self.attempt(lambda p: decide(p, side, self.partner, since))
        fresh = [p for p in self.aggregate.promises.values() if p.since == self.now]
        assert {promise.by for promise in fresh} <= {self.partner}
        return happened

    @rule(side=SIDES)
    def request_changes(self, side: Any) -> None:
        self.attempt(lambda p: p.request_changes(side, "more"))

    @rule(side=SIDES)
    def check_in(self, side: Any) -> None:
        self.attempt(lambda p: p.check_in("on_track", None, side))

    @rule(how=st.sampled_from(["review", "complete", "close"]), really=LESS_OFTEN)
    def move_on(self, how: str, really: bool) -> None:
        if really:
            self.attempt(lambda p: getattr(p, how)())

    @invariant()
    def it_is_seen_by_whom_it_was_proposed_or_handed_to(self) -> None:
        if not hasattr(self, "aggregate"):
            return
        for person in (BEN, EVE, STRANGER):
            shown = view(self.aggregate, self.sight(person), {})
            assert ("in_force_plan" in shown) == self.sees_whole(person)
            if person != self.partner:
                assert not {"goals", "actions"} & set(shown)
                promised = self.aggregate.promises
                assert all(promised[name].by == person for name in shown["promises"])

    @invariant()
    def a_revision_in_force_is_one_that_both_agreed_to(self) -> None:
        revision, agreed, review = 0, dict[int, set[str]](), False
        for event in getattr(self, "events", ()):
            happened = event.TOPIC.partition(".")[2]
            review = review or happened == "reviewed"
            if happened in MATERIAL and not (review and happened == "action_dropped"):
                revision += 1
            elif happened == "agreed":
                agreed.setdefault(event.revision, set()).add(event.by)
            elif happened == "changes_requested":
                agreed.pop(event.revision, None)
            elif happened == "activated":
                assert event.revision == revision
                assert agreed[revision] == {"employee", "partner"}

    def sees_whole(self, person: UUID) -> bool:
        if person != self.partner:
            return False
        handover = self.relations[-1].handover
        handed = handover is not None and handover.choice == "plan_and_answers"
        meant = self.meant_for.get(WHOLE, set())
        return person in meant or (handed and bool(meant))


def named(questions: Any, facets: Any, direction: Any) -> set[Part]:
    """The parts that a selection names."""
    found = {Part("question", question) for question in questions or ()}
    found |= {Part("facet", name) for name in facets or ()}
    return found | {DIRECTION} if direction else found


def stored(event: Any) -> Any:
    """An event as it comes back from the record."""
    kind = REGISTRY.of_event(event)
    return kind.decode(
        event.originator_id,
        event.originator_version,
        event.timestamp,
        kind.encode_facts(event),
        kind.encode_words(event),
        kind.schema_version,
    )


def state(aggregate: Any) -> dict[str, Any]:
    """Everything that an aggregate knows, but for what whoever loads it sets."""
    passing = {"at", "leaf", "_pending_events"}
    return {name: value for name, value in vars(aggregate).items() if name not in passing}


HOW_FAR = settings(
    max_examples=6_000 if LONG else 300, stateful_step_count=50, deadline=None, database=None
)
Conversing.TestCase.settings = Planning.TestCase.settings = HOW_FAR
TestConversing = Conversing.TestCase
TestPlanning = Planning.TestCase
