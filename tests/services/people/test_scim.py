"""SCIM as Okta and Entra really send it, and what the roster takes of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from console.bootstrap import House
from services.people.accounts import Account
from shared.database import within
from shared.eventstore.record import Command
from shared.principal import Principal
from tests.conftest import Door

RECORDED = Path(__file__).with_name("recorded")
ENTRA = json.loads((RECORDED / "entra.json").read_text())
OKTA = json.loads((RECORDED / "okta.json").read_text())
USERS = "/scim/v2/Users"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
def provider(door: Door) -> httpx2.AsyncClient:
    """An identity provider: it sends SCIM's own media type, and no Idempotency-Key."""
    client = door("platform")
    client.event_hooks = {}
    client.headers["Content-Type"] = "application/scim+json; charset=utf-8"
    return client


@pytest.fixture
def roster(door: Door) -> httpx2.AsyncClient:
    return door("platform")


async def sent(answer: httpx2.Response, *expected: int) -> dict[str, Any]:
    assert answer.status_code in expected, answer.text
    assert answer.headers["content-type"].startswith("application/scim+json")
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


async def person(roster: httpx2.AsyncClient, id_: str) -> dict[str, Any]:
    answer = await roster.get(f"/v1/people/{id_}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def named(provider: httpx2.AsyncClient, filter_: str, **params: str) -> list[dict[str, Any]]:
    answer = await provider.get(USERS, params={"filter": filter_} | params)
    found: list[dict[str, Any]] = (await sent(answer, 200)).get("Resources", [])
    return found


async def test_entra_asks_first_creates_and_finds(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    name = 'userName eq "Ana.Silva@contoso.example"'
    assert await named(provider, name) == []
    made = await sent(await provider.post(USERS, json=ENTRA["create"]), 201)
    assert made["id"] == "1042"
    assert made["meta"]["location"].endswith("/scim/v2/Users/1042")
    for filter_ in (name, name.lower().replace("username", "userName"), 'externalId eq "asilva"'):
        assert [user["id"] for user in await named(provider, filter_)] == ["1042"]
    ana = await person(roster, "1042")
    assert (ana["name"], ana["email"]) == ("Silva, Ana", "ana.silva@contoso.example")
    assert (ana["department"], ana["locale"]) == ("Research-Development", "de-DE")
    assert made[ENTERPRISE]["department"] == "Research & Development"


async def test_entra_patches_in_its_own_way(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    at = f"{USERS}/1042"
    await sent(await provider.patch(at, json=ENTRA["disable"]), 200, 204)
    assert (await person(roster, "1042"))["status"] == "inactive"
    assert (await sent(await provider.get(at), 200))["active"] is False
    await sent(await provider.patch(at, json=ENTRA["enable"]), 200, 204)
    assert (await person(roster, "1042"))["status"] == "active"
    await sent(await provider.patch(at, json=ENTRA["change_several"]), 200, 204)
    ana = await person(roster, "1042")
    assert (ana["name"], ana["email"]) == ("Silva-Okoro, Ana", "ana@fabrikam.example")
    assert ana["department"] == "Sales"
    await sent(await provider.patch(at, json=ENTRA["change_without_a_path"]), 200, 204)
    shown = await sent(await provider.get(at), 200)
    assert (shown["displayName"], shown["name"]["familyName"]) == ("Ana S.", "S.")
    assert (await person(roster, "1042"))["department"] == "Finance"


async def test_entras_manager_is_the_conversation_partner(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    at = f"{USERS}/1042"
    for body, partner in (
        ("set_manager", "ben"),
        ("remove_manager", None),
        ("set_manager_as_list", "ben"),
        ("change_several", "ben"),
    ):
        await sent(await provider.patch(at, json=ENTRA[body]), 200, 204)
        assert (await person(roster, "1042"))["partner"] == partner, body
    shown = await sent(await provider.get(at), 200)
    assert shown[ENTERPRISE]["manager"] == {
        "value": "ben",
        "$ref": "http://127.0.0.1:8000/scim/v2/Users/ben",
    }


async def test_okta_creates_replaces_and_deactivates(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    listed = await sent(await provider.get(USERS, params={"startIndex": 1, "count": 2}), 200)
    assert listed["totalResults"] == 0
    made = await sent(await provider.post(USERS, json=OKTA["create"]), 201)
    at = f"{USERS}/{made['id']}"
    assert made["id"] == "00ujl29u0le5T6Aj10h7"
    assert "password" not in made
    await sent(await provider.put(at, json=OKTA["update"]), 200)
    ana = await person(roster, made["id"])
    assert (ana["name"], ana["department"], ana["partner"]) == ("Ana E. Silva", "Platform", "ben")
    await sent(await provider.patch(at, json=OKTA["deactivate"]), 200, 204)
    assert (await person(roster, made["id"]))["status"] == "inactive"
    await sent(await provider.patch(at, json=OKTA["activate"]), 200, 204)
    assert (await person(roster, made["id"]))["status"] == "active"


async def test_inactive_is_not_left(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    started = await roster.post("/v1/cycles", json={"person": "1042"})
    await provider.patch(f"{USERS}/1042", json=ENTRA["disable"])
    cycle = (await roster.get(f"/v1/cycles/{started.json()['id']}")).json()
    assert cycle["state"] == "conversation"
    assert (await person(roster, "1042"))["end_date"] is None


async def test_what_scim_doesnt_know_stays_as_the_hr_system_said(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    profile = {
        "name": "Ana",
        "email": "ana@example.com",
        "partner": "eve",
        "legal_entity": "Contoso GmbH",
        "location": "Berlin",
        "start_date": "2020-01-01",
        "timezone": "Europe/Berlin",
    }
    await roster.put("/v1/people/1042", json=profile)
    await sent(await provider.post(USERS, json=ENTRA["create"]), 201)
    await sent(await provider.patch(f"{USERS}/1042", json=ENTRA["disable"]), 200, 204)
    ana = await person(roster, "1042")
    kept = ("partner", "legal_entity", "location", "start_date", "timezone")
    assert {name: ana[name] for name in kept} == {name: profile[name] for name in kept}


async def test_the_same_user_twice_is_a_conflict(provider: httpx2.AsyncClient) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    again = await sent(await provider.post(USERS, json=ENTRA["create"]), 409)
    assert again["scimType"] == "uniqueness"
    other = ENTRA["create"] | {"externalId": "other", ENTERPRISE: {"employeeNumber": "77"}}
    taken = await sent(await provider.post(USERS, json=other), 409)
    assert taken["scimType"] == "uniqueness"


async def test_a_user_who_was_given_up_is_gone_for_scim_and_stays_in_the_roster(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    assert (await provider.delete(f"{USERS}/1042")).status_code == 204
    await sent(await provider.get(f"{USERS}/1042"), 404)
    assert await named(provider, 'externalId eq "asilva"') == []
    assert (await person(roster, "1042"))["status"] == "inactive"
    await sent(await provider.post(USERS, json=ENTRA["create"]), 201)
    assert (await person(roster, "1042"))["status"] == "active"


async def test_filters_sorting_and_paging(provider: httpx2.AsyncClient) -> None:
    for name in ("cleo", "ana", "ben"):
        body = {
            "schemas": ENTRA["create"]["schemas"][:1],
            "userName": f"{name}@example.com",
            "displayName": name.title(),
            "active": name != "ben",
        }
        await sent(await provider.post(USERS, json=body), 201)
    found = await named(provider, 'active eq true and displayName sw "A"')
    assert [user["displayName"] for user in found] == ["Ana"]
    ordered = await named(provider, "displayName pr", sortBy="displayName")
    assert [user["displayName"] for user in ordered] == ["Ana", "Ben", "Cleo"]
    page = await sent(await provider.get(USERS, params={"startIndex": 2, "count": 1}), 200)
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (3, 1, 2)
    bad = await sent(await provider.get(USERS, params={"filter": "userName eq"}), 400)
    assert bad["scimType"] == "invalidFilter"


async def test_a_stale_version_is_refused(provider: httpx2.AsyncClient) -> None:
    made = await provider.post(USERS, json=ENTRA["create"])
    headers = {"If-Match": made.headers["etag"]}
    at = f"{USERS}/1042"
    await sent(await provider.patch(at, json=ENTRA["disable"], headers=headers), 200, 204)
    await sent(await provider.patch(at, json=ENTRA["enable"], headers=headers), 412)


async def test_errors_are_scims_own(provider: httpx2.AsyncClient, door: Door) -> None:
    refused = await sent(await door().get(USERS), 401)
    assert refused["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    await sent(await door("employee", "ana").get(USERS), 403)
    await sent(await provider.get(f"{USERS}/nobody"), 404)
    await sent(await provider.get("/scim/v2/Groups"), 404)
    await sent(await provider.post(USERS, content=b"{"), 400)
    await sent(await provider.post(USERS, json={"displayName": "x"}), 400)
    await sent(await provider.put("/scim/v2/Schemas", json={}), 405)


async def test_an_id_with_other_signs_is_replaced_by_the_next_best(
    provider: httpx2.AsyncClient,
) -> None:
    body = ENTRA["create"] | {ENTERPRISE: {"employeeNumber": "no 17"}}
    assert (await sent(await provider.post(USERS, json=body), 201))["id"] == "asilva"
    body = {"schemas": body["schemas"][:1], "userName": "Ана Силва"}
    refused = await sent(await provider.post(USERS, json=body), 400)
    assert "employeeNumber" in refused["detail"]


async def test_names_can_be_found_and_not_read(
    provider: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    async with within(house.record.pool, tenant) as connection:
        dump = str(await connection.fetch("SELECT * FROM keys.account"))
        dump += str(await connection.fetch("SELECT * FROM record.event"))
    assert not [word for word in ("Silva", "contoso", "asilva") if word in dump]


async def test_an_erased_user_has_no_name_any_more(
    provider: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    dpo = Command(Principal(tenant, frozenset({"dpo"}), "dpo"), house.record.clock.now())
    await house.people.erase_person(dpo, "1042")
    await sent(await provider.get(f"{USERS}/1042"), 404)
    assert await named(provider, 'userName eq "Ana.Silva@contoso.example"') == []
    assert (await sent(await provider.get(USERS), 200))["totalResults"] == 0


async def test_an_erased_user_who_is_sent_again_leaves_no_name_behind(
    provider: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    dpo = Command(Principal(tenant, frozenset({"dpo"}), "dpo"), house.record.clock.now())
    await house.people.erase_person(dpo, "1042")
    await sent(await provider.post(USERS, json=ENTRA["create"]), 409)
    assert (await sent(await provider.get(USERS), 200))["totalResults"] == 0
    async with within(house.record.pool, tenant) as connection:
        assert await connection.fetch("SELECT * FROM keys.account") == []


def numbered(number: str, **company: Any) -> dict[str, Any]:
    """Ana, with another number of hers."""
    body: dict[str, Any] = ENTRA["create"] | {ENTERPRISE: {"employeeNumber": number, **company}}
    return body


OWN_MANAGER = {"manager": {"value": "77"}}
NAME = 'userName eq "Ana.Silva@contoso.example"'


async def test_a_user_whom_the_roster_refuses_keeps_no_name_from_others(
    provider: httpx2.AsyncClient,
) -> None:
    refused = await sent(await provider.post(USERS, json=numbered("77", **OWN_MANAGER)), 409)
    assert "conversation partner" in refused["detail"]
    await sent(await provider.post(USERS, json=ENTRA["create"]), 201)
    assert [user["id"] for user in await named(provider, NAME)] == ["1042"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_change_that_the_roster_refuses_leaves_the_user_their_name(
    provider: httpx2.AsyncClient, method: str
) -> None:
    await sent(await provider.post(USERS, json=numbered("77")), 201)
    changed = numbered("77", **OWN_MANAGER) | {"userName": "other@contoso.example"}
    path = f"{ENTERPRISE}:manager"
    patch = [
        {"op": "replace", "path": "userName", "value": changed["userName"]},
        {"op": "add", "path": path, "value": "77"},
    ]
    body = {
        "PUT": changed,
        "PATCH": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": patch,
        },
    }
    await sent(await provider.request(method, f"{USERS}/77", json=body[method]), 409)
    assert [user["id"] for user in await named(provider, NAME)] == ["77"]
    assert await named(provider, 'userName eq "other@contoso.example"') == []


async def test_a_name_that_is_taken_is_refused_before_the_roster_takes_anything(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    await sent(await provider.post(USERS, json=ENTRA["create"]), 201)
    await sent(await provider.post(USERS, json=numbered("77")), 409)
    assert (await roster.get("/v1/people/77")).status_code == 404


async def test_of_two_new_users_with_one_name_at_once_one_is_kept(
    provider: httpx2.AsyncClient,
) -> None:
    numbers = ("1042", "77")
    answers = await asyncio.gather(*(provider.post(USERS, json=numbered(n)) for n in numbers))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    kept = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    assert [user["id"] for user in await named(provider, NAME)] == [kept]
    assert (await sent(await provider.get(USERS), 200))["totalResults"] == 1


@pytest.mark.parametrize("number", ["1042", "77"])
async def test_a_name_that_a_crash_left_behind_is_free(
    provider: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(Account, "link", crash)
        assert (await provider.post(USERS, json=ENTRA["create"])).status_code == 500
    await sent(await provider.post(USERS, json=numbered(number)), 201)
    assert [user["id"] for user in await named(provider, NAME)] == [number]


async def test_whom_hr_set_inactive_stays_so_until_scim_says_otherwise(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    silent = {name: value for name, value in ENTRA["create"].items() if name != "active"}
    profile = {"name": "Ana", "email": "ana@example.com", "status": "inactive"}
    await roster.put("/v1/people/1042", json=profile)
    await sent(await provider.post(USERS, json=silent), 201)
    assert (await person(roster, "1042"))["status"] == "inactive"
    at = f"{USERS}/1042"
    await sent(await provider.patch(at, json=ENTRA["enable"]), 200, 204)
    assert (await person(roster, "1042"))["status"] == "active"
    await roster.put("/v1/people/1042", json=profile)
    await sent(await provider.patch(at, json=ENTRA["change_several"]), 200, 204)
    await sent(await provider.put(at, json=silent), 200)
    assert (await person(roster, "1042"))["status"] == "inactive"


async def test_a_user_who_is_given_up_becomes_inactive_whatever_was_said_before(
    provider: httpx2.AsyncClient, roster: httpx2.AsyncClient
) -> None:
    await sent(await provider.post(USERS, json=ENTRA["create"] | {"active": False}), 201)
    profile = {"name": "Ana", "email": "ana@example.com", "status": "active"}
    await roster.put("/v1/people/1042", json=profile)
    assert (await provider.delete(f"{USERS}/1042")).status_code == 204
    assert (await person(roster, "1042"))["status"] == "inactive"


async def test_one_tenants_users_are_unknown_to_another(
    provider: httpx2.AsyncClient, door: Door, house: House
) -> None:
    await provider.post(USERS, json=ENTRA["create"])
    await house.record.vault.create_tenant("elsewhere")
    stranger = door("platform", tenant="elsewhere")
    await sent(await stranger.get(f"{USERS}/1042"), 404)
    assert await named(stranger, 'externalId eq "asilva"') == []


async def test_odd_ids_in_the_address_are_not_found(provider: httpx2.AsyncClient) -> None:
    for odd in ("../../etc", "a b", "%00", "\0", "x" * 500, "ünï"):
        answer = await provider.get(f"{USERS}/{quote(odd, safe='')}")
        assert answer.status_code == 404, odd
