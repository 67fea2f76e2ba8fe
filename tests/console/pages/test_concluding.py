"""The employee's last word on the meeting: the day that is put on record is the one that they read."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Visitor

ANA = {"name": "Ana Silva", "email": "ana@example.com", "partner": "ben"}


async def held_on(story: Story) -> str:
    found = (await story.ana.get(story.conversation)).json()["meeting"]
    assert found["state"] == "held"
    return str(found["held_on"])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("claimed", [False, True])
async def test_a_day_that_is_left_empty_is_today_where_the_employee_is(
    story: Story, visitor: Visitor, zone: str, claimed: bool
) -> None:
    """One of the two zones has another day than the record at any hour."""
    await story.platform.put("/v1/people/ana", json=ANA | {"timezone": zone})
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    if claimed:
        await story.ben.post(f"{story.conversation}:claim-held", json={"held_on": "2026-01-05"})
    ana = await visitor("ana")
    await ana.go(f"{story.conversation.removeprefix('/v1')}/conclude")
    assert "Today, if you leave it empty" in await ana.text()
    await ana.page.check("[value=held]")
    await ana.page.fill("#held_on", "")
    before = datetime.now(ZoneInfo(zone)).date()
    await ana.press("Conclude the conversation")
    assert await held_on(story) in {f"{before}", f"{datetime.now(ZoneInfo(zone)).date()}"}


async def test_the_day_that_was_claimed_stands_in_the_field(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    await story.ben.post(f"{story.conversation}:claim-held", json={"held_on": "2026-01-05"})
    ana = await visitor("ana")
    await ana.go(f"{story.conversation.removeprefix('/v1')}/conclude")
    await ana.press("Conclude the conversation")
    assert await held_on(story) == "2026-01-05"
