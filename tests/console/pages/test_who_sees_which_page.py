"""Who gets which page: a table by hand, over every page and form that there is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi.routing import APIRoute

from console.login.sessions import Sessions
from console.pages.keys import FormKeys
from console.pages.site import pages
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Site

ANA, BEN, CLEO = "ana", "ben", "cleo"
OFFICES = ("hr", "auditor", "dpo", "ops", "admin")
VIEWERS = (ANA, BEN, CLEO, *OFFICES, "ana of another company")

OPEN = {
    "static", "login", "start_login", "finish_login", "open_link", "log_in_as", "log_out",
    "choose_language",
}  # fmt: skip
"""What is there for whoever comes, logged in or not."""

OWN_WAY = {
    "home", "history", "readers", "kept", "let_go", "handover", "choose_handover",
    "copy", "request_package", "package", "corrections",
    "reminders", "decline_reminders", "want_reminders",
}  # fmt: skip
"""What everybody has for themselves: it holds nothing of anybody else."""

MAY: dict[str, set[str]] = {
    "question": {ANA},
    "record_answer": {ANA},
    "save_draft": {ANA},
    "set_aside": {ANA},
    "later": {ANA},
    "choose_day": {ANA},
    "decline_question": {ANA},
    "facets": {ANA},
    "note_facet": {ANA},
    "withdraw_facet": {ANA},
    "direction": {ANA},
    "state_direction": {ANA},
    "sharing": {ANA},
    "share": {ANA},
    "unshare": {ANA},
    "shared": {ANA},
    "conversation": {ANA},
    "concluding": {ANA},
    "conclude": {ANA},
    "concluded": {ANA},
    "correcting": {ANA},
    "state_correction": {ANA},
    "withdraw_correction": {ANA},
    "resting": {ANA},
    "pause": {ANA},
    "resume": {ANA},
    "leaving_out": {ANA},
    "decline": {ANA},
    "scheduling": {ANA, BEN},
    "schedule": {ANA, BEN},
    "unschedule": {ANA, BEN},
    "invite": {ANA, BEN},
    "notes": {ANA, BEN},
    "write_note": {ANA, BEN},
    "plan": {ANA, BEN},
    "propose": {ANA, BEN},
    "agree": {ANA, BEN},
    "wishing": {ANA, BEN},
    "request_changes": {ANA, BEN},
    "doing_without": {ANA, BEN},
    "close": {ANA},
    "goal": {ANA, BEN},
    "set_goal": {ANA, BEN},
    "drop_goal": {ANA, BEN},
    "action": {ANA, BEN},
    "plan_action": {ANA, BEN},
    "reporting": {ANA, BEN},
    "report_action": {ANA, BEN},
    "checking_in": {ANA, BEN},
    "check_in": {ANA, BEN},
    "partner": {ANA, BEN, CLEO, "ana of another company"},
    "companion": {BEN},
    "claim_held": {BEN},
    "coverage": {"hr", "dpo", "admin"},
    "practice": {"hr", "dpo", "admin"},
    "people": {"hr", "dpo", "admin"},
    "person": {"hr", "dpo", "admin"},
    "name_partner": {"hr", "admin"},
    "start_cycle": {"hr", "admin"},
    "waiting": {"hr", "dpo", "admin"},
    "release_feed": {"hr", "admin"},
    "guides": {"hr", "auditor", "dpo", "admin"},
    "guide": {"hr", "auditor", "dpo", "admin"},
    "writing_guide": {"hr", "admin"},
    "publish_guide": {"hr", "admin"},
    "approve_guide": {"hr", "admin"},
    "withdraw_approval": {"hr", "admin"},
    "policy": {"hr", "auditor", "dpo", "admin"},
    "put_policy": {"hr", "admin"},
    "batches": {"hr", "admin"},
    "try_batch": {"hr", "admin"},
    "batch": {"hr", "ops", "admin"},
    "start_batch": {"hr", "admin"},
    "cancel_batch": {"hr", "admin"},
    "copy_of": {"dpo"},
    "note_request": {"dpo"},
    "review_note": {"dpo"},
    "package_of": {"dpo"},
    "keeping": {"dpo", "admin"},
    "place_hold": {"dpo", "admin"},
    "release_hold": {"dpo", "admin"},
    "erase_person": {"dpo"},
    "holds": {"hr", "dpo", "admin"},
    "retention": {"hr", "dpo", "admin"},
    "erasures": {"auditor", "dpo"},
    "certificate": {"auditor", "dpo"},
    "cases": {"hr", "auditor", "dpo", "admin"},
    "asking_case": {"auditor"},
    "request_case": {"auditor"},
    "case": {ANA, "hr", "auditor", "dpo", "admin"},
    "case_words": {"auditor"},
    "approve_case": {"hr", "dpo", "admin"},
    "refuse_case": {"hr", "dpo", "admin"},
    "revoke_case": {"hr", "dpo", "admin"},
    "timeline": {"auditor", "dpo"},
    "film": {"auditor", "dpo"},
    "verification": {"auditor", "dpo"},
    "compare": {"auditor", "dpo"},
    "exports": {"auditor", "dpo"},
    "request_export": {"auditor", "dpo"},
    "export": {"auditor", "dpo"},
    "bundle": {"auditor", "dpo"},
    "years": {"auditor", "dpo"},
    "year": {"auditor", "dpo"},
}
EVERY = [route for route in pages() if route.name not in OPEN | OWN_WAY]


@pytest.fixture
async def told(story: Story) -> Story:
    """A conversation with a plan that was proposed, and a partner of nobody."""
    await story.platform.put("/v1/people/cleo", json={"name": "Cleo", "email": "c@example.com"})
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "canary"})
    await story.ana.put(
        f"{story.conversation}/facets/value-1", json={"kind": "value", "text": "it"}
    )
    meeting = {"starts_at": "2099-03-01T13:30:00Z", "duration": "PT1H"}
    await story.ben.post(f"{story.conversation}:schedule", json=meeting)
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    action = {
        "method": "other",
        "title": "It",
        "serves": "lead",
        "success": "so",
        "owner": "partner",
    }
    await story.ana.put(f"{story.plan}/actions/it", json=action)
    await story.ana.post(f"{story.plan}:propose")
    batch = {"filter": {}, "dry_run": True}
    requested = await story.platform.post("/v1/cycles:batch", json=batch)
    story.batch = requested.json()["id"]  # type: ignore[attr-defined]
    export = await story.auditor.post("/v1/audit/exports", json={})
    story.export = export.json()["id"]  # type: ignore[attr-defined]
    await story.platform.put("/v1/people/dan", json={"name": "Dan", "email": "d@example.com"})
    await story.dpo.post("/v1/people/dan:erase")
    story.erased = await story.house.record.vault.subject_of(story.tenant, "dan")  # type: ignore[attr-defined]
    asked = {"cycle": story.cycle, "reason": "audit"}
    case = await story.auditor.post("/v1/audit/cases", json=asked)
    story.case = case.json()["id"]  # type: ignore[attr-defined]
    hands = story.house.hands(None)  # type: ignore[arg-type]
    by, at = workflow(story.tenant, "Export"), story.house.record.clock.now()
    command = Command(by=by, at=at, step="write")
    await hands.keeping.exports.write_bundle(command, UUID(story.export), lambda _, __: None)
    await story.read_models()
    return story


class Viewer:
    """Somebody who is logged in, and can send our own forms."""

    def __init__(self, client: httpx2.AsyncClient, site: Site, session: bytes) -> None:
        self._client = client
        self._key = site.given[FormKeys].fresh(session)

    async def ask(self, method: str, path: str) -> httpx2.Response:
        if method == "GET":
            return await self._client.get(path)
        headers = {"Sec-Fetch-Site": "same-origin"}
        return await self._client.post(path, data={"key": self._key}, headers=headers)


@pytest.fixture
async def viewers(told: Story, site: Site, tenant: str) -> AsyncIterator[dict[str, Viewer]]:
    other = f"t-{uuid4().hex[:12]}"
    await told.house.record.vault.create_tenant(other)
    await told.house.record.vault.assign_subject(other, "ana")
    found: dict[str, Viewer] = {}
    clients = []
    for name in VIEWERS:
        if name in OFFICES:
            secret = await site.cookie(tenant, None, name)
        elif name in {ANA, BEN, CLEO}:
            secret = await site.cookie(tenant, name, "employee", "partner")
        else:
            secret = await site.cookie(other, "ana", "employee", "partner")
        client = httpx2.AsyncClient(base_url=site.url, cookies={"cairn": secret}, timeout=30)
        session = await site.given[Sessions].find(secret)
        assert session is not None
        found[name] = Viewer(client, site, session.id)
        clients.append(client)
    yield found
    for client in clients:
        await client.aclose()


def path_of(route: APIRoute, story: Story) -> str:
    of_place = {
        "plans": story.plan,
        "batches": story.batch,  # type: ignore[attr-defined]
        "exports": story.export,  # type: ignore[attr-defined]
        "cases": story.case,  # type: ignore[attr-defined]
        "erasures": str(story.erased),  # type: ignore[attr-defined]
    }
    known = {
        "id": of_place.get(route.path.split("/")[1], story.conversation).rpartition("/")[2],
        "question": "energy",
        "facet": "value-1",
        "goal": "lead",
        "action": "it",
        "person": "ana",
        "guide": "first-conversation",
        "version": "1",
        "kind": "conversations",
        "about": "conversation",
        "part": "question-energy",
        "number": "1",
        "year": str(datetime.now(UTC).year),
    }
    path: Any = route.path.format(**known)
    return str(path)


async def test_only_those_in_the_table_get_a_page(told: Story, viewers: dict[str, Viewer]) -> None:
    wrong = []
    for route in EVERY:
        method = "GET" if "GET" in route.methods else "POST"
        for name, viewer in viewers.items():
            allowed = name in MAY[route.name]
            if method == "POST" and allowed:
                continue  # what forms do is tried elsewhere; here it would change what others see
            answer = await viewer.ask(method, path_of(route, told))
            if (answer.status_code in {403, 404}) == allowed:
                wrong.append((route.name, name, answer.status_code))
    assert wrong == [], wrong


async def test_whoever_is_not_logged_in_is_led_to_the_login(told: Story, site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.url) as nobody:
        for route in (r for r in pages() if r.name not in OPEN):
            method = "GET" if "GET" in route.methods else "POST"
            headers = {"Sec-Fetch-Site": "same-origin"}
            answer = await nobody.request(method, path_of(route, told), headers=headers)
            assert answer.status_code == 303, route.name
            assert answer.headers["location"].startswith("/login"), route.name


async def test_what_everybody_has_for_themselves_holds_nothing_of_others(
    told: Story, viewers: dict[str, Viewer]
) -> None:
    for name in (CLEO, "ana of another company"):
        for path in (
            "/",
            "/history",
            "/history/readers",
            "/history/copy",
            "/history/corrections",
            "/kept",
        ):
            answer = await viewers[name].ask("GET", path)
            assert answer.status_code in {200, 303, 403, 404}, (name, path)
            assert "canary" not in answer.text
            assert told.conversation.rpartition("/")[2] not in answer.text


def test_every_page_and_form_is_in_the_table() -> None:
    assert {route.name for route in pages()} == OPEN | OWN_WAY | MAY.keys()
