"""API keys: shown once, kept as hashes, two live while they rotate, and gone when taken away."""

from __future__ import annotations

import asyncio
import base64
import time
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from console.bootstrap import House
from services.clients.domain import (
    ApiClient,
    ClientRemoved,
    EndNotPossible,
    RoleOfPeople,
    client_stream,
)
from services.clients.keys import new_key, read_key
from services.clients.verifier import ApiKeys
from shared.database import within
from shared.tokens import BadToken
from tests.conftest import Door
from tests.examples import LATER, MONDAY
from tests.given import given

YEAR = timedelta(days=365)
WEEK = timedelta(days=7)
BODY = {"name": "workday", "roles": ["platform"]}


def client(**changes: Any) -> ApiClient:
    fields = {"roles": ("platform",), "digest": "d1", "expires_at": MONDAY + YEAR}
    return ApiClient.register("acme", "workday", MONDAY, **(fields | changes))


def test_a_rotation_leaves_the_key_before_for_a_while() -> None:
    end = LATER + YEAR
    given(client()).at(LATER).when(lambda c: c.rotate("d2", end, WEEK)).then(
        ("clients.key_shortened", {"number": 1, "expires_at": LATER + WEEK}),
        ("clients.key_added", {"number": 2, "digest": "d2", "expires_at": end}),
    )


def test_a_second_rotation_ends_the_oldest_key_at_once() -> None:
    end = LATER + YEAR
    rotated = given(client(), lambda c: c.rotate("d2", MONDAY + YEAR, WEEK * 4)).at(LATER)
    rotated.when(lambda c: c.rotate("d3", end, WEEK)).then(
        ("clients.key_shortened", {"number": 1, "expires_at": LATER}),
        ("clients.key_shortened", {"number": 2, "expires_at": LATER + WEEK}),
        ("clients.key_added", {"number": 3, "digest": "d3", "expires_at": end}),
    )


def test_a_key_lives_for_a_year_at_most_and_not_in_the_past() -> None:
    for end in (MONDAY, MONDAY + timedelta(days=400)):
        with pytest.raises(EndNotPossible):
            client(expires_at=end)


@pytest.mark.parametrize("role", ["employee", "partner", "dpo"])
def test_what_belongs_to_people_is_no_machines_role(role: str) -> None:
    with pytest.raises(RoleOfPeople):
        client(roles=("platform", role))


def test_a_removed_client_gets_no_more_keys() -> None:
    removed = given(client(), lambda c: c.remove())
    removed.when(lambda c: c.rotate("d2", LATER, WEEK)).refused(ClientRemoved)


async def registered(admin: httpx2.AsyncClient, **changes: Any) -> str:
    answer = await admin.post("/v1/clients", json=BODY | changes)
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["key"]
    return key


async def allowed(door: Door, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return (await door().get("/v1/policy", headers=headers)).status_code


async def test_a_key_opens_what_its_roles_open(door: Door) -> None:
    key = await registered(door("admin"))
    assert await allowed(door, key) == 200
    headers = {"Authorization": f"Bearer {key}"}
    assert (await door().get("/v1/clients", headers=headers)).status_code == 403


async def test_a_key_is_shown_once_and_stands_nowhere(
    door: Door, house: House, tenant: str
) -> None:
    admin = door("admin")
    headers = {"Idempotency-Key": "first"}
    answer = await admin.post("/v1/clients", json=BODY, headers=headers)
    again = await admin.post("/v1/clients", json=BODY, headers=headers)
    secret = answer.json()["key"].partition(".")[2]
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {k: v for k, v in answer.json().items() if k != "key"}
    shown = (await admin.get("/v1/clients/workday")).text
    raw = base64.urlsafe_b64decode(secret + "=")
    async with within(house.record.pool, tenant) as connection:
        dump = str(await connection.fetch("SELECT * FROM record.event"))
        dump += str(await connection.fetch("SELECT * FROM record.receipt"))
    assert not any(secret in text for text in (shown, dump))
    assert raw.hex() not in dump


async def test_both_keys_open_while_they_rotate_and_only_the_new_one_afterwards(
    door: Door, house: House
) -> None:
    admin = door("admin")
    first = await registered(admin)
    second = (await admin.post("/v1/clients/workday:rotate")).json()["key"]
    assert [await allowed(door, key) for key in (first, second)] == [200, 200]
    body = {"overlap": "PT0S"}
    third = (await admin.post("/v1/clients/workday:rotate", json=body)).json()["key"]
    fresh = ApiKeys(house.record)
    assert [await opens(fresh, key) for key in (first, second, third)] == [False, False, True]


async def test_a_rotation_whose_answer_was_lost_is_repeated_without_ending_the_key_in_use(
    door: Door, house: House
) -> None:
    admin = door("admin")
    first = await registered(admin)
    lost = (await admin.post("/v1/clients/workday:rotate")).json()["key"]
    third = (await admin.post("/v1/clients/workday:rotate")).json()["key"]
    keys = ApiKeys(house.record)
    assert [await opens(keys, key) for key in (first, lost, third)] == [True, False, True]


async def test_once_somebody_has_come_with_the_new_key_the_oldest_one_ends(
    door: Door, house: House
) -> None:
    admin = door("admin")
    first = await registered(admin)
    second = (await admin.post("/v1/clients/workday:rotate")).json()["key"]
    assert await allowed(door, second) == 200
    third = (await admin.post("/v1/clients/workday:rotate")).json()["key"]
    keys = ApiKeys(house.record)
    assert [await opens(keys, key) for key in (first, second, third)] == [False, True, True]


async def test_what_a_key_opens_is_remembered_for_five_seconds_since_its_client_was_loaded(
    door: Door, house: House
) -> None:
    keys, key = ApiKeys(house.record), await registered(door("admin"))
    before, first = time.time(), await keys.verify(key)
    await asyncio.sleep(0.05)
    again = await keys.verify(key)
    assert first is not None
    assert again is not None
    assert first.until <= time.time() + 5
    assert first.until >= before + 5
    assert again.until == first.until


async def opens(keys: ApiKeys, key: str) -> bool:
    try:
        return await keys.verify(key) is not None
    except BadToken:
        return False


async def test_a_removed_client_is_locked_out_and_its_name_stays_taken(
    door: Door, house: House
) -> None:
    admin = door("admin")
    key = await registered(admin)
    assert (await admin.delete("/v1/clients/workday")).status_code == 200
    assert not await opens(ApiKeys(house.record), key)
    again = await admin.post("/v1/clients", json=BODY)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/client-name-used")


async def test_the_list_says_which_keys_live_and_when_each_was_last_used(
    door: Door, house: House
) -> None:
    admin = door("admin")
    key = await registered(admin)
    await registered(admin, name="monitoring", roles=["ops"])
    await allowed(door, key)
    follower = house.readmodels()
    while await follower.catch_up():
        pass
    listed = (await admin.get("/v1/clients")).json()["items"]
    assert [item["id"] for item in listed] == ["monitoring", "workday"]
    unused, used = (item["keys"][0]["last_used_at"] for item in listed)
    assert unused is None
    assert used is not None


WRONG = {
    "another secret": lambda tenant: new_key(tenant, "workday", 1)[0],
    "another number": lambda tenant: new_key(tenant, "workday", 2)[0],
    "another client": lambda tenant: new_key(tenant, "nobody", 1)[0],
    "another tenant": lambda tenant: new_key("nobody-knows", "workday", 1)[0],
    "no secret": lambda tenant: new_key(tenant, "workday", 1)[0].partition(".")[0],
    "an empty secret": lambda tenant: new_key(tenant, "workday", 1)[0].partition(".")[0] + ".",
    "no name": lambda tenant: "cairn_." + "A" * 43,
    "nonsense": lambda tenant: "cairn_§§§.***",
    "a number that is none": lambda tenant: (
        "cairn_" + base64.urlsafe_b64encode(b"acme/workday/one").decode() + "." + "A" * 43
    ),
    "a tenant that can be none": lambda tenant: new_key("a\0b", "c", 1)[0],
    "a client that can be none": lambda tenant: new_key(tenant, "c\0", 1)[0],
    "a huge number": lambda tenant: (
        "cairn_" + base64.urlsafe_b64encode(b"acme/workday/" + b"9" * 5_000).decode() + ".AAAA"
    ),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
async def test_every_wrong_key_gets_the_same_calm_answer(
    door: Door, tenant: str, make: Any
) -> None:
    await registered(door("admin"))
    headers = {"Authorization": f"Bearer {make(tenant)}".encode()}
    answer = await door().get("/v1/policy", headers=headers)
    nothing = await door().get("/v1/policy")
    assert answer.status_code == 401
    assert answer.content == nothing.content


async def test_one_tenants_admin_doesnt_see_anothers_clients(door: Door, house: House) -> None:
    await registered(door("admin"))
    await house.record.vault.create_tenant("elsewhere")
    stranger = door("admin", tenant="elsewhere")
    assert (await stranger.get("/v1/clients/workday")).status_code == 404
    assert (await stranger.post("/v1/clients/workday:rotate")).status_code == 404


@pytest.mark.parametrize("overlap", ["P31D", "P1M", "-P1D", "soon", "P99999999999D"])
async def test_an_overlap_that_is_too_long_or_none_is_told_so(door: Door, overlap: str) -> None:
    admin = door("admin")
    await registered(admin)
    answer = await admin.post("/v1/clients/workday:rotate", json={"overlap": overlap})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/overlap-too-long")


async def test_two_admins_at_once_let_one_client_in(door: Door, house: House, tenant: str) -> None:
    admin = door("admin")
    answers = await asyncio.gather(*(admin.post("/v1/clients", json=BODY) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    stream = client_stream(tenant, "workday")
    assert len(await house.record.rows(tenant, stream)) == 1


async def test_two_admins_who_rotate_or_remove_at_once_both_do(door: Door) -> None:
    admin = door("admin")
    await registered(admin)
    rotated = await asyncio.gather(*(admin.post("/v1/clients/workday:rotate") for _ in range(2)))
    assert [answer.status_code for answer in rotated] == [200, 200]
    assert sorted(read_key(answer.json()["key"]).number for answer in rotated) == [2, 3]
    removed = await asyncio.gather(*(admin.delete("/v1/clients/workday") for _ in range(2)))
    assert [answer.status_code for answer in removed] == [200, 200]


def test_a_key_can_be_read_back() -> None:
    key, digest = new_key("acme.prod@eu", "workday", 7)
    presented = read_key(key)
    assert (presented.tenant, presented.client, presented.number) == ("acme.prod@eu", "workday", 7)
    assert presented.digest == digest
