"""A walk through the whole API, each operation once: what the documentation shows as its examples."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from console.bootstrap import House
from services.integration.sender import Patience, Sender
from shared.eventstore.record import Command
from shared.outbound import Guard, Outbound
from shared.principal import workflow
from tests.conftest import Door, Story
from tests.console import detours
from tests.console.detours import LATER, SOON, done

_LINES = """\
{"person": "ben", "name": "Ben Okoro", "email": "ben@example.com"}
{"person": "cem", "name": "Cem Kaya", "email": "cem@example.com", "partner": "ben"}
{"person": "dan", "name": "Dan Berg", "email": "not an address"}
"""


class Walk:
    """Whoever walks: the people of a story, and an engineer of the HR platform."""

    def __init__(self, door: Door, house: House, tenant: str) -> None:
        self.story = Story(door, house, tenant)
        self.house = house
        self.tenant = tenant

    async def walk(self) -> None:
        """All of it, in an order that makes sense."""
        webhook = await self.webhook()
        await self.story.begin()
        await self.roster()
        await self.cycle()
        await detours.guides(self.story)
        await self.conversation()
        await self.plan()
        await detours.choices(self.story)
        await self.machines()
        await self.events(webhook)
        await self.other_ways()
        await detours.leave_and_hold(self.story)
        await detours.stopped_feed(self.story)
        await detours.batches(self.story)
        await detours.half_a_year_on(self.story)
        await self.count()
        await self.audit()
        await self.bundle()
        await self.case()
        await detours.package(self.story)
        await self.forgotten()

    async def webhook(self) -> str:
        admin = self.story.admin
        body = {"url": "https://hooks.example.com/cairn", "types": ["cycles.started"]}
        registered = await done(admin.post("/v1/webhooks", json=body))
        await self.publish()
        return f"/v1/webhooks/{registered['id']}"

    async def roster(self) -> None:
        platform = self.story.platform
        headers = {"Content-Type": "application/x-ndjson"}
        await done(platform.post("/v1/people:import", content=_LINES, headers=headers))
        await done(platform.get("/v1/people/ana"))
        await self.story.read_models()
        await done(platform.get("/v1/people", params={"limit": 2}))
        await done(self.story.admin.put("/v1/policy", json={"cadence": "P1Y"}))
        await done(self.story.admin.get("/v1/policy"))

    async def cycle(self) -> None:
        platform, cycle = self.story.platform, f"/v1/cycles/{self.story.cycle}"
        await done(platform.get(cycle))
        await done(platform.get("/v1/cycles", params={"waiting_for": "employee"}))
        await done(platform.get("/v1/notices", params={"limit": 2}))
        until = {"reason": "reorganisation", "until": f"{SOON}T09:00:00Z"}
        await done(platform.post(f"{cycle}:suspend", json=until))
        await done(platform.post(f"{cycle}:resume"))

    async def conversation(self) -> None:
        ana, ben, here = self.story.ana, self.story.ben, self.story.conversation
        await done(ana.get("/v1/guides"))
        await done(ana.get("/v1/guides/first-conversation/1"))
        text = {"text": "The year in Lisbon: I learned that I like to build a team."}
        await done(ana.put(f"{here}/answers/impact", json=text))
        await done(
            ana.post(f"{here}/answers/energy:set-aside", json={"until": f"{SOON}T09:00:00Z"})
        )
        await done(ana.post(f"{here}/answers/ideal:decline"))
        facet = {"kind": "skill", "text": "Calm in a crisis"}
        await done(ana.put(f"{here}/facets/calm", json=facet))
        await done(ana.delete(f"{here}/facets/calm"))
        direction = {"direction": "expand", "comment": "I would like to lead."}
        await done(ana.put(f"{here}/direction", json=direction))
        await done(ana.post(f"{here}:pause", json={"until": f"{SOON}T09:00:00Z"}))
        await done(ana.post(f"{here}:resume"))
        await done(ana.post(f"{here}:share", json={"questions": ["impact"], "direction": True}))
        await done(ana.post(f"{here}:unshare", json={"direction": True}))
        await detours.both_sides(self.story)
        await done(ben.post(f"{here}:claim-held", json={"held_on": "2026-01-15"}))
        await done(ana.get(here))
        await done(ben.get(here))
        await done(ana.get("/v1/conversations", params={"person": "ana"}))

    async def plan(self) -> None:
        ana, ben, story = self.story.ana, self.story.ben, self.story
        done_on = {"meeting": "held", "held_on": "2026-01-15"}
        await done(ana.post(f"{story.conversation}:conclude", json=done_on))
        await story.advance()
        here = story.plan = f"/v1/plans/{(await story.state())['plan']}"
        goal = {"text": "Lead a small team", "horizon": "in two years"}
        await done(ana.put(f"{here}/goals/lead", json=goal))
        await done(ana.put(f"{here}/goals/speak", json={"text": "Speak at a conference"}))
        await done(ana.get(f"{here}/suggestions"))
        await done(ana.delete(f"{here}/goals/speak"))
        for action, title in (
            ("shadow", "Shadow the lead"),
            ("course", "A course"),
            ("talk", "Talk"),
        ):
            await done(ana.put(f"{here}/actions/{action}", json=action_named(title)))
        await done(ana.post(f"{here}:propose"))
        wish = {"comment": "Add a mentor."}
        seen = (await done(ben.post(f"{here}:request-changes", json=wish)))["version"]
        await done(ana.post(f"{here}/actions/talk:drop"))
        await done(ana.get(f"{here}/diff", params={"from": seen}))
        await done(ana.post(f"{here}:propose"))
        await done(ben.post(f"{here}:agree"))
        await story.advance()
        await done(ana.post(f"{here}/actions/shadow:start"))
        await done(ana.post(f"{here}/actions/shadow:done", json={"comment": "Four afternoons."}))
        blocked = {"blocked_by": "organisation", "comment": "No budget this year."}
        await done(ana.post(f"{here}/actions/course:block", json=blocked))
        await done(ana.post(f"{here}/actions/course:not-done"))
        await done(ana.post(f"{here}:check-in", json={"state": "on_track"}))
        await done(ana.get(here))
        await story.read_models()
        await done(ana.get("/v1/plans", params={"person": "ana"}))
        await done(ana.post(f"{here}:close"))

    async def machines(self) -> None:
        admin, body = self.story.admin, {"name": "workday", "roles": ["platform"]}
        await done(admin.post("/v1/clients", json=body))
        await done(admin.post("/v1/clients/workday:rotate", json={"overlap": "P7D"}))
        await done(admin.get("/v1/clients/workday"))
        await self.story.read_models()
        await done(admin.get("/v1/clients"))
        await done(admin.delete("/v1/clients/workday"))

    async def events(self, webhook: str) -> None:
        admin, platform = self.story.admin, self.story.platform
        await self.publish()
        await done(platform.get("/v1/events/types"))
        asked = {"after": 0, "type": "cycles.started", "limit": 1, "wait": "PT20S"}
        await done(platform.get("/v1/events", params=asked))
        await self.try_to_deliver(webhook)
        await done(admin.get(webhook))
        await done(admin.get("/v1/webhooks"))
        (one,) = (await done(admin.get(f"{webhook}/deliveries")))["items"]
        await done(admin.post(f"{webhook}/deliveries/{one['id']}:retry"))
        await done(admin.post(f"{webhook}/deliveries/{one['id']}:skip"))
        await done(admin.post(f"{webhook}:replay", json={"after": 0}))
        await done(admin.post(f"{webhook}:rotate", json={"overlap": "P1D"}))
        await done(admin.post(f"{webhook}:disable"))
        await done(admin.post(f"{webhook}:enable"))
        body = {"url": "https://hooks.example.com/cairn", "types": []}
        await done(admin.put(webhook, json=body))
        await done(admin.delete(webhook))

    async def other_ways(self) -> None:
        """A person who doesn't want the conversation, and a cycle that ends."""
        platform, cem = self.story.platform, self.story.door("employee", "cem")
        cycle = (await done(platform.post("/v1/cycles", json={"person": "cem"})))["id"]
        await self.story.advance("cem")
        standing = await done(platform.get(f"/v1/cycles/{cycle}"))
        await done(cem.post(f"/v1/conversations/{standing['conversation']}:decline"))
        await done(platform.post(f"/v1/cycles/{cycle}:close", json={"reason": "by_hand"}))

    async def count(self) -> None:
        """What HR is told of groups."""
        await self.story.read_models()
        for what in ("coverage", "consistency", "opportunity", "promises"):
            asked = {"by": "department"} | ({"window": "P12M"} if what == "coverage" else {})
            await done(self.story.hr.get(f"/v1/insights/{what}", params=asked))

    async def audit(self) -> None:
        auditor = self.story.auditor
        await self.story.read_models()
        asked = {"person": "ana", "limit": 2}
        await done(auditor.get("/v1/audit/timeline", params=asked))
        await done(self.story.ana.get("/v1/people/ana/disclosures"))
        await done(auditor.get(f"/v1/audit/cycles/{self.story.cycle}", params={"version": 2}))
        span = {"from": 1, "to": 2}
        await done(auditor.get(f"/v1/audit/cycles/{self.story.cycle}/diff", params=span))
        day = {"person": "ana", "at": "2031-03-01T09:00:00Z"}
        await done(auditor.get("/v1/audit/visibility", params=day))
        while await next(f for f in self.house.followers() if f.name == "ledger").catch_up():
            pass
        await done(auditor.get("/v1/audit/checkpoint"))
        await done(auditor.get("/v1/audit/proofs/inclusion", params={"position": 2, "size": 5}))
        await done(auditor.get("/v1/audit/proofs/consistency", params={"from": 3, "to": 5}))

    async def bundle(self) -> None:
        """A bundle of a period before anything was, written as its workflow writes it."""
        auditor = self.story.auditor
        asked = await done(
            auditor.post("/v1/audit/exports", json={"until": "2026-01-01T00:00:00Z"})
        )
        command = Command(by=workflow(self.tenant, "Export"), at=self.house.record.clock.now())
        exports = self.house.oversight.exports
        await exports.write_bundle(command, UUID(asked["id"]), lambda _, __: None)
        written = await done(auditor.get(f"/v1/audit/exports/{asked['id']}"))
        await done(auditor.get(written["bundle"]))

    async def case(self) -> None:
        """An auditor reads what was shared, once two others have agreed."""
        story, cycle = self.story, self.story.cycle
        body = {"cycle": cycle, "reason": "complaint", "hours": 2}
        asked = await done(story.auditor.post("/v1/audit/cases", json=body))
        here = f"/v1/audit/cases/{asked['id']}"
        await done(story.dpo.post(f"{here}:approve"))
        await done(story.hr.post(f"{here}:approve"))
        await done(story.auditor.get(here))
        await done(story.auditor.get(f"{here}/words"))
        await story.read_models()
        await done(story.dpo.get("/v1/audit/cases"))
        await done(story.ana.get("/v1/people/ana/cases"))
        await done(story.dpo.post(f"{here}:revoke"))
        again = await done(story.auditor.post("/v1/audit/cases", json=body))
        await done(story.hr.post(f"/v1/audit/cases/{again['id']}:refuse"))

    async def forgotten(self) -> None:
        """Somebody asks to be forgotten."""
        await done(self.story.dpo.post("/v1/people/cem:erase", json={"depth": "link"}))

    async def publish(self) -> None:
        while await self.house.publishing().catch_up():
            pass

    async def try_to_deliver(self, webhook: str) -> None:
        """One attempt, as the webhook's workflow makes it, at a name that nobody knows."""

        async def nobody(_: str, __: int) -> list[str]:
            return []

        house, outbound = self.house, Outbound(Guard(resolve=nobody))
        patience = Patience(first=timedelta(hours=1))
        sender = Sender(house.record, house.feed, house.deliveries, outbound, patience)
        await sender.deliver(self.tenant, UUID(webhook.rpartition("/")[2]))
        await outbound.close()


def action_named(title: str) -> dict[str, Any]:
    return {
        "method": "mentoring",
        "title": title,
        "serves": "lead",
        "success": "I have chaired one meeting",
        "owner": "employee",
        "by": "2031-03-01",
    }


_PATTERNS = (
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "01900000-0000-7000-8000-{:012d}"),
    (r"\b[0-9a-f]{64}\b", "{:064x}"),
    (r"\bwhsec_[A-Za-z0-9+/=]+", "whsec_shown-once-{}"),
    (r"\bcairn_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", "cairn_shown-once.{}"),
    (r"(?<=acme )[A-Za-z0-9+/]{80,}=*", "a-signature-in-base64-{}"),
    (r"[A-Za-z0-9+/]{43}=", "a-root-of-the-tree-in-base64-{}"),
    (r"(?<=acme\+)[0-9a-f]{8}\+[A-Za-z0-9+/]{44}", "a-verifier-key-{}"),
    (r'(?<="cause": ")[0-9a-f]{16}', "a-request-id-{}"),
    (r"(?!2026-0[45]-01T0[09]:00:00Z)\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)", "2026-03-02T09:00:00Z"),
    (r"\b\d{8}T\d{6}Z", "20260302T090000Z"),
    (r'(?<="stopped_on": ")[\d-]{10}', "2026-03-02"),
    (r'(?<="since": ")\d{4}-\d\d-01(?=")', "2026-03-01"),
)


def settled(examples: dict[str, Any], tenant: str) -> dict[str, Any]:
    """The same with everything that differs from walk to walk replaced, each thing by one name."""
    text = json.dumps(examples, ensure_ascii=False)
    text = text.replace(tenant, "acme").replace(SOON, "2026-04-01").replace(LATER, "2026-05-01")
    for pattern, name in _PATTERNS:
        known: dict[str, str] = {}

        def named(found: re.Match[str], known: Any = known, name: str = name) -> str:
            return known.setdefault(found[0], name.format(len(known) + 1))

        text = re.sub(pattern, named, text)
    made: dict[str, Any] = json.loads(text)
    return dict(sorted(made.items()))
