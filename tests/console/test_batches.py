"""Cycles for many people at once: every line answered for, nobody twice, nobody left waiting."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from temporalio.converter import PayloadConverter
from temporalio.testing import ActivityEnvironment

from services.batches.domain import PLACES, Batch, BatchEnded, place_of
from services.cycles.application import Cycles
from services.people.employment import Profile
from shared.eventstore.record import Command
from shared.principal import Principal
from tests.conftest import Story
from tests.examples import ANA, BEN, MONDAY
from tests.given import given
from workflows.batching import Batching
from workflows.messages import BatchRun

PEOPLE = [f"p{number}" for number in range(60)]


async def roster(story: Story, people: list[str] = PEOPLE, **fields: Any) -> None:
    for person in people:
        body = {"name": person, "email": f"{person}@example.com", "partner": "ben"} | fields
        await story.platform.put(f"/v1/people/{person}", json=body)
    await story.read_models()


async def work(story: Story, batch: str) -> None:
    """Do the batch's work, as its workflow does."""
    await story.read_models()
    house = story.house
    batching = Batching(house.record, house.batches, house.cycles)
    run = BatchRun(story.tenant, batch)
    while (step := await batching.start_some(run)).next_at is not None:
        if step.next_at > step.now:
            return  # it would sleep
        run = carried(BatchRun(story.tenant, batch, step.reached, step.uncounted))


def carried(run: BatchRun) -> BatchRun:
    """The same, as Temporal hands it over."""
    payloads = PayloadConverter.default.to_payloads([run])
    (found,) = PayloadConverter.default.from_payloads(payloads, [BatchRun])
    assert found == run
    return cast("BatchRun", found)


async def batch(story: Story, **body: Any) -> dict[str, Any]:
    """Request a batch, let it be done, and read what came of it."""
    answer = await story.platform.post("/v1/cycles:batch", json=body)
    assert answer.status_code == 202, answer.text
    await work(story, answer.json()["id"])
    found: dict[str, Any] = (await story.hr.get(f"/v1/batches/{answer.json()['id']}")).json()
    return found


async def test_the_same_batch_three_times_starts_each_cycle_once(story: Story) -> None:
    await roster(story)
    counts = [await batch(story, people=PEOPLE) for _ in range(3)]
    assert [each["started"] for each in counts] == [60, 0, 0]
    assert [each["existing"] for each in counts] == [0, 60, 60]
    assert [each["state"] for each in counts] == ["finished"] * 3
    assert (await story.happened("cycles.")).count("cycles.started") == 61  # and Ana's


async def test_every_line_that_cant_be_used_is_answered_for(story: Story) -> None:
    await roster(story, ["one", "gone", "away", "soon"])
    await roster(story, ["gone"], end_date="2020-01-01")
    await roster(story, ["away"], status="inactive")
    await roster(story, ["soon"], start_date="2090-01-01")
    people = ["one", "nobody", "no good id", "one", "gone", "away", "soon", "ana"]
    found = await batch(story, people=people)
    assert (found["total"], found["started"], found["existing"]) == (8, 1, 1)
    assert {(each["index"], each["person"], each["reason"]) for each in found["exclusions"]} == {
        (1, None, "unknown"),
        (2, None, "malformed"),
        (3, None, "twice"),
        (None, "gone", "left"),
        (None, "away", "inactive"),
        (None, "soon", "not_started"),
    }
    assert found["excluded"] == 6
    assert found["waiting"] == 0


async def test_more_than_an_answer_names_are_read_page_by_page(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.batches.application.SHOWN", 2)
    await roster(story, ["one", "away"])
    await roster(story, ["away"], status="inactive")
    found = await batch(story, people=["nobody", "no good id", "one", "one", "away"])
    assert (found["excluded"], len(found["exclusions"])) == (4, 2)
    path, listed = f"/v1/batches/{found['id']}/exclusions", []
    params: dict[str, Any] = {"limit": 3}
    while params:
        part = (await story.hr.get(path, params=params)).json()
        listed += part["items"]
        params = {"limit": 3, "cursor": part["next"]} if part["next"] else {}
    assert listed[:2] == found["exclusions"]
    assert [each["reason"] for each in listed] == ["unknown", "malformed", "twice", "inactive"]


@pytest.mark.usefixtures("large")
async def test_a_page_of_who_was_left_out_goes_on_where_its_cursor_stands_on_record(
    story: Story,
) -> None:
    """Not from the beginning each time; what is recorded meanwhile comes behind."""
    await roster(story, PEOPLE[:20])
    found = await batch(story, people=["nobody", *PEOPLE[:20]], exclude=PEOPLE[:20])
    path, listed = f"/v1/batches/{found['id']}/exclusions", []
    places: list[tuple[int, ...]] = []
    params: dict[str, Any] = {"limit": 4}
    while params:
        part = (await story.hr.get(path, params=params)).json()
        listed += part["items"]
        cursor = part["next"] or ""
        places += [tuple(map(int, urlsafe_b64decode(cursor).split(b"/")))] if cursor else []
        params = {"limit": 4, "cursor": cursor} if cursor else {}
    assert listed == found["exclusions"]
    assert listed[0] == {"index": 0, "person": None, "reason": "unknown"}
    assert {each["person"] for each in listed[1:]} == set(PEOPLE[:20])
    assert places == sorted(places)
    assert [version for version, _ in places][:2] == [2, 3]
    for strange in (b"1", b"-1/2", b"1/2/3"):
        refused = await story.hr.get(path, params={"cursor": urlsafe_b64encode(strange).decode()})
        assert (refused.status_code, refused.json()["type"]) == (400, "/problems/bad-cursor")
    assert (await story.hr.get(f"/v1/batches/{UUID(int=7)}/exclusions")).status_code == 404


async def test_a_dry_run_says_what_would_be_and_starts_nothing(story: Story) -> None:
    await roster(story)
    found = await batch(story, people=[*PEOPLE, "ana"], dry_run=True)
    assert (found["dry_run"], found["started"], found["existing"]) == (True, 60, 1)
    assert (await story.happened("cycles.")).count("cycles.started") == 1


async def test_a_filter_chooses_from_the_roster_and_some_may_be_left_out(story: Story) -> None:
    await roster(story, PEOPLE[:10], department="sales", legal_entity="Acme GmbH")
    await roster(story, PEOPLE[10:20], department="research")
    chosen = {"department": "sales", "legal_entity": "Acme GmbH"}
    found = await batch(story, filter=chosen, exclude=["p3"])
    assert (found["total"], found["started"]) == (10, 9)
    assert found["reasons"] == {"left_out": 1}
    everybody = await batch(story, filter={})
    assert everybody["started"] == 12  # ten of research, p3, and Ben; Ana has her cycle
    assert everybody["existing"] == 10


async def test_a_batch_that_is_repeated_after_a_crash_counts_what_it_had_started(
    story: Story,
) -> None:
    await roster(story)
    answer = await story.platform.post("/v1/cycles:batch", json={"people": PEOPLE})
    id_ = answer.json()["id"]
    house = story.house
    batching = Batching(house.record, house.batches, house.cycles)
    known = await house.batches.batch_of(story.tenant, UUID(id_))
    people = await house.batches.next_people(story.tenant, known, -1, 20)
    for _, person in people:  # the worker starts these and dies before it has recorded that
        await batching._one(story.tenant, known, person)
    await work(story, id_)
    found = (await story.hr.get(f"/v1/batches/{id_}")).json()
    assert (found["started"], found["existing"]) == (60, 0)


async def test_somebody_for_whom_it_keeps_failing_is_passed_over_and_named(story: Story) -> None:
    await roster(story, PEOPLE[:3])
    by = Principal(story.tenant, frozenset({"platform"}), "platform")
    soon = Profile("Odd", "odd@example.com", timezone="Not/AZone", start_date=date(2090, 1, 1))
    command = Command(by=by, at=story.house.record.clock.now())
    await story.house.people.put_person(command, "odd", soon, "ben")
    people = {"people": [*PEOPLE[:3], "odd"]}
    id_ = (await story.platform.post("/v1/cycles:batch", json=people)).json()["id"]
    house, world = story.house, ActivityEnvironment()
    batching, run = Batching(house.record, house.batches, house.cycles), BatchRun(story.tenant, id_)
    with pytest.raises(ExceptionGroup):  # it may pass by itself
        await world.run(batching.start_some, run)
    world.info = replace(world.info, attempt=8)
    await world.run(batching.start_some, run)
    found = (await story.hr.get(f"/v1/batches/{id_}")).json()
    assert (found["started"], found["reasons"]) == (3, {"failed": 1})
    assert found["exclusions"] == [{"index": None, "person": "odd", "reason": "failed"}]


async def test_two_batches_at_once_count_each_cycle_once(story: Story) -> None:
    await roster(story)
    house, body = story.house, {"people": PEOPLE}
    asked = [(await story.platform.post("/v1/cycles:batch", json=body)).json() for _ in range(2)]
    batching = Batching(house.record, house.batches, house.cycles)
    runs = [BatchRun(story.tenant, each["id"]) for each in asked]
    await asyncio.gather(*(batching.start_some(run) for run in runs))
    found = [(await story.hr.get(f"/v1/batches/{each['id']}")).json() for each in asked]
    dealt_with = sum(each["started"] + each["existing"] for each in found)
    assert dealt_with == 100  # fifty of each, at a time
    assert sum(each["started"] for each in found) == 50


async def test_the_same_key_is_the_same_batch(story: Story) -> None:
    await roster(story, PEOPLE[:3])
    headers = {"Idempotency-Key": "roll-out-1"}
    body = {"people": PEOPLE[:3]}
    first = await story.platform.post("/v1/cycles:batch", json=body, headers=headers)
    second = await story.platform.post("/v1/cycles:batch", json=body, headers=headers)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["idempotency-replayed"] == "true"


async def test_a_cancelled_batch_starts_nobody_any_more(story: Story) -> None:
    await roster(story)
    body = {"people": PEOPLE, "spread_over": "P4W"}
    answer = await story.platform.post("/v1/cycles:batch", json=body)
    id_ = answer.json()["id"]
    await work(story, id_)
    cancelled = await story.platform.post(f"/v1/batches/{id_}:cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    await work(story, id_)
    found = (await story.hr.get(f"/v1/batches/{id_}")).json()
    assert (found["state"], found["waiting"]) == ("cancelled", 0)
    assert found["started"] < 60


async def test_who_was_being_started_when_it_was_cancelled_is_counted_and_nobody_follows(
    story: Story,
) -> None:
    await roster(story)
    id_ = (await story.platform.post("/v1/cycles:batch", json={"people": PEOPLE})).json()["id"]
    house, asked = story.house, 0

    class Cancelled:
        """HR cancels when the tenth person is about to be started."""

        async def outlook(self, *whom: Any, start: bool) -> str:
            nonlocal asked
            asked += 1
            if asked == 10:
                await story.platform.post(f"/v1/batches/{id_}:cancel")
            return await house.cycles.outlook(*whom, start=start)

    batching = Batching(house.record, house.batches, cast("Cycles", Cancelled()))
    await batching.start_some(BatchRun(story.tenant, id_))
    found = (await story.hr.get(f"/v1/batches/{id_}")).json()
    started = (await story.happened("cycles.")).count("cycles.started") - 1  # Ana's
    assert (found["state"], found["started"], found["waiting"]) == ("cancelled", started, 0)
    assert 10 <= started < 30


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are many: five at a time, and what they came to is put on record four times."""
    monkeypatch.setattr("workflows.batching.AT_A_TIME", 5)
    monkeypatch.setattr("workflows.batching._MOST_EVENTS", 4)


@pytest.mark.usefixtures("large")
async def test_what_a_large_batch_comes_to_is_put_on_record_some_times_and_counted_once(
    story: Story,
) -> None:
    await roster(story)
    found = await batch(story, filter={}, exclude=PEOPLE[:7])
    assert (found["started"], found["existing"]) == (54, 1)  # Ben too; Ana has her cycle
    assert found["reasons"] == {"left_out": 7}
    assert (await story.happened("batches.")).count("batches.progressed") == 5  # and the last two


@pytest.mark.usefixtures("large")
async def test_a_short_sleep_of_a_large_batch_is_not_worth_an_event(story: Story) -> None:
    await roster(story, PEOPLE[:20])
    asked = {"people": PEOPLE[:20], "spread_over": "PT12S"}
    id_ = (await story.platform.post("/v1/cycles:batch", json=asked)).json()["id"]
    activities = Batching(story.house.record, story.house.batches, story.house.cycles)
    step = await activities.start_some(BatchRun(story.tenant, id_))
    while step.uncounted is None or not step.uncounted.started:
        assert step.next_at is not None
        await asyncio.sleep((step.next_at - step.now).total_seconds())
        step = await activities.start_some(
            BatchRun(story.tenant, id_, step.reached, step.uncounted)
        )
    assert step.next_at is not None
    assert step.next_at > step.now
    assert "batches.progressed" not in await story.happened("batches.")
    await story.platform.post(f"/v1/batches/{id_}:cancel")
    await activities.start_some(BatchRun(story.tenant, id_, step.reached, step.uncounted))
    found = (await story.hr.get(f"/v1/batches/{id_}")).json()
    assert found["started"] == step.uncounted.started


@pytest.mark.usefixtures("large")
async def test_what_a_large_batch_has_done_is_counted_when_its_run_is_lost_or_it_is_cancelled(
    story: Story,
) -> None:
    await roster(story)
    ids = [
        (await story.platform.post("/v1/cycles:batch", json={"people": PEOPLE})).json()["id"]
        for _ in range(2)
    ]
    house = story.house
    activities = Batching(house.record, house.batches, house.cycles)
    lost, other = [await activities.start_some(BatchRun(story.tenant, id_)) for id_ in ids]
    assert (lost.uncounted, other.uncounted) != (None, None)
    await work(story, ids[0])
    await story.platform.post(f"/v1/batches/{ids[1]}:cancel")
    await activities.start_some(BatchRun(story.tenant, ids[1], other.reached, other.uncounted))
    found = [(await story.hr.get(f"/v1/batches/{id_}")).json() for id_ in ids]
    assert [(each["started"], each["existing"]) for each in found] == [(60, 0), (0, 5)]
    assert [each["state"] for each in found] == ["finished", "cancelled"]


async def test_a_batch_takes_as_many_and_as_long_ids_as_it_says(story: Story) -> None:
    longest = [f"{number:05}".ljust(256, "x") for number in range(10_000)]
    body = {"people": longest, "exclude": [each[:128] for each in longest], "dry_run": True}
    answer = await story.platform.post("/v1/cycles:batch", json=body)
    assert answer.status_code == 202, answer.text
    answer = await story.platform.post("/v1/cycles:batch", json={"people": [*longest, "one"]})
    assert answer.status_code == 422, answer.text


async def test_a_batch_is_about_people_or_a_filter_and_a_known_zone(story: Story) -> None:
    for bad in ({}, {"people": [], "filter": {}}, {"people": [], "timezone": "Mars/Base"}):
        assert (await story.platform.post("/v1/cycles:batch", json=bad)).status_code == 422
    for spread in ("soon", "P1000Y"):
        asked = {"people": ["ana"], "spread_over": spread}
        refused = await story.platform.post("/v1/cycles:batch", json=asked)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-a-period")
    many = {"people": ["x"] * 10_001}
    assert (await story.platform.post("/v1/cycles:batch", json=many)).status_code == 422
    assert (await story.ana.post("/v1/cycles:batch", json={"people": ["ana"]})).status_code == 403


def of_week(**more: Any) -> Batch:
    wanted: dict[str, Any] = {"people": (ANA, BEN), "spread_over": "P4W", "total": 2} | more
    return Batch.request(ANA, MONDAY, **wanted)


def test_a_roll_out_is_spread_over_weekday_mornings() -> None:
    week = of_week(timezone="Europe/Berlin", spread_over="P5W")
    moments = [week.moment_of(PLACES * (2 * part + 1) // 200) for part in range(100)]
    assert all(moment.weekday() < 5 for moment in moments)
    # Five weeks of five days, and no day has more to do than another; summer time from the 29th.
    assert sorted(Counter(moments).values()) == [4] * 25
    assert Counter(f"{moment:%H:%M}" for moment in moments) == {"08:00": 80, "07:00": 20}
    assert moments == sorted(moments)


def test_the_shuffle_is_fixed_for_each_person() -> None:
    assert place_of(ANA) == 876134807560582004
    assert place_of(ANA) != place_of(BEN)
    assert 0 <= place_of(ANA) < PLACES


def test_a_dry_run_says_at_once_whom_it_would_reach_however_long_the_start_is_spread() -> None:
    week = of_week(spread_over="P4W", dry_run=True)
    assert [week.moment_of(place) for place in (0, PLACES - 1)] == [MONDAY, MONDAY]


def test_a_trial_in_seconds_is_spread_to_the_second() -> None:
    assert of_week(spread_over="PT10S").moment_of(PLACES // 2) == MONDAY + timedelta(seconds=5)


def test_progress_is_counted_once() -> None:
    given(of_week(), lambda b: b.progress(7, 1, 0, [])).when(
        lambda b: b.progress(7, 1, 0, [])
    ).then()


def test_an_ended_batch_goes_no_further() -> None:
    given(of_week(), lambda b: b.finish()).when(lambda b: b.progress(7, 1, 0, [])).refused(
        BatchEnded
    )
    given(of_week(), lambda b: b.finish()).when(lambda b: b.cancel()).refused(BatchEnded)


@pytest.mark.parametrize("spread", ["P4W", "P10D"])
def test_it_begins_on_the_day_of_the_request_and_ends_in_time(spread: str) -> None:
    week = of_week(spread_over=spread)
    assert week.moment_of(0) == MONDAY
    assert week.moment_of(PLACES - 1) - MONDAY < timedelta(days=28)
