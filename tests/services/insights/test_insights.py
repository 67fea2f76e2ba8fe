"""Coverage and practice as HR sees them, over the real record."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from console.bootstrap import House
from console.registry import REGISTRY
from services.cycles.domain import Cycle
from services.cycles.policy import Terms
from services.insights import standing
from services.insights.application import NotAWindow, first_month
from services.insights.practice import Practice, evolve
from services.insights.readmodel import SQL, TOPICS
from services.insights.standing import Standing
from shared.database import within
from shared.eventstore.record import Command
from shared.principal import workflow
from shared.settings import Settings
from tests.conftest import Door, Story
from tests.plans import filled, plan_of
from workflows.messages import CycleRun

PARTNERS = ("kim", "lou", "max")
TABLES = ("insight_person", "insight_offer", "insight_plan", "insight_action")
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

    async def talk(self, person: str, meeting: str = "waived") -> None:
        """From the offer to the plan."""
        at = await self.offer(person)
        await self.does(person, "PUT", f"{at}/direction", {"direction": "deepen"})
        today = self.house.record.clock.now().date().isoformat()
        held = {"held_on": today} if meeting == "held" else {}
        await self.does(person, "POST", f"{at}:conclude", {"meeting": meeting} | held)
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

    async def counted(self, person: str) -> dict[str, int]:
        """How many rows of somebody each table has."""
        await self.read_models()
        subject = await self.house.record.vault.subject_of(self.tenant, person)
        async with within(self.house.record.pool, self.tenant) as connection:
            return {
                table: await connection.fetchval(
                    f"SELECT count(*) FROM {table} WHERE person = $1",
                    subject,
                )
                for table in TABLES
            }

    async def read_models(self) -> None:
        follower = self.house.readmodels()
        while await follower.catch_up():
            pass

    async def sees(self, what: str, **asked: str) -> dict[str, Any]:
        await self.read_models()
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
    assert found["days_to_conversation"] == 0
    assert found["guides"] == ["first-conversation/1"]
    assert found["forgotten"] == 0


async def test_how_many_met_isnt_told_of_a_group_where_all_did_or_nobody(company: Company) -> None:
    for department, meeting in (("research", "waived"), ("design", "held")):
        for number in range(SIZES[department]):
            await company.talk(f"{department}{number}", meeting)
    found = await company.sees("consistency")
    for group, told in (("research", (None, None)), ("design", (None, None)), ("total", (3, 4))):
        assert (found[group]["met"], found[group]["without_meeting"]) == told


async def test_one_who_waits_in_a_department_of_their_own_is_named_and_not_found(
    company: Company,
) -> None:
    """Legal has one person, whom nothing was offered; the three partners in research wait too."""
    await company.platform.put("/v1/policy", json={"min_group": 3, "cadence": "PT1S"})
    for department in ("research", "design"):
        for number in range(SIZES[department]):
            await company.talk(f"{department}{number}")
    async with asyncio.timeout(60):
        while (found := await company.sees("consistency"))["total"]["forgotten"] != 4:
            await asyncio.sleep(0.1)
    assert (found["research"]["forgotten"], found["design"]["forgotten"]) == (3, None)
    assert (found["design"]["offers"], found["design"]["suppressed"]) == (3, False)
    assert found["legal"].pop("suppressed")
    assert set(found["legal"].values()) == {"legal", None}


async def test_nobody_waits_too_long_who_is_inactive_or_on_leave(company: Company) -> None:
    """Research has seven others; whoever came to legal last waits as long as anybody."""
    await company.platform.put("/v1/policy", json={"min_group": 3, "cadence": "PT0.05S"})
    await company.put("away", "research", "kim")
    leave = await company.platform.post("/v1/people/away:leave", json={"from": "2020-01-01"})
    assert leave.status_code == 200, leave.text
    away = {"name": "x", "email": "x@example.com", "department": "research"}
    await company.platform.put("/v1/people/gone", json=away | {"status": "inactive"})
    for number, partner in enumerate(PARTNERS[1:], 1):
        await company.put(f"legal{number}", "legal", partner)
    async with asyncio.timeout(60):
        while "legal" not in (found := await company.sees("consistency")) or (
            found["legal"]["forgotten"] != 3
        ):
            await asyncio.sleep(0.02)
    assert found["research"]["forgotten"] == 7


async def test_what_fewer_than_three_partners_did_is_not_compared_whoever_else_is_there(
    company: Company,
) -> None:
    """Nor is it what the total leaves over: the smallest neighbour goes with it. That the team is split
    among three when all is said and done makes no practice of theirs."""
    people = {f"solo{number}": "kim" for number in range(3)}
    for person in people:
        await company.put(person, "solo", "kim")
    for partner in PARTNERS[1:]:
        await company.put(f"{partner}s", "solo", partner)
    people |= {f"research{number}": PARTNERS[number % 3] for number in range(4)}
    for person, partner in people.items():
        await company.talk(person)
        await company.agree(person, partner)
    for number, partner in enumerate(PARTNERS):
        await company.put(f"solo{number}", "solo", partner)
    for what, counted in (("consistency", "offers"), ("promises", "promised")):
        found = await company.sees(what)
        assert found["solo"]["suppressed"]
        assert found["research"]["suppressed"]
        assert found["total"][counted] == 7


async def test_methods_are_counted_where_at_least_three_people_work_with_them(
    company: Company,
) -> None:
    """And where three work without them."""
    methods = ("coaching",) * 3 + ("other",) * 2 + ("mentoring",)
    for number, method in enumerate(methods):
        await company.put(f"research{number}", "research", PARTNERS[number % 3])
        await company.talk(f"research{number}")
        await company.agree(f"research{number}", PARTNERS[number % 3], method)
    found = (await company.sees("opportunity"))["research"]
    assert (found["people"], found["coaching"], found["stretch_assignment"]) == (6, 3, 0)
    assert found["other"] is found["mentoring"] is None


async def test_promises_are_counted_by_what_became_of_them(company: Company) -> None:
    for number in range(4):
        await company.talk(f"research{number}")
        plan = await company.agree(f"research{number}", PARTNERS[number % 3])
        if number < 2:
            await company.does(f"research{number}", "POST", f"{plan}/actions/talks:done")
    found = (await company.sees("promises"))["research"]
    assert (found["promised"], found["kept"], found["open"]) == (4, 2, 2)


async def test_of_whoever_is_erased_no_row_is_left_or_comes_back_with_the_end_of_their_plan(
    company: Company,
) -> None:
    await company.talk("design0")
    await company.agree("design0", "kim")
    assert await company.counted("design0") == dict.fromkeys(TABLES, 1)
    erased = await company.door("dpo").post("/v1/people/design0:erase", json={"depth": "words"})
    assert erased.status_code == 200, erased.text
    assert await company.counted("design0") == dict.fromkeys(TABLES, 0)
    await company.advance("design0")
    assert await company.counted("design0") == dict.fromkeys(TABLES, 0)


async def test_an_employee_gets_no_insights(story: Story) -> None:
    assert (await story.ana.get("/v1/insights/coverage")).status_code == 403


async def test_a_window_is_months_or_years(story: Story) -> None:
    answer = await story.hr.get("/v1/insights/coverage", params={"window": "P3D"})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("not-a-window")


async def test_what_people_do_is_counted_since_one_day_whoever_asks_for_another_window(
    story: Story,
) -> None:
    """Taken from one another, two windows would tell of the one person of a month."""
    for what in ("consistency", "opportunity", "promises"):
        found = {
            (await story.hr.get(f"/v1/insights/{what}", params=asked)).json()["since"]
            for asked in ({}, {"window": "P1M"}, {"window": "P5Y"})
        }
        assert len(found) == 1, what


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
    one = Standing(person=uuid4(), registered_at=(here := datetime(2025, 1, 6, 9, tzinfo=UTC)))
    assert str(one.due("conversation", here).date()) == "2025-07-07"
    one.anchor = datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert str(one.due("follow_up", here).date()) == "2025-09-03"
    assert str(one.due("conversation", here).date()) == "2026-03-03"
    assert one.is_on_time("follow_up", datetime(2025, 9, 8, tzinfo=UTC))
    assert not one.is_on_time("follow_up", datetime(2025, 9, 20, tzinfo=UTC))


HERE = datetime(2024, 1, 1, 9, tzinfo=UTC)


def happen(one: Standing, *happened: tuple[str, datetime, dict[str, Any]]) -> Standing:
    for topic, at, facts in happened:
        standing.evolve(one, topic, at, facts, one.offer or one.person)
    return one


def opened(at: datetime, cadence: str) -> tuple[str, datetime, dict[str, Any]]:
    terms = {"cadence": cadence, "follow_up_after": "P6M"}
    return "cycles.conversation_opened", at, {"conversation": str(uuid4()), "terms": terms}


@pytest.mark.parametrize(
    ("cadence", "another", "is_on_time"), [("P12M", "P6M", True), ("P6M", "P12M", False)]
)
def test_an_offer_is_judged_by_the_times_of_the_round_that_it_follows(
    cadence: str, another: str, is_on_time: bool
) -> None:
    """Eighteen months after the anchor; what HR has changed meanwhile counts from now on."""
    next_ = datetime(2025, 7, 1, 9, tzinfo=UTC)
    one = happen(
        Standing(person=uuid4(), registered_at=HERE),
        opened(HERE, cadence),
        ("cycles.rested", HERE, {"anchor": HERE.isoformat()}),
        opened(next_, another),
    )
    assert one.on_time == is_on_time
    assert one.cadence == another


async def test_the_lists_have_rounds_on_time_that_came_when_their_cycle_opened_them(
    company: Company,
) -> None:
    """HR shortens the cadence during the first round; the second one's follow-up takes its time."""
    record = company.house.record
    subject = await record.vault.subject_of(company.tenant, "design0")
    assert subject is not None
    began = datetime(2020, 1, 1, 9, tzinfo=UTC)
    cycle = Cycle.start(tenant=company.tenant, person=subject, number=1, through="api", at=began)
    for round_, cadence, days in (
        (1, "P12M", (0, 30, 212, 230)),
        (2, "P6M", (577, 600, 784, 1000)),
    ):
        opened_, rested, followed, completed = (began + timedelta(days=each) for each in days)
        cycle.at = opened_
        terms = Terms(cadence=cadence)
        cycle.open_conversation(round_, uuid4(), "first-conversation", 1, 1, terms)
        cycle.at = rested
        cycle.rest("time", rested)
        cycle.at = followed
        cycle.open_follow_up(uuid4(), "follow-up", 1)
        cycle.at = completed
        cycle.complete_round(round_)
    cycle.at += timedelta(days=1)
    cycle.open_conversation(3, uuid4(), "first-conversation", 1, 1, Terms())
    by = workflow(company.tenant, "CareerCycle")
    await record.save(cycle, Command(by=by, at=cycle.at))
    await company.read_models()
    async with within(record.pool, company.tenant) as connection:
        found = await connection.fetch("SELECT on_time FROM insight_offer ORDER BY offered_at")
    assert [row["on_time"] for row in found] == [True] * 5


def test_a_first_offer_is_judged_by_its_own_times() -> None:
    late = HERE + timedelta(days=100)
    assert happen(Standing(person=uuid4(), registered_at=HERE), opened(late, "P6M")).on_time
    assert not happen(Standing(person=uuid4(), registered_at=HERE), opened(late, "P2M")).on_time


def test_a_round_that_waited_for_the_follow_up_before_it_is_no_later_than_that() -> None:
    ended = HERE + timedelta(days=500)
    for days, is_on_time in ((1, True), (30, False)):
        one = happen(
            Standing(person=uuid4(), registered_at=HERE),
            opened(HERE, "P6M"),
            ("cycles.rested", HERE, {"anchor": HERE.isoformat()}),
            ("cycles.round_completed", ended, {"round": 1}),
            opened(ended + timedelta(days=days), "P6M"),
        )
        assert one.on_time == is_on_time


def followed_up(at: datetime) -> tuple[str, datetime, dict[str, Any]]:
    return "cycles.follow_up_opened", at, {"conversation": str(uuid4())}


def until(day: datetime, question: str | None = None) -> dict[str, Any]:
    return {"until": day.isoformat()} | ({"question": question} if question else {})


LATER = datetime(2024, 12, 1, 9, tzinfo=UTC)
ASKS = ("conversation.question_set_aside", HERE, until(LATER, "energy"))
ASKED = {
    "a pause": [("conversation.paused", HERE, until(LATER))],
    "a pause, ended on its day": [
        ("conversation.paused", HERE, until(LATER)),
        ("conversation.resumed", LATER, {}),
        ("conversation.closed", LATER, {}),
    ],
    "something set aside": [ASKS],
    "something set aside, answered since": [
        ASKS,
        ("conversation.question_set_aside", HERE, until(HERE + timedelta(days=9), "peak")),
        ("conversation.question_set_aside", HERE, {"question": "peak"}),
        ("conversation.answer_recorded", HERE, {"question": "energy"}),
        ("conversation.rested", HERE, {}),
        ("conversation.closed", LATER, {}),
    ],
}


@pytest.mark.parametrize("how", ASKED)
def test_what_waited_for_a_day_that_was_asked_for_is_on_time_on_that_day(how: str) -> None:
    for days, is_on_time in ((1, True), (30, False)):
        one = happen(
            Standing(person=uuid4(), registered_at=HERE),
            opened(HERE, "P6M"),
            ("cycles.rested", HERE, {"anchor": HERE.isoformat()}),
            *ASKED[how],
            followed_up(LATER + timedelta(days=days)),
        )
        assert one.on_time == is_on_time
        assert one.due("follow_up", LATER) == datetime(2024, 7, 1, 9, tzinfo=UTC)


EARLIER = HERE + timedelta(days=9)
TAKEN_BACK = {
    "a pause, ended before its day": [
        ("conversation.paused", HERE, until(LATER)),
        ("conversation.resumed", EARLIER, {}),
    ],
    "a pause, until an earlier day after all": [
        ("conversation.paused", HERE, until(LATER)),
        ("conversation.paused", HERE, until(EARLIER)),
    ],
    "something set aside, until an earlier day after all": [
        ASKS,
        ("conversation.question_set_aside", HERE, until(EARLIER, "energy")),
    ],
    "something set aside, declined since": [ASKS, ("conversation.declined", EARLIER, {})],
    "something set aside in a cycle that was closed": [ASKS, ("cycles.closed", EARLIER, {})],
}


@pytest.mark.parametrize("how", TAKEN_BACK)
def test_nothing_waits_for_a_day_that_was_asked_for_and_taken_back(how: str) -> None:
    one = happen(
        Standing(person=uuid4(), registered_at=HERE),
        opened(HERE, "P6M"),
        ("cycles.rested", HERE, {"anchor": HERE.isoformat()}),
        *TAKEN_BACK[how],
        followed_up(LATER - timedelta(days=15)),
    )
    assert not one.on_time


def test_what_a_pause_held_back_is_on_time_on_the_day_on_which_it_was_ended() -> None:
    over = LATER - timedelta(days=15)
    one = happen(
        Standing(person=uuid4(), registered_at=HERE),
        opened(HERE, "P6M"),
        ("cycles.rested", HERE, {"anchor": HERE.isoformat()}),
        ("conversation.paused", HERE, until(LATER)),
        ("conversation.resumed", over, {}),
        ("conversation.closed", over, {}),
        followed_up(over),
    )
    assert one.on_time


def test_nothing_waits_for_a_day_that_was_asked_for_before_the_conclusion() -> None:
    one = happen(
        Standing(person=uuid4(), registered_at=HERE),
        opened(HERE, "P6M"),
        ASKS,
        ("conversation.concluded", HERE, {}),
        ("cycles.development_began", HERE, {"anchor": HERE.isoformat()}),
        followed_up(LATER),
    )
    assert not one.on_time


ACTIVE = {"timezone": "UTC", "status": "active"}
AWAY: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "inactive": [
        ("people.profile_changed", ACTIVE | {"status": "inactive"}),
        ("people.profile_changed", ACTIVE),
    ],
    "on leave": [
        ("people.leave_started", {"since": (HERE + timedelta(days=30)).isoformat()}),
        ("people.leave_ended", {"until": (HERE + timedelta(days=400)).isoformat()}),
    ],
    "held": [("people.hold_placed", {"reason": "litigation"}), ("people.hold_released", {})],
}


@pytest.mark.parametrize("why", AWAY)
def test_a_first_offer_is_owed_anew_from_the_return_of_whoever_was_away(why: str) -> None:
    left, back = HERE + timedelta(days=30), HERE + timedelta(days=400)
    (goes, facts), (returns, more) = AWAY[why]
    there = [("people.registered", HERE, ACTIVE), (goes, left, facts)]
    for happened, days, is_on_time in (
        (there, 300, True),
        ([*there, (returns, back, more)], 500, True),
        ([*there, (returns, back, more)], 700, False),
    ):
        one = happen(Standing(person=uuid4(), registered_at=HERE), *happened)
        assert happen(one, opened(HERE + timedelta(days=days), "P6M")).on_time == is_on_time


async def test_whoever_was_away_while_an_offer_was_due_is_not_forgotten(company: Company) -> None:
    now = company.house.record.clock.now()

    def day(days: int) -> str:
        return (now + timedelta(days=days)).date().isoformat()

    leave = {"from": day(10), "until": day(40)}
    left = await company.platform.post("/v1/people/design0:leave", json=leave)
    assert left.status_code == 200, left.text
    here = {"name": "x", "email": "x@example.com", "department": "design", "partner": "lou"}
    await company.platform.put("/v1/people/design1", json=here | {"status": "inactive"})
    await company.read_models()

    async def forgotten(due: int, until: int) -> int:
        moments = [now + timedelta(days=each) for each in (due, until)]
        owed = await company.house.insights.figures.owed(company.tenant, now, *moments)
        return sum(each.forgotten for cell, each in owed.items() if cell[0] == "design")

    assert await forgotten(5, 9) == 2
    assert await forgotten(5, 11) == 1
    assert await forgotten(30, 100) == 1
    assert await forgotten(50, 100) == 2


def test_whoever_waits_does_so_from_their_first_day_as_it_was_last_put_right() -> None:
    here, returned = datetime(2026, 2, 2, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
    one = Standing(person=uuid4(), registered_at=here)

    def starts(day: str | None) -> None:
        facts = {"timezone": "UTC", "status": "active", "start_date": day}
        standing.evolve(one, "people.profile_changed", here, facts, one.person)

    starts("2062-03-01")
    starts("2026-03-01")
    assert one.joined_at == datetime(2026, 3, 1, tzinfo=UTC)
    starts(None)
    assert one.joined_at == here
    starts("2027-05-01")
    standing.evolve(one, "people.rejoined", returned, {}, one.person)
    assert one.joined_at == datetime(2027, 5, 1, tzinfo=UTC)
    starts("2026-03-01")
    assert one.joined_at == returned


def test_what_is_shared_of_an_earlier_conversation_is_no_beginning_of_the_present_one() -> None:
    moment, first, second = datetime(2026, 1, 1, tzinfo=UTC), uuid4(), uuid4()
    one = Standing(person=uuid4(), registered_at=moment)
    found = []
    for topic, stream in (
        ("cycles.conversation_opened", first),
        ("conversation.concluded", first),
        ("cycles.follow_up_opened", second),
        ("conversation.shared", first),
        ("conversation.shared", second),
    ):
        standing.evolve(one, topic, moment, {"conversation": str(stream)}, stream)
        found.append(one.bucket)
    assert found == ["offered", "concluded", "offered", "offered", "under_way"]


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


def test_a_promise_is_of_the_partner_who_agreed_to_it_as_it_stands() -> None:
    """Of three the first stays as it was; one is changed, and one comes, with the next partner."""
    plan, moment = Practice(plan=uuid4(), person=uuid4()), datetime(2026, 1, 1, tzinfo=UTC)
    kim, lou = uuid4(), uuid4()
    promised = {"method": "coaching", "owner": "partner"}
    for partner, actions in ((kim, ("talks", "visits")), (lou, ("visits", "hours"))):
        for action in actions:
            evolve(plan, "plan.action_planned", moment, promised | {"action": action})
        for by in ({"by": "partner", "partner": str(partner)}, {"by": "employee"}):
            evolve(plan, "plan.agreed", moment, by)
        evolve(plan, "plan.activated", moment, {})
    assert {row[2]: row[8] for row in plan.rows("t")} == {"talks": kim, "visits": lou, "hours": lou}


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


@pytest.mark.parametrize(
    ("figures", "table", "columns", "values"),
    [
        (
            "consistency",
            "insight_offer",
            "conversation, person, offered_at, on_time, guide, guide_version",
            "true, 'default', 1",
        ),
        (
            "promises",
            "insight_action",
            "plan, person, in_force_at, mentored, action, method, owner, promise",
            "true, 'talks', 'coaching', 'partner', 'open'",
        ),
    ],
)
async def test_of_many_years_only_the_last_is_read(
    settings: Settings, tenant: str, figures: str, table: str, columns: str, values: str
) -> None:
    many = (
        f"INSERT INTO {table} (tenant, {columns}) SELECT $1, gen_random_uuid(), gen_random_uuid(),"
        f" now() - n * interval '1 day', {values} FROM generate_series(1, 5000) n"
    )
    since = datetime.now(UTC) - timedelta(days=365)
    async with filled(settings, table, many, tenant) as owner:
        plan = await plan_of(owner, SQL[figures], tenant, since, "department")
    assert re.search(rf"{table}_by_day.*\n.*Index Cond: .*_at >= ", plan), plan
