"""Coverage and practice as HR sees them, over the real record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from console.bootstrap import House
from console.registry import REGISTRY
from services.insights.application import NotAWindow, first_month
from services.insights.practice import Practice, evolve
from services.insights.readmodel import TOPICS
from services.insights.standing import Standing
from tests.conftest import Door, Story
from workflows.messages import CycleRun

PARTNERS = ("kim", "lou", "max")
SIZES = {"research": 4, "design": 3, "legal": 1}


class Company:
    """Eight people in three departments, who talk with three partners."""

    def __init__(self, door: Door, house: House, tenant: str) -> None:
        self.door, self.house, self.tenant = door, house, tenant
        self.platform, self.hr = door("platform"), door("hr")
        self.people: dict[str, str] = {}

    async def begin(self) -> Company:
        await self.platform.put("/v1/policy", json={"min_group": 3})
        for partner in PARTNERS:
            await self.put(partner, "research", None)
        for department, size in SIZES.items():
            for number in range(size):
                await self.put(f"{department}{number}", department, PARTNERS[number % 3])
        return self

    async def put(self, person: str, department: str, partner: str | None) -> None:
        profile = {"name": person, "email": "x@example.com", "department": department}
        named = {"partner": partner} if partner else {}
        answer = await self.platform.put(f"/v1/people/{person}", json=profile | named)
        assert answer.status_code in {200, 201}, answer.text

    async def offer(self, person: str) -> str:
        """Open somebody's conversation; answer its path."""
        started = await self.platform.post("/v1/cycles", json={"person": person})
        self.people[person] = started.json()["id"]
        await self.advance(person)
        return f"/v1/conversations/{(await self.state(person))['conversation']}"

    async def state(self, person: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.hr.get(f"/v1/cycles/{self.people[person]}")).json()
        return found

    async def advance(self, person: str) -> None:
        subject = await self.house.record.vault.subject_of(self.tenant, person)
        await self.house.activities().advance(CycleRun(self.tenant, str(subject)))

    async def does(self, person: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self.door("employee", person).request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def talk(self, person: str) -> None:
        """From the offer to the plan, which says nothing of a meeting."""
        at = await self.offer(person)
        await self.does(person, "PUT", f"{at}/direction", {"direction": "deepen"})
        await self.does(person, "POST", f"{at}:conclude", {"meeting": "waived"})
        await self.advance(person)

    async def agree(self, person: str, partner: str, method: str = "coaching") -> str:
        plan = f"/v1/plans/{(await self.state(person))['plan']}"
        await self.does(person, "PUT", f"{plan}/goals/depth", {"text": "Depth"})
        action = {
            "method": method,
            "title": "Talks",
            "serves": "depth",
            "success": "Said",
            "owner": "partner",
        }
        await self.does(person, "PUT", f"{plan}/actions/talks", action)
        await self.does(person, "POST", f"{plan}:propose")
        agreed = await self.door("partner", partner).post(f"{plan}:agree")
        assert agreed.status_code == 200, agreed.text
        return plan

    async def sees(self, what: str, **asked: str) -> dict[str, Any]:
        follower = self.house.readmodels()
        while await follower.catch_up():
            pass
        answer = await self.hr.get(f"/v1/insights/{what}", params=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found | {group["group"]: group for group in found["groups"]}


@pytest.fixture
async def company(door: Door, house: House, tenant: str) -> Company:
    return await Company(door, house, tenant).begin()


async def test_everybody_is_in_one_of_five_buckets_and_nobody_is_invisible(
    company: Company,
) -> None:
    await company.offer("research0")
    spoken = await company.offer("research1")
    await company.does("research1", "PUT", f"{spoken}/answers/impact", {"text": "A teacher"})
    resting = await company.offer("research2")
    await company.does("research2", "POST", f"{resting}/answers/impact:set-aside")
    await company.talk("research3")
    found = (await company.sees("coverage"))["research"]
    assert {name: found[name] for name in ("people", "not_offered", "offered")} == {
        "people": 7,
        "not_offered": 3,
        "offered": 1,
    }
    assert (found["under_way"], found["resting"], found["concluded"]) == (1, 1, 1)
    assert found["concluded_within"] == 1


async def test_a_small_department_is_named_and_not_counted_and_neither_is_its_neighbour(
    company: Company,
) -> None:
    found = await company.sees("coverage")
    assert found["legal"] == {
        "group": "legal",
        "suppressed": True,
        **dict.fromkeys(
            (
                "people", "not_offered", "offered", "under_way", "resting", "concluded",
                "concluded_within",
            )
        ),
    }  # fmt: skip
    assert found["design"]["suppressed"]
    assert found["research"]["people"] == 7
    assert found["total"]["people"] == 11


async def test_whoever_moves_or_leaves_is_counted_where_they_are(company: Company) -> None:
    await company.put("research0", "design", "kim")
    answer = await company.platform.put(
        "/v1/people/research1",
        json={"name": "x", "email": "x@example.com", "end_date": "2020-01-31"},
    )
    assert answer.status_code == 200
    found = await company.sees("coverage")
    assert found["total"]["people"] == 10
    assert found["research"]["people"] == 5


async def test_practice_is_counted_by_group_with_those_who_were_forgotten(
    company: Company,
) -> None:
    for number in range(4):
        await company.talk(f"research{number}")
    found = (await company.sees("consistency"))["research"]
    assert (found["offers"], found["on_time"], found["concluded"]) == (4, 4, 4)
    assert (found["met"], found["without_meeting"]) == (0, 4)
    assert found["days_to_conversation"] == 0
    assert found["guides"] == ["first-conversation/1"]
    assert found["forgotten"] == 0


async def test_what_fewer_than_three_partners_do_is_not_compared(company: Company) -> None:
    for number in range(3):
        await company.put(f"solo{number}", "solo", "kim")
        await company.talk(f"solo{number}")
    for number in range(4):
        await company.talk(f"research{number}")
    found = await company.sees("consistency")
    assert found["solo"]["suppressed"]
    assert found["total"]["offers"] == 7


async def test_methods_are_counted_where_at_least_three_people_work_with_them(
    company: Company,
) -> None:
    for number in range(4):
        await company.talk(f"research{number}")
        method = "other" if number == 3 else "coaching"
        await company.agree(f"research{number}", PARTNERS[number % 3], method)
    found = (await company.sees("opportunity"))["research"]
    assert (found["people"], found["coaching"], found["mentoring"]) == (4, 3, 0)
    assert found["other"] is None


async def test_promises_are_counted_by_what_became_of_them(company: Company) -> None:
    for number in range(4):
        await company.talk(f"research{number}")
        plan = await company.agree(f"research{number}", PARTNERS[number % 3])
        if number < 2:
            await company.does(f"research{number}", "POST", f"{plan}/actions/talks:done")
    found = (await company.sees("promises"))["research"]
    assert (found["promised"], found["kept"], found["open"]) == (4, 2, 2)


async def test_an_employee_gets_no_insights(story: Story) -> None:
    assert (await story.ana.get("/v1/insights/coverage")).status_code == 403


async def test_a_window_is_months_or_years(story: Story) -> None:
    answer = await story.hr.get("/v1/insights/coverage", params={"window": "P3D"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("not-a-window")


def test_a_window_begins_with_a_month() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert str(first_month(now, "P12M")) == "2025-11-01"
    assert str(first_month(now, "P11M")) == "2025-12-01"
    assert str(first_month(now, "P2Y")) == "2024-11-01"
    with pytest.raises(NotAWindow):
        first_month(now, "P0M")


def test_an_offer_is_owed_half_a_year_after_the_anchor_and_what_stood_still_is_not_counted() -> (
    None
):
    one = Standing(person=uuid4(), joined_at=datetime(2025, 1, 6, 9, tzinfo=UTC))
    assert str(one.due("conversation").date()) == "2025-07-07"
    one.anchor = datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert str(one.due("follow_up").date()) == "2025-09-03"
    assert str(one.due("conversation").date()) == "2026-03-03"
    assert one.is_on_time("follow_up", datetime(2025, 9, 8, tzinfo=UTC))
    assert not one.is_on_time("follow_up", datetime(2025, 9, 20, tzinfo=UTC))


def test_a_promise_that_both_took_out_is_released_and_doesnt_vanish() -> None:
    plan, moment = Practice(plan=uuid4(), person=uuid4()), datetime(2026, 1, 1, tzinfo=UTC)
    promise = {"action": "talks", "method": "coaching", "owner": "partner"}
    for topic, facts in (
        ("plan.action_planned", promise),
        ("plan.activated", {}),
        ("plan.action_dropped", {"action": "talks"}),
    ):
        evolve(plan, topic, moment, facts)
    assert plan.rows("t")[0][7] == "open"
    evolve(plan, "plan.activated", moment, {})
    assert plan.rows("t")[0][7] == "released"


def test_a_promise_that_was_dropped_at_the_review_is_released_with_no_new_agreement() -> None:
    plan, moment = Practice(plan=uuid4(), person=uuid4()), datetime(2026, 1, 1, tzinfo=UTC)
    promise = {"action": "talks", "method": "coaching", "owner": "partner"}
    for topic, facts in (
        ("plan.action_planned", promise),
        ("plan.activated", {}),
        ("plan.reviewed", {}),
        ("plan.action_dropped", {"action": "talks"}),
    ):
        evolve(plan, topic, moment, facts)
    assert plan.rows("t")[0][7] == "released"


def test_whatever_is_followed_exists() -> None:
    assert set(REGISTRY.types) >= TOPICS
