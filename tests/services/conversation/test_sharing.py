"""Nothing is visible before its author shares it, and sharing ends when its author says so."""

from __future__ import annotations

from services.conversation.content import Part
from services.conversation.domain import Conversation
from services.conversation.opening import NotOpen, QuestionUnknown
from services.conversation.sharing import DIRECTION
from services.conversation.whole_person import FacetUnknown
from tests.examples import LATER, MONDAY, concluded, conversation
from tests.given import given

IMPACT, ENERGY, PEAK = (Part("question", name) for name in ("impact", "energy", "peak"))
CRAFT = Part("facet", "craft")


def answered() -> Conversation:
    c = conversation()
    c.record_answer("impact", "Two teachers")
    c.record_answer("energy", "Mornings")
    c.note_facet("craft", "value", "Doing it properly")
    c.state_direction("deepen", None)
    return c


def shown(c: Conversation) -> set[Part]:
    return {part for part in c.recorded if c.sharing.moments(part)}


def test_nothing_is_shared_at_first() -> None:
    assert shown(answered()) == set()


def test_sharing_without_names_covers_everything_recorded_by_then() -> None:
    c = answered()
    c.share()
    assert shown(c) == {IMPACT, ENERGY, CRAFT, DIRECTION}


def test_what_is_first_recorded_after_the_sharing_is_not_shared_by_it() -> None:
    c = answered()
    c.share()
    c.record_answer("peak", "Untangling")
    assert PEAK not in shown(c)


def test_a_later_revision_of_something_shared_is_shared_with_it() -> None:
    c = answered()
    c.share()
    c.record_answer("impact", "Three teachers")
    assert IMPACT in shown(c)


def test_sharing_one_answer_shares_only_that_one() -> None:
    c = answered()
    c.share(questions=["impact"])
    assert shown(c) == {IMPACT}


def test_a_question_named_before_it_is_answered_is_shared_once_it_is() -> None:
    c = answered()
    c.share(questions=["peak"])
    assert PEAK not in shown(c)
    c.record_answer("peak", "Untangling")
    assert PEAK in shown(c)


def test_unsharing_one_answer_leaves_the_others_shared() -> None:
    c = answered()
    c.share()
    c.unshare(questions=["impact"])
    assert shown(c) == {ENERGY, CRAFT, DIRECTION}


def test_unsharing_without_names_covers_everything() -> None:
    c = answered()
    c.share()
    c.unshare()
    assert shown(c) == set()


def test_sharing_is_dated_and_so_is_taking_back() -> None:
    c = answered()
    c.share(questions=["impact"])
    c.at = LATER
    c.share(questions=["impact"])
    assert c.sharing.moments(IMPACT) == (MONDAY, LATER)
    c.unshare(questions=["impact"])
    assert c.sharing.moments(IMPACT) == ()
    assert c.sharing.taken_back[IMPACT] == LATER


def test_declining_a_question_takes_its_answer_back() -> None:
    c = answered()
    c.share()
    c.decline_question("impact")
    assert IMPACT not in c.recorded
    c.record_answer("impact", "Two teachers, after all")
    assert IMPACT not in shown(c)


def test_a_facet_that_was_withdrawn_and_noted_again_is_not_shared() -> None:
    c = answered()
    c.share()
    c.withdraw_facet("craft")
    c.note_facet("craft", "value", "Doing it properly")
    assert CRAFT not in shown(c)


def test_sharing_and_its_end_are_possible_after_the_conclusion() -> None:
    given(concluded()).when(lambda c: c.share(), lambda c: c.unshare()).then(
        (
            "conversation.shared",
            {"everything": True, "questions": ("impact",), "facets": ("craft",), "direction": True},
        ),
        ("conversation.unshared", {"everything": True}),
    )


def test_sharing_everything_says_what_that_is() -> None:
    c = answered()
    c.collect_events()
    c.share()
    assert [
        (e.everything, e.questions, e.facets, e.direction)
        for e in c.collect_events()
        if isinstance(e, Conversation.Shared)
    ] == [(True, ("impact", "energy"), ("craft",), True)]


def test_with_nothing_to_share_nothing_happens() -> None:
    given(conversation()).when(lambda c: c.share(), lambda c: c.share(questions=[])).then()
    given(answered()).when(lambda c: c.share(questions=[], direction=False)).then()


def test_a_declined_conversation_is_not_shared() -> None:
    given(conversation(), lambda c: c.decline()).when(lambda c: c.share()).refused(NotOpen)


def test_only_what_is_there_can_be_named() -> None:
    given(answered()).when(lambda c: c.share(questions=["salary"])).refused(QuestionUnknown)
    given(answered()).when(lambda c: c.share(facets=["nothing"])).refused(FacetUnknown)
    given(answered()).when(lambda c: c.unshare(facets=["nothing"])).refused(FacetUnknown)
