"""Who has left or was forgotten: nobody's partner any more, and somebody new where they come back."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from console.bootstrap import House
from services.people.domain import Person
from services.people.roster_feed import feed_stream
from shared.eventstore.record import Command
from shared.principal import Principal
from tests.conftest import Door, Story
from tests.examples import MONDAY, PROFILE, person
from tests.given import given

LAST_DAY = "2026-01-31"
NAMES = {"ana": "Ana Silva", "ben": "Ben Okoro", "eve": "Eve Stone"}


def line(who: str, **more: Any) -> dict[str, Any]:
    return {"name": NAMES[who], "email": f"{who}@example.com"} | more


class Feed:
    """A roster that is sent each night, and what it comes to."""

    def __init__(self, door: Door, house: House, tenant: str) -> None:
        self.platform, self.dpo, self.house, self.tenant = (
            door("platform"),
            door("dpo"),
            house,
            tenant,
        )

    async def put(self, who: str, **more: Any) -> dict[str, Any]:
        answer = await self.platform.put(f"/v1/people/{who}", json=line(who, **more))
        assert answer.status_code in {200, 201}, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def night(self, **lines: dict[str, Any]) -> list[dict[str, Any]]:
        """One night's file; then the lists follow, and reports of whoever has gone are released."""
        text = "".join(json.dumps({"person": who} | each) + "\n" for who, each in lines.items())
        headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": secrets.token_hex(8)}
        answer = await self.platform.post("/v1/people:import", content=text, headers=headers)
        assert answer.status_code == 200, answer.text
        await self.reconcile()
        return [json.loads(each) for each in answer.text.splitlines()]

    async def reconcile(self) -> list[UUID | None]:
        follower = self.house.readmodels()
        while await follower.catch_up():
            pass
        found = [each async for each in self.house.roster.out_of_step(self.tenant)]
        for subject, partner in found:
            await self.house.people.settle_employment(self.command(), partner or subject)
        while await follower.catch_up():
            pass
        return [partner for _, partner in found]

    def command(self) -> Command:
        by = Principal(self.tenant, frozenset({"admin"}), "kim")
        return Command(by, self.house.record.clock.now())

    async def forget(self, who: str, depth: str = "words") -> None:
        answer = await self.dpo.post(f"/v1/people/{who}:erase", json={"depth": depth})
        assert answer.status_code == 200, answer.text

    async def partner_of(self, who: str) -> Any:
        return (await self.platform.get(f"/v1/people/{who}")).json()["partner"]

    async def subject(self, who: str) -> UUID:
        found = await self.house.record.vault.subject_of(self.tenant, who)
        assert found is not None
        return found

    async def events(self, who: str) -> list[str]:
        rows = await self.house.record.rows(self.tenant, await self.subject(who))
        return [row.type.partition(".")[2] for row in rows]


@pytest.fixture
def feed(door: Door, house: House, tenant: str) -> Feed:
    return Feed(door, house, tenant)


async def test_a_stale_manager_in_the_nightly_file_names_nobody_and_is_noted(feed: Feed) -> None:
    both = {"ben": line("ben"), "ana": line("ana", partner="ben")}
    await feed.night(**both)
    await feed.put("ben", end_date=LAST_DAY)
    await feed.reconcile()
    before = await feed.events("ana")
    assert before[-1] == "partner_released"
    stale = {"ana": line("ana", partner="ben")}
    for _ in range(3):
        (found,) = await feed.night(**stale)
        assert (found["status"], found["noted"]) == ("unchanged", "partner-has-gone")
    assert await feed.events("ana") == before
    (found,) = await feed.night(ana=line("ana", partner="ben", department="it"))
    assert (found["status"], found["noted"]) == ("updated", "partner-has-gone")
    assert await feed.partner_of("ana") is None


async def test_the_time_without_a_partner_is_counted_from_when_the_last_one_left(
    story: Story,
) -> None:
    feed = Feed(story.door, story.house, story.tenant)
    await feed.put("ben", end_date=LAST_DAY)
    await feed.reconcile()
    first = await story.house.cycles.progress_of(story.tenant, UUID(story.cycle))
    for _ in range(2):
        await feed.night(ana=line("ana", partner="ben"))
    later = await story.house.cycles.progress_of(story.tenant, UUID(story.cycle))
    assert first is not None
    assert first.alone is not None
    assert later is not None
    assert later.alone == first.alone


async def test_a_stale_manager_doesnt_take_the_place_of_the_one_whom_hr_named_since(
    feed: Feed,
) -> None:
    await feed.put("ben", end_date=LAST_DAY)
    await feed.put("eve")
    await feed.put("ana", partner="eve")
    assert (await feed.put("ana", partner="ben"))["noted"] == "partner-has-gone"
    assert await feed.partner_of("ana") == "eve"
    assert "noted" not in await feed.put("ana", partner=None)
    assert await feed.partner_of("ana") is None


async def test_who_leaves_in_the_future_or_is_unknown_yet_is_named_as_ever(feed: Feed) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    await feed.put("ben", end_date=ahead)
    for named in ("ben", "eve"):
        assert "noted" not in await feed.put("ana", partner=named)
        assert await feed.partner_of("ana") == named


async def test_who_comes_back_is_a_partner_again(feed: Feed) -> None:
    await feed.put("ben", end_date=LAST_DAY)
    await feed.put("ana", partner="ben")
    await feed.put("ben")
    (found,) = await feed.night(ana=line("ana", partner="ben"))
    assert "noted" not in found
    assert await feed.partner_of("ana") == "ben"


async def test_who_was_forgotten_is_named_no_more(feed: Feed) -> None:
    await feed.put("ben")
    await feed.forget("ben")
    assert (await feed.put("ana", partner="ben"))["noted"] == "partner-has-gone"
    (found,) = await feed.night(eve=line("eve", partner="ben"))
    assert (found["status"], found["noted"]) == ("created", "partner-has-gone")
    assert [await feed.partner_of(who) for who in ("ana", "eve")] == [None, None]


async def test_who_was_forgotten_and_is_still_a_partner_is_released_at_night(feed: Feed) -> None:
    """As where both happened at once, or an older release named them."""
    await feed.put("ben")
    await feed.put("ana")
    ben, ana = await feed.subject("ben"), await feed.subject("ana")
    await feed.forget("ben")
    await feed.house.record.change(Person, ana, feed.command(), lambda p: p.assign_partner(ben))
    assert await feed.reconcile() == [ben]
    assert (await feed.events("ana"))[-1] == "partner_released"
    assert await feed.reconcile() == []


async def test_who_comes_back_after_the_words_were_forgotten_begins_a_new_life(
    story: Story,
) -> None:
    feed = Feed(story.door, story.house, story.tenant)
    await story.conclude()
    await feed.put("ana", end_date=LAST_DAY)
    await story.advance()
    await feed.forget("ana")
    old, before = await feed.subject("ana"), await feed.events("ana")
    refused = await story.platform.put("/v1/people/ana", json=line("ana", end_date=LAST_DAY))
    assert refused.json()["type"] == "/problems/person-erased"  # a stale line is nobody's return
    assert (await feed.put("ana", partner="ben"))["version"] == 2
    new = await feed.subject("ana")
    assert new != old
    assert await feed.events("ana") == ["registered", "partner_assigned"]
    rows = await story.house.record.rows(story.tenant, old)
    assert [row.type.partition(".")[2] for row in rows] == [*before, "erased"]
    assert await story.house.record.vault.people_of(story.tenant, {old}) == {}
    auditor = Principal(story.tenant, frozenset({"auditor"}), "audrey")
    assert (await story.house.people.get_certificate(auditor, old))["depth"] == "link"
    started = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert (started.status_code, started.json()["conversations"]) == (201, [])
    assert started.json()["id"] != story.cycle
    await story.read_models()
    listed = (await story.platform.get("/v1/people")).json()["items"]
    assert [each["person"] for each in listed] == ["ana", "ben"]


async def test_an_import_takes_in_whoever_comes_back_as_somebody_new(feed: Feed) -> None:
    await feed.put("ben")
    await feed.put("ana", partner="ben")
    await feed.put("ana", end_date=LAST_DAY)
    await feed.forget("ana")
    (stale,) = await feed.night(ana=line("ana", end_date=LAST_DAY))
    assert stale["status"] == "refused"
    (inactive,) = await feed.night(ana=line("ana", status="inactive"))
    assert inactive["status"] == "refused"
    (back,) = await feed.night(ana=line("ana", partner="ben"))
    assert (back["status"], back["version"]) == ("created", 2)
    (again,) = await feed.night(ana=line("ana", partner="ben"))
    assert again["status"] == "unchanged"


async def test_whoever_is_gone_already_closes_nothing_more_and_stops_no_feed(feed: Feed) -> None:
    """A nightly file may carry them for as long as it likes, with another status or a last day."""
    assert (await feed.platform.put("/v1/policy", json={"closing_floor": 1})).is_success
    for who in ("ana", "ben"):
        await feed.put(who)
        await feed.forget(who)
    for more in ({}, {"end_date": LAST_DAY}, {"end_date": LAST_DAY, "legal_entity": "no"}):
        await feed.put("eve", **more)
    again = {
        "ana": line("ana", status="inactive"),
        "ben": line("ben", end_date=LAST_DAY),
        "eve": line("eve", end_date=LAST_DAY, legal_entity="no", status="inactive"),
    }
    found = await feed.night(**again)
    assert [each["status"] for each in found] == ["refused", "refused", "updated"]
    problems = [each["problem"]["type"] for each in found if "problem" in each]
    assert problems == ["/problems/person-erased"] * 2
    counted = {}
    for entity in (None, "no"):
        rows = await feed.house.record.rows(feed.tenant, feed_stream(feed.tenant, entity))
        counted[entity] = [row.type for row in rows]
    assert counted == {None: ["feed.watched", "feed.closing_counted"], "no": []}  # Eve left once


async def test_a_return_that_is_told_many_times_at_once_is_one_new_life(feed: Feed) -> None:
    await feed.put("ana", end_date=LAST_DAY)
    await feed.forget("ana")
    old = await feed.subject("ana")
    answers = await asyncio.gather(
        *(feed.platform.put("/v1/people/ana", json=line("ana")) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert await feed.events("ana") == ["registered"]
    rows = await feed.house.record.rows(feed.tenant, old)
    assert [row.type for row in rows].count("people.erased") == 2


async def assert_is_forgotten_still(feed: Feed, old: UUID, before: list[str]) -> None:
    """No life was begun anew: the id stands for the old one, and nothing more is on record."""
    assert await feed.subject("ana") == old
    assert await feed.events("ana") == before


async def forgotten(feed: Feed) -> tuple[UUID, list[str]]:
    """Ana has left and her words were erased."""
    await feed.put("ana", end_date=LAST_DAY)
    await feed.forget("ana")
    return await feed.subject("ana"), await feed.events("ana")


async def test_a_return_that_repeats_an_answered_key_has_no_effect(feed: Feed) -> None:
    sent = {"json": line("ana", partner="ben"), "headers": {"Idempotency-Key": "before"}}
    first = await feed.platform.put("/v1/people/ana", **sent)
    life = await forgotten(feed)
    again = await feed.platform.put("/v1/people/ana", **sent)
    assert (again.status_code, again.json()) == (201, first.json())
    await assert_is_forgotten_still(feed, *life)
    other = await feed.platform.put("/v1/people/ana", **sent | {"json": line("ana")})
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    await assert_is_forgotten_still(feed, *life)


async def test_an_answered_key_gives_an_id_that_was_freed_no_new_random_key(feed: Feed) -> None:
    sent = {"json": line("ana", partner="ben"), "headers": {"Idempotency-Key": "before"}}
    assert (await feed.platform.put("/v1/people/ana", **sent)).status_code == 201
    for who in ("ana", "ben"):
        await feed.put(who)
        await feed.forget(who, "link")
    assert (await feed.platform.put("/v1/people/ana", **sent)).status_code == 201
    for who in ("ana", "ben"):
        assert await feed.house.record.vault.subject_of(feed.tenant, who) is None


async def test_a_return_is_compared_with_the_version_of_the_old_life_first(feed: Feed) -> None:
    old, before = await forgotten(feed)

    async def back(version: int) -> int:
        headers = {"If-Match": f'"{version}"'}
        answer = await feed.platform.put("/v1/people/ana", json=line("ana"), headers=headers)
        return int(answer.status_code)

    assert await back(len(before) - 1) == 412
    await assert_is_forgotten_still(feed, old, before)
    assert await back(len(before)) == 201
    assert await feed.subject("ana") != old
    assert await feed.events("ana") == ["registered"]
    assert await back(len(before)) == 412


REFUSED = [
    ({"partner": "ana"}, "own-partner"),
    ({"partner": "ben", "partner_since": "2999-01-01T00:00:00Z"}, "partner-from-the-future"),
]


@pytest.mark.parametrize(("more", "problem"), REFUSED)
async def test_a_return_that_a_rule_refuses_destroys_nothing(
    feed: Feed, more: dict[str, Any], problem: str
) -> None:
    life = await forgotten(feed)
    refused = await feed.platform.put("/v1/people/ana", json=line("ana", **more))
    assert refused.json()["type"] == f"/problems/{problem}"
    await assert_is_forgotten_still(feed, *life)
    (told,) = await feed.night(ana=line("ana", **more))
    assert (told["status"], told["problem"]["type"]) == ("refused", f"/problems/{problem}")
    await assert_is_forgotten_still(feed, *life)


@pytest.mark.parametrize("order", [("ben", "ana"), ("ana", "ben")])
@pytest.mark.parametrize("erased", [False, True])
async def test_who_comes_back_by_the_same_file_is_a_partner_in_it(
    feed: Feed, order: tuple[str, str], erased: bool
) -> None:
    await feed.put("ana")
    await feed.put("ben", end_date=LAST_DAY)
    if erased:
        await feed.forget("ben")
    lines = {"ana": line("ana", partner="ben"), "ben": line("ben")}
    found = await feed.night(**{who: lines[who] for who in order})
    assert not [each for each in found if "noted" in each]
    assert await feed.partner_of("ana") == "ben"
    known = await feed.house.record.load(Person, feed.tenant, await feed.subject("ana"))
    assert known is not None
    assert known.partner == await feed.subject("ben")


async def test_two_who_come_back_by_one_file_name_each_other(feed: Feed) -> None:
    for who in ("ana", "ben"):
        await feed.put(who, end_date=LAST_DAY)
        await feed.forget(who)
    both = {"ana": line("ana", partner="ben"), "ben": line("ben", partner="ana")}
    found = await feed.night(**both)
    assert [(each["status"], each["version"]) for each in found] == [("created", 2)] * 2
    assert [await feed.partner_of(who) for who in both] == ["ben", "ana"]


async def test_of_two_who_come_back_the_refused_one_stays_forgotten(feed: Feed) -> None:
    """Also where their partner comes back by a later line."""
    await feed.put("ben", end_date=LAST_DAY)
    await feed.forget("ben")
    life = await forgotten(feed)
    future = {"partner": "ben", "partner_since": "2999-01-01T00:00:00Z"}
    told, back = await feed.night(ana=line("ana", **future), ben=line("ben"))
    assert (told["status"], back["status"]) == ("refused", "created")
    await assert_is_forgotten_still(feed, *life)


async def test_whose_own_line_is_refused_is_no_partner(feed: Feed) -> None:
    await feed.put("ben", end_date=LAST_DAY)
    refused, told = await feed.night(ben=line("ben", partner="ben"), ana=line("ana", partner="ben"))
    assert refused["status"] == "refused"
    assert (told["status"], told["noted"]) == ("created", "partner-has-gone")


async def test_who_still_works_here_is_told_how_the_id_becomes_free(feed: Feed) -> None:
    await feed.put("ana")
    await feed.forget("ana")
    refused = await feed.platform.put("/v1/people/ana", json=line("ana"))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/person-erased")
    assert "depth `link`" in refused.json()["detail"]
    await feed.forget("ana", "link")
    assert (await feed.put("ana"))["version"] == 1


async def test_a_provider_by_scim_keeps_whoever_comes_back_as_somebody_new(
    feed: Feed, door: Door
) -> None:
    provider = door("platform")
    provider.event_hooks = {}
    provider.headers["Content-Type"] = "application/scim+json"
    user = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ana@example.com",
        "externalId": "ana",
        "displayName": "Ana Silva",
    }
    assert (await provider.post("/scim/v2/Users", json=user)).status_code == 201
    old = await feed.subject("ana")
    await feed.put("ana", end_date=LAST_DAY)
    await feed.forget("ana")
    made = await provider.post("/scim/v2/Users", json=user)
    assert made.status_code == 201, made.text
    assert await feed.subject("ana") != old
    assert (await provider.get("/scim/v2/Users/ana")).json()["userName"] == "ana@example.com"
    assert (await provider.post("/scim/v2/Users", json=user)).status_code == 409
    found = await provider.get("/scim/v2/Users", params={"filter": 'externalId eq "ana"'})
    assert found.json()["totalResults"] == 1


ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    ("name", "manager", "status"),
    [("ana", "ana", 409), ("ana", "no id", 400), ("ben", "ben", 409)],
)
async def test_a_return_by_scim_that_is_refused_destroys_nothing(
    feed: Feed, door: Door, name: str, manager: str, status: int
) -> None:
    provider = door("platform")
    provider.event_hooks = {}
    provider.headers["Content-Type"] = "application/scim+json"

    def user(who: str, name: str, **company: Any) -> dict[str, Any]:
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "userName": f"{name}@example.com",
            "displayName": NAMES[who],
            ENTERPRISE: {"employeeNumber": who} | company,
        }

    for who in ("ana", "ben"):
        assert (await provider.post("/scim/v2/Users", json=user(who, who))).status_code == 201
    life = await forgotten(feed)
    sent = user("ana", name, manager={"value": manager})
    assert (await provider.post("/scim/v2/Users", json=sent)).status_code == status
    await assert_is_forgotten_still(feed, *life)
    sent = user("ana", "ana", manager={"value": "ben"})
    assert (await provider.post("/scim/v2/Users", json=sent)).status_code == 201
    assert await feed.partner_of("ana") == "ben"


async def test_everybody_who_is_out_of_step_is_found_however_many_come_before_them(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.people.readmodel._PAGE", 1)
    await feed.put("ben")
    for who in ("ana", "eve"):
        await feed.put(who, partner="ben")
    ana, ben, eve = [await feed.subject(who) for who in ("ana", "ben", "eve")]

    def has_ended(known: Person) -> None:
        known.change_profile(replace(known.profile, end_date=date(2020, 1, 1)))

    def has_left(known: Person) -> None:
        has_ended(known)
        known.settle_employment()

    # As a crash between two writes leaves it, or a feed that is stopped.
    for who, decide in ((ben, has_left), (ana, has_ended), (eve, has_ended)):
        await feed.house.record.change(Person, who, feed.command(), decide)
    assert Counter(await feed.reconcile()) == {None: 2, ben: 2}
    assert await feed.reconcile() == []


@pytest.mark.parametrize("order", [("ben", "ana"), ("ana", "ben")])
async def test_partners_who_leave_on_the_same_day_both_have_left(
    story: Story, order: tuple[str, str]
) -> None:
    """Their cycles, of the same round, take steps of the same name."""
    feed = Feed(story.door, story.house, story.tenant)
    assert (await story.platform.post("/v1/cycles", json={"person": "ben"})).status_code == 201
    await story.advance("ben")
    await story.read_models()

    def has_ended(known: Person) -> None:
        known.change_profile(replace(known.profile, end_date=date(2020, 1, 1)))

    for who in order:
        await story.house.record.change(Person, await feed.subject(who), feed.command(), has_ended)
    for who in (*order, *order):
        await story.advance(who)
    assert (await feed.events("ben"))[-1] == "left"
    assert (await feed.events("ana"))[-2:] == ["partner_released", "left"]
    assert (await story.state())["state"] == "closed"


def test_only_whoever_had_left_and_is_active_again_begins_anew() -> None:
    gone = replace(PROFILE, end_date=MONDAY.date())
    p = person()
    p.change_profile(gone)
    p.at = MONDAY + timedelta(days=3)
    assert (p.has_gone, p.begins_anew(PROFILE)) == (True, False)
    p.settle_employment()
    p.erase()
    assert p.begins_anew(PROFILE)
    assert not p.begins_anew(gone)
    assert not p.begins_anew(replace(PROFILE, status="inactive"))
    forgotten = given(person(), Person.erase).aggregate
    assert (forgotten.has_gone, forgotten.begins_anew(PROFILE)) == (True, False)
    assert not person().has_gone
