"""What is shown of a conversation to whom, and what was said before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.eventstore.record import Command
from shared.principal import Principal
from tests.conftest import Story
from tests.years import Years, id_of


async def question(client: Any, path: str, id_: str) -> dict[str, Any]:
    shown = (await client.get(path)).json()
    found: dict[str, Any] = next(q for q in shown["questions"] if q["id"] == id_)
    return found


async def answer_some(story: Story) -> None:
    for name in ("impact", "energy"):
        await story.ana.put(f"{story.conversation}/answers/{name}", json={"text": f"my {name}"})
    facet = {"kind": "goal", "text": "Lead something"}
    await story.ana.put(f"{story.conversation}/facets/lead", json=facet)


async def test_an_answer_given_after_the_sharing_waits_to_be_shared(years: Years) -> None:
    await answer_some(years)
    await years.ana.post(f"{years.conversation}:share")
    await years.ana.put(f"{years.conversation}/answers/peak", json={"text": "later"})
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "revised"})
    assert (await question(years.ben, years.conversation, "impact"))["answer"] == "revised"
    assert (await question(years.ben, years.conversation, "peak"))["answer"] is None
    own = (await years.ana.get(years.conversation)).json()["shared"]
    assert (own["everything"], own["questions"]) == (False, ["energy", "impact"])


async def test_an_answer_taken_back_by_declining_is_gone_for_the_partner_only(years: Years) -> None:
    await answer_some(years)
    await years.ana.post(f"{years.conversation}:share")
    await years.ana.post(f"{years.conversation}/answers/impact:decline")
    told = await question(years.ben, years.conversation, "impact")
    assert (told["state"], told["answer"]) == ("open", None)
    own = await question(years.ana, years.conversation, "impact")
    assert (own["state"], own["answer"]) == ("declined", "my impact")


QUIET = {
    "paused": ":pause",
    "declined": ":decline",
    "set aside": "/answers/impact:set-aside",
}


@pytest.mark.parametrize("path", QUIET.values(), ids=QUIET.keys())
async def test_a_partner_sees_that_it_rests_and_never_what_for(years: Years, path: str) -> None:
    body = {} if path == ":decline" else {"until": "2027-03-01T09:00:00Z"}
    done = await years.ana.post(f"{years.conversation}{path}", json=body)
    assert done.status_code == 200, done.text
    shown = (await years.ben.get(years.conversation)).json()
    assert (shown["state"], shown["resting"]) == ("paused", True)
    if body:
        assert shown["resting_until"] == "2027-03-01T09:00:00Z"
    assert all(q["state"] == "open" and q.get("until") is None for q in shown["questions"])
    note = {"text": "x", "shared": False}
    written = await years.ben.post(f"{years.conversation}/notes", json=note)
    assert (written.status_code, written.json()["state"]) == (201, "paused")
    draft = await years.ben.put(f"{years.conversation}/drafts/energy", json={"text": "x"})
    assert draft.status_code == 200
    await years.read_models()
    params = {"person": "ana"}
    listed = (await years.ben.get("/v1/conversations", params=params)).json()["items"]
    assert listed[0]["state"] == "open"
    own = (await years.ana.get("/v1/conversations", params=params)).json()["items"]
    assert own[0]["state"] == {":pause": "paused", ":decline": "declined"}.get(path, "open")


async def test_a_conversation_that_rests_after_the_last_reminder_comes_back_with_one_click(
    years: Years,
) -> None:
    await years.platform.put("/v1/policy", json={"answer_nudges": ["PT1M"]})
    zoe = {"name": "Zoe", "email": "zoe@example.com", "partner": "ben"}
    await years.platform.put("/v1/people/zoe", json=zoe)
    cycle = (await years.platform.post("/v1/cycles", json={"person": "zoe"})).json()["id"]
    own = years.door("employee", "zoe")
    state = await _live_until(years, "zoe", cycle, "steady")
    path = f"/v1/conversations/{state['conversation']}"
    assert (await own.get(path)).json()["resting"] is True
    assert (await own.post(f"{path}:resume")).status_code == 200
    shown = (await own.get(path)).json()
    assert (shown["state"], shown["resting"]) == ("open", False)


async def test_a_follow_up_that_rests_comes_back_with_one_click_until_the_next_round(
    years: Years,
) -> None:
    fast = {"follow_up_after": "PT1M", "answer_nudges": ["PT1M"]}
    await years.platform.put("/v1/policy", json=fast)
    zoe = {"name": "Zoe", "email": "zoe@example.com", "partner": "ben"}
    await years.platform.put("/v1/people/zoe", json=zoe)
    cycle = (await years.platform.post("/v1/cycles", json={"person": "zoe"})).json()["id"]
    own = years.door("employee", "zoe")
    await _live_until(years, "zoe", cycle, "follow_up")
    state = await _live_until(years, "zoe", cycle, "steady")
    path = f"/v1/conversations/{state['conversation']}"
    assert (await own.get(path)).json()["resting"] is True
    assert (await own.put(f"{path}/direction", json={"direction": "deepen"})).status_code == 200
    assert (await own.post(f"{path}:share")).status_code == 200
    shown = (await own.get(f"/v1/cycles/{cycle}")).json()
    assert (shown["state"], shown["waiting_for"]) == ("steady", "partner")
    assert (await own.post(f"{path}:conclude", json={"meeting": "waived"})).status_code == 200


async def _live_until(years: Years, person: str, cycle: str, state: str) -> dict[str, Any]:
    """Let the steps of another person's cycle be taken until it is in a state."""
    from workflows.messages import CycleRun

    activities = years.house.activities()
    subject = await years.house.record.vault.subject_of(years.tenant, person)
    run = CycleRun(years.tenant, str(subject))
    own = years.door("employee", person)
    for _ in range(20):
        await activities.advance(run)
        shown: dict[str, Any] = (await own.get(f"/v1/cycles/{cycle}")).json()
        if shown["state"] == state:
            return shown
        years.clock.move(timedelta(seconds=61))
    raise AssertionError(f"never {state}")


async def test_a_follow_up_shows_what_was_said_before(years: Years) -> None:
    await answer_some(years)
    await years.conclude()
    before = years.conversation
    shown = (await years.ana.get(await years.follow_up())).json()
    assert (shown["kind"], shown["direction"]) == ("follow_up", "expand")
    told = shown["before"]
    assert told["conversation"] == id_of(before)
    assert told["direction"] == "expand"
    assert {q["id"]: q["answer"] for q in told["questions"] if q["answer"]} == {
        "impact": "my impact",
        "energy": "my energy",
    }
    assert told["facets"]["lead"]["text"] == "Lead something"
    assert shown["facets"]["lead"]["text"] == "Lead something"


async def test_the_next_round_shows_the_earlier_answer_beside_each_question(years: Years) -> None:
    await answer_some(years)
    await years.conclude()
    second = await years.next_round()
    asked = await question(years.ana, second, "impact")
    assert asked["answer"] is None
    assert asked["earlier"]["answer"] == "my impact"
    assert (asked["earlier"]["round"], asked["earlier"]["kind"]) == (1, "conversation")
    assert (await question(years.ana, second, "peak"))["earlier"] is None


async def test_a_partner_sees_of_before_what_was_shared_then(years: Years) -> None:
    await answer_some(years)
    await years.ana.post(f"{years.conversation}:share", json={"questions": ["impact"]})
    await years.conclude()
    second = await years.next_round()
    assert (await question(years.ben, second, "impact"))["earlier"]["answer"] == "my impact"
    assert (await question(years.ben, second, "energy"))["earlier"] is None
    assert (await years.ben.get(second)).json()["facets"] == {}


async def test_a_change_of_direction_goals_and_facets_is_a_readable_comparison(
    years: Years,
) -> None:
    await answer_some(years)
    await years.ana.put(f"{years.conversation}/facets/craft", json={"kind": "value", "text": "a"})
    await years.ana.put(f"{years.conversation}/facets/gone", json={"kind": "skill", "text": "b"})
    await years.conclude()
    follow_up = await years.follow_up()
    await years.ana.put(f"{follow_up}/direction", json={"direction": "deepen", "comment": "here"})
    await years.ana.put(f"{follow_up}/facets/lead", json={"kind": "goal", "text": "Lead two"})
    await years.ana.put(f"{follow_up}/facets/sea", json={"kind": "goal", "text": "A boat"})
    await years.ana.delete(f"{follow_up}/facets/gone")
    told = await years.told(years.ana, f"{follow_up}/comparison")
    assert told["direction"] == {
        "change": "changed",
        "before": {"direction": "expand", "comment": None},
        "now": {"direction": "deepen", "comment": "here"},
    }
    assert {goal["facet"]: goal["change"] for goal in told["goals"]} == {
        "lead": "changed",
        "sea": "new",
    }
    assert {facet["facet"]: facet["change"] for facet in told["facets"]} == {
        "craft": "same",
        "gone": "withdrawn",
    }
    assert told["before"]["conversation"] == id_of(years.conversation)


async def test_a_comparison_with_a_chosen_earlier_conversation_compares_the_same_questions(
    years: Years,
) -> None:
    await answer_some(years)
    await years.conclude()
    second = await years.next_round()
    await years.ana.put(f"{second}/answers/impact", json={"text": "other"})
    params = {"with": id_of(years.conversation)}
    told = await years.told(years.ana, f"{second}/comparison", **params)
    assert {a["question"]: a["change"] for a in told["answers"]} == {
        "impact": "changed",
        "energy": "withdrawn",
    }
    foreign = {"with": id_of(second)}
    assert (await years.ana.get(f"{second}/comparison", params=foreign)).status_code == 422


async def test_the_first_conversation_has_nothing_to_be_compared_with(years: Years) -> None:
    answer = await years.ana.get(f"{years.conversation}/comparison")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/nothing-before")


async def test_a_partner_compares_only_what_both_sides_show(years: Years) -> None:
    await answer_some(years)
    for name in ("shown", "hidden"):
        body = {"kind": "skill", "text": name}
        await years.ana.put(f"{years.conversation}/facets/{name}", json=body)
    await years.ana.post(f"{years.conversation}:share")
    await years.conclude()
    follow_up = await years.follow_up()
    await years.ana.put(f"{follow_up}/direction", json={"direction": "deepen"})
    await years.ana.delete(f"{follow_up}/facets/lead")
    await years.ana.post(f"{follow_up}:share", json={"facets": ["shown"]})
    told = await years.told(years.ben, f"{follow_up}/comparison")
    assert told["direction"] is None
    assert (told["goals"], [facet["facet"] for facet in told["facets"]]) == ([], ["shown"])


async def test_a_resting_or_declined_conversation_is_closed_by_the_one_that_follows(
    years: Years,
) -> None:
    await years.ana.post(f"{years.conversation}:decline")
    await years.follow_up()
    assert (await years.ana.get(years.conversation)).json()["state"] == "closed"
    answer = await years.ana.post(f"{years.conversation}:resume")
    assert answer.status_code == 409


async def test_notes_are_seen_by_their_author_and_by_whom_they_are_shared_with(
    years: Years,
) -> None:
    for text, shared in (("for me", False), ("for us", True)):
        body = {"text": text, "shared": shared, "question": "impact"}
        written = await years.ben.post(f"{years.conversation}/notes", json=body)
        assert written.status_code == 201, written.text
        assert "person's data" in written.json()["notice"]
        assert text not in written.text
    await years.ana.post(f"{years.conversation}/notes", json={"text": "my own", "shared": False})
    seen = {
        name: [note["text"] for note in (await years.told(client, path))["items"]]
        for name, client, path in (
            ("ben", years.ben, f"{years.conversation}/notes"),
            ("ana", years.ana, f"{years.conversation}/notes"),
        )
    }
    assert seen == {"ben": ["for me", "for us"], "ana": ["for us", "my own"]}
    shown = await years.told(years.ana, years.conversation)
    assert [note["author"] for note in shown["notes"]] == ["ben", "ana"]
    assert "person's data" in shown["notice"]


async def test_an_earlier_partner_keeps_seeing_own_notes_and_nothing_else(years: Years) -> None:
    await years.ben.post(f"{years.conversation}/notes", json={"text": "mine", "shared": False})
    await years.ana.post(f"{years.conversation}/notes", json={"text": "for us", "shared": True})
    await years.name_partner("eve")
    assert (await years.ben.get(years.conversation)).status_code == 404
    notes = (await years.told(years.ben, f"{years.conversation}/notes"))["items"]
    assert [note["text"] for note in notes] == ["mine"]
    assert (await years.told(years.eve, f"{years.conversation}/notes"))["items"] == []
    never = years.door("partner", "zoe")
    assert (await never.get(f"{years.conversation}/notes")).status_code == 404


async def test_of_whom_was_forgotten_nothing_is_shown_and_nothing_more_is_kept(
    years: Years,
) -> None:
    await answer_some(years)
    await years.ana.post(f"{years.conversation}:share")
    dpo = Principal(years.tenant, frozenset({"dpo"}), "dpo")
    command = Command(by=dpo, at=years.house.record.clock.now())
    await years.house.people.erase_person(command, "ana")
    for client in (years.ana, years.ben):
        shown = await client.get(years.conversation)
        assert shown.status_code == 200
        assert "my impact" not in shown.text
    for client, method, path, body in (
        (years.ana, "PUT", "/answers/energy", {"text": "more"}),
        (years.ben, "POST", "/notes", {"text": "more", "shared": False}),
    ):
        refused = await client.request(method, f"{years.conversation}{path}", json=body)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/words-erased")
