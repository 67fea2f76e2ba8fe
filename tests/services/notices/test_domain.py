"""A day on which somebody is written to is taken once."""

from __future__ import annotations

from datetime import date
from uuid import uuid5

from services.notices.domain import Day, day_stream
from tests.examples import ANA, BEN, MONDAY
from tests.given import given

DAY = date(2026, 3, 2)


def test_a_day_says_whose_it_is_and_what_took_it() -> None:
    taken = Day.take(ANA, DAY, "cycle/nudge/1", MONDAY)
    assert (taken.person, taken.subject, taken.about) == (ANA, ANA, "cycle/nudge/1")
    given(taken).then()


def test_each_person_has_one_stream_for_each_day() -> None:
    assert day_stream(ANA, DAY) == uuid5(ANA, "told/2026-03-02")  # in records for ever
    assert Day.take(ANA, DAY, "one", MONDAY).id == Day.take(ANA, DAY, "other", MONDAY).id
    assert len({day_stream(ANA, DAY), day_stream(BEN, DAY), day_stream(ANA, date(2026, 3, 3))}) == 3
