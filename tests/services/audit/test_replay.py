"""A stream as it stood, what differs between two of its versions, and the film of it."""

from __future__ import annotations

from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from console.commands.audit import auditor
from console.commands.film import play, show_film
from shared.settings import Settings
from tests.conftest import Story


async def three_steps(story: Story) -> str:
    """Opened, answered, revised; answers where the auditor looks at it."""
    for text in ("first words", "second words"):
        await story.ana.put(f"{story.conversation}/answers/impact", json={"text": text})
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "more"})
    return story.conversation.replace("/v1/", "/v1/audit/")


async def test_a_difference_names_what_came_and_what_is_another_now(story: Story) -> None:
    audit = await three_steps(story)
    answer = await story.auditor.get(f"{audit}/diff", params={"from": 2, "to": 4})
    found = answer.json()
    assert (found["from"]["version"], found["to"]["version"]) == (2, 4)
    assert set(found["added"]) == {"questions/energy"}
    [(name, change)] = found["changed"].items()
    assert name == "questions/impact"
    assert (change["from"]["event"], change["to"]["event"]) == ("answer_recorded", "answer_revised")
    assert change["from"]["words_sha256"] != change["to"]["words_sha256"]
    assert [event["version"] for event in found["events"]] == [3, 4]
    assert "words" not in answer.text.replace("words_sha256", "")


async def test_a_difference_is_told_between_moments_and_up_to_now(story: Story) -> None:
    audit = await three_steps(story)
    whole = (await story.auditor.get(audit)).json()
    moment = whole["events"][1]["recorded_at"]
    found = (await story.auditor.get(f"{audit}/diff", params={"from": moment})).json()
    assert (found["from"]["version"], found["to"]["version"]) == (2, 4)
    same = (await story.auditor.get(f"{audit}/diff", params={"from": 4})).json()
    assert (same["added"], same["changed"], same["removed"], same["events"]) == ({}, {}, {}, [])
    bad = await story.auditor.get(f"{audit}/diff", params={"from": "yesterday"})
    assert bad.status_code == 422


async def state_of(story: Story, path: str) -> dict[str, Any]:
    answer = await story.auditor.get(path.replace("/v1/", "/v1/audit/"))
    found: dict[str, Any] = answer.json()["state"]
    return found


async def test_a_note_stands_beside_the_answer_that_it_is_about_and_beside_other_notes(
    story: Story,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "first words"})
    for note in ({"question": "impact"}, {}, {}):
        body = note | {"text": "for me", "shared": False}
        assert (await story.ben.post(f"{story.conversation}/notes", json=body)).status_code == 201
    state = await state_of(story, story.conversation)
    assert state["questions"]["impact"]["event"] == "answer_recorded"
    assert set(state["notes"]) == {"1", "2", "3"}
    assert state["notes"]["1"]["question"] == "impact"
    audit = story.conversation.replace("/v1/", "/v1/audit/")
    found = (await story.auditor.get(f"{audit}/diff", params={"from": 2})).json()
    assert (set(found["added"]), found["changed"]) == ({"notes/1", "notes/2", "notes/3"}, {})


async def test_two_goals_from_one_facet_stand_as_two(story: Story) -> None:
    facet = {"kind": "value", "text": "lead"}
    await story.ana.put(f"{story.conversation}/facets/lead", json=facet)
    await story.conclude()
    for goal in ("people", "projects"):
        body = {"text": "Lead", "facet": "lead"}
        assert (await story.ana.put(f"{story.plan}/goals/{goal}", json=body)).status_code < 300
    state = await state_of(story, story.plan)
    assert {name: goal["facet"] for name, goal in state["goals"].items()} == {
        "people": "lead",
        "projects": "lead",
    }
    assert "facets" not in state


async def test_a_film_goes_on_and_back_and_not_over_its_ends(story: Story) -> None:
    await three_steps(story)
    stream = UUID(story.conversation.rpartition("/")[2])
    steps = await story.house.oversight.audit.film(auditor(story.tenant), "conversation", stream)
    written = StringIO()
    play(Console(file=written, width=120), steps, iter("bnnnnnbx"))
    shown = [line[:6] for line in written.getvalue().splitlines() if line[1:5] == " of "]
    assert shown == [
        "1 of 4",
        "1 of 4",
        "2 of 4",
        "3 of 4",
        "4 of 4",
        "4 of 4",
        "4 of 4",
        "3 of 4",
        "3 of 4",
    ]
    assert "→" in written.getvalue()


async def test_in_a_pipe_the_whole_film_is_printed(
    story: Story, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await three_steps(story)
    stream = story.conversation.rpartition("/")[2]
    await show_film(settings, story.tenant, "conversation", stream, "en")
    shown = capsys.readouterr().out
    assert [f"{n} of 4" in shown for n in (1, 2, 3, 4, 5)] == [True] * 4 + [False]
    assert "The answer to 'impact' was revised." in shown
    assert "first words" not in shown
