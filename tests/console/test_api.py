"""What callers of the API rely on, over the real application and database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from shared.tokens import Issuer
from tests.conftest import Door, Story


async def question(client: Any, conversation: str, id_: str) -> dict[str, Any]:
    shown = (await client.get(conversation)).json()
    found: dict[str, Any] = next(q for q in shown["questions"] if q["id"] == id_)
    return found


async def test_a_cycle_is_started_once_however_often_it_is_asked_for(story: Story) -> None:
    again = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert (again.status_code, again.json()["id"]) == (200, story.cycle)


async def test_a_cycle_started_many_times_at_once_is_one(story: Story) -> None:
    cleo = {"name": "Cleo", "email": "cleo@example.com"}
    await story.platform.put("/v1/people/cleo", json=cleo)
    answers = await asyncio.gather(
        *(story.platform.post("/v1/cycles", json={"person": "cleo"}) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_the_same_key_with_the_same_body_gives_the_first_answer_again(story: Story) -> None:
    headers = {"Idempotency-Key": "key-1"}
    path = f"{story.conversation}/answers/impact"
    first = await story.ana.put(path, json={"text": "one"}, headers=headers)
    await story.ana.put(path, json={"text": "two"})
    again = await story.ana.put(path, json={"text": "one"}, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (await question(story.ana, story.conversation, "impact"))["answer"] == "two"


async def test_the_same_key_with_another_body_is_refused(story: Story) -> None:
    headers = {"Idempotency-Key": "key-2"}
    path = f"{story.conversation}/answers/impact"
    await story.ana.put(path, json={"text": "one"}, headers=headers)
    other = await story.ana.put(path, json={"text": "two"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused")


async def test_the_same_key_many_times_at_once_has_one_effect(story: Story) -> None:
    headers = {"Idempotency-Key": "key-3"}
    path = f"{story.conversation}/answers/impact"
    answers = await asyncio.gather(
        *(story.ana.put(path, json={"text": "one"}, headers=headers) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert (await question(story.ana, story.conversation, "impact"))["revision"] == 1


async def test_a_write_with_if_match_that_is_behind_is_refused(story: Story) -> None:
    shown = await story.ana.get(story.conversation)
    etag = shown.headers["etag"]
    path = f"{story.conversation}/answers/impact"
    headers = {"If-Match": etag}
    assert (await story.ana.put(path, json={"text": "one"}, headers=headers)).status_code == 200
    assert (await story.ana.put(path, json={"text": "two"}, headers=headers)).status_code == 412


async def test_nothing_is_visible_to_the_partner_before_it_is_shared(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "also mine"})
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "deepen"})
    await story.ana.put(f"{story.conversation}/facets/craft", json={"kind": "value", "text": "it"})
    before = (await story.ben.get(story.conversation)).json()
    assert all(q["answer"] is None and q["state"] == "open" for q in before["questions"])
    assert (before["direction"], before["facets"]) == (None, {})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["impact"]})
    assert (await question(story.ben, story.conversation, "impact"))["answer"] == "mine"
    assert (await question(story.ben, story.conversation, "energy"))["answer"] is None
    await story.ana.post(f"{story.conversation}:unshare")
    assert (await question(story.ben, story.conversation, "impact"))["answer"] is None


async def test_the_partner_never_sees_that_something_was_set_aside_or_declined(
    story: Story,
) -> None:
    await story.ana.post(f"{story.conversation}:share")
    await story.ana.post(f"{story.conversation}/answers/energy:set-aside")
    await story.ana.post(f"{story.conversation}/answers/ideal:decline")
    for id_ in ("energy", "ideal"):
        assert (await question(story.ben, story.conversation, id_))["state"] == "open"
    assert (await question(story.ana, story.conversation, "energy"))["state"] == "set_aside"


async def test_a_partner_who_was_released_sees_nothing_more(story: Story) -> None:
    await story.ana.post(f"{story.conversation}:share")
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": None}
    await story.platform.put("/v1/people/ana", json=ana)
    assert (await story.ben.get(story.conversation)).status_code == 404


async def test_hr_auditors_and_platforms_read_no_conversation(story: Story, door: Door) -> None:
    for role in ("hr", "auditor", "dpo", "platform", "ops", "admin"):
        assert (await door(role).get(story.conversation)).status_code == 404


async def test_only_the_employee_answers(story: Story) -> None:
    answer = await story.ben.put(f"{story.conversation}/answers/impact", json={"text": "his"})
    assert answer.status_code == 403


async def test_a_plan_is_the_employees_alone_until_it_is_proposed(story: Story) -> None:
    await story.conclude()
    assert (await story.ben.get(story.plan)).status_code == 404
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    await story.ana.post(f"{story.plan}:propose")
    assert (await story.ben.get(story.plan)).json()["goals"]["lead"]["text"] == "Lead"
    agreed = await story.ben.post(f"{story.plan}:agree")
    assert agreed.json()["state"] == "active"


async def test_the_cycle_says_whose_turn_it_is(story: Story) -> None:
    assert (await story.state())["waiting_for"] == "employee"
    nothing = await story.ana.post(f"{story.conversation}:share")
    assert nothing.status_code == 200
    assert (await story.state())["waiting_for"] == "employee"
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "mine"})
    await story.ana.post(f"{story.conversation}:share")
    assert (await story.state())["waiting_for"] == "partner"
    await story.ana.post(f"{story.conversation}:unshare", json={"questions": ["impact"]})
    assert (await story.state())["waiting_for"] == "employee"
    await story.conclude()
    state = await story.state()
    assert (state["state"], state["waiting_for"]) == ("planning", "employee")
    await story.ana.post(f"{story.plan}:close")
    await story.advance()
    assert (await story.state())["state"] == "steady"


async def test_a_suspended_cycle_says_why_and_until_when(story: Story) -> None:
    path = f"/v1/cycles/{story.cycle}"
    body = {"reason": "leave", "until": "2030-01-01T00:00:00Z"}
    assert (await story.platform.post(f"{path}:suspend", json=body)).status_code == 200
    assert (await story.state())["suspended"] == {
        "reason": "leave",
        "until": "2030-01-01T00:00:00Z",
    }
    assert (await story.platform.post(f"{path}:resume")).status_code == 200
    assert (await story.state())["suspended"] is None


async def test_when_a_pause_ends_is_for_whoever_may_know_of_it(story: Story) -> None:
    tomorrow = story.house.record.clock.now() + timedelta(days=1)
    until = {"until": tomorrow.isoformat()}
    answer = await story.ana.post(f"{story.conversation}:pause", json=until)
    assert answer.status_code == 200, answer.text
    await is_told_alone(story, "end_pause")


async def test_when_the_partner_is_reminded_later_for_something_set_aside_is_too(
    story: Story,
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "Two teachers"})
    await story.ana.post(f"{story.conversation}:share")
    in_a_week = story.house.record.clock.now() + timedelta(days=7)
    path = f"{story.conversation}/answers/energy:set-aside"
    answer = await story.ana.post(path, json={"until": in_a_week.isoformat()})
    assert answer.status_code == 200, answer.text
    await is_told_alone(story, "nudge_partner")


async def is_told_alone(story: Story, step: str) -> None:
    """The employee and data protection read what comes next; nobody else does."""
    await story.read_models()
    others = [(client, None) for client in (story.ben, story.platform, story.hr)]
    for client, told in ((story.ana, step), (story.dpo, step), *others):
        one = (await client.get(f"/v1/cycles/{story.cycle}")).json()
        (listed,) = (await client.get("/v1/cycles")).json()["items"]
        for found in (one, listed):
            assert found["next"] == told
            assert (found["due"] is None) == (told is None)


async def test_a_closed_cycle_makes_room_for_another_one(story: Story) -> None:
    await story.platform.post(f"/v1/cycles/{story.cycle}:close", json={"reason": "opted_out"})
    assert (await story.state())["state"] == "closed"
    again = await story.platform.post("/v1/cycles", json={"person": "ana"})
    assert again.status_code == 201
    assert again.json()["id"] != story.cycle


async def test_people_are_listed_page_by_page_with_their_names(story: Story) -> None:
    await story.read_models()
    first = (await story.platform.get("/v1/people", params={"limit": 1})).json()
    assert [(p["person"], p["name"], p["partner"]) for p in first["items"]] == [
        ("ana", "Ana Silva", "ben")
    ]
    params = {"limit": 1, "cursor": first["next"]}
    second = (await story.platform.get("/v1/people", params=params)).json()
    assert ([p["person"] for p in second["items"]], second["next"]) == (["ben"], None)


async def test_cycles_are_listed_by_state_turn_person_and_partner(story: Story) -> None:
    await story.read_models()

    async def listed(client: Any, **params: str) -> list[str]:
        page = (await client.get("/v1/cycles", params=params)).json()
        return [cycle["person"] for cycle in page["items"]]

    assert await listed(story.platform, state="conversation", waiting_for="employee") == ["ana"]
    assert await listed(story.platform, state="planning") == []
    assert await listed(story.platform, partner="ben") == ["ana"]
    assert await listed(story.ana) == ["ana"]
    assert await listed(story.ben) == ["ana"]


async def test_who_is_an_employee_and_a_partner_gets_their_own_cycle_and_those_of_their_people(
    story: Story, issuer: Issuer
) -> None:
    await story.platform.post("/v1/cycles", json={"person": "ben"})
    await story.read_models()
    token = issuer.issue(story.tenant, ["employee", "partner"], "ben", 600)
    ben = story.door()
    ben.headers["Authorization"] = f"Bearer {token}"

    async def listed(**params: str) -> set[str]:
        page = (await ben.get("/v1/cycles", params=params)).json()
        return {cycle["person"] for cycle in page["items"]}

    assert await listed() == {"ana", "ben"}
    assert await listed(person="ben") == {"ben"}
    assert await listed(person="ana") == {"ana"}
    assert await listed(partner="ben") == {"ana"}


async def test_a_conversation_that_is_taken_up_after_all_is_listed_as_open(story: Story) -> None:
    async def state() -> str:
        await story.read_models()
        (found,) = (await story.ana.get("/v1/conversations", params={"person": "ana"})).json()[
            "items"
        ]
        return str(found["state"])

    await story.ana.post(f"{story.conversation}:decline")
    assert await state() == "declined"
    await story.ana.post(f"{story.conversation}:resume")
    assert await state() == "open"
    await story.ana.post(f"{story.conversation}:decline")
    assert await state() == "declined"


async def test_a_persons_conversations_and_plans_are_listed(story: Story) -> None:
    await story.conclude()
    await story.read_models()
    params = {"person": "ana"}
    conversations = (await story.ana.get("/v1/conversations", params=params)).json()["items"]
    assert [(c["kind"], c["state"]) for c in conversations] == [("conversation", "concluded")]
    plans = (await story.ana.get("/v1/plans", params=params)).json()["items"]
    assert [plan["state"] for plan in plans] == ["draft"]
    assert (await story.ben.get("/v1/plans", params=params)).json()["items"] == []


async def test_the_auditor_sees_that_and_when_but_never_what(story: Story) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "CANARY-1"})
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "CANARY-2"})
    await story.read_models()
    timeline = await story.auditor.get("/v1/audit/timeline", params={"person": "ana"})
    sentences = [item["sentence"] for item in timeline.json()["items"]]
    assert sentences[-2:] == [
        "The question 'impact' was answered.",
        "The answer to 'impact' was revised.",
    ]
    last = timeline.json()["items"][-1]
    assert (last["actor"], last["person"], last["cycle"]) == ("person:ana", "ana", story.cycle)
    assert len(last["words_sha256"]) == 64
    path = story.conversation.replace("/v1/", "/v1/audit/")
    replay = await story.auditor.get(path)
    assert "CANARY" not in timeline.text + replay.text
    assert replay.json()["state"]["questions"]["impact"]["event"] == "answer_revised"


async def test_a_conversation_is_replayed_at_a_version_and_at_a_moment(story: Story) -> None:
    path = f"{story.conversation}/answers/impact"
    await story.ana.put(path, json={"text": "one"})
    audit = story.conversation.replace("/v1/", "/v1/audit/")
    then = (await story.auditor.get(audit)).json()
    await asyncio.sleep(0.01)
    await story.ana.put(path, json={"text": "two"})
    at_version = (await story.auditor.get(audit, params={"version": 2})).json()
    at_moment = (await story.auditor.get(audit, params={"at": then["recorded_at"]})).json()
    assert at_version == at_moment == then
    both = await story.auditor.get(audit, params={"version": 2, "at": then["recorded_at"]})
    assert both.status_code == 422


async def test_health_needs_no_token(door: Door) -> None:
    assert (await door().get("/healthz")).json() == {"status": "ok"}
    assert (await door().get("/readyz")).json() == {"status": "ready"}
    assert (await door().get("/openapi.json")).status_code == 200
    assert (await door().get("/metrics")).status_code == 200
