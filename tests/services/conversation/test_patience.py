"""Nobody is rushed: pause, rest, decline, and one click to come back."""

from __future__ import annotations

import pytest

from services.conversation.domain import Conversation
from services.conversation.opening import NotOpen
from services.conversation.patience import NotPaused
from tests.examples import LATER, concluded, conversation
from tests.given import given


def test_a_conversation_is_paused_and_resumed() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(lambda c: c.resume()).then(
        ("conversation.resumed", {})
    )


def test_a_pause_may_be_made_longer() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(lambda c: c.pause(LATER)).then(
        ("conversation.paused", {"until": LATER})
    )


def test_only_what_is_quiet_is_resumed() -> None:
    given(conversation()).when(lambda c: c.resume()).refused(NotPaused)
    given(concluded()).when(lambda c: c.resume()).refused(NotPaused)


def test_an_answer_may_be_given_during_a_pause() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(
        lambda c: c.record_answer("impact", "Two teachers")
    ).then(("conversation.answer_recorded", {"question": "impact", "text": "Two teachers"}))


def test_a_conversation_that_rests_comes_back_with_one_click() -> None:
    given(conversation(), lambda c: c.rest()).when(lambda c: c.resume()).then(
        ("conversation.reopened", {})
    )


def test_a_conversation_rests_once() -> None:
    given(conversation(), lambda c: c.rest()).when(lambda c: c.rest()).then()


def test_a_paused_conversation_is_left_to_its_pause() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(lambda c: c.rest()).then()


GOING_ON = {
    "an answer": lambda c: c.record_answer("impact", "Two teachers"),
    "time for a question": lambda c: c.set_aside("impact", None),
    "a declined question": lambda c: c.decline_question("impact"),
    "a facet": lambda c: c.note_facet("craft", "value", "x"),
    "a direction": lambda c: c.state_direction("deepen", None),
    "sharing": lambda c: c.share(questions=["impact"]),
    "a pause": lambda c: c.pause(LATER),
}


@pytest.mark.parametrize("go_on", GOING_ON.values(), ids=GOING_ON.keys())
def test_whoever_goes_on_in_a_conversation_that_rests_has_brought_it_back(go_on: object) -> None:
    c = conversation()
    c.rest()
    c.collect_events()
    go_on(c)  # type: ignore[operator]
    assert next(event.TOPIC for event in c.collect_events()) == "conversation.reopened"
    assert not c.resting


def test_the_whole_conversation_is_declined_without_a_reason() -> None:
    given(conversation()).when(lambda c: c.decline()).then(("conversation.declined", {}))


def test_declining_twice_is_nothing_new() -> None:
    given(conversation(), lambda c: c.decline()).when(lambda c: c.decline()).then()


def test_a_declined_conversation_is_taken_up_after_all_with_one_click() -> None:
    c = conversation()
    c.record_answer("impact", "Two teachers")
    c.decline()
    given(c).when(lambda c: c.resume()).then(("conversation.reopened", {}))
    assert (c.state, c.answers["impact"].text) == ("open", "Two teachers")


def test_nothing_is_said_in_a_conversation_while_it_is_declined() -> None:
    given(conversation(), lambda c: c.decline()).when(
        lambda c: c.record_answer("impact", "x")
    ).refused(NotOpen)


@pytest.mark.parametrize("before", ["open", "paused", "declined"])
def test_something_newer_closes_what_was_not_concluded(before: str) -> None:
    c = conversation()
    {"open": lambda: None, "paused": lambda: c.pause(LATER), "declined": c.decline}[before]()
    given(c).when(Conversation.close).then(("conversation.closed", {}))
    given(c).when(lambda c: c.resume()).refused(NotPaused)


def test_a_conclusion_is_never_closed_over() -> None:
    given(concluded()).when(Conversation.close).then()
