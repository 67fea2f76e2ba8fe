"""What may happen in a conversation, and what may not."""

from __future__ import annotations

from datetime import date, timedelta

from services.conversation.domain import (
    FacetUnknown,
    MeetingInTheFuture,
    NoDirection,
    NotOpen,
    NotPaused,
    QuestionUnknown,
)
from tests.examples import LATER, MONDAY, conversation
from tests.given import given

TODAY = date(2026, 3, 2)


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
        lambda c: c.set_aside("energy", LATER)
    ).then(("conversation.question_set_aside", {"question": "energy", "until": LATER}))


def test_a_question_that_was_set_aside_is_answered_later() -> None:
    given(conversation(), lambda c: c.set_aside("energy", None)).when(
        lambda c: c.record_answer("energy", "Quiet mornings")
    ).then(("conversation.answer_recorded", {"question": "energy", "text": "Quiet mornings"}))


def test_whoever_set_something_aside_has_asked_for_time() -> None:
    aside = conversation()
    aside.set_aside("energy", None)
    assert aside.asked_for_time
    aside.record_answer("energy", "Quiet mornings")
    assert not aside.asked_for_time


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


def test_a_facet_is_noted_and_withdrawn() -> None:
    given(conversation(), lambda c: c.note_facet("craft", "value", "Doing it properly")).when(
        lambda c: c.withdraw_facet("craft")
    ).then(("conversation.facet_withdrawn", {"facet": "craft"}))


def test_a_facet_that_is_not_there_can_not_be_withdrawn() -> None:
    given(conversation()).when(lambda c: c.withdraw_facet("craft")).refused(FacetUnknown)


def test_a_direction_may_be_changed() -> None:
    given(conversation(), lambda c: c.state_direction("undecided", None)).when(
        lambda c: c.state_direction("deepen", "I like my craft")
    ).then(
        (
            "conversation.direction_stated",
            {"direction": "deepen", "comment": "I like my craft"},
        )
    )


def test_nothing_is_shared_at_first() -> None:
    fresh = conversation()
    fresh.record_answer("impact", "Two teachers")
    assert not fresh.is_shared("impact")


def test_sharing_without_names_covers_everything_and_what_comes_later() -> None:
    shared = conversation()
    shared.share()
    shared.record_answer("peak", "Untangling")
    assert shared.is_shared("peak")


def test_sharing_one_answer_shares_only_that_one() -> None:
    shared = conversation()
    shared.record_answer("impact", "Two teachers")
    shared.share(questions=["impact"])
    assert shared.is_shared("impact")
    assert not shared.is_shared("energy")
    assert not shared.sharing.direction


def test_unsharing_one_answer_leaves_the_others_shared() -> None:
    shared = conversation()
    shared.record_answer("impact", "Two teachers")
    shared.record_answer("energy", "Mornings")
    shared.share()
    shared.unshare(questions=["impact"])
    assert not shared.is_shared("impact")
    assert shared.is_shared("energy")


def test_sharing_ends_also_after_the_conclusion() -> None:
    given(
        conversation(),
        lambda c: c.share(),
        lambda c: c.state_direction("deepen", None),
        lambda c: c.conclude("waived", None),
    ).when(lambda c: c.unshare()).then(("conversation.unshared", {"everything": True}))


def test_the_partner_claims_and_the_employee_confirms_a_meeting() -> None:
    given(
        conversation(),
        lambda c: c.state_direction("expand", None),
        lambda c: c.claim_held(TODAY),
    ).when(lambda c: c.conclude("held", None)).then(
        ("conversation.meeting_confirmed", {"held_on": TODAY}),
        ("conversation.concluded", {}),
    )


def test_a_claim_alone_concludes_nothing() -> None:
    claimed = conversation()
    claimed.claim_held(TODAY)
    assert claimed.state == "open"
    assert claimed.meeting is None


def test_a_meeting_is_not_held_tomorrow() -> None:
    given(conversation()).when(lambda c: c.claim_held(TODAY + timedelta(days=1))).refused(
        MeetingInTheFuture
    )


def test_concluding_needs_a_direction_and_nothing_else() -> None:
    given(conversation()).when(lambda c: c.conclude("waived", None)).refused(NoDirection)
    given(conversation(), lambda c: c.state_direction("undecided", None)).when(
        lambda c: c.conclude("waived", None)
    ).then(("conversation.meeting_waived", {}), ("conversation.concluded", {}))


def test_concluding_twice_is_nothing_new() -> None:
    given(
        conversation(),
        lambda c: c.state_direction("undecided", None),
        lambda c: c.conclude("waived", None),
    ).when(lambda c: c.conclude("waived", None)).then()


def test_no_answer_is_taken_after_the_conclusion() -> None:
    given(
        conversation(),
        lambda c: c.state_direction("undecided", None),
        lambda c: c.conclude("waived", None),
    ).when(lambda c: c.record_answer("impact", "Late")).refused(NotOpen)


def test_a_conversation_is_paused_and_resumed() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(lambda c: c.resume()).then(
        ("conversation.resumed", {})
    )


def test_only_a_paused_conversation_is_resumed() -> None:
    given(conversation()).when(lambda c: c.resume()).refused(NotPaused)


def test_an_answer_may_be_given_during_a_pause() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(
        lambda c: c.record_answer("impact", "Two teachers")
    ).then(("conversation.answer_recorded", {"question": "impact", "text": "Two teachers"}))


def test_the_whole_conversation_is_declined_without_a_reason() -> None:
    given(conversation()).when(lambda c: c.decline()).then(("conversation.declined", {}))


def test_a_follow_up_begins_with_the_direction_stated_before() -> None:
    from services.conversation.domain import Conversation
    from services.conversation.guides import FOLLOW_UP
    from tests.examples import ANA, CYCLE

    opened = Conversation.open(
        person=ANA, cycle=CYCLE, round=1, guide=FOLLOW_UP, at=MONDAY, direction="deepen"
    )
    given(opened).when(lambda c: c.conclude("waived", None)).then(
        ("conversation.meeting_waived", {}), ("conversation.concluded", {})
    )
