"""A partner changes in mid-cycle: nothing is lost, nothing is copied, and the employee chooses."""

from __future__ import annotations

from typing import Any

import pytest

from services.people.domain import NobodyToHandOverTo, Person
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Client
from tests.examples import BEN, EVE, LATER, person
from tests.given import given
from tests.years import Years, id_of


async def status(client: Client, path: str) -> int:
    return (await client.get(path)).status_code


async def answers(client: Client, path: str) -> dict[str, str]:
    shown = (await client.get(path)).json()
    return {q["id"]: q["answer"] for q in shown["questions"] if q["answer"]}


async def by_default(years: Years, step: str) -> None:
    """The cycle's step, once nothing was chosen in time."""
    subject = await years.house.record.vault.assign_subject(years.tenant, "ana")
    by, at = workflow(years.tenant, "CareerCycle"), years.house.record.clock.now()
    await years.house.choices.hand_over_by_default(Command(by=by, at=at, step=step), subject)


async def share_and_agree(years: Years) -> None:
    for name in ("impact", "energy"):
        await years.ana.put(f"{years.conversation}/answers/{name}", json={"text": f"my {name}"})
    await years.ana.post(f"{years.conversation}:share")
    await years.agree()


def test_a_hand_over_is_to_the_partner_of_today() -> None:
    given(person()).when(lambda p: p.choose_handover("plan")).refused(NobodyToHandOverTo)
    given(person(), lambda p: p.assign_partner(BEN)).when(
        lambda p: p.choose_handover("plan_and_answers", ("a",))
    ).then(
        (
            "people.handover_chosen",
            {"partner": BEN, "choice": "plan_and_answers", "answers": ("a",), "by_person": True},
        )
    )


def test_the_newer_word_counts_and_the_same_again_is_nothing_new() -> None:
    p = person()
    p.assign_partner(BEN)
    p.choose_handover("nothing")
    given(p).at(LATER).when(
        lambda p: p.choose_handover("nothing"), lambda p: p.choose_handover("plan")
    ).then(("people.handover_chosen", {"partner": BEN, "choice": "plan", "by_person": True}))


def test_what_came_by_itself_is_the_persons_own_once_they_choose_it() -> None:
    given(person(), lambda p: p.assign_partner(BEN)).when(
        Person.hand_over_by_default,
        Person.hand_over_by_default,
        lambda p: p.choose_handover("plan"),
        Person.hand_over_by_default,
    ).then(
        ("people.handover_chosen", {"partner": BEN, "choice": "plan"}),
        ("people.handover_chosen", {"partner": BEN, "choice": "plan", "by_person": True}),
    )
    given(person()).when(Person.hand_over_by_default).then()


def test_another_partner_is_handed_nothing_that_was_chosen_for_the_one_before() -> None:
    p = person()
    p.assign_partner(BEN)
    p.choose_handover("plan")
    p.assign_partner(EVE)
    assert p.relations[-1].handover is None


async def test_a_new_partner_sees_the_state_and_open_promises_and_nothing_that_was_said(
    years: Years,
) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    assert await answers(years.eve, years.conversation) == {}
    shown = (await years.eve.get(years.plan)).json()
    assert set(shown) == {"id", "version", "promises"}
    assert set(shown["promises"]) == {"mentor", "course"}
    assert (await years.eve.get(f"/v1/cycles/{years.cycle}")).status_code == 200


@pytest.mark.parametrize(("partner", "waits_for"), [("eve", "employee"), (None, "organisation")])
async def test_a_plan_that_the_partner_before_agreed_to_waits_for_the_one_of_today(
    years: Years, partner: str | None, waits_for: str
) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await years.ana.post(f"{years.plan}:propose")
    hour = {"method": "other", "title": "An hour", "serves": "lead", "success": "so"}
    await years.ben.put(f"{years.plan}/actions/hour", json=hour | {"owner": "partner"})
    await years.ben.post(f"{years.plan}:propose")
    await years.name_partner(partner)
    assert (await years.ana.post(f"{years.plan}:agree")).json()["state"] == "proposed"
    shown = await years.told(years.ana, years.plan)
    assert set(shown["agreements"][str(shown["revision"])]) == {"employee"}
    assert await status(years.ben, years.plan) == 404
    assert (await years.state())["waiting_for"] == waits_for
    await years.name_partner("eve")
    await years.ana.post(f"{years.plan}:propose")
    assert (await years.state())["waiting_for"] == "partner"
    assert (await years.eve.post(f"{years.plan}:agree")).json()["state"] == "active"
    promised = (await years.told(years.eve, years.plan))["promises"]["hour"]
    assert promised["promised_by"] == "eve"


async def test_the_earlier_partner_sees_own_promises_until_they_are_settled(years: Years) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    assert await status(years.ben, years.conversation) == 404
    shown = (await years.ben.get(years.plan)).json()
    assert set(shown["promises"]) == {"mentor", "course"}
    assert shown["promises"]["mentor"]["promised_by"] == "ben"
    kept = await years.ben.post(f"{years.plan}/actions/mentor:done")
    assert kept.status_code == 200
    assert (await years.ben.post(f"{years.plan}/actions/read:done")).status_code == 404
    assert set((await years.ben.get(years.plan)).json()["promises"]) == {"course"}
    await years.ana.post(f"{years.plan}/actions/course:not-done")
    assert await status(years.ben, years.plan) == 404


async def test_with_nothing_handed_over_nothing_more_is_seen(years: Years) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    await years.hand_over("nothing")
    assert await answers(years.eve, years.conversation) == {}
    assert set((await years.eve.get(years.plan)).json()) == {"id", "version", "promises"}


async def test_with_the_plan_its_titles_methods_and_dates_are_seen_and_no_texts(
    years: Years,
) -> None:
    await share_and_agree(years)
    await years.ana.post(f"{years.plan}/actions/mentor:start", json={"comment": "CANARY"})
    await years.name_partner("eve")
    await years.hand_over("plan")
    shown = (await years.eve.get(years.plan)).json()
    assert shown["actions"]["mentor"]["title"] == "The mentor"
    assert shown["actions"]["mentor"]["state"] == "started"
    assert not {"success", "comment", "mentor"} & set(shown["actions"]["mentor"])
    assert "text" not in shown["goals"]["lead"]
    assert "CANARY" not in str(shown)
    assert await answers(years.eve, years.conversation) == {}
    changed = await years.eve.put(f"{years.plan}/goals/lead", json={"text": "Other"})
    assert changed.status_code == 403


async def test_with_plan_and_answers_exactly_the_chosen_ones_are_seen(years: Years) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    chosen = {"conversation": id_of(years.conversation), "questions": ["impact"]}
    await years.hand_over("plan_and_answers", answers=[chosen])
    assert await answers(years.eve, years.conversation) == {"impact": "my impact"}
    shown = (await years.eve.get(years.plan)).json()
    assert shown["goals"]["lead"]["text"] == "Lead"
    changed = await years.eve.put(f"{years.plan}/goals/lead", json={"text": "Lead two"})
    assert changed.status_code == 200


async def test_what_was_handed_over_is_taken_back_by_unsharing_it(years: Years) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    chosen = {"conversation": id_of(years.conversation), "questions": ["impact", "energy"]}
    await years.hand_over("plan_and_answers", answers=[chosen])
    await years.ana.post(f"{years.conversation}:unshare", json={"questions": ["impact"]})
    assert await answers(years.eve, years.conversation) == {"energy": "my energy"}


async def test_what_is_shared_or_proposed_from_now_on_is_the_new_partners(years: Years) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    await years.ana.post(f"{years.conversation}:share", json={"questions": ["energy"]})
    assert await answers(years.eve, years.conversation) == {"energy": "my energy"}
    await years.ana.post(f"{years.plan}:propose")
    assert (await years.eve.get(years.plan)).json()["goals"]["lead"]["text"] == "Lead"


async def test_a_draft_that_was_never_proposed_is_not_handed_over(years: Years) -> None:
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Secret"})
    await years.name_partner("eve")
    for choice in ("plan", "plan_and_answers"):
        await years.hand_over(choice)
        assert await status(years.eve, years.plan) == 404


async def test_the_round_goes_on_with_the_new_partner(years: Years) -> None:
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "mine"})
    await years.name_partner("eve")
    await years.ana.post(f"{years.conversation}:share")
    assert await answers(years.eve, years.conversation) == {"impact": "mine"}
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await years.ana.post(f"{years.plan}:propose")
    agreed = await years.eve.post(f"{years.plan}:agree")
    assert agreed.json()["state"] == "active"
    assert (await years.ben.post(f"{years.plan}:agree")).status_code == 404


async def test_a_partner_who_comes_back_sees_their_own_times_again_and_not_the_gap(
    years: Years,
) -> None:
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "to Ben"})
    await years.ana.post(f"{years.conversation}:share")
    await years.name_partner("eve")
    await years.ana.put(f"{years.conversation}/answers/energy", json={"text": "to Eve"})
    await years.ana.post(f"{years.conversation}:share", json={"questions": ["energy"]})
    await years.name_partner("ben")
    assert await answers(years.ben, years.conversation) == {"impact": "to Ben"}


async def test_a_partner_who_is_named_again_gets_what_is_chosen_anew_and_the_employee_is_asked(
    years: Years,
) -> None:
    await share_and_agree(years)
    await years.name_partner("eve")
    await years.advance()
    chosen = {"conversation": id_of(years.conversation), "questions": ["impact"]}
    await years.hand_over("plan_and_answers", answers=[chosen])
    await years.name_partner(None)
    await years.name_partner("eve")
    await years.advance()
    assert await answers(years.eve, years.conversation) == {}
    assert await years.happened("cycles.handover_asked") == ["cycles.handover_asked"] * 2
    assert (await years.told(years.ana, "/v1/people/ana/handover"))["choice"] is None
    await years.hand_over("plan_and_answers", answers=[chosen])
    assert await answers(years.eve, years.conversation) == {"impact": "my impact"}


async def test_what_is_shared_while_nobody_is_the_partner_waits_for_the_next_one(
    years: Years,
) -> None:
    await years.name_partner(None)
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "for the next"})
    await years.ana.post(f"{years.conversation}:share")
    shown = (await years.ana.get(years.conversation)).json()
    assert shown["shared"]["questions"] == ["impact"]
    await years.name_partner("eve")
    assert await answers(years.eve, years.conversation) == {"impact": "for the next"}
    assert await status(years.ben, years.conversation) == 404


async def test_the_employee_sees_what_the_partner_of_today_sees(years: Years) -> None:
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "mine"})
    await years.ana.post(f"{years.conversation}:share")
    assert (await years.ana.get(years.conversation)).json()["shared"]["everything"] is True
    await years.name_partner("eve")
    shown = (await years.ana.get(years.conversation)).json()
    assert shown["shared"] == {
        "everything": False,
        "questions": [],
        "facets": [],
        "direction": False,
        "before": {"questions": ["impact"], "facets": [], "direction": False},
    }
    assert shown["questions"][0]["shared"] is False


async def test_a_hand_over_is_the_employees_to_choose_and_to_read(years: Years) -> None:
    body = {"choice": "plan"}
    for client in (years.ben, years.eve, years.platform, years.door("hr"), years.auditor):
        refused = await client.post("/v1/people/ana/handover", json=body)
        assert refused.status_code in {403, 404}
        assert (await client.get("/v1/people/ana/handover")).status_code in {403, 404}
    await years.hand_over("plan")
    told = await years.told(years.ana, "/v1/people/ana/handover")
    assert (told["partner"], told["choice"], told["answers"]) == ("ben", "plan", [])


@pytest.mark.parametrize(
    "body",
    [
        {"choice": "everything"},
        {"choice": "plan", "answers": [{"conversation": "0" * 32, "questions": ["a"]}]},
        {"choice": "plan_and_answers", "answers": [{"conversation": "not an id"}]},
        {"choice": "plan_and_answers", "answers": [{"conversation": "0" * 32, "questions": ["§"]}]},
        {},
    ],
)
async def test_a_hand_over_that_makes_no_sense_is_refused(
    years: Years, body: dict[str, Any]
) -> None:
    assert (await years.ana.post("/v1/people/ana/handover", json=body)).status_code == 422


async def test_without_a_partner_there_is_nobody_to_hand_over_to(years: Years) -> None:
    await years.name_partner(None)
    refused = await years.ana.post("/v1/people/ana/handover", json={"choice": "plan"})
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "/problems/nobody-to-hand-over-to",
    )


async def test_the_default_comes_only_where_nothing_was_chosen(years: Years) -> None:
    await years.name_partner("eve")
    await by_default(years, "one")
    assert (await years.told(years.ana, "/v1/people/ana/handover"))["choice"] == "plan"
    await years.hand_over("nothing")
    await by_default(years, "two")
    assert (await years.told(years.ana, "/v1/people/ana/handover"))["choice"] == "nothing"


async def test_after_a_rehire_the_old_words_come_back_by_the_employees_choice_alone(
    years: Years,
) -> None:
    when = {"starts_at": "2199-03-04T10:00:00Z", "duration": "PT1H", "place": "the old room"}
    assert (await years.ana.post(f"{years.conversation}:schedule", json=when)).is_success
    await share_and_agree(years)
    note = {"text": "to both of us", "shared": True}
    assert (await years.ana.post(f"{years.conversation}/notes", json=note)).status_code == 201
    await years.leave()
    await years.name_partner("ben")
    seen = [
        await years.ben.get(path) for path in (years.conversation, f"{years.conversation}/notes")
    ]
    assert not [each for each in seen if "my impact" in each.text or "both of us" in each.text]
    assert "the old room" not in seen[0].text
    assert await status(years.ben, years.plan) == 404
    assert (await years.ana.get(years.conversation)).json()["shared"]["questions"] == []
    chosen = {"conversation": id_of(years.conversation), "questions": ["impact"]}
    await by_default(years, "nothing was chosen")
    assert await status(years.ben, years.plan) == 404
    await years.hand_over("plan")
    outline = (await years.ben.get(years.plan)).json()
    assert outline["actions"]["mentor"]["title"] == "The mentor"
    assert "text" not in outline["goals"]["lead"]
    await years.hand_over("plan_and_answers", answers=[chosen])
    assert await answers(years.ben, years.conversation) == {"impact": "my impact"}
    assert (await years.ben.get(years.plan)).json()["goals"]["lead"]["text"] == "Lead"


async def test_what_waited_for_the_next_partner_waits_no_longer_after_a_rehire(
    years: Years,
) -> None:
    await years.name_partner(None)
    await years.ana.put(f"{years.conversation}/answers/impact", json={"text": "for the next"})
    await years.ana.post(f"{years.conversation}:share")
    await years.conclude()
    await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})
    await years.ana.post(f"{years.plan}:propose")
    assert (await years.told(years.ana, years.plan))["shared"] is True
    await years.leave()
    await years.name_partner(None)
    told = await years.told(years.ana, years.conversation)
    assert (told["shared"]["questions"], told["questions"][0]["shared"]) == ([], False)
    assert (await years.told(years.ana, years.plan))["shared"] is False
    await years.name_partner("eve")
    assert await answers(years.eve, years.conversation) == {}
    assert await status(years.eve, years.plan) == 404
