"""Left and taken in again before the workflow has closed the cycle, as while Temporal is down."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from shared.eventstore.record import Command
from shared.principal import Principal
from tests.conftest import Story

ANA = {"name": "Ana Silva", "email": "ana@example.com"}
LAST_DAY = {"end_date": "2026-01-31"}


async def put(story: Story, **more: Any) -> None:
    answer = await story.platform.put("/v1/people/ana", json=ANA | more)
    assert answer.status_code == 200, answer.text


async def start(story: Story) -> Any:
    return await story.platform.post("/v1/cycles", json={"person": "ana"})


async def outlook(story: Story, *, start: bool) -> str:
    by = Principal(story.tenant, frozenset({"platform"}), "batch")
    command = Command(by, story.house.record.clock.now())
    subject = await story.house.record.vault.subject_of(story.tenant, "ana")
    assert subject is not None
    return await story.house.cycles.outlook(command, subject, f"batch/{uuid4()}", start=start)


async def test_whoever_has_left_gets_no_cycle_though_the_old_one_is_still_open(
    story: Story,
) -> None:
    await put(story, **LAST_DAY)
    refused = await start(story)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/has-left")
    assert await outlook(story, start=True) == "left"


async def test_a_rehire_gets_a_cycle_of_their_own_and_the_old_one_ends(story: Story) -> None:
    await story.conclude()
    await put(story, **LAST_DAY)
    await put(story)
    answers = await asyncio.gather(*(start(story) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    (new,) = {answer.json()["id"] for answer in answers}
    assert new != story.cycle
    assert (await story.state())["state"] == "closed"
    await story.advance()
    assert (await story.ana.get(story.plan)).json()["state"] == "closed"
    fresh = (await story.platform.get(f"/v1/cycles/{new}")).json()
    assert (fresh["state"], fresh["round"]) == ("conversation", 1)
    await story.advance()
    assert len((await story.platform.get(f"/v1/cycles/{new}")).json()["conversations"]) == 1


async def test_in_a_batch_too(story: Story) -> None:
    assert await outlook(story, start=False) == "existing"
    await put(story, **LAST_DAY)
    await put(story)
    assert await outlook(story, start=False) == "started"
    assert await outlook(story, start=True) == "started"
    assert await outlook(story, start=True) == "existing"
    assert (await story.happened("cycles.")).count("cycles.started") == 2
