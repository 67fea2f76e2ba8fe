"""What happened: cut out by person, cycle, actor, period and kind; as JSON, a sheet, on a terminal."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from console.commands.audit import Asked, print_timeline
from services.audit.sheet import header, rows
from shared.settings import Settings
from tests.conftest import Story
from tests.plans import filled, plan_of


async def told(story: Story, **params: Any) -> list[dict[str, Any]]:
    await story.read_models()
    answer = await story.auditor.get("/v1/audit/timeline", params={"limit": 200, **params})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def answered(story: Story) -> Story:
    answer = await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    assert answer.status_code == 200
    await story.ana.post(f"{story.conversation}:share")
    return story


async def test_it_is_cut_out_by_person_cycle_and_actor(story: Story) -> None:
    await answered(story)
    assert {i["person"] for i in await told(story, person="ben")} == {"ben"}
    assert {i["cycle"] for i in await told(story, cycle=story.cycle)} == {story.cycle}
    by_ana = await told(story, actor="person:ana")
    assert [i["type"] for i in by_ana] == ["conversation.answer_recorded", "conversation.shared"]
    assert await told(story, person="zoe") == []


async def test_what_one_actor_did_is_looked_up_and_not_read_out_of_the_whole_log(
    story: Story, settings: Settings
) -> None:
    """It is part of each access package; the log of a large company has many millions of events."""
    many = (
        "INSERT INTO timeline (tenant, position, actor, type, at)"
        " SELECT $1, n, 'client:' || n, 'plan.agreed', now() FROM generate_series(9000, 14000) n"
    )
    question = (
        "SELECT position FROM timeline"
        " WHERE tenant = $1 AND actor = 'client:9001' AND position > 0 ORDER BY position"
    )
    async with filled(settings, "timeline", many, story.tenant) as owner:
        plan = await plan_of(owner, question, story.tenant)
    assert "timeline_by_actor" in plan


async def test_it_is_cut_out_by_kind_of_event_or_of_stream(story: Story) -> None:
    await answered(story)
    assert [i["type"] for i in await told(story, kind="conversation.shared")] == [
        "conversation.shared"
    ]
    kinds = {i["type"].partition(".")[0] for i in await told(story, kind="conversation")}
    assert kinds == {"conversation"}
    assert await told(story, kind="conv") == []
    refused = await story.auditor.get("/v1/audit/timeline", params={"kind": "a'b"})
    assert refused.status_code == 422


async def test_it_is_cut_out_by_period(story: Story) -> None:
    everything = await told(story)
    await answered(story)
    later = await told(story)
    moment = later[len(everything)]["at"]
    assert [i["position"] for i in await told(story, since=moment)] == [
        i["position"] for i in later[len(everything) :]
    ]
    assert len(await told(story, until=moment)) == len(everything)


async def test_a_sentence_comes_in_the_readers_language(story: Story) -> None:
    await answered(story)
    await story.read_models()
    params = {"kind": "conversation.answer_recorded"}
    german = {"Accept-Language": "de-AT, en;q=0.5"}
    found = await story.auditor.get("/v1/audit/timeline", params=params, headers=german)
    assert found.json()["items"][0]["sentence"] == "Die Frage „impact“ wurde beantwortet."
    audit = story.conversation.replace("/v1/", "/v1/audit/")
    replay = (await story.auditor.get(audit, headers=german)).json()
    assert replay["events"][1]["sentence"] == "Die Frage „impact“ wurde beantwortet."


async def test_as_a_sheet_it_is_whole_whatever_its_length(story: Story) -> None:
    await answered(story)
    everything = await told(story)
    answer = await story.auditor.get(
        "/v1/audit/timeline", params={"limit": 1}, headers={"Accept": "text/csv"}
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    read = list(csv.DictReader(StringIO(answer.text)))
    assert [int(row["position"]) for row in read] == [i["position"] for i in everything]
    assert [row["sentence"] for row in read] == [i["sentence"] for i in everything]
    assert "a secret" not in answer.text
    stranger = {"person": "zoe"}
    empty = await story.auditor.get(
        "/v1/audit/timeline", params=stranger, headers={"Accept": "text/csv"}
    )
    assert empty.text == header()


def test_a_cell_is_never_a_formula() -> None:
    item = dict.fromkeys(header().strip().split(",")) | {
        "person": "=1+1",
        "actor": "+me",
        "cause": 3,
    }
    [row] = csv.DictReader(StringIO(header() + rows([item])))
    assert (row["person"], row["actor"], row["cause"], row["cycle"]) == ("'=1+1", "'+me", "3", "")


async def test_the_terminal_cuts_it_out_in_the_same_way(
    story: Story, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await answered(story)
    items = await told(story, kind="conversation", person="ana")
    asked = Asked(story.tenant, person="ana", kind="conversation")
    await print_timeline(settings, asked, "de", "csv")
    read = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [int(row["position"]) for row in read] == [i["position"] for i in items]
    assert read[-1]["sentence"].startswith("Die ")
    await print_timeline(settings, asked, "en", "table")
    assert "The employee shared" in capsys.readouterr().out
