"""Answers to the guide's questions: recorded, revised, set aside, declined."""

from __future__ import annotations

from datetime import timedelta

from services.conversation.opening import NotOpen, QuestionUnknown
from tests.examples import LATER, MONDAY, conversation
from tests.given import given


def test_an_answer_is_recorded() -> None:
    given(conversation()).when(lambda c: c.record_answer("impact", "Two teachers")).then(
        ("conversation.answer_recorded", {"question": "impact", "text": "Two teachers"})
    )


def test_a_second_answer_is_a_revision_and_keeps_the_first_in_the_history() -> None:
    given(conversation(), lambda c: c.record_answer("impact", "Two teachers")).when(
        lambda c: c.record_answer("impact", "Three teachers")
    ).then(("conversation.answer_revised", {"question": "impact", "text": "Three teachers"}))


def test_the_same_answer_again_is_nothing_new() -> None:
    given(conversation(), lambda c: c.record_answer("impact", "Two teachers")).when(
        lambda c: c.record_answer("impact", "Two teachers")
    ).then()


def test_a_question_that_the_guide_does_not_ask_is_refused() -> None:
    given(conversation()).when(lambda c: c.record_answer("salary", "More")).refused(QuestionUnknown)


def test_a_question_is_set_aside_as_often_as_wanted() -> None:
    given(conversation(), lambda c: c.set_aside("energy", None)).when(
        lambda c: c.set_aside("energy", LATER), lambda c: c.set_aside("energy", None)
    ).then(
        ("conversation.question_set_aside", {"question": "energy", "until": LATER}),
        ("conversation.question_set_aside", {"question": "energy"}),
    )


def test_a_question_that_was_set_aside_is_answered_later() -> None:
    given(conversation(), lambda c: c.set_aside("energy", None)).when(
        lambda c: c.record_answer("energy", "Quiet mornings")
    ).then(("conversation.answer_recorded", {"question": "energy", "text": "Quiet mornings"}))


def test_an_answer_that_is_set_aside_keeps_its_text() -> None:
    c = conversation()
    c.record_answer("energy", "Quiet mornings")
    c.set_aside("energy", LATER)
    assert (c.answers["energy"].state, c.answers["energy"].text) == ("set_aside", "Quiet mornings")
    assert c.answers["energy"].stands


def test_whoever_set_something_aside_has_asked_for_time() -> None:
    aside = conversation()
    aside.set_aside("energy", None)
    assert aside.asked_for_time
    aside.record_answer("energy", "Quiet mornings")
    assert not aside.asked_for_time


def test_time_that_was_asked_for_until_a_day_ends_with_it() -> None:
    aside = conversation()
    aside.set_aside("energy", LATER)
    assert (aside.asked_for_time, aside.resting_until) == (True, LATER)
    aside.at = LATER + timedelta(seconds=1)
    assert (aside.asked_for_time, aside.resting_until) == (False, None)


def test_the_later_of_two_days_is_the_one_that_counts() -> None:
    aside = conversation()
    aside.set_aside("energy", LATER)
    aside.pause(LATER + timedelta(days=3))
    assert aside.resting_until == LATER + timedelta(days=3)


def test_a_question_is_declined_without_a_reason() -> None:
    given(conversation()).when(lambda c: c.decline_question("ideal")).then(
        ("conversation.question_declined", {"question": "ideal"})
    )


def test_declining_a_question_twice_is_nothing_new() -> None:
    given(conversation(), lambda c: c.decline_question("ideal")).when(
        lambda c: c.decline_question("ideal")
    ).then()


def test_a_declined_question_may_be_answered_after_all() -> None:
    given(conversation(), lambda c: c.decline_question("ideal")).when(
        lambda c: c.record_answer("ideal", "A boat")
    ).then(("conversation.answer_recorded", {"question": "ideal", "text": "A boat"}))


def test_an_answer_taken_back_by_declining_and_given_again_is_a_revision() -> None:
    given(
        conversation(),
        lambda c: c.record_answer("ideal", "A boat"),
        lambda c: c.decline_question("ideal"),
    ).when(lambda c: c.record_answer("ideal", "A boat")).then(
        ("conversation.answer_revised", {"question": "ideal", "text": "A boat"})
    )


def test_no_answer_is_taken_after_the_conclusion() -> None:
    given(
        conversation(),
        lambda c: c.state_direction("undecided", None),
        lambda c: c.conclude("waived", None),
    ).when(lambda c: c.record_answer("impact", "Late")).refused(NotOpen)


def test_the_record_tells_when_a_text_was_last_recorded() -> None:
    c = conversation()
    c.record_answer("impact", "Two teachers")
    c.at = LATER
    c.set_aside("impact", None)
    assert c.answers["impact"].at == MONDAY
    c.record_answer("impact", "Three teachers")
    assert c.answers["impact"].at == LATER
