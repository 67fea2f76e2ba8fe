"""What is shown of a plan, what has changed in it, and what is answered to a write that is behind."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from shared.database import within
from shared.eventstore.record import Command
from shared.principal import workflow
from shared.tokens import Issuer
from tests.conftest import Client
from tests.years import FAST, Years

ACTION = {"method": "other", "title": "Read", "serves": "lead", "success": "We say so"}


async def goal(client: Client, years: Years, name: str, text: str, **headers: str) -> Any:
    path = f"{years.plan}/goals/{name}"
    return await client.put(path, json={"text": text}, headers=headers)


async def test_the_methods_have_fields_of_their_own_and_come_back_as_they_were_sent(
    years: Years,
) -> None:
    await years.conclude()
    await goal(years.ana, years, "lead", "Lead")
    methods: dict[str, dict[str, Any]] = {
        "job_enrichment": {"adds": "The release notes", "varies": "A week of support"},
        "stretch_assignment": {"skill": "Leading", "support": "A day a week", "risk": "May slip"},
        "mentoring": {"mentor": "eve", "rhythm": "An hour a month", "until": "2199-12-31"},
        "coaching": {"coach": "Somebody", "aim": "Say no early", "sessions": 6},
        "other": {},
    }
    for method, own in methods.items():
        body = ACTION | {"method": method, "owner": "organisation", "by": "2199-06-30"} | own
        planned = await years.ana.put(f"{years.plan}/actions/{method}", json=body)
        assert planned.status_code == 200, planned.text
        assert "Lead" not in planned.text
    actions = (await years.told(years.ana, years.plan))["actions"]
    for method, own in methods.items():
        assert own.items() <= actions[method].items()
        assert actions[method]["missing"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"method": "coaching", "mentor": "eve"}, "/body/mentor"),
        ({"method": "mentoring", "sessions": 3}, "/body/sessions"),
        ({"method": "coaching", "sessions": 0}, "/body/sessions"),
        ({"method": "mentoring", "mentor": "two words"}, "/body/mentor"),
        ({"method": "job_enrichment", "adds": "a\x07"}, "/body/adds"),
        ({"method": "sabbatical"}, "/body"),
        ({"method": "other", "owner": "the boss"}, "/body/owner"),
    ],
)
async def test_a_field_that_a_method_does_not_have_is_refused_where_it_stands(
    years: Years, changes: dict[str, Any], pointer: str
) -> None:
    await years.conclude()
    await goal(years.ana, years, "lead", "Lead")
    body = ACTION | {"owner": "employee"} | changes
    refused = await years.ana.put(f"{years.plan}/actions/one", json=body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_a_draft_follows_from_direction_and_goals_and_is_the_employees_alone(
    years: Years,
) -> None:
    facet = {"kind": "goal", "text": "Lead something"}
    await years.ana.put(f"{years.conversation}/facets/lead", json=facet)
    await years.conclude()
    shown = await years.told(years.ana, years.plan)
    assert shown["goals"] == {"lead": {"text": "Lead something", "horizon": None, "facet": "lead"}}
    assert shown["state"] == "draft"
    assert (await years.ben.get(years.plan)).status_code == 404
    dropped = await years.ana.delete(f"{years.plan}/goals/lead")
    assert dropped.status_code == 200


async def test_the_revision_in_force_stands_beside_one_that_waits(years: Years) -> None:
    await years.agree()
    assert (await years.told(years.ana, years.plan))["in_force_plan"] is None
    await goal(years.ben, years, "lead", "Lead two things")
    shown = await years.told(years.ana, years.plan)
    assert shown["goals"]["lead"]["text"] == "Lead two things"
    assert shown["in_force_plan"]["goals"]["lead"]["text"] == "Lead"
    assert shown["in_force_plan"]["revision"] == shown["in_force"]


async def test_it_is_told_whether_the_partner_of_today_reads_the_plan(years: Years) -> None:
    await years.agree()
    assert (await years.told(years.ana, years.plan))["shared"] is True
    await years.name_partner("eve")
    await years.hand_over("plan")
    assert (await years.told(years.ana, years.plan))["shared"] is False
    assert "shared" not in await years.told(years.eve, years.plan)
    await years.ana.post(f"{years.plan}:propose")
    for each in (years.ana, years.eve):
        assert (await years.told(each, years.plan))["shared"] is True


async def test_with_whom_they_talk_is_looked_up_once_for_a_reading(
    years: Years, monkeypatch: pytest.MonkeyPatch
) -> None:
    await years.agree()
    asked, ties = [], years.house.permission._ties

    async def counted(tenant: str, person: UUID) -> Any:
        asked.append(person)
        return await ties(tenant, person)

    monkeypatch.setattr(years.house.permission, "_ties", counted)
    for each in (years.ana, years.ben):
        assert (await years.told(each, years.plan))["shared"] is True
        assert len(asked) == 1
        asked.clear()


async def test_a_check_in_says_whose_word_it_is(years: Years) -> None:
    await years.agree()
    await years.ben.post(f"{years.plan}:check-in", json={"state": "blocked", "comment": "So"})
    said = (await years.told(years.ana, years.plan))["last_check_in"]
    assert said.pop("at")
    assert said == {"state": "blocked", "by": "partner", "comment": "So"}


async def test_two_who_change_a_plan_at_once_lose_nothing(years: Years) -> None:
    await years.agree()
    seen = (await years.ana.get(years.plan)).headers["etag"]
    assert (await years.ben.get(years.plan)).headers["etag"] == seen
    first = await goal(years.ben, years, "lead", "Lead two things", **{"If-Match": seen})
    assert first.status_code == 200
    refused = await goal(years.ana, years, "lead", "Lead three things", **{"If-Match": seen})
    assert (refused.status_code, refused.json()["type"]) == (412, "/problems/stale")
    (change,) = [c for c in refused.json()["changes"] if c["item"] == "goal"]
    assert (change["id"], change["change"], change["by"]) == ("lead", "changed", "ben")
    assert change["fields"] == {"text": {"before": "Lead", "now": "Lead two things"}}
    assert f'"{refused.json()["version"]}"' == first.headers["etag"]
    again = await goal(
        years.ana, years, "lead", "Lead three things", **{"If-Match": first.headers["etag"]}
    )
    assert again.status_code == 200
    history = await years.told(years.ana, f"{years.plan}/diff", **{"from": "1"})
    assert history["changes"]


async def test_a_write_that_is_behind_is_told_so_before_any_rule(years: Years) -> None:
    await years.agree()
    seen = (await years.ana.get(years.plan)).headers["etag"]
    await years.ben.post(f"{years.plan}/actions/mentor:done")
    refused = await years.ana.post(
        f"{years.plan}/actions/mentor:not-done", headers={"If-Match": seen}
    )
    assert refused.status_code == 412
    (change,) = [c for c in refused.json()["changes"] if c["item"] == "action"]
    assert change["fields"]["state"] == {"before": "planned", "now": "done"}


async def test_many_who_change_at_once_with_the_same_version_are_answered_one_by_one(
    years: Years,
) -> None:
    await years.agree()
    seen = {"If-Match": (await years.ana.get(years.plan)).headers["etag"]}
    answers = await asyncio.gather(
        *(goal(years.ana, years, f"goal-{number}", "x", **seen) for number in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    for answer in answers:
        if answer.status_code == 412:
            assert answer.json()["changes"]


async def test_what_was_before_the_first_proposal_is_the_employees_alone(years: Years) -> None:
    await years.conclude()
    await goal(years.ana, years, "secret", "CANARY")
    await goal(years.ana, years, "lead", "CANARY too")
    await years.ana.delete(f"{years.plan}/goals/secret")
    await goal(years.ana, years, "lead", "Lead")
    await years.ana.post(f"{years.plan}:propose")
    await goal(years.ana, years, "lead", "Lead two")
    told = await years.told(years.ben, f"{years.plan}/diff", **{"from": "1"})
    assert "CANARY" not in str(told)
    assert told["from"] > 1
    (change,) = [c for c in told["changes"] if c["item"] == "goal"]
    assert change["fields"]["text"] == {"before": "Lead", "now": "Lead two"}
    stale = await goal(years.ben, years, "lead", "x", **{"If-Match": '"1"'})
    assert stale.status_code == 412
    assert "CANARY" not in stale.text
    own = await years.told(years.ana, f"{years.plan}/diff", **{"from": "1", "to": "3"})
    assert "CANARY" in str(own)


async def test_a_difference_says_what_was_added_changed_and_removed(years: Years) -> None:
    await years.agree()
    start = (await years.told(years.ana, years.plan))["version"]
    await goal(years.ana, years, "rest", "Sleep more")
    await years.ben.post(f"{years.plan}/actions/mentor:start", json={"comment": "On it"})
    await years.ana.post(f"{years.plan}/actions/read:drop")
    await years.ana.delete(f"{years.plan}/goals/rest")
    await goal(years.ana, years, "walk", "Walk more")
    told = await years.told(years.ana, f"{years.plan}/diff", **{"from": str(start)})
    found = {(c["item"], c["id"]): (c["change"], c["by"]) for c in told["changes"]}
    assert found["action", "mentor"] == ("changed", "ben")
    assert found["action", "read"] == ("changed", "ana")
    assert found["goal", "walk"] == ("added", "ana")
    assert ("goal", "rest") not in found
    back = await years.told(
        years.ana, f"{years.plan}/diff", **{"from": str(start), "to": str(start)}
    )
    assert back["changes"] == []


async def test_a_difference_is_for_those_who_may_read_the_whole_plan(years: Years) -> None:
    await years.agree()
    for role in ("hr", "auditor", "platform"):
        client = years.door(role)
        assert (await client.get(f"{years.plan}/diff", params={"from": 1})).status_code == 403
        assert (await client.get(f"{years.plan}/suggestions")).status_code == 403
    for role in ("ops", "admin", "dpo"):
        path = f"{years.plan}/diff"
        found = (await years.door(role).get(path, params={"from": 1})).status_code
        assert found == (403 if role == "dpo" else 404)
    await years.name_partner("eve")
    await years.hand_over("plan")
    assert (await years.eve.get(f"{years.plan}/diff", params={"from": 1})).status_code == 403


async def test_roles_see_of_a_plan_what_their_work_takes_and_no_words(years: Years) -> None:
    await years.agree()
    platform = await years.told(years.platform, years.plan)
    assert platform["state"] == "active"
    assert not {"goals", "actions"} & set(platform)
    assert platform["promises"] == {}
    outline = await years.told(years.auditor, years.plan)
    assert outline["actions"]["mentor"]["method"] == "other"
    assert outline["promises"]["mentor"]["state"] == "open"
    for words in ("Lead", "The mentor", "We say so"):
        assert words not in str(outline)
    hr = await years.told(years.door("hr"), years.plan)
    assert set(hr) == {"id", "version", "promises"}
    assert hr["promises"]["course"]["title"] == "The course"
    assert "read" not in hr["promises"]
    dpo = await years.told(years.door("dpo"), years.plan)
    assert set(dpo) == {"id", "version", "promises"}
    for role in ("ops", "admin"):
        assert (await years.door(role).get(years.plan)).status_code == 404


async def test_who_is_an_employee_and_a_partner_gets_what_they_were_promised_and_have_promised(
    years: Years, issuer: Issuer
) -> None:
    await years.agree()
    await years.read_models()
    for person in ("ana", "ben"):
        token = issuer.issue(years.tenant, ["employee", "partner"], person, 600)
        both = years.door()
        both.headers["Authorization"] = f"Bearer {token}"
        assert len((await years.told(both, "/v1/promises"))["items"]) == 2


async def test_the_list_says_of_a_plan_what_the_plan_says_of_itself(years: Years) -> None:
    async def is_listed(state: str) -> None:
        await years.read_models()
        (listed,) = (await years.told(years.ana, "/v1/plans", person="ana"))["items"]
        plan = await years.told(years.ana, years.plan)
        assert (listed["state"], listed["version"]) == (state, plan["version"])
        assert plan["state"] == state

    async def revise(text: str) -> None:
        await goal(years.ana, years, "lead", text)
        await years.ana.post(f"{years.plan}:propose")

    await years.agree()
    await is_listed("active")
    await revise("Lead two things")
    await is_listed("active")
    await years.follow_up()
    await is_listed("under_review")
    await revise("Lead three things")
    assert (await years.ben.post(f"{years.plan}:agree")).status_code == 200
    await is_listed("under_review")


async def test_a_promise_that_one_side_would_drop_is_open_in_all_lists_until_the_review(
    years: Years,
) -> None:
    async def promised() -> dict[str, Any]:
        await years.read_models()
        found = (await years.told(years.door("hr"), "/v1/promises"))["items"]
        async with within(years.house.record.pool, years.tenant) as connection:
            rows = await connection.fetch(
                "SELECT action, promise FROM insight_action"
                " WHERE tenant = $1 AND promise IS NOT NULL",
                years.tenant,
            )
        counted = {row["action"]: row["promise"] for row in rows}
        assert {each["action"]: each["state"] for each in found} == counted
        return counted

    await years.agree()
    await years.ben.post(f"{years.plan}/actions/mentor:drop")
    assert await promised() == {"mentor": "open", "course": "open"}
    follow_up = await years.follow_up()
    await years.ben.post(f"{years.plan}/actions/course:drop")
    assert await promised() == {"mentor": "open", "course": "released"}
    await years.ana.post(f"{follow_up}:conclude", json={"meeting": "waived"})
    await years.advance()
    assert await promised() == {"mentor": "carried_over", "course": "released"}


async def test_promises_are_listed_for_those_who_made_them_and_for_hr(years: Years) -> None:
    await years.agree()
    await years.read_models()
    hr = years.door("hr")
    listed = (await years.told(hr, "/v1/promises"))["items"]
    assert [(p["action"], p["owner"], p["promised_by"], p["state"]) for p in listed] == [
        ("course", "organisation", "ben", "open"),
        ("mentor", "partner", "ben", "open"),
    ]
    assert not {"title", "success"} & set(listed[0])
    await years.ana.post(f"{years.plan}/actions/mentor:done")
    await years.ana.post(f"{years.plan}/actions/course:not-done")
    await years.read_models()
    for state, action in (("kept", "mentor"), ("broken", "course")):
        found = (await years.told(hr, "/v1/promises", state=state))["items"]
        assert [promise["action"] for promise in found] == [action]
    assert len((await years.told(years.ben, "/v1/promises"))["items"]) == 2
    assert len((await years.told(years.ana, "/v1/promises"))["items"]) == 2
    assert (await years.told(years.eve, "/v1/promises"))["items"] == []
    assert (await years.told(years.eve, "/v1/promises", person="ana"))["items"] == []
    assert (await years.told(hr, "/v1/promises", owner="partner"))["items"][0]["action"] == "mentor"
    assert (await years.platform.get("/v1/promises")).status_code == 403


async def test_a_promise_is_told_as_it_was_given_until_both_agree_to_another(years: Years) -> None:
    async def told(client: Client) -> tuple[str, str, str | None, str | None]:
        await years.read_models()
        promised = (await years.told(client, years.plan))["promises"]["mentor"]
        listed = (await years.told(client, "/v1/promises"))["items"]
        (due,) = [each["by"] for each in listed if each["action"] == "mentor"]
        return promised["title"], promised["method"], promised["by"], due

    await years.agree()
    hr, given_ = years.door("hr"), ("The mentor", "other", None, None)
    changed = ACTION | {"title": "What nobody promised", "method": "coaching", "owner": "partner"}
    changed |= {"by": "2199-06-30"}
    await years.ana.put(f"{years.plan}/actions/mentor", json=changed)
    assert await told(hr) == given_
    await years.name_partner("eve")
    assert await told(years.ben) == given_
    await years.ana.post(f"{years.plan}:propose")
    await years.eve.post(f"{years.plan}:agree")
    assert await told(hr) == ("What nobody promised", "coaching", "2199-06-30", "2199-06-30")


async def test_promises_have_pages(years: Years) -> None:
    await years.agree()
    await years.read_models()
    hr = years.door("hr")
    first = await years.told(hr, "/v1/promises", limit="1")
    second = await years.told(hr, "/v1/promises", limit="1", cursor=first["next"])
    assert [p["items"][0]["action"] for p in (first, second)] == ["course", "mentor"]
    assert second["next"] is None
    assert (await hr.get("/v1/promises", params={"cursor": "bm9uc2Vuc2U="})).status_code == 400


async def test_at_the_follow_up_it_is_decided_what_becomes_of_each_action(years: Years) -> None:
    await years.agree()
    follow_up = await years.follow_up()
    assert (await years.told(years.ana, years.plan))["state"] == "under_review"
    carried = await years.ana.post(f"{years.plan}/actions/mentor:carry-over")
    assert carried.status_code == 200
    await years.ben.post(f"{years.plan}/actions/course:done")
    actions = (await years.told(years.ana, years.plan))["actions"]
    assert {name: (a["state"], a["reported_by"]) for name, a in actions.items()} == {
        "mentor": ("carried_over", "employee"),
        "course": ("done", "partner"),
        "read": ("planned", None),
    }
    done = await years.ana.post(f"{follow_up}:conclude", json={"meeting": "waived"})
    assert done.status_code == 200
    await years.advance()
    ended = await years.told(years.ana, years.plan)
    assert ended["state"] == "completed"
    assert ended["actions"]["read"]["state"] == "carried_over"
    assert ended["actions"]["read"]["reported_by"] == "nobody"


async def test_the_next_rounds_plan_begins_with_what_was_carried_over(years: Years) -> None:
    await years.agree()
    follow_up = await years.follow_up()
    before = years.plan
    await years.ana.post(f"{before}/actions/read:drop")
    await years.ana.post(f"{follow_up}:conclude", json={"meeting": "waived"})
    years.conversation = await _next_conversation(years)
    await years.conclude()
    assert years.plan != before
    shown = await years.told(years.ana, years.plan)
    assert set(shown["actions"]) == {"mentor", "course"}
    assert shown["actions"]["mentor"]["carried_from"] == before.rpartition("/")[2]
    assert shown["goals"]["lead"]["text"] == "Lead"
    assert shown["state"] == "draft"
    assert (await years.ben.get(years.plan)).status_code == 404


async def _next_conversation(years: Years) -> str:
    await years.advance()
    await years.pass_time()
    return f"/v1/conversations/{(await years.state())['conversation']}"


async def _proposed_and_rested(years: Years) -> None:
    """In the second round a plan is proposed, and waited for no more."""
    await years.conclude()
    await years.platform.put("/v1/policy", json=FAST | {"plan_within": "PT1M"})
    years.conversation = await years.next_round()
    await years.conclude()
    await goal(years.ana, years, "lead", "Lead")
    await years.ana.put(f"{years.plan}/actions/read", json=ACTION | {"owner": "partner"})
    await years.ana.post(f"{years.plan}:propose")
    await years.pass_time()
    assert (await years.state())["state"] in {"steady", "follow_up"}
    assert (await years.told(years.ana, years.plan))["state"] == "proposed"


async def test_a_plan_that_was_never_agreed_ends_with_its_round(years: Years) -> None:
    await _proposed_and_rested(years)
    never_agreed = years.plan
    years.conversation = await years.next_round(3)
    assert (await years.told(years.ana, never_agreed))["state"] == "closed"
    late = await years.ben.post(f"{never_agreed}:agree")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/plan-ended")
    await years.conclude()
    assert (await years.told(years.ana, years.plan))["actions"] == {}


async def test_one_that_outlived_its_round_as_they_once_did_moves_nothing_and_is_carried_over(
    years: Years,
) -> None:
    await _proposed_and_rested(years)
    outlived = years.plan
    follow_up = await years.follow_up()
    await years.ana.post(f"{follow_up}:conclude", json={"meeting": "waived"})
    command = Command(workflow(years.tenant, "CareerCycle"), years.house.record.clock.now())
    await years.house.cycles.take_step(command, UUID(years.cycle), lambda c: c.complete_round(2))
    years.conversation = await _next_conversation(years)
    assert (await years.ben.post(f"{outlived}:agree")).json()["state"] == "active"
    await years.read_models()
    (listed,) = (await years.told(years.platform, "/v1/cycles"))["items"]
    assert listed == await years.state()
    assert (listed["round"], listed["plan"], listed["next"]) == (3, None, "nudge")
    await years.conclude()
    assert (await years.told(years.ana, outlived))["state"] == "completed"
    carried = (await years.told(years.ana, years.plan))["actions"]["read"]
    assert carried["carried_from"] == outlived.rpartition("/")[2]
