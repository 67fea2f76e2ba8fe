"""Deliveries: at least once, in order for each person, patient, and never lost."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from services.integration.sender import Patience
from shared.database import within
from tests.proving import LONG, Proof, told
from tests.services.integration.conftest import Deliveries, first_times
from tests.shared.receiver import OK, Got, status

PEOPLE, EACH = (1_000, 100) if LONG else (50, 20)


async def until_nothing_waits(deliveries: Deliveries, rounds: int = 10_000) -> int:
    """Play the workflow: run, let the time pass until the next attempt is due, run again."""
    for number in range(rounds):
        outcome = await deliveries.deliver()
        if outcome.over or outcome.next_at is None:
            return number
        deliveries.clock.move(max(outcome.next_at - deliveries.clock.now(), timedelta()))
    raise AssertionError("something waits for ever")


async def test_a_delivery_is_thin_and_signed_as_the_standard_says(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", "Berlin")
    await deliveries.deliver()
    got = deliveries.receiver.got[0]
    event = Verifier(deliveries.secret).verify(got.body, got.headers)
    assert got.headers["content-type"].startswith("application/cloudevents+json")
    assert got.headers["webhook-id"] == event["id"]
    assert event["data"] == {"person": "ana", "cycle": None}
    assert not any(word in got.body.decode() for word in ("Silva", "example.com", "Berlin"))


async def test_while_a_secret_rotates_both_verify_and_afterwards_only_the_new_one(
    deliveries: Deliveries,
) -> None:
    until = deliveries.admin.at + timedelta(minutes=1)
    _, fresh = await deliveries.webhooks.rotate_secret(deliveries.admin, deliveries.webhook, until)
    await deliveries.happen("ana", "Berlin")
    await deliveries.deliver()
    deliveries.clock.move(timedelta(minutes=1))
    await deliveries.happen("ana", "Paris")
    await deliveries.deliver()
    both, new = deliveries.receiver.got
    for secret in (deliveries.secret, fresh):
        Verifier(secret).verify(both.body, both.headers)
    Verifier(fresh).verify(new.body, new.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(deliveries.secret).verify(new.body, new.headers)


async def test_only_what_was_asked_for_is_delivered(deliveries: Deliveries) -> None:
    await deliveries.webhooks.change_webhook(
        deliveries.admin, deliveries.webhook, deliveries.receiver.url, ("people.registered",)
    )
    await deliveries.happen("ana", "Berlin", "Paris")
    await deliveries.deliver()
    assert [event["type"] for event in deliveries.told()] == ["people.registered"]


async def test_what_was_before_it_was_registered_is_not_delivered(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", "Berlin")
    await deliveries.publish()
    await deliveries.register()
    await deliveries.happen("ben", "Paris")
    await deliveries.deliver()
    assert [event["subject"] for event in deliveries.told()] == ["people/ben"]


async def test_a_person_whose_event_is_refused_holds_only_their_own_up(
    deliveries: Deliveries,
) -> None:
    deliveries.receiver.answer = lambda got: status(422) if b'"ana"' in got.body else OK
    await deliveries.happen("ana", "Berlin", "Paris")
    await deliveries.happen("ben", "Berlin", "Paris")
    outcome = await deliveries.deliver()
    delivered = [event["subject"] for event in deliveries.told() if "ben" in event["subject"]]
    assert len(delivered) == 2
    assert len([event for event in deliveries.told() if event["subject"] == "people/ana"]) == 1
    assert outcome.waiting == 2
    deliveries.receiver.answer = lambda _: OK
    await until_nothing_waits(deliveries)
    assert [item["state"] for item in await deliveries.log()] == ["delivered"] * 4


async def test_a_receiver_that_takes_nothing_is_left_alone_after_a_few(
    deliveries: Deliveries,
) -> None:
    deliveries.sender = deliveries.sender_with(Patience(first=timedelta(minutes=5)))
    deliveries.receiver.answer = lambda _: status(503)
    for person in range(40):
        await deliveries.happen(f"p{person}", "Berlin")
    outcome = await deliveries.deliver()
    assert len(deliveries.receiver.got) <= 5 + 8
    tried = len(deliveries.receiver.got)
    again = await deliveries.deliver()
    assert len(deliveries.receiver.got) == tried
    assert again.next_at == outcome.next_at
    assert outcome.waiting == 40


@pytest.mark.parametrize(
    "answer", [status(301), status(500), status(404), None, b"nonsense\r\n\r\n"]
)
async def test_what_isnt_a_success_is_tried_again(deliveries: Deliveries, answer: Any) -> None:
    deliveries.receiver.answer = lambda got: answer if got.number < 2 else OK
    await deliveries.happen("ana", "Berlin")
    await until_nothing_waits(deliveries)
    assert len(deliveries.receiver.got) == 3
    item = (await deliveries.log())[0]
    assert (item["state"], item["attempts"], item["last_failure"]) == ("delivered", 3, None)


async def test_a_receiver_may_say_how_long_to_wait(deliveries: Deliveries) -> None:
    deliveries.receiver.answer = lambda _: status(429, "Retry-After: 90")
    await deliveries.happen("ana", "Berlin")
    outcome = await deliveries.deliver()
    assert outcome.next_at is not None
    pause = outcome.next_at - deliveries.house.record.clock.now()
    assert timedelta(seconds=80) < pause < timedelta(seconds=100)


async def test_pauses_double_up_to_an_hour() -> None:
    pauses = [Patience().after(failures).total_seconds() for failures in range(40)]
    assert 1 < pauses[0] < 3
    assert all(later > earlier for earlier, later in pairwise(pauses[:9]))
    assert all(2_800 < pause < 4_400 for pause in pauses[11:])


async def test_after_three_days_of_failing_it_is_switched_off_with_notice_and_loses_nothing(
    deliveries: Deliveries,
) -> None:
    deliveries.sender = deliveries.sender_with(Patience())
    deliveries.receiver.answer = lambda _: status(500)
    await deliveries.happen("ana", "Berlin", "Paris")
    await until_nothing_waits(deliveries)
    shown, _ = await deliveries.webhooks.get_webhook(deliveries.admin.by, deliveries.webhook)
    assert (shown["state"], shown["disabled"], shown["waiting"]) == ("disabled", "failing", 2)
    await deliveries.publish()
    feed = await deliveries.house.feed.read(deliveries.tenant, 0, [], 50)
    assert (feed[-1]["type"], feed[-1]["data"]["why"]) == ("webhooks.disabled", "failing")
    deliveries.receiver.answer = lambda _: OK
    deliveries.receiver.got.clear()
    await deliveries.happen("ana", "Rome")
    assert (await deliveries.deliver()).over
    assert deliveries.receiver.got == []
    await deliveries.webhooks.enable_webhook(deliveries.admin, deliveries.webhook)
    await until_nothing_waits(deliveries)
    kinds = [event["type"] for event in deliveries.told() if event["subject"] == "people/ana"]
    assert kinds == ["people.registered", "people.profile_changed", "people.profile_changed"]


async def test_whoever_takes_all_but_one_event_is_not_switched_off_and_that_one_goes_on_waiting(
    deliveries: Deliveries,
) -> None:
    deliveries.sender = deliveries.sender_with(Patience())
    deliveries.receiver.answer = lambda got: status(422) if b'"ana"' in got.body else OK
    await deliveries.happen("ana", "Berlin", "Paris")
    for place in range(10):
        await deliveries.happen("ben", f"place {place}")
        assert not (await deliveries.deliver()).over
        deliveries.clock.move(timedelta(hours=10))
    shown, _ = await deliveries.webhooks.get_webhook(deliveries.admin.by, deliveries.webhook)
    assert (shown["state"], shown["waiting"]) == ("active", 2)
    since = (await deliveries.log("waiting"))[-1]["failing_since"]
    assert shown["failing_since"] == since is not None
    deliveries.receiver.answer = lambda _: status(422)  # from now on it takes nothing at all
    await deliveries.happen("ben", "Rome")
    await until_nothing_waits(deliveries)
    shown, _ = await deliveries.webhooks.get_webhook(deliveries.admin.by, deliveries.webhook)
    assert (shown["disabled"], shown["waiting"]) == ("failing", 3)


async def test_whoever_comes_back_and_refuses_the_first_events_gets_those_of_others(
    deliveries: Deliveries,
) -> None:
    refused = [f"ana{number}" for number in range(7)]
    deliveries.receiver.answer = lambda _: status(503)
    for person in [*refused, *(f"ben{number}" for number in range(20))]:
        await deliveries.happen(person, "Berlin")
    await deliveries.deliver()
    deliveries.receiver.answer = lambda got: status(422) if b'"ana' in got.body else OK
    for _ in range(100):
        outcome = await deliveries.deliver()
        if outcome.waiting == len(refused):
            break
        deliveries.clock.move(timedelta(milliseconds=10))
    assert outcome.waiting == len(refused)


async def test_a_receiver_that_is_gone_is_switched_off_at_once(deliveries: Deliveries) -> None:
    deliveries.receiver.answer = lambda _: status(410)
    await deliveries.happen("ana", "Berlin")
    assert (await deliveries.deliver()).over
    shown, _ = await deliveries.webhooks.get_webhook(deliveries.admin.by, deliveries.webhook)
    assert shown["disabled"] == "gone"


async def moved(deliveries: Deliveries, to: str, *types: str) -> None:
    url = f"{deliveries.receiver.url}{to}"
    await deliveries.webhooks.change_webhook(deliveries.admin, deliveries.webhook, url, types)


async def test_a_new_address_is_tried_at_once_and_the_old_one_with_other_types_is_not(
    deliveries: Deliveries,
) -> None:
    deliveries.sender = deliveries.sender_with(Patience(first=timedelta(hours=1), in_a_row=1))
    deliveries.receiver.answer = lambda _: status(503)
    await deliveries.happen("ana", "Berlin")
    await deliveries.deliver()
    deliveries.receiver.answer = lambda _: OK
    await moved(deliveries, "", "people.registered")
    assert (await deliveries.deliver()).waiting == 1
    await moved(deliveries, "/new")
    assert (await deliveries.deliver()).waiting == 0
    assert [got.path for got in deliveries.receiver.got] == ["/hook", "/hook/new"]


async def test_a_new_address_has_three_days_of_its_own(deliveries: Deliveries) -> None:
    deliveries.receiver.answer = lambda _: status(503)
    await deliveries.happen("ana", "Berlin")
    await deliveries.deliver()
    earlier = "UPDATE record.delivery SET failing_since = failing_since - interval '4 days'"
    async with within(deliveries.house.record.pool, deliveries.tenant) as connection:
        await connection.execute(earlier)
    await moved(deliveries, "/new")
    assert not (await deliveries.deliver()).over
    assert deliveries.receiver.got[-1].path == "/hook/new"


async def test_whoever_moves_while_the_old_address_says_that_it_is_gone_is_not_switched_off(
    deliveries: Deliveries,
) -> None:
    deliveries.receiver.answer = lambda got: OK if got.path.endswith("/new") else status(410)
    deliveries.receiver.meanwhile.append(lambda: moved(deliveries, "/new"))
    await deliveries.happen("ana", "Berlin")
    await deliveries.deliver()
    await deliveries.deliver()
    assert [item["state"] for item in await deliveries.log()] == ["delivered"]


async def test_a_stuck_delivery_can_be_skipped(deliveries: Deliveries) -> None:
    deliveries.receiver.answer = lambda got: status(422) if b"registered" in got.body else OK
    await deliveries.happen("ana", "Berlin", "Paris")
    await deliveries.deliver()
    stuck = (await deliveries.log("waiting"))[-1]
    await deliveries.webhooks.skip_delivery(deliveries.admin, deliveries.webhook, stuck["position"])
    await until_nothing_waits(deliveries)
    assert [item["state"] for item in await deliveries.log()] == ["delivered", "skipped"]


async def test_a_delivery_is_retried_at_once_when_it_is_asked_for(deliveries: Deliveries) -> None:
    deliveries.sender = deliveries.sender_with(Patience(first=timedelta(hours=1)))
    deliveries.receiver.answer = lambda got: status(500) if got.number == 0 else OK
    await deliveries.happen("ana", "Berlin")
    await deliveries.deliver()
    assert (await deliveries.deliver()).waiting == 1
    position = (await deliveries.log())[0]["position"]
    await deliveries.webhooks.retry_delivery(deliveries.admin, deliveries.webhook, position)
    assert (await deliveries.deliver()).waiting == 0
    first, second = deliveries.receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


async def test_a_replay_delivers_once_more_in_order_with_the_same_ids(
    deliveries: Deliveries,
) -> None:
    await deliveries.happen("ana", "Berlin", "Paris", "Rome")
    await until_nothing_waits(deliveries)
    first = [got.headers["webhook-id"] for got in deliveries.receiver.got]
    after = deliveries.told()[0]["position"]
    deliveries.receiver.got.clear()
    await deliveries.webhooks.replay_webhook(deliveries.admin, deliveries.webhook, after)
    await until_nothing_waits(deliveries)
    assert [got.headers["webhook-id"] for got in deliveries.receiver.got] == first[1:]


async def test_a_replay_reaches_back_before_the_webhook(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", "Berlin")
    await deliveries.publish()
    await deliveries.register()
    await deliveries.webhooks.replay_webhook(deliveries.admin, deliveries.webhook, 0)
    await until_nothing_waits(deliveries)
    assert [event["type"] for event in deliveries.told()] == ["people.registered"]


async def test_a_replay_is_taken_in_portions_as_everything_is(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    await deliveries.happen("ana", *(f"place {number}" for number in range(7)))
    await until_nothing_waits(deliveries)
    first = [got.headers["webhook-id"] for got in deliveries.receiver.got]
    deliveries.receiver.got.clear()
    monkeypatch.setattr("services.integration.deliveries._TAKEN_AT_ONCE", 2)
    await deliveries.webhooks.replay_webhook(deliveries.admin, deliveries.webhook, 0)
    await deliveries.happen("ana", "Rome")
    outcome = await deliveries.deliver()
    assert (len(deliveries.receiver.got), outcome.waiting) == (2, 0)
    assert outcome.next_at is not None  # there is more
    await until_nothing_waits(deliveries)
    assert [got.headers["webhook-id"] for got in deliveries.receiver.got][:-1] == first
    assert len(deliveries.receiver.got) == 8


async def test_what_is_skipped_after_a_replay_stays_skipped(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", "Berlin", "Paris")
    await until_nothing_waits(deliveries)
    place = (await deliveries.log())[-1]["position"]
    deliveries.receiver.got.clear()
    await deliveries.webhooks.replay_webhook(deliveries.admin, deliveries.webhook, 0)
    await deliveries.webhooks.skip_delivery(deliveries.admin, deliveries.webhook, place)
    await until_nothing_waits(deliveries)
    assert [item["state"] for item in await deliveries.log()] == ["delivered", "skipped"]
    assert len(deliveries.receiver.got) == 1


async def test_a_replay_of_what_is_still_to_come_changes_nothing(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", "Berlin")
    await deliveries.webhooks.replay_webhook(deliveries.admin, deliveries.webhook, 1_000_000)
    await until_nothing_waits(deliveries)
    assert [event["type"] for event in deliveries.told()] == ["people.registered"]


async def test_a_replay_keeps_to_the_types_that_are_wanted_now(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", "Berlin", "Paris")
    await until_nothing_waits(deliveries)
    await deliveries.webhooks.change_webhook(
        deliveries.admin, deliveries.webhook, deliveries.receiver.url, ("people.registered",)
    )
    deliveries.receiver.got.clear()
    await deliveries.webhooks.replay_webhook(deliveries.admin, deliveries.webhook, 0)
    await until_nothing_waits(deliveries)
    assert [event["type"] for event in deliveries.told()] == ["people.registered"]


async def test_what_is_wanted_waits_from_when_it_was_recorded_though_nobody_delivers(
    deliveries: Deliveries,
) -> None:
    house, webhooks = deliveries.house, deliveries.webhooks
    receiver, own = deliveries.receiver.url, deliveries.webhook

    async def waits() -> set[UUID]:
        await deliveries.publish()
        return set(await house.deliveries.waiting_since(deliveries.tenant))

    await webhooks.change_webhook(deliveries.admin, own, receiver, ("people.profile_changed",))
    other = await webhooks.register_webhook(deliveries.admin, receiver, ("cycles.started",))
    before = house.record.clock.now()
    await deliveries.happen("ana", "Berlin")
    assert await waits() == set()
    assert await house.deliveries.earliest_waiting(deliveries.tenant) is None
    await deliveries.happen("ana", "Paris")
    assert await waits() == {own}
    await webhooks.change_webhook(deliveries.admin, UUID(other[0].body["id"]), receiver, ())
    assert len(await waits()) == 2
    earliest = await house.deliveries.earliest_waiting(deliveries.tenant)
    assert earliest is not None
    assert before <= earliest <= house.record.clock.now()
    await until_nothing_waits(deliveries)
    assert own not in await waits()
    await webhooks.replay_webhook(deliveries.admin, own, 0)
    deliveries.receiver.answer = lambda _: status(503)
    await deliveries.deliver()
    assert own in await waits()
    await webhooks.disable_webhook(deliveries.admin, own)
    assert own not in await waits()


async def test_two_runs_at_once_keep_the_order(deliveries: Deliveries) -> None:
    await deliveries.happen("ana", *(f"place {number}" for number in range(20)))
    await deliveries.publish()
    await asyncio.gather(*(deliveries.deliver() for _ in range(3)))
    await until_nothing_waits(deliveries)
    positions = [event["position"] for event in first_times(deliveries.receiver.got)]
    assert positions == sorted(positions)


async def test_a_removed_webhook_is_forgotten_with_its_address_and_secrets(
    deliveries: Deliveries,
) -> None:
    await deliveries.happen("ana", "Berlin")
    await deliveries.webhooks.remove_webhook(deliveries.admin, deliveries.webhook)
    assert (await deliveries.deliver()).over
    assert deliveries.receiver.got == []
    async with within(deliveries.house.record.pool, deliveries.tenant) as connection:
        for table in ("keys.secret", "record.endpoint", "record.delivery"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_settled_deliveries_are_kept_for_thirty_days(deliveries: Deliveries) -> None:
    deliveries.receiver.answer = lambda _: status(422)
    await deliveries.happen("ana", "Berlin", "Paris")
    await deliveries.deliver()
    never_tried = (await deliveries.log())[0]["position"]
    await deliveries.webhooks.skip_delivery(deliveries.admin, deliveries.webhook, never_tried)
    deliveries.receiver.answer = lambda _: OK
    await until_nothing_waits(deliveries)
    assert [(each["state"], each["attempts"] > 0) for each in await deliveries.log()] == [
        ("skipped", False),
        ("delivered", True),
    ]
    now, store = deliveries.house.record.clock.now(), deliveries.house.deliveries
    await store.prune(deliveries.tenant, deliveries.webhook, now + timedelta(days=29))
    assert len(await deliveries.log()) == 2
    await store.prune(deliveries.tenant, deliveries.webhook, now + timedelta(days=31))
    assert await deliveries.log() == []


class Flapping:
    """A receiver that fails in every way at random, and counts what it has really taken."""

    def __init__(self) -> None:
        self.random = random.Random(17)
        self.badly = 0
        self.down = 0

    def answer(self, got: Got) -> bytes | None:
        if self.down > 0:
            self.down -= 1
            return self.fail()
        dice = self.random.random()
        if dice < 0.002:
            self.down = self.random.randrange(20, 60)
        return self.fail() if dice < 0.05 else OK

    def fail(self) -> bytes | None:
        self.badly += 1
        return self.random.choice([status(500), status(503), status(302), None, b"HT"])


@pytest.mark.timeout(7_200 if LONG else 600)
async def test_a_receiver_that_flaps_gets_everything_in_order(
    deliveries: Deliveries, proof: Proof
) -> None:
    """P4: at least once, in order for each person, whatever the receiver does."""
    flapping = Flapping()
    deliveries.receiver.answer = flapping.answer

    async def person(number: int) -> None:
        await deliveries.happen(f"p{number}", *(f"place {place}" for place in range(EACH)))

    for start in range(0, PEOPLE, 50):
        await asyncio.gather(*(person(start + number) for number in range(50)))
        await until_nothing_waits(deliveries)
    got = deliveries.receiver.got
    firsts = first_times(got)
    by_person: dict[str, list[int]] = {}
    for event in firsts:
        by_person.setdefault(event["subject"], []).append(event["position"])
    expected = PEOPLE * EACH
    figures = {
        "lost": expected - len(firsts),
        "out_of_order": sum(places != sorted(places) for places in by_person.values()),
        "more_duplicates_than_failures": max(len(got) - expected - flapping.badly, 0),
    }
    done = f"{expected:,} events to a receiver that failed {flapping.badly:,} times"
    proof("P4 webhooks", done, told(figures))
    assert flapping.badly > EACH
    assert set(figures.values()) == {0}
