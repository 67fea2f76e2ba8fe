"""Notes beside the conversation: of either side, for oneself or shared."""

from __future__ import annotations

import pytest

from services.conversation.opening import NotOpen, QuestionUnknown
from tests.examples import ANA, BEN, concluded, conversation
from tests.given import given


@pytest.mark.parametrize(("side", "author"), [("employee", ANA), ("partner", BEN)])
@pytest.mark.parametrize("shared", [True, False])
def test_either_side_writes_notes_for_itself_or_for_both(
    side: str, author: object, shared: bool
) -> None:
    given(conversation()).when(lambda c: c.write_note(side, author, "x", shared=shared)).then(
        (
            "conversation.note_written",
            {"note": 1, "by": side, "author": author, "text": "x"}
            | ({"shared": True} if shared else {}),
        )
    )


def test_notes_are_counted_and_may_be_about_one_question() -> None:
    c = conversation()
    c.write_note("partner", BEN, "one", shared=False)
    c.write_note("partner", BEN, "two", shared=True, question="impact")
    assert [(note.number, note.question) for note in c.notes] == [(1, None), (2, "impact")]


def test_a_note_is_about_a_question_that_is_asked() -> None:
    given(conversation()).when(
        lambda c: c.write_note("partner", BEN, "x", shared=False, question="salary")
    ).refused(QuestionUnknown)


def test_notes_may_be_written_after_the_conclusion() -> None:
    given(concluded()).when(lambda c: c.write_note("partner", BEN, "x", shared=False)).then(
        ("conversation.note_written", {"note": 1, "by": "partner", "author": BEN, "text": "x"})
    )


def test_notes_are_written_until_something_newer_takes_its_place() -> None:
    given(conversation(), lambda c: c.decline()).when(
        lambda c: c.write_note("partner", BEN, "x", shared=False)
    ).then(("conversation.note_written", {"note": 1, "by": "partner", "author": BEN, "text": "x"}))
    given(conversation(), lambda c: c.close()).when(
        lambda c: c.write_note("partner", BEN, "x", shared=False)
    ).refused(NotOpen)
