"""Every door is tried: an auditor without a case reads no word, and who was forgotten is nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
from fastapi.routing import APIRoute

from console.app import SERVICES
from shared.settings import Settings
from tests.conftest import Client, Story
from tests.services.audit.test_exports import asked, write

WORD = f"canary-{uuid4().hex[:12]}"
NAMES = ("Ana Silva", "ana@example.com")


async def written(story: Story) -> dict[str, list[str]]:
    """Words wherever one can write, shared with Ben; answers the ids of everything there is."""
    at, ana, ben = story.conversation, story.ana, story.ben
    for question in ("impact", "energy", "peak"):
        await ana.put(f"{at}/answers/{question}", json={"text": f"{WORD} {question}"})
    await ana.put(f"{at}/drafts/ideal", json={"text": WORD})
    await ana.put(f"{at}/facets/f", json={"kind": "goal", "text": WORD})
    await ana.put(f"{at}/direction", json={"direction": "expand", "comment": WORD})
    for client in (ana, ben):
        for shared in (True, False):
            await client.post(f"{at}/notes", json={"text": WORD, "shared": shared})
    await ana.post(f"{at}:share")
    await ana.post("/v1/people/ana/corrections", json={"about": "profile", "text": WORD})
    assert WORD in (await ben.get(at)).text
    await story.conclude()
    await ana.put(f"{story.plan}/goals/g", json={"text": WORD})
    action = {"method": "other", "title": WORD, "serves": "g", "success": WORD, "owner": "partner"}
    await ana.put(f"{story.plan}/actions/a", json=action)
    await ana.post(f"{story.plan}:propose")
    assert WORD in (await ben.get(story.plan)).text
    batch = await story.platform.post("/v1/cycles:batch", json={"people": ["ana"]})
    case = {"cycle": story.cycle, "reason": "audit"}
    refused = (await story.auditor.post("/v1/audit/cases", json=case)).json()["id"]
    waits = (await story.auditor.post("/v1/audit/cases", json=case)).json()["id"]
    assert (await story.hr.post(f"/v1/audit/cases/{refused}:refuse")).status_code == 200
    export = await asked(story)
    await write(story, export)
    await story.read_models()
    ids = [at.rpartition("/")[2], story.plan.rpartition("/")[2], story.cycle]
    return {
        "id": [*ids, batch.json()["id"], refused, waits, export],
        "person": ["ana", "ben"],
        "question": ["impact", "ideal", "note"],
        "goal": ["g"],
        "action": ["a"],
        "facet": ["f"],
        "guide": ["first-conversation"],
        "version": ["1"],
        "kind": ["conversation", "plan", "cycle"],
        "position": ["1"],
        "index": ["0"],
    }


def doors(ids: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Each method and documented address of the API, with everything that there is in its place."""
    for router in SERVICES.values():
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for path in filled(route.path, ids):
                    yield from ((method, path) for method in sorted(route.methods))


def filled(path: str, ids: dict[str, list[str]]) -> list[str]:
    found = re.search(r"{(\w+)(:\w+)?}", path)
    if found is None:
        return [path]
    values = ids.get(found[1], ["1"])
    return [each for v in values for each in filled(path.replace(found[0], v, 1), ids)]


async def test_an_auditor_without_a_case_finds_no_way_to_any_word(story: Story) -> None:
    ids = await written(story)
    tried = opened = 0
    queries: list[dict[str, Any]] = [{}, {"person": "ana"}, {"format": "csv"}]
    narrowed = {("GET", f"/v1/{each}") for each in ("events", "people", "cycles", "audit/timeline")}
    for method, path in doors(ids):
        for params in queries if (method, path) in narrowed else [{}]:
            body = {"json": {}} if method in {"POST", "PUT", "PATCH"} else {}
            answer = await story.auditor.request(method, path, params=params, **body)
            told = answer.text
            assert not any(word in told for word in (WORD, *NAMES)), (method, path, params)
            tried += 1
            opened += answer.is_success
    assert tried > 250
    assert opened > 20  # what auditors are for


async def test_after_the_link_was_deleted_the_database_knows_the_id_and_the_words_nowhere(
    story: Story, settings: Settings
) -> None:
    who = f"who-{uuid4().hex[:12]}"
    profile = {"name": who, "email": f"{who}@example.com", "partner": "ben"}
    assert (await story.platform.put(f"/v1/people/{who}", json=profile)).status_code == 201
    started = await story.platform.post("/v1/cycles", json={"person": who})
    await story.advance(who)
    own = story.door("employee", who)
    seen = (await own.get(f"/v1/cycles/{started.json()['id']}")).json()["conversation"]
    at = f"/v1/conversations/{seen}"
    await own.put(f"{at}/answers/impact", json={"text": f"{who} was here"})
    await own.put(f"{at}/drafts/energy", json={"text": who})
    await own.post(f"/v1/people/{who}/access-package:request")
    await story.platform.post("/v1/cycles:batch", json={"people": [who], "dry_run": True})
    await story.platform.post("/v1/cycles:batch", json={"people": [who]})
    await story.dpo.post(f"/v1/people/{who}:hold", json={"reason": "lawsuit"})
    await story.dpo.post(f"/v1/people/{who}:release")
    case = {"cycle": started.json()["id"], "reason": "audit"}
    await story.auditor.post("/v1/audit/cases", json=case)
    await story.auditor.post("/v1/audit/exports", json={"person": who})
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": who}
    await story.platform.post("/scim/v2/Users", json=user)
    await story.read_models()
    assert await tables_with(settings, who) != []  # a search finds it
    answer = await story.dpo.post(f"/v1/people/{who}:erase", json={"depth": "link"})
    assert answer.status_code == 200, answer.text
    await story.read_models()
    assert await tables_with(settings, who) == []
    client: Client
    for client in (story.hr, story.platform, story.auditor, story.dpo, story.ben, own):
        for path in ("/v1/people", "/v1/cycles", "/v1/audit/timeline", "/v1/events", at):
            assert who not in (await client.get(path)).text


async def tables_with(settings: Settings, word: str) -> list[str]:
    """Every table in which a word stands in any column, in clear or as bytes."""
    admin = await asyncpg.connect(settings.required_database_url())
    tables = await admin.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c"
        " WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text"
        " ~ '^(record|keys|drafts|console|readmodel.*)$'"
    )
    found = [
        table["name"]
        for table in tables
        if await admin.fetchval(
            f"SELECT EXISTS (SELECT FROM {table['name']} t"
            " WHERE to_jsonb(t)::text ~ ($1 || '|' || encode($1::text::bytea, 'hex')))",
            word,
        )
    ]
    await admin.close()
    return found
