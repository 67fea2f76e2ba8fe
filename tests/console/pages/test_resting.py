"""Resting for a while: the day that the page names is the one that is taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.pages.language import manner
from shared.periods import after
from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.test_roster import on_one_day
from tests.years import Years

TAKES_UP = "Take it up after all"
TO_SATURDAY = f"P{(4 - datetime.now(UTC).weekday()) % 7 + 1}D"


@pytest.mark.parametrize("period", ["P2M", TO_SATURDAY])
async def test_the_day_that_a_rest_ends_by_itself_is_the_one_on_the_page(
    story: Story, visitor: Visitor, period: str
) -> None:
    """However long the policy has it, and also where that ends on a weekend."""
    await on_one_day()
    await story.platform.put("/v1/policy", json={"pause_default": period})
    await story.begin_for_dan()
    visit = await visitor("dan")
    await visit.go("/")
    await visit.follow("Rest for a while")
    day = manner("en").day(after(datetime.now(UTC), [period], "UTC"))
    assert f"Until which day? Until {day}, if you leave it empty" in await visit.text()
    await visit.press("Rest")
    assert f"You are resting until {day}" in await visit.text()


async def test_what_was_left_out_is_taken_up_after_all_and_goes_on_for_both(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go("/")
    await ana.follow("leave this conversation out")
    await ana.press("Leave it out")
    assert TAKES_UP in await ana.text()
    await story.advance()
    await ana.go("/")
    assert "You have left this round’s conversation out." in await ana.text()
    await ana.press(TAKES_UP)
    assert "A conversation with Ben Okoro" in await ana.text()
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "expand"})
    await story.ana.post(f"{story.conversation}:share")
    await story.read_models()
    ben = await visitor("ben")
    await ben.go("/partner/ana")
    assert "Ana Silva has shared something with you." in await ben.text()


async def test_what_was_left_out_is_told_so_after_the_next_one_has_closed_it(
    years: Years, visitor: Visitor
) -> None:
    await years.ana.post(f"{years.conversation}:decline")
    await years.follow_up()
    assert (await years.ana.get(years.conversation)).json()["state"] == "closed"
    await years.read_models()
    ana = await visitor("ana")
    await ana.go("/history")
    told = await ana.text()
    assert "Left out" in told
    assert "Ended" not in told
