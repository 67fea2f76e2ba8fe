"""Values, skills, interests and goals beside the answers, and the direction."""

from __future__ import annotations

import pytest

from services.conversation.content import Concept, Facet
from services.conversation.opening import NotOpen
from services.conversation.whole_person import FacetUnknown
from tests.examples import concluded, conversation, follow_up, second_conversation
from tests.given import given

ESCO = Concept(
    scheme="esco",
    uri="http://data.europa.eu/esco/skill/7b6e",
    version="1.2",
    label="lead a team",
)


@pytest.mark.parametrize("kind", ["value", "skill", "interest", "goal"])
def test_a_facet_of_each_kind_is_noted_in_the_employees_words(kind: str) -> None:
    given(conversation()).when(lambda c: c.note_facet("craft", kind, "Doing it properly")).then(
        ("conversation.facet_noted", {"facet": "craft", "kind": kind, "text": "Doing it properly"})
    )


def test_a_facet_may_be_linked_to_a_public_vocabulary() -> None:
    given(conversation()).when(
        lambda c: c.note_facet("lead", "skill", "Bringing people along", ESCO)
    ).then(
        (
            "conversation.facet_noted",
            {
                "facet": "lead",
                "kind": "skill",
                "text": "Bringing people along",
                "vocabulary": ESCO,
            },
        )
    )


def test_the_same_facet_again_is_nothing_new_and_another_link_is() -> None:
    given(conversation(), lambda c: c.note_facet("lead", "skill", "x", ESCO)).when(
        lambda c: c.note_facet("lead", "skill", "x", ESCO)
    ).then()
    given(conversation(), lambda c: c.note_facet("lead", "skill", "x", ESCO)).when(
        lambda c: c.note_facet("lead", "skill", "x")
    ).then(("conversation.facet_noted", {"facet": "lead", "kind": "skill", "text": "x"}))


def test_a_facet_is_noted_and_withdrawn() -> None:
    given(conversation(), lambda c: c.note_facet("craft", "value", "Doing it properly")).when(
        lambda c: c.withdraw_facet("craft")
    ).then(("conversation.facet_withdrawn", {"facet": "craft"}))


def test_a_facet_that_is_not_there_can_not_be_withdrawn() -> None:
    given(conversation()).when(lambda c: c.withdraw_facet("craft")).refused(FacetUnknown)


@pytest.mark.parametrize("direction", ["expand", "deepen", "redirect", "undecided"])
def test_each_direction_concludes_a_conversation_alike(direction: str) -> None:
    given(conversation(), lambda c: c.state_direction(direction, None)).when(
        lambda c: c.conclude("waived", None)
    ).then(("conversation.meeting_waived", {}), ("conversation.concluded", {}))


def test_a_direction_may_be_changed_and_commented_on() -> None:
    given(conversation(), lambda c: c.state_direction("undecided", None)).when(
        lambda c: c.state_direction("deepen", "I like my craft")
    ).then(
        (
            "conversation.direction_stated",
            {"direction": "deepen", "comment": "I like my craft"},
        )
    )


def test_a_comment_stands_beside_its_direction_until_it_is_said_anew() -> None:
    c = conversation()
    c.state_direction("deepen", "I like my craft")
    assert (c.direction, c.comment) == ("deepen", "I like my craft")
    given(c).when(lambda c: c.state_direction("deepen", "I like my craft")).then()


def test_withdrawing_a_facet_brings_back_what_rests() -> None:
    given(
        conversation(),
        lambda c: c.note_facet("craft", "value", "Doing it properly"),
        lambda c: c.rest(),
    ).when(lambda c: c.withdraw_facet("craft")).then(
        ("conversation.reopened", {}), ("conversation.facet_withdrawn", {"facet": "craft"})
    )


def test_the_direction_stays_as_it_was_said_after_the_conclusion() -> None:
    given(concluded()).when(lambda c: c.state_direction("expand", None)).refused(NotOpen)


def test_a_follow_up_begins_with_the_direction_and_the_facets_of_before() -> None:
    before = conversation()
    before.note_facet("craft", "value", "Doing it properly")
    before.state_direction("deepen", None)
    opened = follow_up(before)
    assert opened.facets == {"craft": Facet("value", "Doing it properly")}
    given(opened).when(lambda c: c.conclude("waived", None)).then(
        ("conversation.meeting_waived", {}), ("conversation.concluded", {})
    )


def test_the_next_round_asks_for_the_direction_anew_and_keeps_the_facets() -> None:
    before = concluded()
    before_facets = dict(before.facets)
    opened = second_conversation(before)
    assert opened.direction is None
    assert opened.facets == before_facets


def test_what_is_withdrawn_later_stays_in_the_conversation_in_which_it_was_said() -> None:
    before = conversation()
    before.note_facet("craft", "value", "Doing it properly")
    opened = follow_up(before)
    opened.withdraw_facet("craft")
    assert "craft" not in opened.facets
    assert "craft" in before.facets
