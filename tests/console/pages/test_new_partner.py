"""A plan in the hands of a new partner: what they see of it and may do, and how the employee goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.pages.language import manner
from shared.periods import after
from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.test_every_page import is_german, look
from tests.console.test_roster import on_one_day

ACTION = {"method": "mentoring", "serves": "lead", "success": "We say so", "mentor": "ben"}


@pytest.fixture
async def story(story: Story) -> Story:
    """A plan of Ana's with promises of Ben's; she has proposed it, and Carla is of the company too."""
    carla = {"name": "Carla Marsh", "email": "carla@example.com"}
    await story.platform.put("/v1/people/carla", json=carla)
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    for name, owner in (("hour", "partner"), ("book", "employee")):
        action = ACTION | {"title": f"One {name}", "owner": owner}
        planned = await story.ana.put(f"{story.plan}/actions/{name}", json=action)
        assert planned.status_code == 200, planned.text
    await story.ana.post(f"{story.plan}:propose")
    return story


async def agree(story: Story) -> None:
    assert (await story.ben.post(f"{story.plan}:agree")).json()["state"] == "active"
    await story.advance()


async def talks_with(story: Story, partner: str | None) -> None:
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": partner}
    assert (await story.platform.put("/v1/people/ana", json=ana)).status_code == 200
    await story.read_models()


async def changes(story: Story) -> None:
    """Ana changes what both have agreed to, and proposes it."""
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ana.post(f"{story.plan}:propose")


async def whose(story: Story) -> str:
    found: str = (await story.state())["waiting_for"]
    return found


async def carla_comes(story: Story, choice: str | None) -> None:
    await talks_with(story, "carla")
    if choice:
        chosen = await story.ana.post("/v1/people/ana/handover", json={"choice": choice})
        assert chosen.status_code == 200, chosen.text
    await story.read_models()


@pytest.mark.parametrize("choice", [None, "nothing"])
async def test_a_new_partner_sees_what_is_promised_and_open_though_nothing_is_handed_over(
    story: Story, visitor: Visitor, choice: str | None
) -> None:
    await agree(story)
    await carla_comes(story, choice)
    carla = await visitor("carla")
    await carla.go("/partner/ana")
    await carla.follow("Open the plan")
    told = await carla.text()
    assert "You see what was promised in this plan and is still open" in told
    assert "One hour" in told
    assert "Ben Okoro · Open" in told
    assert not {"One book", "Lead", "There are no goals in it yet."} & set(told.splitlines())
    await story.ana.post(f"{story.plan}/actions/hour:done")
    await carla.go("/partner/ana")
    assert "Open the plan" not in await carla.text()


async def test_who_sees_the_outline_is_led_to_nothing_that_is_refused(
    story: Story, visitor: Visitor
) -> None:
    await agree(story)
    await story.ben.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await carla_comes(story, "plan")
    carla = await visitor("carla")
    path = story.plan.removeprefix("/v1")
    await look(carla, path)
    await is_german(carla, path)
    told = await carla.text()
    assert "You see this plan in outline; Ana Silva may show you more of it." in told
    assert "Goal" in await carla.page.locator("h2").all_inner_texts()
    assert await carla.page.locator("main form").count() == 0
    links = await carla.page.locator("main a").evaluate_all("all => all.map(a => a.pathname)")
    assert links == ["/partner", f"{path}/actions/hour/report"]
    await carla.page.get_by_role("link", name="What has become of it?").click()
    await carla.page.check("input[value=started]")
    await carla.press("Save")
    assert "Under way" in await carla.text()


async def test_a_plan_is_proposed_again_to_whoever_does_not_see_it_yet(
    story: Story, visitor: Visitor
) -> None:
    await carla_comes(story, "plan")
    ana, carla = await visitor("ana"), await visitor("carla")
    assert await whose(story) == "employee"
    await carla.go("/partner/ana")
    assert "for you to look at" not in await carla.text()
    await ana.go("/")
    assert (
        "Carla Marsh can read all of it, and agree to it, once you propose it" in await ana.text()
    )
    await ana.follow("Open the plan")
    told = await ana.text()
    assert "You have agreed to the plan as it stands." in told
    assert "Now Carla Marsh looks at it" not in told
    await ana.press("Propose it to Carla Marsh")
    assert "Now Carla Marsh looks at it" in await ana.text()
    assert "Propose it" not in await ana.text()
    await ana.go("/")
    assert "You have proposed the plan; now Carla Marsh looks at it." in await ana.text()
    await story.read_models()
    assert await whose(story) == "partner"
    await carla.go(story.plan.removeprefix("/v1"))
    await carla.press("Agree to it as it stands")
    assert "Both of you have agreed to this." in await carla.text()


async def test_what_is_in_force_is_shown_to_a_new_partner_and_asks_nothing_of_anybody(
    story: Story, visitor: Visitor
) -> None:
    await agree(story)
    await carla_comes(story, "plan")
    ana, carla = await visitor("ana"), await visitor("carla")
    path = story.plan.removeprefix("/v1")
    await ana.go(path)
    assert "Carla Marsh can read all of it once you show it." in await ana.text()
    await ana.press("Show it to Carla Marsh")
    assert "Shown. It stays in force as it is." in await ana.text()
    assert "Show it" not in (await ana.text()).split("Shown.")[-1]
    await is_german(ana, path)
    assert await whose(story) == "nobody"
    await carla.go(path)
    assert "We say so" in await carla.text()
    await carla.go("/partner")
    assert "for you to look at" not in await carla.text()


@pytest.mark.parametrize("page", ["goals/lead", "actions/hour"])
async def test_before_one_types_it_is_said_who_can_read_it(
    story: Story, visitor: Visitor, page: str
) -> None:
    ana = await visitor("ana")
    at = f"{story.plan.removeprefix('/v1')}/{page}"
    await ana.go(at)
    assert "Both of you can read this" in await ana.page.inner_text(".readers")
    await carla_comes(story, None)
    await ana.go(at)
    said = "Carla Marsh can read all of it, and agree to it, once you propose it."
    assert await ana.page.inner_text(".readers") == said
    await story.ana.post(f"{story.plan}:propose")
    await ana.go(at)
    assert "Both of you can read this" in await ana.page.inner_text(".readers")


async def test_a_change_of_the_plan_is_proposed_again_to_whoever_does_not_see_it_yet(
    story: Story, visitor: Visitor
) -> None:
    await agree(story)
    await changes(story)
    await carla_comes(story, "plan")
    assert await whose(story) == "employee"
    ana = await visitor("ana")
    await look(ana, "/")
    told = await ana.text()
    assert "Carla Marsh can read all of it, and agree to it, once you propose it again." in told
    assert "How is your plan going?" not in told
    assert await ana.page.get_by_role("link", name="Open the plan").count() == 1
    await is_german(ana, "/")
    await ana.follow("Open the plan")
    await ana.press("Propose it to Carla Marsh")
    await story.read_models()
    assert await whose(story) == "partner"
    await ana.go("/")
    assert "once you propose it again" not in await ana.text()


async def test_nobody_is_said_to_have_answered_who_cannot_read_it(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await carla_comes(story, "plan")
    ana = await visitor("ana")
    await ana.go("/")
    assert "once you propose it again" in await ana.text()
    assert "has answered" not in await ana.text()
    await talks_with(story, None)
    assert await whose(story) == "organisation"
    await look(ana, "/")
    assert "It goes on once you have somebody to talk with" in await ana.text()
    await is_german(ana, "/")


async def test_a_partner_of_before_still_has_the_plan_when_they_are_named_again(
    story: Story, visitor: Visitor
) -> None:
    await carla_comes(story, "plan")
    await story.ana.post(f"{story.plan}:propose")
    await talks_with(story, "ben")
    assert await whose(story) == "partner"
    ana, ben = await visitor("ana"), await visitor("ben")
    await ana.go("/")
    assert "You have proposed the plan; now Ben Okoro looks at it." in await ana.text()
    await ben.go("/partner/ana")
    await ben.follow("Open the plan")
    await ben.press("Agree to it as it stands")
    assert "Both of you have agreed to this." in await ben.text()


async def test_a_change_waits_for_somebody_to_be_named_also_after_a_check_in(
    story: Story, visitor: Visitor
) -> None:
    await agree(story)
    await changes(story)
    await talks_with(story, None)
    assert await whose(story) == "organisation"
    await story.ana.post(f"{story.plan}:check-in", json={"state": "on_track"})
    assert await whose(story) == "organisation"
    ana = await visitor("ana")
    await look(ana, "/")
    assert "A change of the plan waits until you have somebody to talk with" in await ana.text()


async def test_a_plan_that_was_ended_is_not_told_as_in_force(
    story: Story, visitor: Visitor
) -> None:
    await agree(story)
    await changes(story)
    await carla_comes(story, "plan")
    ana, carla = await visitor("ana"), await visitor("carla")
    await carla.go("/partner")
    assert "Looks at a change of the plan" in await carla.text()
    await ana.go(f"{story.plan.removeprefix('/v1')}/close")
    await ana.press("Do without a plan")
    await story.read_models()
    await look(ana, "/")
    told = await ana.text()
    assert "All is well as it is" in told
    assert "we come back to it" in told
    for wrong in ("in force", "once you propose it", "Say how it goes", "have agreed on it"):
        assert wrong not in told
    await carla.go("/partner")
    assert "The plan is in force" not in await carla.text()


async def test_what_the_partner_before_agreed_to_is_proposed_to_the_one_of_today(
    story: Story, visitor: Visitor
) -> None:
    await story.ben.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ben.post(f"{story.plan}:agree")
    await carla_comes(story, "plan")
    ana = await visitor("ana")
    await ana.go(story.plan.removeprefix("/v1"))
    assert "Ben Okoro has agreed" not in await ana.text()
    await ana.press("Propose it to Carla Marsh")
    told = await ana.text()
    assert "You have agreed to the plan as it stands. Now Carla Marsh looks at it." in told


async def test_nothing_is_proposed_again_where_it_is_seen_or_nobody_is_there(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(story.plan.removeprefix("/v1"))
    assert "Propose it" not in await ana.text()
    await talks_with(story, None)
    await ana.go(story.plan.removeprefix("/v1"))
    assert "Propose it" not in await ana.text()
    await carla_comes(story, "plan_and_answers")
    await ana.go(story.plan.removeprefix("/v1"))
    assert "Propose it" not in await ana.text()


async def test_whoever_agreed_is_told_of_as_who_it_was(story: Story, visitor: Visitor) -> None:
    path = story.plan.removeprefix("/v1")
    await agree(story)
    await carla_comes(story, "plan_and_answers")
    ana, carla = await visitor("ana"), await visitor("carla")
    await ana.go("/")
    assert "You and Ben Okoro had agreed on it." in await ana.text()
    await ana.go(path)
    in_force = "This is in force: you and Ben Okoro had agreed to it."
    assert f"{in_force} A change needs you and Carla Marsh." in await ana.text()
    await carla.go(path)
    assert (
        "This is in force: Ana Silva and your predecessor had agreed to it." in await carla.text()
    )
    await story.door("partner", "carla").put(f"{story.plan}/goals/lead", json={"text": "Both"})
    await ana.go(path)
    assert "What you and Ben Okoro had agreed on stays in force" in await ana.text()
    await carla.go(path)
    assert "What Ana Silva and your predecessor had agreed on stays in force" in await carla.text()


async def test_what_isnt_in_force_is_for_the_partner_of_today_to_promise(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a field"})
    await story.ben.post(f"{story.plan}:agree")
    await carla_comes(story, "plan_and_answers")
    ana = await visitor("ana")
    await look(ana, "/")
    assert "The plan was changed; it needs the agreement of both of you." in await ana.text()
    await is_german(ana, "/")
    await ana.go(story.plan.removeprefix("/v1"))
    assert "Promised by: Carla Marsh" in await ana.text()
    assert "Promised by: Ben Okoro" not in await ana.text()


async def test_what_was_handed_over_can_be_chosen_anew(story: Story, visitor: Visitor) -> None:
    ana = await visitor("ana")
    await ana.go("/history")
    assert "What your conversation partner gets of it" not in await ana.text()
    await carla_comes(story, "nothing")
    await ana.go("/history")
    await ana.follow("What your conversation partner gets of it")
    assert await ana.page.is_checked("[value=nothing]")


async def test_after_a_rehire_home_leads_to_the_choice_of_what_comes_back(
    story: Story, visitor: Visitor
) -> None:
    """Also with the first partner whom somebody ever has."""
    zoe, path = {"name": "Zoe", "email": "zoe@example.com"}, "/v1/people/zoe"
    for profile in (zoe, zoe | {"end_date": "2026-01-31"}, zoe | {"partner": "ben"}):
        assert (await story.platform.put(path, json=profile)).is_success
        cycle = (await story.platform.post("/v1/cycles", json={"person": "zoe"})).json().get("id")
        await story.advance("zoe")
        if profile is zoe:
            found = (await story.platform.get(f"/v1/cycles/{cycle}")).json()["conversation"]
            answer = f"/v1/conversations/{found}/answers/impact"
            said = await story.door("employee", "zoe").put(answer, json={"text": "said long ago"})
            assert said.is_success
    await story.read_models()
    visit = await visitor("zoe")
    await visit.go("/")
    await visit.follow("Choose what comes along")
    told = await visit.text()
    assert "said long ago" in told
    assert "Plans from before you were taken in again come along only if you choose it." in told


@pytest.mark.parametrize("within", ["P14D", "P3M"])
async def test_the_day_that_a_new_partner_gets_the_outline_by_itself_is_told(
    story: Story, visitor: Visitor, within: str
) -> None:
    await on_one_day()
    await story.platform.put("/v1/policy", json={"handover_within": within})
    dan = await story.begin_for_dan()
    await story.platform.put("/v1/people/dan", json=dan | {"partner": "carla"})
    visit = await visitor("dan")
    await visit.go("/handover")
    day = manner("en").day(after(datetime.now(UTC), [within], "UTC"))
    assert f"It is what happens on {day} if you say nothing until then." in await visit.text()
    await story.door("employee", "dan").post("/v1/people/dan/handover", json={"choice": "nothing"})
    await visit.go("/handover")
    assert "It is what happens on" not in await visit.text()
