"""A company's year as one page: what happened how often, a line for each cycle, and nobody's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.audit.report import Year, texts_of
from shared.eventstore.record import Meta, Recorded
from tests.conftest import Story

SECRET = "What nobody reads in a report"


def this_year() -> int:
    return datetime.now(UTC).year


async def page(story: Story, year: int, languages: str = "en") -> str:
    await story.read_models()
    head = await story.house.ledger.checkpoint(story.tenant)
    reports = story.house.oversight.reports
    seen: list[tuple[int, int | None]] = []
    parts = reports.year(story.tenant, year, head, languages, lambda *n: seen.append(n))
    text = "".join([part async for part in parts])
    assert year < this_year() or seen[-1][0] == head.size
    return text


async def test_each_cycle_has_its_line_with_counts_and_no_words(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": SECRET})
    await story.ana.post(f"{story.conversation}:share")
    await story.conclude()
    text = await page(story, this_year())
    assert SECRET not in text
    assert "Ana Silva" not in text
    (line,) = [row for row in text.split("<tr>") if story.cycle in row]
    assert "<td>ana</td>" in line
    assert "<td>planning</td>" in line
    assert line.count('<td class="n">1</td>') == 4  # round, opened, shared, concluded
    assert "conversation.answer_recorded" in text
    assert "cairn/" in text  # the head


async def test_it_speaks_the_readers_language(story: Story) -> None:
    text = await page(story, this_year(), "de-CH")
    assert '<html lang="de">' in text
    assert "Laufbahngespräche von" in text
    assert set(texts_of("de")["page"]) == set(texts_of("en")["page"])


async def test_a_year_before_anything_was_is_empty_and_still_a_page(story: Story) -> None:
    text = await page(story, this_year() - 1)
    assert story.cycle not in text
    assert "</html>" in text


def happened(type_: str, year: int, cycle: Any, **facts: Any) -> Recorded:
    import json
    from types import SimpleNamespace

    at = datetime(year, 6, 1, tzinfo=UTC)
    row: Any = SimpleNamespace(type=type_, at=at, stream=cycle, facts=json.dumps(facts).encode())
    event: Any = None
    return Recorded(row, Meta(actor="x", correlation=cycle, subject=uuid4()), event)


@pytest.mark.parametrize(("closed", "lines"), [(2024, 0), (2025, 1), (None, 1)])
def test_a_cycle_has_a_line_in_each_year_that_it_lived_in(closed: int | None, lines: int) -> None:
    cycle, year = uuid4(), Year(2025)
    year.take(happened("cycles.started", 2023, cycle))
    year.take(happened("cycles.conversation_opened", 2023, cycle, round=1))
    if closed is not None:
        year.take(happened("cycles.closed", closed, cycle))
    assert len(year.cycles) == lines
    assert year.counts["cycles.started"] == 0


def test_a_round_that_is_over_leaves_the_cycle_steady_until_the_next_one() -> None:
    cycle, year, states = uuid4(), Year(2025), []
    for type_, facts in (
        ("cycles.started", {}),
        ("cycles.conversation_opened", {"round": 1}),
        ("cycles.follow_up_opened", {}),
        ("cycles.round_completed", {"round": 1}),
        ("cycles.conversation_opened", {"round": 2}),
    ):
        year.take(happened(type_, 2025, cycle, **facts))
        states.append(year.cycles[cycle].state)
    assert states == ["conversation", "conversation", "follow_up", "steady", "conversation"]
