"""A company for the matrix: one employee for each relation to Pat, with something shared and without.

Pat is the partner now, was it earlier, became it later, is it again after a rehire, or never was. Every
text in it is a canary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from console.bootstrap import House
from services.integration.domain import Webhook
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Client

RELATIONS = ("now", "earlier", "later", "again", "never")
ROLES = ("hr", "auditor", "dpo", "ops", "platform", "admin")
LAST_DAY = "2026-01-31"
Open = Callable[[str, str | None], Client]


@dataclass
class Case:
    """One employee: what Pat is to them, and whether they have shared and proposed."""

    relation: str
    shared: bool
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> str:
        return f"{self.relation}-{'shared' if self.shared else 'unshared'}"

    @property
    def first_partner(self) -> str:
        return "pat" if self.relation in {"now", "earlier", "again"} else "kim"

    @property
    def last_partner(self) -> str:
        return "pat" if self.relation in {"now", "later", "again"} else "kim"

    def canary(self, what: str) -> str:
        return f"zq.{self.person}.{what}.qz"


class World:
    """Builds the company over HTTP, and the cycle's own steps by its activities."""

    def __init__(self, house: House, tenant: str, open_: Open) -> None:
        self.house = house
        self.tenant = tenant
        self.open = open_
        self.platform = open_("platform", None)
        self.cases = [Case(relation, shared) for relation in RELATIONS for shared in (True, False)]

    async def build(self) -> World:
        for name in ("pat", "kim", "sam", "ben"):
            await self.ok("platform", "PUT", f"/v1/people/{name}", self.profile(name))
        doors = await self.doors()
        for case in self.cases:
            await self.live(case)
            case.ids |= doors
        await self.deliver(UUID(doors["webhooks"]))
        export = await self.ok("auditor", "POST", "/v1/audit/exports", {})
        command = Command(by=workflow(self.tenant, "Export"), at=self.house.record.clock.now())
        written = UUID(export["id"])
        await self.house.oversight.exports.write_bundle(command, written, lambda _, __: None)
        for case in self.cases:
            case.ids["exports"] = export["id"]
            asked = {"cycle": case.ids["cycle"], "reason": "audit"}
            case.ids["cases"] = (await self.ok("auditor", "POST", "/v1/audit/cases", asked))["id"]
        follower = self.house.readmodels()
        while await follower.catch_up():
            pass
        return self

    async def live(self, case: Case) -> None:
        """Talk, and where something is shared: conclude, agree on a plan, and meet the follow-up."""
        profile = self.profile(case.canary("name"), partner=case.first_partner)
        await self.ok("platform", "PUT", f"/v1/people/{case.person}", profile)
        started = await self.ok("platform", "POST", "/v1/cycles", {"person": case.person})
        case.ids["cycle"] = started["id"]
        await self.advance(case)
        state = await self.ok("platform", "GET", f"/v1/cycles/{started['id']}")
        case.ids["conversation"] = state["conversation"]
        await self.talk(case)
        await self.plan(case)
        case.ids["follow_up"] = str(await self.follow_up(case))
        if case.relation == "again":
            gone = profile | {"end_date": LAST_DAY}
            await self.ok("platform", "PUT", f"/v1/people/{case.person}", gone)
        moved = profile | {"partner": case.last_partner}
        await self.ok("platform", "PUT", f"/v1/people/{case.person}", moved)

    async def doors(self) -> dict[str, str]:
        """What belongs to the company: a webhook, a machine with a key, and a batch."""
        hook = await self.ok(
            "platform", "POST", "/v1/webhooks", {"url": "https://hooks.example.com/"}
        )
        await self.ok("admin", "POST", "/v1/clients", {"name": "workday", "roles": ["platform"]})
        wanted = {"people": ["sam"], "dry_run": True}
        batch = await self.ok("platform", "POST", "/v1/cycles:batch", wanted)
        return {"batches": batch["id"], "clients": "workday", "webhooks": hook["id"]}

    async def deliver(self, id_: UUID) -> None:
        """Give the webhook its deliveries, as the worker would."""
        publishing = self.house.publishing()
        while await publishing.catch_up():
            pass
        webhook = await self.house.record.load(Webhook, self.tenant, id_)
        assert webhook is not None
        newest = await self.house.feed.newest(self.tenant)
        assert await self.house.deliveries.take(self.tenant, webhook, newest)

    async def talk(self, case: Case) -> None:
        at, person, partner = (
            f"/v1/conversations/{case.ids['conversation']}",
            case.person,
            case.first_partner,
        )

        async def own(method: str, path: str, body: Any = None) -> None:
            await self.ok("employee", method, f"{at}{path}", body, person)

        await own("PUT", "/answers/impact", {"text": case.canary("answer")})
        await own("PUT", "/drafts/energy", {"text": case.canary("draft-mine")})
        facet = {"kind": "goal", "text": case.canary("facet")}
        await own("PUT", "/facets/lead", facet)
        stated = {"direction": "expand", "comment": case.canary("comment")}
        await own("PUT", "/direction", stated)
        soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
        meeting = {"starts_at": soon, "duration": "PT1H", "place": case.canary("place")}
        await own("POST", ":schedule", meeting)
        for what, shared in (("note-mine", False), ("note-to-partner", True)):
            await own("POST", "/notes", {"text": case.canary(what), "shared": shared})
        for what, shared in (("note-partners", False), ("note-to-me", True)):
            body = {"text": case.canary(what), "shared": shared}
            await self.ok("partner", "POST", f"{at}/notes", body, partner)
        draft = {"text": case.canary("draft-partners")}
        await self.ok("partner", "PUT", f"{at}/drafts/energy", draft, partner)
        told = {"about": "conversation", "id": case.ids["conversation"], "part": "question/impact"}
        told |= {"text": case.canary("correction")}
        corrections = f"/v1/people/{person}/corrections"
        await self.ok("employee", "POST", corrections, told, person)
        if case.shared:
            await own("POST", ":share")
        await own("POST", ":conclude", {"meeting": "held"})

    async def plan(self, case: Case) -> None:
        await self.advance(case)
        state = await self.ok("platform", "GET", f"/v1/cycles/{case.ids['cycle']}")
        case.ids["plan"] = state["plan"]
        at, person, partner = f"/v1/plans/{state['plan']}", case.person, case.first_partner
        await self.ok("employee", "PUT", f"{at}/goals/lead", {"text": case.canary("goal")}, person)
        action = {"method": "other", "serves": "lead", "success": case.canary("success")}
        for name, owner in (("mentor", "partner"), ("own", "employee")):
            body = action | {"owner": owner, "title": case.canary(f"title-{name}")}
            await self.ok("employee", "PUT", f"{at}/actions/{name}", body, person)
        if case.shared:
            await self.ok("employee", "POST", f"{at}:propose", None, person)
            await self.ok("partner", "POST", f"{at}:agree", None, partner)

    async def follow_up(self, case: Case) -> UUID:
        subject = await self.house.record.vault.assign_subject(self.tenant, case.person)
        by = workflow(self.tenant, "CareerCycle")
        command = Command(by=by, at=self.house.record.clock.now(), step="follow-up")
        opened = await self.house.conversations.open_conversation(
            command, person=subject, cycle=UUID(case.ids["cycle"]), round=1, kind="follow_up"
        )
        return opened.id

    async def advance(self, case: Case) -> None:
        """Take the steps that are due, as the worker would."""
        from workflows.messages import CycleRun

        activities = self.house.activities()
        subject = await self.house.record.vault.subject_of(self.tenant, case.person)
        await activities.advance(CycleRun(self.tenant, str(subject)))

    async def ok(
        self, role: str, method: str, path: str, body: Any = None, person: str | None = None
    ) -> Any:
        client = self.platform if role == "platform" else self.open(role, person)
        answer = await client.request(method, path, json=body)
        assert answer.status_code in {200, 201, 202}, (method, path, answer.text)
        return answer.json()

    def profile(self, name: str, **more: str) -> dict[str, str]:
        return {"name": name, "email": "somebody@example.com", **more}
