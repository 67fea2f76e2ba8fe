"""Bad input at every route: a clear problem each, never a 500, nothing half done."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated, Any, get_args
from uuid import uuid4

import httpx2
import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError

from console.app import SERVICES
from services.batches.api import BATCH, LARGEST_BATCH
from shared.tokens import Issuer
from tests.conftest import Door, Story
from tests.good import body_for

ROUTES = [
    (method, route.path, route)
    for router in SERVICES.values()
    for route in router.routes
    if isinstance(route, APIRoute) and route.path.startswith("/v1/")  # SCIM errs in its own way
    for method in route.methods
]
OWN_TO_EACH_TENANT = {
    "/v1/policy",
    "/v1/people/{person}",
    "/v1/cycles:batch",
    "/v1/people:import",
    "/v1/audit/checkpoint",
    "/v1/audit/exports",
    "/v1/events/types",
    "/v1/webhooks",
}
LATER = "2199-01-01T00:00:00Z"
WRITES = [route for route in ROUTES if route[0] != "GET"]
WITH_BODY = [route for route in WRITES if route[2].body_field is not None]


def names(routes: list[Any]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in routes]


def address(path: str, story: Story | None = None) -> str:
    ids = {
        "person": "ana",
        "guide": "first-conversation",
        "version": "1",
        "question": "impact",
        "facet": "craft",
        "goal": "lead",
        "action": "mentor",
        "kind": "conversations",
        "client": "workday",
        "delivery": "1",
        "correction": "1",
        "id": str(uuid4()),
    }
    if story is not None:
        kind = path.split("/")[2].partition(":")[0]
        known = {"conversations": story.conversation, "plans": story.plan}.get(kind, "")
        ids["id"] = known.rpartition("/")[2] or story.cycle
    return re.sub(r"{(\w+)}", lambda m: ids[m[1]], path)


def roles_for(path: str, story: Story) -> httpx2.AsyncClient:
    if path.startswith("/v1/audit/cases/{id}:"):
        return story.dpo
    if path.startswith("/v1/audit"):
        return story.auditor
    if path.endswith(("{person}:hold", "{person}:release", "{person}:erase", ":review", "/notes")):
        return story.ana if path.startswith("/v1/conversations") else story.dpo
    if path.startswith(("/v1/feeds", "/v1/holds", "/v1/retention")):
        return story.hr
    if re.search("(:propose-partner|/handover|/mentoring)$|/corrections|/access-package", path):
        return story.ana
    if path.startswith("/v1/clients"):
        return story.admin
    if path.startswith(("/v1/conversations", "/v1/plans")):
        return story.ben if path.endswith(":claim-held") else story.ana
    return story.platform


def check(answer: httpx2.Response, *allowed: int) -> dict[str, Any]:
    assert answer.status_code in allowed, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("/problems/")
    assert problem["detail"].endswith((".", "?")), problem
    return problem


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=names(ROUTES))
async def test_without_a_token(door: Door, method: str, path: str, route: Any) -> None:
    answer = await door().request(method, address(path))
    check(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=names(ROUTES))
async def test_with_a_role_that_opens_nothing_here(
    story: Story, door: Door, method: str, path: str, route: Any
) -> None:
    if path.startswith("/v1/guides") and method == "GET":
        return  # everybody may read the guides
    await story.conclude()
    nobody = door("ops")
    if path.startswith("/v1/cycles") and method == "GET":
        nobody = door("employee", "ben")
    params = {"person": "ana", "position": "1", "from": "1", "at": LATER}
    answer = await nobody.request(method, address(path, story), json=body_for(route), params=params)
    if answer.status_code == 200:
        assert answer.json()["items"] == []
    else:
        check(answer, 403, 404)


@pytest.mark.parametrize(("method", "path", "route"), ROUTES, ids=names(ROUTES))
async def test_from_another_tenant(
    story: Story, door: Door, method: str, path: str, route: Any
) -> None:
    await story.conclude()
    other = f"other-{uuid4().hex[:8]}"
    await story.house.record.vault.create_tenant(other)
    for role, person in (("platform", None), ("employee", "ana"), ("auditor", None)):
        stranger = door(role, person, tenant=other)
        params = (
            {"person": "ana", "position": "1", "from": "1", "at": LATER} if method == "GET" else {}
        )
        answer = await stranger.request(
            method, address(path, story), json=body_for(route), params=params
        )
        if "/guides" in path or path in OWN_TO_EACH_TENANT:
            continue
        if answer.status_code == 200:
            assert answer.json().get("items", []) == []
        else:
            check(answer, 403, 404, 409)


@pytest.mark.parametrize(("method", "path", "route"), WRITES, ids=names(WRITES))
async def test_of_something_that_is_not_there(
    story: Story, method: str, path: str, route: Any
) -> None:
    if "{id}" not in path:
        return
    client = roles_for(path, story)
    check(await client.request(method, address(path), json=body_for(route)), 404)
    nonsense = address(path).replace(re.findall(r"[0-9a-f-]{36}", address(path))[0], "nonsense")
    check(await client.request(method, nonsense, json=body_for(route)), 404)


BAD_BODIES = {
    "not JSON": b"{",
    "invalid UTF-8": b'{"text": "\xff\xfe"}',
    "a list": b"[]",
    "a number": b"17",
    "an unknown field": b'{"surprise": 1}',
    "wrong types": b'{"text": 1, "person": [], "until": "soon", "kind": "x", "direction": {},'
    b' "meeting": "maybe", "held_on": "never", "method": 4, "state": [], "reason": "", "cadence": 1,'
    b' "name": [], "questions": "all", "comment": 3, "blocked_by": 0}',
    "a lone surrogate": b'{"text": "\\ud800", "comment": "\\ud800", "name": "\\ud800"}',
    "deep nesting": b"[" * 10_000 + b"]" * 10_000,
}


@pytest.mark.parametrize("bad", BAD_BODIES.values(), ids=BAD_BODIES.keys())
@pytest.mark.parametrize(("method", "path", "route"), WITH_BODY, ids=names(WITH_BODY))
async def test_with_a_bad_body(
    story: Story, method: str, path: str, route: Any, bad: bytes
) -> None:
    await story.conclude()
    client = roles_for(path, story)
    before = (await story.auditor.get("/v1/audit/timeline", params={"limit": 200})).json()
    headers = {"Content-Type": "application/json"}
    answer = await client.request(method, address(path, story), content=bad, headers=headers)
    check(answer, 400, 422)
    after = (await story.auditor.get("/v1/audit/timeline", params={"limit": 200})).json()
    assert before == after


@pytest.mark.parametrize(("method", "path", "route"), WITH_BODY, ids=names(WITH_BODY))
async def test_with_more_text_than_it_takes(
    story: Story, method: str, path: str, route: Any
) -> None:
    client = roles_for(path, story)
    most = LARGEST_BATCH if path == BATCH else 1_048_576
    big = b'{"text": "' + b"x" * most + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = await client.request(method, address(path, story), content=big, headers=headers)
    check(answer, 413)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """All models that an annotation is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for part in get_args(annotation):
        yield from models(part)


def dated(model: type[BaseModel]) -> Iterator[tuple[str, TypeAdapter[Any]]]:
    """Its fields that take a day or a moment."""
    for name, field in model.model_fields.items():
        adapter: TypeAdapter[Any] = TypeAdapter(Annotated[field.annotation, *field.metadata, ...])
        if '"format": "date' in json.dumps(adapter.json_schema()):
            yield f"{model.__name__}.{name}", adapter


DATED = {
    name: adapter
    for _, _, route in WITH_BODY
    for model in models(route.body_field.field_info.annotation)
    for name, adapter in dated(model)
}


@pytest.mark.parametrize("field", DATED.values(), ids=DATED.keys())
def test_a_day_is_never_taken_from_a_number(field: TypeAdapter[Any]) -> None:
    """Pydantic takes 20260302 for a moment of August 1970."""
    for bad in (0, -1e-300, 20260302, "0", "20260302", "-86400", "2026.0302", True):
        with pytest.raises(ValidationError):
            field.validate_python(bad)
    good = "2026-03-02T00:00:00Z"
    assert field.validate_python(good).isoformat() in {"2026-03-02", "2026-03-02T00:00:00+00:00"}


BAD_TOKENS = {
    "nonsense": "Bearer nonsense",
    "another scheme": "Basic YTpi",
    "empty": "Bearer ",
    "none": "Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJ0ZW5hbnQiOiJ4In0.",
    "huge": "Bearer " + "a" * 10_000,
    "three words": "Bearer a b",
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_with_a_bad_token(door: Door, token: str) -> None:
    check(await door().get("/v1/policy", headers={"Authorization": token}), 401)


async def test_with_a_token_that_is_expired_or_of_a_tenant_that_is_not_there(
    door: Door, issuer: Issuer, tenant: str
) -> None:
    old = issuer.issue(tenant, ["hr"], None, -10)
    strange = issuer.issue("nobody-knows", ["hr"], None, 60)
    for token in (old, strange):
        headers = {"Authorization": f"Bearer {token}"}
        check(await door().get("/v1/policy", headers=headers), 401)


async def test_with_two_tokens_at_once(door: Door, issuer: Issuer, tenant: str) -> None:
    token = issuer.issue(tenant, ["hr"], None, 60)
    headers = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    check(await door().get("/v1/policy", headers=headers), 401)


async def test_an_unknown_address_and_a_wrong_method(story: Story) -> None:
    assert check(await story.ana.get("/v1/nothing"), 404)["type"] == "/problems/not-found"
    answer = await story.ana.delete("/v1/policy")
    check(answer, 405)
    assert answer.headers["allow"] == "GET, PUT"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
async def test_a_body_of_another_kind_is_told_what_to_send(story: Story, kind: str) -> None:
    headers = {"Content-Type": kind}  # what curl -d sends by itself is the first
    answer = await story.platform.post("/v1/cycles", content=b'{"person":"ana"}', headers=headers)
    problem = check(answer, 415)
    assert problem["detail"] == "Send the body as application/json."


async def test_a_body_that_is_no_json_says_from_where_on(story: Story) -> None:
    answer = await story.platform.put("/v1/people/ana", content=b'{"name": "Ana",')
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/body"
    assert error["detail"].startswith("No JSON from character 15 on: Expecting property name")


async def test_a_rule_of_a_field_is_a_sentence_of_ours(story: Story) -> None:
    body = {"name": "Ana", "email": "ana@example.com", "timezone": "Mars/One"}
    answer = await story.platform.put("/v1/people/ana", json=body)
    (error,) = answer.json()["errors"]
    assert error["detail"] == "Not an IANA time zone, such as Europe/Berlin"


async def test_a_body_of_no_kind_is_taken_for_json(story: Story) -> None:
    sent = story.platform.build_request("POST", "/v1/cycles", content=b'{"person":"ana"}')
    sent.headers.pop("Content-Type", None)
    assert (await story.platform.send(sent)).status_code == 200


async def test_an_unknown_person_says_what_to_do(story: Story) -> None:
    problem = check(await story.platform.post("/v1/cycles", json={"person": "zoe"}), 404)
    assert problem["type"] == "/problems/person-unknown"
    assert "PUT /v1/people" in problem["detail"]


async def test_an_unknown_question_says_which_there_are(story: Story) -> None:
    answer = await story.ana.put(f"{story.conversation}/answers/salary", json={"text": "More"})
    problem = check(answer, 404)
    assert problem["type"] == "/problems/question-unknown"
    assert "impact" in problem["detail"]


async def test_an_answer_after_the_conclusion_is_refused(story: Story) -> None:
    await story.conclude()
    answer = await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "Late"})
    assert check(answer, 409)["type"] == "/problems/not-open"


async def test_a_platform_without_a_key_is_told_so(story: Story) -> None:
    story.platform.event_hooks = {"request": []}
    answer = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert check(answer, 400)["type"] == "/problems/idempotency-key-required"


@pytest.mark.parametrize("version", ["7", "seven", '"seven"', 'W/"7"'])
async def test_a_bad_if_match_is_told_so(story: Story, version: str) -> None:
    answer = await story.ana.put(
        f"{story.conversation}/answers/impact",
        json={"text": "x"},
        headers={"If-Match": version},
    )
    check(answer, 400)


async def test_a_field_that_may_be_a_day_or_a_moment_is_named_once(story: Story) -> None:
    refused = await story.platform.post("/v1/people/ana:leave", json={"from": "x"})
    check(refused, 422)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/body/from"]


async def test_a_bad_cursor_is_told_so(story: Story) -> None:
    for path in ("/v1/people", "/v1/cycles"):
        check(await story.platform.get(path, params={"cursor": "§§§"}), 400)
        check(await story.platform.get(path, params={"limit": 0}), 422)
    check(await story.auditor.get("/v1/audit/timeline", params={"cursor": "bm9uc2Vuc2U="}), 400)
    check(await story.platform.get("/v1/cycles", params={"cursor": "bm9uc2Vuc2U="}), 400)


async def test_a_character_that_no_text_can_hold_is_told_so(story: Story) -> None:
    check(await story.platform.get("/v1/people", params={"cursor": "AA=="}), 400)
    for number in (b"99999999999999999999", b"-1"):
        far = {"cursor": b64encode(number).decode()}
        check(await story.auditor.get("/v1/audit/timeline", params=far), 400)
    for accept in ("application/json", "text/csv"):
        asked = {"params": {"actor": "\0"}, "headers": {"accept": accept}}
        check(await story.auditor.get("/v1/audit/timeline", **asked), 422)
