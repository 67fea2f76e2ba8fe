"""A story in fast time, and a second partner in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from console.bootstrap import House
from tests.clock import MovableClock
from tests.conftest import Client, Door, Story

FAST = {"follow_up_after": "PT1M", "cadence": "PT1M", "check_in_every": "PT1H"}


class Years(Story):
    """Ana, her partner Ben, and Eve who may follow him; half a year is a minute of a moved clock."""

    def __init__(self, door: Door, house: House, tenant: str, clock: MovableClock) -> None:
        super().__init__(door, house, tenant)
        self.clock = clock
        self.door = door
        self.eve = door("partner", "eve")

    async def begin(self) -> Years:
        await self.platform.put("/v1/policy", json=FAST)
        eve = {"name": "Eve Adams", "email": "eve@example.com"}
        await self.platform.put("/v1/people/eve", json=eve)
        await super().begin()
        return self

    async def name_partner(self, partner: str | None) -> None:
        ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": partner}
        assert (await self.platform.put("/v1/people/ana", json=ana)).status_code == 200

    async def leave(self) -> None:
        """Ana's last day has passed, and her cycle is closed."""
        ana = {"name": "Ana Silva", "email": "ana@example.com", "end_date": "2026-01-31"}
        assert (await self.platform.put("/v1/people/ana", json=ana)).status_code == 200
        await self.advance()
        assert (await self.state())["state"] == "closed"

    async def hand_over(self, choice: str, **more: Any) -> None:
        body = {"choice": choice, **more}
        answer = await self.ana.post("/v1/people/ana/handover", json=body)
        assert answer.status_code == 200, answer.text

    async def agree(self) -> None:
        """A plan of one goal, with a promise of Ben's and one of the organisation's, is in force."""
        await self.conclude()
        await self.ana.put(f"{self.plan}/goals/lead", json={"text": "Lead"})
        for name, owner in (
            ("mentor", "partner"),
            ("course", "organisation"),
            ("read", "employee"),
        ):
            action = {"method": "other", "title": f"The {name}", "serves": "lead"}
            action |= {"success": "We say so", "owner": owner}
            planned = await self.ana.put(f"{self.plan}/actions/{name}", json=action)
            assert planned.status_code == 200, planned.text
        await self.ana.post(f"{self.plan}:propose")
        assert (await self.ben.post(f"{self.plan}:agree")).json()["state"] == "active"
        await self.advance()

    async def pass_time(self) -> None:
        """Half a year passes, and the steps that are due by then are taken."""
        self.clock.move(timedelta(seconds=61))
        await self.advance()

    async def follow_up(self) -> str:
        """Half a year later: the follow-up is open; who has no plan in force does without one."""
        await self.advance()
        if (await self.state())["state"] == "planning":
            await self.ana.post(f"{self.plan}:close")
            await self.advance()
        await self.pass_time()
        state = await self.state()
        assert state["state"] == "follow_up", state
        return f"/v1/conversations/{state['conversation']}"

    async def next_round(self, number: int = 2) -> str:
        """The follow-up is concluded and the next round's conversation is open."""
        follow_up = await self.follow_up()
        done = await self.ana.post(f"{follow_up}:conclude", json={"meeting": "waived"})
        assert done.status_code == 200, done.text
        await self.advance()
        await self.pass_time()
        state = await self.state()
        assert (state["round"], state["state"]) == (number, "conversation"), state
        return f"/v1/conversations/{state['conversation']}"

    async def told(self, client: Client, path: str, **params: str) -> dict[str, Any]:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def id_of(path: str) -> str:
    return str(UUID(path.rpartition("/")[2]))
