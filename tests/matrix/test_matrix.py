"""P7, the short form: nobody sees what they may not, tried at every route there is.

Every route is called by every kind of viewer, of this tenant and of another one, for an employee of each
relation, with something shared and without. Writes carry a version that never was, so that one that is
allowed ends with 412 and the world stays as it is. What is answered is searched for everybody's words.
"""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from console.bootstrap import House
from shared.tokens import Issuer
from tests.conftest import Client
from tests.console.test_bad_input import LATER, ROUTES
from tests.good import body_for
from tests.matrix.table import TABLE
from tests.matrix.world import RELATIONS, ROLES, Case, World
from tests.proving import Proof

CANARY = re.compile(r"zq\.([a-z-]+)\.([a-z-]+)\.qz")
NEVER = '"999999999"'
NOT = {403, 404}


@pytest.fixture(scope="module")
async def world(app: Any, house: House, issuer: Issuer) -> AsyncIterator[World]:
    tenant, other = (f"{name}-{uuid4().hex[:8]}" for name in ("matrix", "foreign"))
    opened: dict[tuple[str, str, str | None], Client] = {}

    def door(of: str, role: str, person: str | None) -> Client:
        if (of, role, person) not in opened:
            token = issuer.issue(of, [role], person, 3_600)
            opened[of, role, person] = Client(
                transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
                base_url="http://cairn",
                headers={"Authorization": f"Bearer {token}"},
                event_hooks={"request": [_with_key]},
            )
        return opened[of, role, person]

    for name in (tenant, other):
        await house.record.vault.create_tenant(name)
    built = await World(house, tenant, lambda role, person: door(tenant, role, person)).build()
    built.foreign = lambda role, person: door(other, role, person)  # type: ignore[attr-defined]
    yield built
    for client in opened.values():
        await client.aclose()


async def _with_key(request: httpx2.Request) -> None:
    if request.method != "GET":
        request.headers.setdefault("Idempotency-Key", uuid4().hex)


def viewers(world: World, case: Case) -> Iterator[tuple[str, Client]]:
    """Everybody who might look at one employee, where they look in a way of their own."""
    yield case.relation, world.open("partner", "pat")
    if case.relation in {"now", "earlier"}:
        yield "self" if case.relation == "now" else "moved", world.open("employee", case.person)
    if case.relation == "never":
        yield "stranger", world.open("employee", "sam")
        for role in ROLES:
            yield role, world.open(role, None)


def strangers(world: World, case: Case) -> Iterator[tuple[str, Client]]:
    """The same people and roles, of another tenant."""
    for role, person in (
        ("employee", case.person),
        ("partner", "pat"),
        *((r, None) for r in ROLES),
    ):
        yield role, world.foreign(role, person)  # type: ignore[attr-defined]


async def ask(client: Client, case: Case, method: str, path: str, route: Any) -> httpx2.Response:
    of_audit = path.startswith(("/v1/audit/exports", "/v1/audit/cases"))
    kind = path.split("/")[3 if of_audit else 2].partition(":")[0]
    ids = case.ids | {"conversations": case.ids["conversation"], "plans": case.ids["plan"]}
    if path.endswith("/comparison"):
        ids["conversations"] = ids["follow_up"]
    names = {
        "person": case.person,
        "guide": "first-conversation",
        "version": "1",
        "question": "energy" if "/drafts/" in path else "impact",
        "facet": "lead",
        "goal": "lead",
        "action": "mentor",
        "client": case.ids["clients"],
        "delivery": "1",
        "correction": "1",
        "kind": "conversations",
        "id": ids.get(kind) or (ids["conversation"] if kind == "audit" else ids["cycle"]),
    }
    where = re.sub(r"{(\w+)}", lambda found: names[found[1]], path)
    if method == "GET":
        params = {"person": case.person, "position": "1", "from": "1", "at": LATER}
        return await client.get(where, params=params)
    body = body_for(route)
    if route.operation_id == "request_case":
        body = body | {"cycle": case.ids["cycle"]}
    if route.operation_id == "start_cycle":
        body = {"person": case.person}
    return await client.request(method, where, json=body, headers={"If-Match": NEVER})


def text_of(answer: httpx2.Response) -> str:
    """What an answer says, that of a zip in all its files."""
    if answer.headers.get("content-type") != "application/zip":
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def check(what: str, answer: httpx2.Response, case: Case, seen: set[str] | None) -> None:
    """Compare an answer with what the table says; a page of everybody may name everybody."""
    found = {(who, word) for who, word in CANARY.findall(text_of(answer))}
    if seen is None:
        assert answer.status_code in NOT, (what, answer.status_code, answer.text)
        assert found == set(), what
        return
    assert (
        answer.status_code not in NOT
        or "nothing-before" in answer.text
        or ("no-draft" in answer.text or "no-mentoring-offered" in answer.text)
    ), (what, answer.status_code, answer.text)
    own = {word for who, word in found if who == case.person}
    others = {word for who, word in found if who != case.person}
    assert own == seen, (what, own, seen)
    assert others <= (seen & {"name"}), (what, others)


@pytest.mark.parametrize(
    ("method", "path", "route"), ROUTES, ids=[f"{method} {path}" for method, path, _ in ROUTES]
)
async def test_a_route_shows_each_viewer_what_the_table_says_and_nothing_else(
    world: World, method: str, path: str, route: Any
) -> None:
    row = TABLE[f"{method} {path}"]

    async def look(viewer: str, client: Client, case: Case) -> None:
        answer = await ask(client, case, method, path, route)
        what = f"{viewer} of {case.person}: {method} {path}"
        check(what, answer, case, row.seen(viewer, shared=case.shared))
        about_a_person = re.match(r"/v1/(people|cycles|conversations|plans)/{", path)
        if viewer in {"stranger", "never"} and about_a_person and method == "GET":
            assert answer.status_code == 404, what

    looks = [(*viewer, case) for case in world.cases for viewer in viewers(world, case)]
    await asyncio.gather(*(look(*each) for each in looks))
    for viewer, client in strangers(world, world.cases[0]):
        answer = await ask(client, world.cases[0], method, path, route)
        assert not CANARY.search(text_of(answer)), (viewer, answer.text)
        if "{id}" in path or (method == "GET" and "{person}" in path):
            nothing = answer.status_code == 200 and answer.json().get("items") == []
            assert nothing or answer.status_code in NOT, (viewer, answer.text)


def test_every_route_is_in_the_matrix_and_nothing_else() -> None:
    assert set(TABLE) == {f"{method} {path}" for method, path, _ in ROUTES}


async def test_the_world_is_as_it_was(world: World, proof: Proof) -> None:
    """None of the writes of the matrix had an effect, so that every route saw the same company."""
    for case in world.cases:
        own = world.open("employee", case.person)
        shown = (await own.get(f"/v1/plans/{case.ids['plan']}")).json()
        assert shown["actions"]["mentor"]["state"] == "planned"
        conversation = (await own.get(f"/v1/conversations/{case.ids['conversation']}")).json()
        assert conversation["questions"][0]["answer"] == case.canary("answer")
    each = sum(len(list(viewers(world, case))) for case in world.cases)
    asked = len(ROUTES) * (each + len(list(strangers(world, world.cases[0]))))
    routes = f"{len(ROUTES)} routes, {asked:,} requests, {len(RELATIONS)} relations"
    proof("P7 nobody sees what they may not", routes, "0 leaks, 0 routes missing")
