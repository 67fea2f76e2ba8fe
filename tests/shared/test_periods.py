"""What is counted with times: never past the end of the calendar, however long they are."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.periods import after, before, exact_period, is_period, longest_gap, rises

START = datetime(2026, 3, 31, 7, tzinfo=UTC)


@pytest.mark.parametrize("text", ["P100Y", "P1200M", "PT0.1S", "P5217W"])
def test_a_time_is_more_than_nothing_and_a_hundred_years_at_most(text: str) -> None:
    assert is_period(text)


@pytest.mark.parametrize(
    "text", ["P100Y1D", "P2100Y", "P9999Y", "P99999999999D", "P0D", "-P1D", "x"]
)
def test_anything_else_is_no_time(text: str) -> None:
    assert not is_period(text)


def test_a_shorter_limit_counts_as_well() -> None:
    assert is_period("P12M", "P1Y")
    assert not is_period("P13M", "P1Y")


def test_an_exact_time_is_a_hundred_years_at_most() -> None:
    assert exact_period("P36525D") is not None
    assert exact_period("P36526D") is None


def test_what_is_longer_and_on_record_counts_as_a_hundred_years() -> None:
    assert before(date(2026, 3, 31), "P3000Y") == before(date(2026, 3, 31), "P100Y")
    assert before(START, "P2100Y") == datetime(1926, 3, 31, 7, tzinfo=UTC)
    assert after(START, ["P7980Y", "P7980Y"], "UTC").year == 2226
    assert longest_gap(["P1D", "P9000Y"], START).days == 36523


def test_what_is_no_longer_stays_what_it_is() -> None:
    assert before(date(2026, 3, 31), "P1M") == date(2026, 2, 28)
    assert before(START, "PT7H") == datetime(2026, 3, 31, tzinfo=UTC)


def test_times_rise_where_each_is_longer_in_every_month() -> None:
    assert rises([])
    assert rises(["P7D"])
    assert rises(["P7D", "P28D", "P1M", "P32D"]) is False  # February has 28 days
    assert rises(["P7D", "P1M", "P32D"])
    assert not rises(["P21D", "P7D"])
