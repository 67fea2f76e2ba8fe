"""Leaving a page: words go along, or one is asked; and there is a way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from shared.eventstore.record import Command
from shared.eventstore.sealing import Row
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visit, Visitor
from tests.console.pages.test_both_at_once import ACTION, plan_of, proposed
from tests.console.pages.test_lose_no_word import expire
from tests.good import BODIES

GUIDE = "/guides/first-conversation/1/next"
_REASON = "A better reason"


def at(story: Story) -> str:
    return story.conversation.removeprefix("/v1")


async def ended(story: Story) -> None:
    """The conversation has ended while somebody wrote."""
    (await story.ana.post(f"{story.conversation}:decline", json={})).raise_for_status()


async def noted_by(story: Story) -> set[tuple[str, str]]:
    shown = (await story.ana.get(story.conversation)).json()
    return {(facet["kind"], facet["text"]) for facet in shown["facets"].values()}


async def rows_of(story: Story) -> list[Row]:
    """What the record holds of the conversation."""
    stream = UUID(story.conversation.rpartition("/")[2])
    return await story.house.record.rows(story.tenant, stream)


async def one_is_noted(story: Story) -> None:
    noted = {"kind": "value", "text": "Honesty"}
    await story.ana.put(f"{story.conversation}/facets/value-1", json=noted)


def stays(visit: Visit) -> list[str]:
    """Answers whatever the browser asks with staying; what it has asked so far."""
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    visit.page.on("dialog", stay)
    return asked


async def press_and_stay(visit: Visit, name: str) -> None:
    async with visit.page.expect_event("dialog"):
        await visit.page.get_by_role("button", name=name, exact=True).click(no_wait_after=True)
    await visit.page.wait_for_function("() => !document.querySelector('form[data-sent]')")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_noting_one_thing_loses_none_of_the_others(
    story: Story, visitor: Visitor, scripts: bool
) -> None:
    ana = await visitor("ana", java_script_enabled=scripts)
    await ana.go(f"{at(story)}/facets")
    await ana.page.fill("#value-text", "Honesty")
    await ana.page.fill("#skill-text", "Sailing")
    async with ana.page.expect_navigation():
        await ana.page.click("#skill button.stone")
    assert "Honesty" in await ana.text()
    assert "Sailing" in await ana.text()
    assert await noted_by(story) == {("value", "Honesty"), ("skill", "Sailing")}
    *_, value, skill = await rows_of(story)
    assert value.at == skill.at, "one of them could be refused without the other"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_taking_something_back_takes_what_is_typed_along(
    story: Story, visitor: Visitor, scripts: bool
) -> None:
    noted = {"kind": "value", "text": "Honesty"}
    await story.ana.put(f"{story.conversation}/facets/value-1", json=noted)
    ana = await visitor("ana", java_script_enabled=scripts)
    await ana.go(f"{at(story)}/facets")
    await ana.page.fill("#skill-text", "Sailing")
    await ana.press("Take it back")
    assert "Honesty" not in await ana.text()
    assert await ana.page.input_value("#skill-text") == "Sailing"
    shown = (await story.ana.get(story.conversation)).json()
    assert shown["facets"] == {}


async def test_return_in_a_field_notes_what_is_typed(story: Story, visitor: Visitor) -> None:
    noted = {"kind": "value", "text": "Honesty"}
    await story.ana.put(f"{story.conversation}/facets/value-1", json=noted)
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/facets")
    await ana.page.fill("#goal-text", "A boat")
    async with ana.page.expect_navigation():
        await ana.page.press("#goal-text", "Enter")
    shown = (await story.ana.get(story.conversation)).json()
    assert sorted(facet["text"] for facet in shown["facets"].values()) == ["A boat", "Honesty"]


@pytest.mark.parametrize("button", ["Deutsch", "Log out"])
async def test_another_form_asks_before_words_are_left_and_can_be_sent_after(
    story: Story, visitor: Visitor, button: str
) -> None:
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/notes")
    await ana.page.locator("#text").press_sequentially("a long note")
    asked = stays(ana)
    for n in (1, 2):
        await press_and_stay(ana, button)
        assert asked == ["beforeunload"] * n
    assert await ana.page.input_value("#text") == "a long note"
    await ana.press("Write it down")
    assert asked == ["beforeunload"] * 2
    assert "a long note" in await ana.text()


async def test_what_was_sent_and_not_taken_isnt_left_unasked(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/direction")
    await ana.page.locator("#comment").press_sequentially("why so")
    await ana.press("Save")
    assert "Choose one of the four" in await ana.text()
    asked = stays(ana)
    await press_and_stay(ana, "Deutsch")
    assert asked == ["beforeunload"]
    await ana.page.check("[value=expand]")
    await ana.press("Save")
    assert asked == ["beforeunload"]


async def test_a_guide_that_is_previewed_isnt_left_unasked(story: Story, visitor: Visitor) -> None:
    hr = await visitor(None, "hr")
    await hr.go(GUIDE)
    await hr.page.fill("[name=title-en]", "Another title")
    await hr.press("See how it will be read")
    asked = stays(hr)
    await press_and_stay(hr, "Deutsch")
    assert asked == ["beforeunload"]
    await hr.press("Publish it")
    assert asked == ["beforeunload"]


async def test_the_language_leads_back_to_the_page_that_a_form_was_on(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana", java_script_enabled=False)
    question = f"{at(story)}/questions/energy"
    await ana.go(question)
    await ana.page.fill("#text", "of this window")
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "of another"})
    for _ in range(2):
        await ana.page.evaluate("document.querySelector('[name=seen]').value = 0")
        await ana.press("Take your time")
        assert ana.page.url.endswith("/set-aside")
    await ana.press("Deutsch")
    assert ana.page.url.endswith(question)
    assert await ana.page.input_value("#text") == "of another"


async def test_what_is_kept_says_at_each_field_what_was_asked(
    story: Story, site: Site, visitor: Visitor, tenant: str
) -> None:
    plan = await proposed(story)
    ana, hr = await visitor("ana"), await visitor("ben", "hr")
    await ana.go(f"{plan}/actions/it?method=stretch_assignment")
    await ana.page.fill("#risk", "No time for it")
    await expired_while_writing(hr, site)
    await expire(site, ana)
    await ana.press("Save")
    await ana.log_in(tenant, "ana", "employee")
    await hr.log_in(tenant, "ben", "hr")
    await ana.go("/kept")
    await hr.go("/kept")
    for visit, labels in (
        (ana, {"What will be done?": ACTION["title"], "What could go wrong": "No time for it"}),
        (hr, {"Title German": "Ein anderer Titel", "Question 1: Why it is asked English": _REASON}),
    ):
        for label, text in labels.items():
            assert await visit.page.get_by_label(label).input_value() == text
        assert await visit.page.get_by_label("What you wrote").count() == 0
        assert await visit.problems_by_axe() == []


async def expired_while_writing(visit: Visit, site: Site) -> None:
    await visit.go(GUIDE)
    await visit.page.fill("[name=title-de]", "Ein anderer Titel")
    await visit.page.fill("[name=impact-purpose-en]", _REASON)
    await expire(site, visit)
    await visit.press("See how it will be read")


@pytest.mark.parametrize("person", ["ben", None])
async def test_a_guide_that_is_written_outlives_the_session(
    story: Story, site: Site, visitor: Visitor, tenant: str, person: str | None
) -> None:
    """Under the key of whoever writes; where somebody has none, it stays on the page."""
    hr = await visitor(person, "hr")
    await expired_while_writing(hr, site)
    await hr.log_in(tenant, person, "hr")
    if person is None:
        assert "You aren’t logged in any more" in await hr.text()
    else:
        assert "What you were writing is kept" in await hr.text()
        await hr.go("/kept")
    assert "Ein anderer Titel" in await hr.page.content()
    await hr.press("Save")
    if person is None:
        await hr.press("Save")
    await hr.press("Publish it")
    guides = (await story.hr.get("/v1/guides")).json()["items"]
    newest = max(
        (g for g in guides if g["guide"] == "first-conversation"), key=lambda g: g["version"]
    )
    assert newest["title"]["de"] == "Ein anderer Titel"
    await hr.go("/kept")
    assert "Ein anderer Titel" not in await hr.page.content()


@pytest.mark.parametrize("button", ["Note it", "Take it back"])
async def test_what_matters_is_shown_where_the_conversation_has_ended_meanwhile(
    story: Story, visitor: Visitor, button: str
) -> None:
    await one_is_noted(story)
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go(f"{at(story)}/facets")
    await ana.page.fill("#skill-text", "Sailing")
    await ended(story)
    await ana.press(button)
    assert "Please look again" in await ana.text()
    assert "Sailing" in await ana.text()
    assert await noted_by(story) == {("value", "Honesty")}


async def test_a_note_is_shown_where_the_conversation_has_ended_meanwhile(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go(f"{at(story)}/notes")
    await ana.page.fill("#text", "a long note")
    by, record = workflow(story.tenant, "Cycle"), story.house.record
    command = Command(by=by, at=record.clock.now(), step="close")
    await story.house.conversations.close_conversation(
        command, UUID(story.conversation.rpartition("/")[2])
    )
    await ana.press("Write it down")
    assert "a long note" in await ana.text()


async def kept_while_noting(story: Story, site: Site, visitor: Visitor, button: str) -> Visit:
    """Ana, whose session had ended when she pressed the button with a skill written."""
    await one_is_noted(story)
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/facets")
    await ana.page.fill("#skill-text", "Sailing")
    await expire(site, ana)
    await ana.press(button)
    return ana


async def test_saving_what_was_kept_when_something_was_taken_back_saves_it(
    story: Story, site: Site, visitor: Visitor, tenant: str
) -> None:
    ana = await kept_while_noting(story, site, visitor, "Take it back")
    await ana.log_in(tenant, "ana", "employee")
    await ana.go("/kept")
    await ana.press("Save")
    assert await noted_by(story) == {("value", "Honesty"), ("skill", "Sailing")}
    await ana.go("/kept")
    assert "Nothing is waiting here" in await ana.text()


async def test_what_was_kept_stays_until_it_is_saved(
    story: Story, site: Site, visitor: Visitor, tenant: str
) -> None:
    ana = await kept_while_noting(story, site, visitor, "Note it")
    await ana.log_in(tenant, "ana", "employee")
    await ana.go("/kept")
    await ana.page.fill("textarea", "S" * 2_001)
    await ana.press("Save")
    assert "shorten it" in await ana.text()
    await ana.page.fill("#skill-text", "Sailing")
    await ana.press("Take it back")
    other = await visitor("ana")
    await other.go("/kept")
    assert await other.page.input_value("textarea") == "Sailing"
    await ana.press("Note it")
    assert await noted_by(story) == {("skill", "Sailing")}
    await ana.go("/kept")
    assert "Nothing is waiting here" in await ana.text()


async def test_a_form_of_one_kind_is_still_taken(story: Story, visitor: Visitor) -> None:
    """A page that was open, or a form that was kept, when each kind had a form of its own."""
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go(f"{at(story)}/facets")
    await ana.page.evaluate("""() => {
        const field = document.querySelector('#skill-text');
        field.name = 'text';
        field.value = 'Sailing';
        field.insertAdjacentHTML('afterend', '<input type=hidden name=kind value=skill>');
    }""")
    await ana.press("Note it")
    assert await noted_by(story) == {("skill", "Sailing")}


async def test_leaving_doesnt_ask_where_nothing_was_typed_and_something_was_refused(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    ana = await visitor("ana")
    await ana.go(f"{story.plan.removeprefix('/v1')}/goals/lead")
    (
        await story.ana.put(f"{story.plan}/actions/talks", json=ACTION | {"serves": "lead"})
    ).raise_for_status()
    asked = stays(ana)
    await ana.press("Take it out")
    assert "Please look again" in await ana.text()
    await ana.press("Deutsch")
    assert asked == []


async def test_an_action_leaves_unasked_and_only_while_the_server_answers(
    story: Story, visitor: Visitor
) -> None:
    """Its form has a field of the name `method`."""
    ana = await visitor("ana")
    await ana.go(f"{await proposed(story)}/actions/it")
    asked = stays(ana)
    await ana.page.fill("#title", "Three hours a month")
    await ana.context.set_offline(True)
    await ana.page.click("text=Save")
    await ana.page.wait_for_selector("text=There is no connection at the moment")
    await ana.context.set_offline(False)
    await ana.press("Save")
    assert asked == []
    assert (await plan_of(story))["actions"]["it"]["title"] == "Three hours a month"


async def test_an_action_that_came_back_leaves_unasked(
    story: Story, visitor: Visitor, tenant: str
) -> None:
    ana = await visitor("ana")
    await ana.go(f"{await proposed(story)}/actions/it")
    await ana.page.fill("#title", "Three hours a month")
    await ana.log_in(tenant, "ana", "employee")
    await ana.press("Save")
    assert "This page was opened before you last logged in" in await ana.text()
    asked = stays(ana)
    await ana.press("Save")
    assert asked == []
    assert (await plan_of(story))["actions"]["it"]["title"] == "Three hours a month"


async def test_the_paper_of_an_approval_outlives_the_session(
    story: Story, site: Site, visitor: Visitor, tenant: str
) -> None:
    await story.platform.post("/v1/guides/ours", json=BODIES["publish_guide"])
    hr = await visitor("ben", "hr")
    await hr.go("/guides/ours/1")
    await hr.page.fill("#legal_entity", "Acme AG")
    await hr.page.fill("#reference", "Works agreement 7")
    await expire(site, hr)
    await hr.press("Put it on record")
    await hr.log_in(tenant, "ben", "hr")
    await hr.go("/kept")
    assert await hr.page.get_by_label("The paper that says so").input_value() == "Works agreement 7"
    await hr.press("Save")
    assert (await story.hr.get("/v1/guides")).json()["items"][-1]["approved_for"] == ["Acme AG"]
