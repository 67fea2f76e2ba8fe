"""A conversation as a whole: with what it begins, what each step makes of it, what its end refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.conversation.content import Facet, Part
from services.conversation.domain import Conversation, conversation_id
from services.conversation.guides import FIRST_CONVERSATION
from services.conversation.meeting import MeetingInTheFuture
from services.conversation.opening import NotOpen, QuestionUnknown
from shared.eventstore.events import EventType
from tests.examples import ANA, BEN, CYCLE, LATER, MONDAY, concluded, conversation
from tests.given import given

Step = Callable[[Conversation], Any]
TODAY = date(2026, 3, 2)


def pause(c: Conversation) -> None:
    c.pause(LATER)


def paused_at_rest(c: Conversation) -> None:
    """As it stands in records from before a pause brought back what rests."""
    c.rest()
    c._pause(until=LATER)


def conclude(c: Conversation) -> None:
    c.state_direction("deepen", None)
    c.conclude("held", TODAY)


def test_it_begins_with_what_its_guide_asks_and_on_the_terms_of_its_round() -> None:
    c = Conversation.open(
        person=ANA, cycle=CYCLE, round=3, guide=FIRST_CONVERSATION, at=MONDAY,
        pause_default="P7D", pause_longest="P21D",
    )  # fmt: skip
    assert (c.person, c.cycle, c.round, c.kind) == (ANA, CYCLE, 3, FIRST_CONVERSATION.kind)
    assert (c.subject, c.correlation) == (ANA, CYCLE)
    assert (c.guide, c.guide_version) == (FIRST_CONVERSATION.guide, FIRST_CONVERSATION.version)
    assert c.questions == FIRST_CONVERSATION.asks
    assert (c.pause_default, c.pause_longest) == ("P7D", "P21D")
    assert stands(c) == ("open", False, None, None)


def test_one_from_before_events_held_their_questions_asks_what_its_guide_asked() -> None:
    before = Conversation.open(
        person=ANA,
        cycle=CYCLE,
        round=1,
        guide=msgspec.structs.replace(FIRST_CONVERSATION, questions=()),
        at=MONDAY,
    )
    assert before.questions == FIRST_CONVERSATION.asks


def test_the_id_of_a_rounds_conversation_stays_what_it_was() -> None:
    assert conversation_id(CYCLE, 1, "conversation") == UUID("6003f045-6ea4-5c0b-9f9f-089b281cdfa1")


def test_what_people_said_beside_their_answers_is_words_and_stands_as_nothing_once_erased() -> None:
    for event, words, gone in (
        (Conversation.Opened, ("direction", "facets"), "facets"),
        (Conversation.FacetNoted, ("text", "vocabulary"), "vocabulary"),
        (Conversation.DirectionStated, ("direction", "comment"), None),
    ):
        known = EventType(event, Conversation)
        assert known.words == words
        assert gone is None or known.erased[gone] is None


def stands(c: Conversation) -> tuple[Any, ...]:
    return c.state, c.resting, c.paused_until, c.concluded_at


STEPS: dict[str, tuple[list[Step], tuple[Any, ...]]] = {
    "pausing": ([pause], ("paused", False, LATER, None)),
    "resuming": ([pause, Conversation.resume], ("open", False, None, None)),
    "resting": ([Conversation.rest], ("open", True, None, None)),
    "reopening": ([Conversation.rest, Conversation.resume], ("open", False, None, None)),
    "pausing while it rested": ([Conversation.rest, pause], ("paused", False, LATER, None)),
    "resuming from a pause while it rested": (
        [paused_at_rest, Conversation.resume],
        ("open", False, None, None),
    ),
    "declining while it rested": (
        [Conversation.rest, Conversation.decline],
        ("declined", False, None, None),
    ),
    "declining during a pause": ([pause, Conversation.decline], ("declined", False, None, None)),
    "taking it up after all": (
        [Conversation.decline, Conversation.resume],
        ("open", False, None, None),
    ),
    "concluding": ([conclude], ("concluded", False, None, MONDAY)),
    "concluding during a pause while it rested": (
        [lambda c: c.state_direction("deepen", None), paused_at_rest,
         lambda c: c.conclude("waived", None)],
        ("concluded", False, None, MONDAY),
    ),
    "closing during a pause while it rested": (
        [paused_at_rest, Conversation.close],
        ("closed", False, None, None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "expected"), STEPS.values(), ids=STEPS)
def test_a_step_changes_where_it_stands(steps: list[Step], expected: tuple[Any, ...]) -> None:
    c = conversation()
    for step in steps:
        step(c)
    assert stands(c) == expected
    assert c.receipt() == {"id": str(c.id), "version": c.version, "state": expected[0]}


ENDED: dict[str, Step] = {
    "an answer": lambda c: c.record_answer("impact", "Late"),
    "time for a question": lambda c: c.set_aside("impact", None),
    "a declined question": lambda c: c.decline_question("impact"),
    "a facet": lambda c: c.note_facet("rest", "value", "x"),
    "a withdrawn facet": lambda c: c.withdraw_facet("craft"),
    "a direction": lambda c: c.state_direction("expand", None),
    "a pause": pause,
    "declining": Conversation.decline,
    "a meeting": lambda c: c.schedule("employee", BEN, LATER, "PT1H", None),
    "a claim": lambda c: c.claim_held(TODAY),
}


@pytest.mark.parametrize("step", ENDED.values(), ids=ENDED)
def test_nothing_is_added_after_its_end(step: Step) -> None:
    given(concluded()).when(step).refused(NotOpen)


def test_what_was_declined_or_closed_is_not_concluded_and_what_was_closed_not_shared() -> None:
    for end in (Conversation.decline, Conversation.close):
        c = conversation()
        c.state_direction("deepen", None)
        end(c)
        given(c).when(lambda c: c.conclude("waived", None)).refused(NotOpen)
    given(c).when(lambda c: c.share()).refused(NotOpen)


def test_declining_during_a_pause_calls_the_meeting_off_that_is_still_to_come() -> None:
    c = conversation()
    c.schedule("partner", BEN, LATER, "PT1H", None)
    given(c, pause).when(Conversation.decline).then(
        ("conversation.meeting_unscheduled", {"by": "employee", "sequence": 1}),
        ("conversation.declined", {}),
    )


@pytest.mark.parametrize("ask", [
    lambda c: c.record_answer("salary", "More"),
    lambda c: c.set_aside("salary", None),
    lambda c: c.decline_question("salary"),
])  # fmt: skip
def test_a_question_that_is_not_asked_is_refused_with_those_that_are(ask: Step) -> None:
    with pytest.raises(QuestionUnknown) as refused:
        ask(conversation())
    known = ", ".join(FIRST_CONVERSATION.asks)
    assert str(refused.value) == f"The guide doesn't ask that; it asks {known}."


def test_an_answer_knows_its_revision_and_the_version_that_it_came_with() -> None:
    c = conversation()
    told = []
    for step in (
        lambda: c.set_aside("energy", LATER),
        lambda: c.record_answer("energy", "Mornings"),
        lambda: c.record_answer("energy", "Quiet mornings"),
        lambda: c.set_aside("energy", None),
        lambda: c.record_answer("energy", "Quiet mornings"),
        lambda: c.decline_question("energy"),
    ):
        step()
        answer = c.answers["energy"]
        assert answer.version == c.version
        told.append((answer.state, answer.revision, answer.until))
    assert told == [
        ("set_aside", 0, LATER), ("answered", 1, None), ("answered", 2, None),
        ("set_aside", 2, None), ("answered", 3, None), ("declined", 3, None),
    ]  # fmt: skip


def test_revising_an_answer_brings_back_what_rests() -> None:
    c = conversation()
    c.record_answer("impact", "Two teachers")
    c.rest()
    given(c).when(lambda c: c.record_answer("impact", "Three teachers")).then(
        ("conversation.reopened", {}),
        ("conversation.answer_revised", {"question": "impact", "text": "Three teachers"}),
    )


def test_time_that_was_asked_for_is_over_at_its_very_moment() -> None:
    c = conversation()
    c.set_aside("energy", LATER)
    c.at = LATER - timedelta(microseconds=1)
    assert (c.asked_for_time, c.resting_until) == (True, LATER)
    c.at = LATER
    assert (c.asked_for_time, c.resting_until) == (False, None)


def test_a_meeting_is_held_on_the_day_that_the_employee_says() -> None:
    c = conversation()
    conclude(c)
    assert (c.meeting.outcome, c.meeting.held_on) == ("held", TODAY)
    tomorrow = conversation()
    tomorrow.state_direction("deepen", None)
    given(tomorrow).when(lambda c: c.conclude("held", TODAY + timedelta(days=1))).refused(
        MeetingInTheFuture
    )


def test_taking_everything_back_covers_what_is_recorded_and_what_is_still_to_come() -> None:
    c = conversation()
    c.record_answer("energy", "Mornings")
    c.note_facet("craft", "value", "Doing it properly")
    c.share(questions=["peak", "energy"])
    c.unshare()
    c.record_answer("peak", "Untangling")
    assert c.facets == {"craft": Facet("value", "Doing it properly")}
    parts = (Part("question", "energy"), Part("question", "peak"), Part("facet", "craft"))
    assert [c.sharing.moments(part) for part in parts] == [(), (), ()]
    assert [c.sharing.taken_back.get(part) for part in parts] == [MONDAY, MONDAY, MONDAY]
