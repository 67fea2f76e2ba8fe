"""Webhooks over HTTP: who may have them, what is shown, and what is refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from console.bootstrap import House
from shared.database import within
from tests.conftest import Door, Story

URL = "https://hooks.example.com/cairn?token=s3cret"


async def registered(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/webhooks", json={"url": URL} | changes)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def published(house: House) -> None:
    while await house.publishing().catch_up():
        pass


async def test_a_secret_is_shown_once(door: Door) -> None:
    platform = door("platform")
    headers = {"Idempotency-Key": "one"}
    first = await platform.post("/v1/webhooks", json={"url": URL}, headers=headers)
    again = await platform.post("/v1/webhooks", json={"url": URL}, headers=headers)
    assert first.json()["secret"].startswith("whsec_")
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == {k: v for k, v in first.json().items() if k != "secret"}
    shown = (await platform.get(f"/v1/webhooks/{first.json()['id']}")).json()
    assert "secret" not in shown
    assert shown["url"] == URL


async def test_neither_address_nor_secret_stands_in_clear_anywhere(
    door: Door, house: House, tenant: str
) -> None:
    made = await registered(door("platform"))
    rotated = (await door("platform").post(f"/v1/webhooks/{made['id']}:rotate")).json()
    async with within(house.record.pool, tenant) as connection:
        dump = ""
        for table in ("record.event", "record.receipt", "keys.secret", "record.endpoint"):
            dump += str(await connection.fetch(f"SELECT * FROM {table}"))
    for secret in (made["secret"], rotated["secret"], "s3cret", made["secret"][6:30]):
        assert secret not in dump


async def test_what_is_sealed_survives_a_rotation_of_the_tenants_keys(
    door: Door, house: House, tenant: str
) -> None:
    made = await registered(door("platform"))
    await house.record.vault.rotate(tenant)
    shown = (await door("platform").get(f"/v1/webhooks/{made['id']}")).json()
    assert shown["url"] == URL


async def test_a_webhook_is_listed_changed_switched_and_removed(door: Door, house: House) -> None:
    platform = door("platform")
    made = await registered(platform, types=["cycles.started"])
    at = f"/v1/webhooks/{made['id']}"
    await published(house)
    listed = (await platform.get("/v1/webhooks")).json()["items"]
    assert [(item["id"], item["types"]) for item in listed] == [(made["id"], ["cycles.started"])]
    body = {"url": "https://elsewhere.example.com/", "types": []}
    assert (await platform.put(at, json=body)).status_code == 200
    assert (await platform.post(f"{at}:disable")).json()["state"] == "disabled"
    shown = (await platform.get(at)).json()
    assert (shown["url"], shown["types"], shown["disabled"]) == (body["url"], [], "by_hand")
    refused = await platform.post(f"{at}:replay", json={"after": 0})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-disabled")
    assert (await platform.post(f"{at}:enable")).json()["state"] == "active"
    assert (await platform.delete(at)).json()["state"] == "removed"
    await published(house)
    assert (await platform.get(at)).status_code == 404
    assert (await platform.get("/v1/webhooks")).json()["items"] == []
    assert (await platform.post(f"{at}:enable")).json()["type"] == "/problems/webhook-removed"


BAD = {
    "inside": ({"url": "https://10.0.0.1/"}, "url-refused"),
    "plain http": ({"url": "http://hooks.example.com/"}, "url-refused"),
    "no address": ({"url": "hooks"}, "url-refused"),
    "an unknown type": ({"url": URL, "types": ["cycles.exploded"]}, "type-unknown"),
    "a type that stays inside": ({"url": URL, "types": ["conversation.shared"]}, "type-unknown"),
    "no URL": ({"types": []}, "invalid-request"),
    "a list of URLs": ({"url": [URL]}, "invalid-request"),
    "something else": ({"url": URL, "secret": "mine"}, "invalid-request"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD.keys())
async def test_a_bad_webhook_is_told_so(door: Door, body: dict[str, Any], code: str) -> None:
    answer = await door("platform").post("/v1/webhooks", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{code}")


async def test_there_are_twenty_at_most(door: Door, house: House) -> None:
    platform = door("platform")
    for _ in range(20):
        await registered(platform)
    await published(house)
    answer = await platform.post("/v1/webhooks", json={"url": URL})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/too-many-webhooks")


async def test_others_neither_see_nor_steer_them(story: Story, door: Door, house: House) -> None:
    made = await registered(story.platform)
    at = f"/v1/webhooks/{made['id']}"
    await house.record.vault.create_tenant("elsewhere")
    stranger = door("platform", tenant="elsewhere")
    for client, expected in ((stranger, 404), (story.ana, 403), (door("hr"), 403)):
        assert (await client.get(at)).status_code == expected
        assert (await client.get(f"{at}/deliveries")).status_code == expected
        assert (await client.post(f"{at}:rotate")).status_code == expected
        assert (await client.delete(at)).status_code == expected
    assert (await story.platform.get(at)).status_code == 200


async def test_a_delivery_that_isnt_there_is_not_found(door: Door) -> None:
    platform = door("platform")
    made = await registered(platform)
    for action in ("retry", "skip"):
        path = f"/v1/webhooks/{made['id']}/deliveries/17:{action}"
        assert (await platform.post(path)).status_code == 404
    assert (await platform.get(f"/v1/webhooks/{uuid4()}/deliveries")).status_code == 404


async def test_the_record_tells_what_was_done_with_a_webhook(story: Story) -> None:
    made = await registered(story.platform)
    await story.platform.post(f"/v1/webhooks/{made['id']}:replay", json={"after": 3})
    await story.read_models()
    page = (await story.auditor.get("/v1/audit/timeline", params={"limit": 200})).json()
    sentences = [item["sentence"] for item in page["items"]][-2:]
    assert sentences == [
        "A webhook to hooks.example.com was registered.",
        "A webhook's events after 3 were asked for once more.",
    ]
    assert "s3cret" not in json.dumps(page)
