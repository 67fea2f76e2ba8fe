"""More of the walk: leave, stopped feeds, batches, both sides of a conversation, half a year on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.conftest import Story
from workflows.batching import Batching
from workflows.messages import BatchRun

SOON = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
LATER = f"{datetime.now(UTC) + timedelta(days=60):%Y-%m-%d}"
_GUIDE = {
    "title": {"en": "The conversation with an apprentice"},
    "kind": "conversation",
    "needs_approval": True,
    "questions": [
        {"id": "joy", "purpose": "What goes well.", "text": "Which day would you live again?"}
    ],
}


async def leave_and_hold(story: Story) -> None:
    """A long leave that ends early, and a legal hold."""
    platform, dpo = story.platform, story.dpo
    await done(platform.post("/v1/people/ben:leave", json={"from": "2026-01-05", "until": LATER}))
    await done(platform.post("/v1/people/ben:return", json={"from": "2026-02-02"}))
    hold = {"reason": "litigation", "review": LATER, "owner": "ana"}
    await done(dpo.post("/v1/people/ben:hold", json=hold))
    await story.read_models()
    await done(story.hr.get("/v1/holds"))
    await done(story.hr.get("/v1/retention"))
    await done(dpo.post("/v1/people/ben:release"))


async def choices(story: Story) -> None:
    """What people say for themselves: with whom, what a partner gets, what they pass on."""
    ana, cem = story.ana, story.door("employee", "cem")
    ben = story.door("employee", "ben")
    await done(cem.post("/v1/people/cem:propose-partner", json={"partner": "ana"}))
    await done(ana.post("/v1/people/ana/handover", json={"choice": "plan"}))
    await done(ana.get("/v1/people/ana/handover"))
    offer = {"skills": ["sql", "negotiation"], "capacity": 2}
    await done(ben.put("/v1/people/ben/mentoring", json=offer))
    await done(ben.get("/v1/people/ben/mentoring"))
    await done(ben.delete("/v1/people/ben/mentoring"))


async def stopped_feed(story: Story) -> None:
    """More people of a legal entity become inactive in a day than the policy lets go."""
    platform, hr = story.platform, story.hr
    await done(story.admin.put("/v1/policy", json={"closing_percent": 1, "closing_floor": 1}))
    for person, status in (("eli", "active"), ("fay", "active"), ("eli", "inactive")):
        await done(platform.put(f"/v1/people/{person}", json=_clerk(person, status)))
        await story.read_models()
    refused = await platform.put("/v1/people/fay", json=_clerk("fay", "inactive"))
    assert refused.json()["type"] == "/problems/feed-stopped"
    await story.read_models()
    await done(hr.get("/v1/feeds"))
    await done(hr.post("/v1/feeds:release", json={"legal_entity": "Acme Iberia"}))


async def batches(story: Story) -> None:
    """A dry run of everybody in a department; and a roll-out that is called off."""
    platform = story.platform
    asked = {"filter": {"legal_entity": "Acme Iberia"}, "exclude": ["eli"], "dry_run": True}
    batch = (await done(platform.post("/v1/cycles:batch", json=asked)))["id"]
    await story.read_models()
    house = story.house
    batching = Batching(house.record, house.batches, house.cycles)
    while (await batching.start_some(BatchRun(story.tenant, batch))).next_at is not None:
        pass
    await done(platform.get(f"/v1/batches/{batch}"))
    await done(platform.get(f"/v1/batches/{batch}/exclusions"))
    named = {"people": ["ana", "cem", "nobody"], "spread_over": "P4W"}
    batch = (await done(platform.post("/v1/cycles:batch", json=named)))["id"]
    await done(platform.post(f"/v1/batches/{batch}:cancel"))


async def guides(story: Story) -> None:
    """A guide of one's own, which a works council approves."""
    hr, here = story.hr, "/v1/guides/apprentices"
    await done(hr.post(here, json=_GUIDE))
    approval = {"legal_entity": "Acme Iberia", "reference": "works-agreement-7"}
    await done(hr.post(f"{here}/1:approve", json=approval))
    await done(hr.post(f"{here}/1:withdraw-approval", json={"legal_entity": "Acme Iberia"}))


async def both_sides(story: Story) -> None:
    """Drafts, notes, and a meeting that is set and called off."""
    ana, ben, here = story.ana, story.ben, story.conversation
    draft = {"text": "Perhaps the year in Lisbon"}
    await done(ana.put(f"{here}/drafts/energy", json=draft))
    await done(ana.get(f"{here}/drafts"))
    await done(ana.get(f"{here}/drafts/energy"))
    await done(ana.delete(f"{here}/drafts/energy"))
    note = {"text": "Ask about the team in Porto.", "shared": True}
    await done(ben.post(f"{here}/notes", json=note))
    await done(ana.get(f"{here}/notes"))
    meeting = {"starts_at": f"{SOON}T09:00:00Z", "duration": "PT1H", "place": "Room 4"}
    await done(ben.post(f"{here}:schedule", json=meeting))
    await done(ana.get(f"{here}/invite.ics"))
    await done(ben.post(f"{here}:unschedule"))


async def package(story: Story) -> None:
    """Ana asks what is held about her; data protection looks at Ben's own note first."""
    ana, ben, dpo, here = story.ana, story.ben, story.dpo, "/v1/people/ana/access-package"
    note = {"text": "Ask Cem how it went.", "shared": False}
    await done(ben.post(f"{story.conversation}/notes", json=note))
    wrong = {"about": "profile", "text": "My name is written Sylva."}
    stated = await done(ana.post("/v1/people/ana/corrections", json=wrong))
    await done(ana.get("/v1/people/ana/corrections"))
    await done(ana.delete(f"/v1/people/ana/corrections/{stated['correction']}"))
    await done(ana.post(f"{here}:request"))
    (found,) = (await done(dpo.get(f"{here}/notes")))["items"]
    decided = {"conversation": found["conversation"], "note": found["note"]}
    decided |= {"decision": "withhold", "reason": "third_party"}
    await done(dpo.post(f"{here}:review", json=decided))
    await done(ana.get(f"{here}/request"))
    await done(ana.get(here))


async def half_a_year_on(story: Story) -> None:
    """Dora's follow-up, in seconds: what is compared, and what goes on in the next round."""
    dora, platform = story.door("employee", "dora"), story.platform
    await done(story.admin.put("/v1/policy", json={"follow_up_after": "PT1S", "cadence": "PT1H"}))
    profile = {"name": "Dora Lind", "email": "dora@example.com", "partner": "ben"}
    await done(platform.put("/v1/people/dora", json=profile))
    cycle = (await done(platform.post("/v1/cycles", json={"person": "dora"})))["id"]
    here = await _now_at(story, cycle, "conversation")
    await done(dora.put(f"{here}/direction", json={"direction": "undecided"}))
    await done(dora.post(f"{here}:conclude", json={"meeting": "waived"}))
    plan = await _now_at(story, cycle, "plan")
    await done(dora.put(f"{plan}/goals/find-out", json={"text": "Find out what I want"}))
    talk = {"method": "coaching", "title": "Three sessions", "serves": "find-out"}
    talk |= {"success": "I know what to try next", "owner": "partner", "by": LATER}
    await done(dora.put(f"{plan}/actions/talk", json=talk))
    await done(dora.post(f"{plan}:propose"))
    await done(story.ben.post(f"{plan}:agree"))
    await story.advance("dora")
    while (await done(story.platform.get(f"/v1/cycles/{cycle}")))["state"] != "follow_up":
        await asyncio.sleep(0.1)
        await story.advance("dora")
    later = await _now_at(story, cycle, "conversation")
    await done(dora.post(f"{plan}/actions/talk:carry-over"))
    await done(dora.put(f"{later}/direction", json={"direction": "deepen"}))
    await done(dora.get(f"{later}/comparison"))
    await story.read_models()
    await done(dora.get("/v1/promises"))


async def done(sent: Any) -> Any:
    """The answer to a request, which went well."""
    answer: httpx2.Response = await sent
    assert answer.is_success, (answer.request.method, str(answer.request.url), answer.text)
    return answer.json() if answer.headers["content-type"].endswith("/json") else None


async def _now_at(story: Story, cycle: str, part: str) -> str:
    """The present conversation or plan of Dora's cycle, after the steps that are due."""
    await story.advance("dora")
    standing = await done(story.platform.get(f"/v1/cycles/{cycle}"))
    return f"/v1/{part}s/{standing[part]}"


def _clerk(person: str, status: str) -> dict[str, str]:
    address = f"{person}@example.com"
    return {"name": person, "email": address, "legal_entity": "Acme Iberia", "status": status}
