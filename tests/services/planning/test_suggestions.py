"""Methods that fit, each with its reason: plain rules, and mentors only among those who offered it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.planning.content import Aspect, Goal
from services.planning.domain import Plan
from services.planning.suggestions import WHY, Past, skills_of, suggest
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Client
from tests.examples import ANA, BEN, CYCLE, EVE, MONDAY, action, conversation
from tests.years import Years


def draft(direction: str | None = None, **facets: Aspect) -> Plan:
    return Plan.draft(
        person=ANA,
        cycle=CYCLE,
        round=1,
        conversation=conversation().id,
        at=MONDAY,
        direction=direction,
        facets=facets,
    )


def reasons(plan: Plan, *past: Past, private: bool = True, **mentors: Any) -> list[tuple[str, str]]:
    return [(one.method, one.reason) for one in suggest(plan, past, mentors, private=private)]


@pytest.mark.parametrize(
    ("direction", "methods"),
    [
        ("expand", ["job_enrichment", "stretch_assignment"]),
        ("deepen", ["job_enrichment", "mentoring"]),
        ("redirect", ["stretch_assignment", "mentoring"]),
        ("undecided", ["coaching"]),
    ],
)
def test_each_direction_suggests_something(direction: str, methods: list[str]) -> None:
    assert [method for method, _ in reasons(draft(direction))] == methods


def test_a_skill_an_interest_and_a_value_suggest_what_goes_with_them() -> None:
    facets = {kind: Aspect(kind, "x") for kind in ("skill", "interest", "value")}
    assert reasons(draft(**facets)) == [
        ("stretch_assignment", "facet_skill"),
        ("job_enrichment", "facet_interest"),
        ("job_enrichment", "facet_value"),
    ]


def test_a_goal_that_nothing_serves_comes_first_until_something_does() -> None:
    plan = draft("expand", lead=Aspect("goal", "Lead"))
    assert reasons(plan)[0] == ("coaching", "goal_unserved")
    plan.plan_action("one", action())
    assert ("coaching", "goal_unserved") not in reasons(plan)


@pytest.mark.parametrize(
    ("outcome", "suggested"),
    [
        ("not_done", ("mentoring", "tried_before")),
        ("blocked", ("mentoring", "tried_before")),
        ("done", ("stretch_assignment", "built_on")),
        ("dropped", ("coaching", "goal_unserved")),
    ],
)
def test_what_became_of_earlier_actions_counts(outcome: Any, suggested: tuple[str, str]) -> None:
    plan = draft(lead=Aspect("goal", "Lead"))
    assert reasons(plan, Past("coaching", "lead", outcome)) == [suggested]
    assert reasons(plan, Past("coaching", "other", outcome)) == [("coaching", "goal_unserved")]


def test_a_mentor_is_suggested_by_the_code_of_a_goal_of_its_facet_or_of_a_skill() -> None:
    plan = draft(rust=Aspect("skill", "Rust"))
    plan.set_goal("lead", Goal("Lead"))
    plan.set_goal("sea", Goal("A boat", facet="sailing"))
    assert skills_of(plan, private=True) == {
        "rust": None,
        "lead": "lead",
        "sea": "sea",
        "sailing": "sea",
    }
    found = [s for s in suggest(plan, [], {"sailing": (BEN, EVE)}, private=True) if s.mentors]
    assert [(s.goal, s.follows_from, s.mentors) for s in found] == [("sea", "sailing", (BEN, EVE))]


def test_others_than_the_employee_are_told_nothing_of_direction_and_facets() -> None:
    plan = draft("redirect", rust=Aspect("skill", "Rust"), lead=Aspect("goal", "Lead"))
    assert reasons(plan, private=False, rust=(BEN,)) == [("coaching", "goal_unserved")]
    assert "rust" not in skills_of(plan, private=False)


def test_each_reason_can_be_read_in_english_and_german() -> None:
    for texts in WHY.values():
        assert set(texts) == {"en", "de"}


def test_no_reason_judges_or_ranks_anybody() -> None:
    for texts in WHY.values():
        for word in ("performance", "potential", "score", "rank", "weak", "best", "should"):
            assert word not in texts["en"].lower()


async def suggestions(client: Client, years: Years) -> dict[str, Any]:
    await years.read_models()
    return await years.told(client, f"{years.plan}/suggestions")


async def test_an_employee_is_suggested_what_fits_with_its_reason(years: Years) -> None:
    facet = {"kind": "goal", "text": "Lead something"}
    await years.ana.put(f"{years.conversation}/facets/lead", json=facet)
    await years.conclude()
    told = await suggestions(years.ana, years)
    assert told["unserved_goals"] == ["lead"]
    first = told["suggestions"][0]
    assert (first["method"], first["goal"], first["reason"]) == (
        "coaching",
        "lead",
        "goal_unserved",
    )
    assert set(first["why"]) == {"en", "de"}
    assert {one["reason"] for one in told["suggestions"]} > {"direction_expand_wider"}


async def test_the_partner_sees_the_unserved_goals_and_nothing_of_what_was_not_shared(
    years: Years,
) -> None:
    await years.ana.put(f"{years.conversation}/facets/rust", json={"kind": "skill", "text": "x"})
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await years.ana.post(f"{years.plan}:propose")
    told = await suggestions(years.ben, years)
    assert told["unserved_goals"] == ["lead"]
    assert [one["reason"] for one in told["suggestions"]] == ["goal_unserved"]


async def test_a_new_partner_is_told_nothing_of_what_became_of_plans_before_them(
    years: Years,
) -> None:
    record, cycle = years.house.record, uuid4()
    ana, ben = [await record.vault.assign_subject(years.tenant, name) for name in ("ana", "ben")]

    async def proposed(round_: int) -> Plan:
        command = Command(by=workflow(years.tenant, "CareerCycle"), at=record.clock.now())
        plan = Plan.draft(
            person=ana, cycle=cycle, round=round_, conversation=uuid4(), at=command.at
        )
        plan.set_goal("lead", Goal("Lead"))
        if round_ == 1:
            plan.plan_action("one", action())
        plan.propose("employee")
        if round_ == 1:
            plan.agree("partner", ben)
            plan.leave_action_undone("one", None)
        await record.save(plan, command)
        return plan

    async def reason(client: Client) -> str:
        found = (await suggestions(client, years))["suggestions"]
        told: str = found[0]["reason"]
        return told

    await proposed(1)
    await years.name_partner("eve")
    years.plan = f"/v1/plans/{(await proposed(2)).id}"
    assert (await reason(years.ana), await reason(years.eve)) == ("tried_before", "goal_unserved")
    await years.hand_over("plan_and_answers", answers=[])
    assert await reason(years.eve) == "tried_before"


async def offer(years: Years, person: str, capacity: int, *skills: str) -> None:
    profile = {"name": person.title(), "email": f"{person}@example.com"}
    if person not in {"ben", "eve"}:
        await years.platform.put(f"/v1/people/{person}", json=profile)
    body = {"skills": list(skills), "capacity": capacity}
    put = await years.door("employee", person).put(f"/v1/people/{person}/mentoring", json=body)
    assert put.status_code == 200, put.text


async def mentors(client: Client, years: Years) -> list[str]:
    told = await suggestions(client, years)
    return [m["person"] for one in told["suggestions"] for m in one["mentors"]]


async def test_mentors_are_suggested_only_among_those_who_offered_it_by_skill(
    years: Years,
) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    assert await mentors(years.ana, years) == []
    await offer(years, "eve", 1, "LEAD", "rust")
    await offer(years, "zoe", 1, "cooking")
    told = await suggestions(years.ana, years)
    (one,) = [one for one in told["suggestions"] if one["mentors"]]
    assert one["mentors"] == [{"person": "eve", "name": "Eve Adams"}]
    assert (one["method"], one["reason"], one["goal"]) == ("mentoring", "mentor_offered", "lead")


async def test_nobody_is_suggested_to_themselves(years: Years) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await offer(years, "ana", 3, "lead")
    assert await mentors(years.ana, years) == []


async def test_an_offer_that_was_withdrawn_or_whose_person_is_inactive_is_not_suggested(
    years: Years,
) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await offer(years, "eve", 1, "lead")
    await offer(years, "zoe", 1, "lead")
    await years.door("employee", "eve").delete("/v1/people/eve/mentoring")
    zoe = {"name": "Zoe", "email": "zoe@example.com", "status": "inactive"}
    await years.platform.put("/v1/people/zoe", json=zoe)
    assert await mentors(years.ana, years) == []


async def test_a_mentor_without_room_is_not_suggested_and_comes_back_when_there_is_some(
    years: Years,
) -> None:
    await years.conclude()
    await offer(years, "eve", 1, "lead", "rest")
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await years.ana.put(f"{years.plan}/goals/rest", json={"text": "Rest"})
    pairing = {"method": "mentoring", "title": "x", "serves": "lead", "success": "y"}
    pairing |= {"owner": "partner", "mentor": "eve"}
    await years.ana.put(f"{years.plan}/actions/mentor", json=pairing)
    assert await mentors(years.ana, years) == ["eve", "eve"]  # a draft takes nobody's room
    await years.ana.post(f"{years.plan}:propose")
    await years.ben.post(f"{years.plan}:agree")
    assert await mentors(years.ana, years) == []
    await years.ben.post(f"{years.plan}/actions/mentor:done")
    assert await mentors(years.ana, years) == ["eve", "eve"]


async def test_those_with_the_most_room_come_first_and_five_at_most(years: Years) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    for number in range(6):
        await offer(years, f"m{number}", 1, "lead")
    await offer(years, "m6", 4, "lead")
    found = await mentors(years.ana, years)
    assert (found[0], len(found)) == ("m6", 5)


async def test_a_person_can_not_be_named_their_own_mentor(years: Years) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    own = {"method": "mentoring", "title": "x", "serves": "lead", "success": "y"}
    own |= {"owner": "employee", "mentor": "ana"}
    refused = await years.ana.put(f"{years.plan}/actions/mentor", json=own)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/own-mentor")


async def test_the_suggested_ids_of_mentors_are_ids_of_the_roster(years: Years) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await offer(years, "eve", 1, "lead")
    told = await suggestions(years.ana, years)
    subject = await years.house.record.vault.subject_of(years.tenant, "eve")
    assert isinstance(subject, UUID)
    assert str(subject) not in str(told)
