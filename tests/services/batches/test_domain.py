"""What may happen to a batch, and whose turn is when."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.batches.domain import PLACES, Batch, BatchEnded, NotAPeriod, place_of
from tests.examples import ANA, BEN, EVE, MONDAY
from tests.given import given

ID = UUID(int=99)


def batch(**wanted: Any) -> Batch:
    return Batch.request(ID, MONDAY, **({"total": 3, "people": (ANA, BEN, EVE)} | wanted))


def some(b: Batch) -> None:
    b.progress(10, started=1, existing=1, excluded=[(EVE, "left")])


def test_a_batch_runs_from_the_request_on_and_nobody_was_reached_yet() -> None:
    asked = batch(
        unusable=((3, "no_id"),),
        department="lab",
        location="Oslo",
        legal_entity="no",
        left_out=(BEN,),
        dry_run=True,
        timezone="Europe/Oslo",
    )
    assert (asked.state, asked.reached, asked.started, asked.existing) == ("running", -1, 0, 0)
    assert asked.people == (ANA, BEN, EVE)
    assert asked.filter == ("lab", "Oslo", "no")
    assert asked.left_out == {BEN}
    assert (asked.timezone, asked.subject, asked.reasons) == ("Europe/Oslo", None, {"no_id": 1})
    assert asked.receipt() == {
        "id": str(ID), "version": 1, "state": "running", "dry_run": True, "total": 3,
    }  # fmt: skip


@pytest.mark.parametrize("spread", ["soon", "P0D", "P367D", "P13M", "P1000Y"])
def test_it_is_spread_over_a_period_only(spread: str) -> None:
    with pytest.raises(NotAPeriod):
        batch(spread_over=spread)


def test_progress_counts_up_and_what_was_counted_before_is_passed_over() -> None:
    b = batch()
    some(b)
    some(b)
    b.progress(11, started=1, existing=0, excluded=[(BEN, "unknown")])
    assert (b.reached, b.started, b.existing) == (11, 2, 1)
    assert b.reasons == {"left": 1, "unknown": 1}


def test_the_first_place_counts_as_well() -> None:
    b = batch()
    b.progress(0, started=1, existing=0, excluded=[])
    assert (b.reached, b.started) == (0, 1)


def test_counts_add_up_while_it_runs_and_nobody_waits_afterwards() -> None:
    b = batch(unusable=((7, "no_id"), (8, "left")), total=9, spread_over="P1W")
    some(b)
    told = b.counts()
    assert (told["started"], told["existing"], told["excluded"]) == (1, 1, 3)
    assert told["reasons"] == {"left": 2, "no_id": 1}
    assert list(told["reasons"]) == ["left", "no_id"]
    assert (told["waiting"], told["spread_over"], told["total"]) == (4, "P1W", 9)
    b.finish()
    assert b.counts()["waiting"] == 0
    few = batch(total=0)
    some(few)
    assert few.counts()["waiting"] == 0


def test_a_finished_batch_takes_no_progress_and_cannot_be_cancelled() -> None:
    given(batch(), Batch.finish).when(some).refused(BatchEnded)
    given(batch(), Batch.finish).when(Batch.cancel).refused(BatchEnded)
    given(batch(), Batch.finish).when(Batch.finish).then()


def test_a_cancelled_batch_stays_cancelled() -> None:
    b = batch()
    given(b, Batch.cancel).when(Batch.cancel, Batch.finish).then()
    assert b.state == "cancelled"


def test_who_was_being_started_when_it_was_cancelled_is_counted() -> None:
    b = batch()
    b.cancel()
    some(b)
    told = b.counts()
    assert (told["state"], told["started"], told["existing"]) == ("cancelled", 1, 1)
    assert (told["reasons"], told["waiting"]) == ({"left": 1}, 0)


def test_without_a_spread_it_is_everybodys_turn_at_once() -> None:
    assert batch().moment_of(0) == batch().moment_of(PLACES - 1) == MONDAY


def test_a_spread_over_hours_is_even() -> None:
    b = batch(spread_over="PT10H")
    assert b.moment_of(0) == MONDAY
    assert b.moment_of(PLACES // 2) == MONDAY + timedelta(hours=5)


def test_a_spread_over_weeks_falls_on_weekday_mornings_where_the_people_are() -> None:
    b = batch(spread_over="P2W", timezone="Europe/Berlin")
    moments = [b.moment_of(PLACES * n // 10) for n in range(10)]
    assert moments == sorted(moments)
    assert {moment.weekday() for moment in moments} <= set(range(5))
    assert {moment.astimezone(UTC).hour for moment in moments} == {8}
    assert moments[0] < MONDAY + timedelta(days=2)
    assert moments[-1] > MONDAY + timedelta(days=9)


def test_a_spread_on_record_that_is_longer_than_any_may_be_has_its_moments_all_the_same() -> None:
    b = Batch.begin(ID, MONDAY, people=(ANA,), spread_over="P9000Y", total=1)
    assert b.moment_of(0) == b.moment_of(1)
    assert b.moment_of(PLACES - 1).year == MONDAY.year + 100


def test_a_persons_place_is_the_same_in_every_shuffle() -> None:
    assert place_of(ANA) == place_of(UUID(str(ANA))) != place_of(BEN)
    places = [place_of(UUID(int=number)) for number in range(200)]
    assert all(0 <= place < PLACES for place in places)
    assert max(places) > PLACES * 0.9
    assert min(places) < PLACES * 0.1
