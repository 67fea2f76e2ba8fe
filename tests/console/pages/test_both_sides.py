"""What both sides share: a time to talk, notes, who has read, a hand-over."""

from __future__ import annotations

import re
from functools import partial
from uuid import UUID

from services.conversation.application import Conversations
from services.conversation.both_sides import BothSides
from services.cycles.domain import Cycle
from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visitor, while_it_happens


def at(story: Story) -> str:
    return story.conversation.removeprefix("/v1")


async def test_a_partner_chooses_a_time_and_the_employee_gets_it_for_the_calendar(
    story: Story, visitor: Visitor
) -> None:
    await story.read_models()
    ben, ana = await visitor("ben"), await visitor("ana")
    await ben.go("/partner/ana")
    await ben.follow("Find a time to talk")
    await ben.page.fill("#day", "2099-03-02")
    await ben.page.fill("#time", "14:30")
    await ben.page.fill("#place", "A walk by the river")
    await ben.press("Choose this time")
    assert "2 March 2099, 14:30" in await ben.text()
    await ana.go("/")
    await ana.follow("Your time to talk")
    assert "A walk by the river" in await ana.text()
    async with ana.page.expect_download() as download:
        await ana.page.click("text=Into my calendar")
    path = await (await download.value).path()
    assert "DTSTART:20990302T143000Z" in path.read_text()
    await ana.press("Call it off")
    assert "Called off" in await ana.text()


async def test_a_time_that_has_passed_or_is_none_is_told_at_its_field(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/meeting")
    await ana.press("Choose this time")
    assert "Choose a day." in await ana.text()
    await ana.page.fill("#day", "2020-01-01")
    await ana.page.fill("#time", "09:00")
    await ana.press("Choose this time")
    assert "Choose a time that is still to come" in await ana.text()


async def test_a_partners_note_says_whose_data_it_is_and_stays_their_own(
    story: Story, visitor: Visitor
) -> None:
    await story.read_models()
    ben, ana = await visitor("ben"), await visitor("ana")
    await ben.go("/partner/ana")
    await ben.follow("Notes")
    assert "A note about a person is that person’s data" in await ben.text()
    await ben.page.fill("#text", "for myself")
    await ben.press("Write it down")
    await ben.page.fill("#text", "for us both")
    await ben.page.check("[name=shared]")
    await ben.press("Write it down")
    assert "for myself" in await ben.text()
    await ana.go(f"{at(story)}/notes")
    assert "for us both" in await ana.text()
    assert "for myself" not in await ana.text()


async def test_notes_are_found_also_once_the_conversation_has_ended(
    story: Story, visitor: Visitor
) -> None:
    note = {"text": "for us both", "shared": True}
    await story.ben.post(f"{story.conversation}/notes", json=note)
    await story.conclude()
    await story.read_models()
    for person, path in (("ana", at(story)), ("ben", "/partner/ana")):
        visit = await visitor(person)
        await visit.go(path)
        assert re.search(r"Notes\s+1", await visit.text())
        await visit.follow("Notes")
        assert "for us both" in await visit.text()


async def test_somebody_sees_who_has_read_their_words(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "words"})
    await story.ana.post(f"{story.conversation}:share")
    await story.read_models()
    ben, ana = await visitor("ben"), await visitor("ana")
    await ana.go("/history/readers")
    assert "Nobody, so far" in await ana.text()
    await ben.go("/partner/ana")
    await story.read_models()
    await ana.go("/history")
    await ana.follow("Who has read your words")
    seen = await ana.text()
    assert "Ben Okoro has read: what you shared of a conversation" in seen
    assert "as your conversation partner" in seen


async def test_somebody_chooses_what_a_new_partner_gets(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "kept words"})
    cleo = {"name": "Cleo Marsh", "email": "cleo@example.com"}
    await story.platform.put("/v1/people/cleo", json=cleo)
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "cleo"}
    await story.platform.put("/v1/people/ana", json=ana)
    await story.read_models()
    visit = await visitor("ana")
    await visit.go("/")
    assert "You have a new conversation partner: Cleo Marsh" in await visit.text()
    await visit.follow("Choose what comes along")
    await visit.page.check("input[value=plan_and_answers]")
    await visit.page.check("input[value$='/question/energy']")
    await visit.press("Save")
    assert "You have a new conversation partner" not in await visit.text()
    new = await visitor("cleo")
    await new.go("/partner/ana")
    assert "kept words" in await new.text()


async def test_a_partner_learns_that_somebody_rests_and_never_why(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.post(f"{story.conversation}/answers/ideal:set-aside")
    await story.read_models()
    ben = await visitor("ben")
    await ben.go("/partner")
    assert re.search(r"Resting\s+Ana Silva\s+Resting", await ben.text())
    await ben.follow("Ana Silva")
    seen = await ben.text()
    assert "rests at present. Please don’t ask" in seen
    assert "set aside" not in seen.lower()


async def test_somebody_rests_also_while_all_reminders_are_held_back(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.post(f"{story.conversation}/answers/ideal:set-aside")
    record = story.house.record
    command = Command(by=workflow(story.tenant, "Cycle"), at=record.clock.now(), step="hold")
    await record.change(Cycle, UUID(story.cycle), command, lambda c: c.hold_nudges())
    await story.read_models()
    ben, hr = await visitor("ben"), await visitor(None, "hr")
    await ben.go("/partner/ana")
    assert "rests at present. Please don’t ask" in await ben.text()
    await hr.go("/people/ana")
    assert "It rests. That is fine; you aren’t told why." in await hr.text()


async def test_a_partner_without_a_conversation_of_their_own_comes_home_to_who_waits_for_them(
    story: Story, visitor: Visitor
) -> None:
    await story.read_models()
    ben = await visitor("ben", java_script_enabled=False)
    await ben.go("/")
    assert re.search(r"With them\s+Ana Silva\s+Gets ready, without hurry", await ben.text())
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "words"})
    await story.ana.post(f"{story.conversation}:share")
    await story.read_models()
    await ben.go("/")
    assert "One of them has come to you. Choose a quiet moment for it." in await ben.text()
    assert re.search(r"With you\s+Ana Silva\s+Has shared something with you", await ben.text())
    await ben.follow("Ana Silva")
    assert ben.page.url.endswith("/partner/ana")


async def test_a_partner_on_a_way_of_their_own_finds_who_has_come_to_them_below_it(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.post("/v1/cycles", json={"person": "ben"})
    await story.advance("ben")
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "words"})
    await story.ana.post(f"{story.conversation}:share")
    await story.read_models()
    ben = await visitor("ben")
    await ben.go("/")
    told = await ben.text()
    assert "Your career conversation" in told
    assert re.search(r"People who have come to you\s+Ana Silva", told)


async def test_a_partner_of_others_finds_nobody_else(story: Story, visitor: Visitor) -> None:
    cleo = {"name": "Cleo Marsh", "email": "cleo@example.com"}
    await story.platform.put("/v1/people/cleo", json=cleo)
    await story.read_models()
    visit = await visitor("cleo")
    await visit.go("/partner")
    assert "Ana" not in await visit.text()
    answer = await visit.page.goto(f"{visit.site.url}/partner/ana")
    assert answer is not None
    assert answer.status == 404


async def test_somebody_rests_comes_back_and_leaves_a_conversation_out(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go("/")
    await ana.follow("Rest for a while")
    await ana.page.fill("#until", "2020-01-01")
    await ana.press("Rest")
    assert "Choose a day that is still to come" in await ana.text()
    await ana.page.fill("#until", "")
    await ana.press("Rest")
    assert "You are resting until" in await ana.text()
    await ana.press("Go on now")
    assert "Whatever you save is yours alone" in await ana.text()
    await ana.follow("leave this conversation out")
    await ana.press("Leave it out")
    assert "You have left this round’s conversation out" in await ana.text()


async def test_what_is_shared_can_be_taken_back(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "words"})
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/share")
    await ana.press("Share what is ticked")
    assert "Tick what you would like to share" in await ana.text()
    await ana.press("Share everything")
    await ana.follow("See and change what is shared")
    await ana.press("Take back everything")
    assert "From now on it can't be read any more" in await ana.text()
    await story.read_models()
    ben = await visitor("ben")
    await ben.go("/partner/ana")
    assert "Nothing, so far" in await ben.text()


async def test_sharing_everything_shares_what_stands_there_and_nothing_of_before(
    story: Story, visitor: Visitor
) -> None:
    for question in ("energy", "impact"):
        await story.ana.put(f"{story.conversation}/answers/{question}", json={"text": "words"})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["energy"]})
    for person, name, partner in (("eve", "Eve", None), ("ana", "Ana Silva", "eve")):
        body = {"name": name, "email": f"{person}@example.com", "partner": partner}
        await story.platform.put(f"/v1/people/{person}", json=body)
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/share")
    await ana.press("Share everything")
    shared = (await story.ana.get(story.conversation)).json()["shared"]
    assert (shared["questions"], shared["before"]["questions"]) == (["impact"], ["energy"])
    await ana.go(f"{at(story)}/share")
    await ana.press("Take back everything")
    shared = (await story.ana.get(story.conversation)).json()["shared"]
    assert (shared["questions"], shared["before"]["questions"]) == ([], ["energy"])


async def test_nothing_ticked_takes_nothing_back(story: Story, visitor: Visitor) -> None:
    for question in ("energy", "impact"):
        await story.ana.put(f"{story.conversation}/answers/{question}", json={"text": "words"})
    await story.ana.post(f"{story.conversation}:share")
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/share")
    await ana.press("Take back what is ticked")
    assert "Tick what you would like to take back" in await ana.text()
    assert await ana.problems_by_axe() == []
    first = ana.page.locator("#back input").first
    await first.evaluate("(box) => { box.value = 'no:such-thing'; box.checked = true; }")
    await ana.press("Take back what is ticked")
    assert "Tick what you would like to take back" in await ana.text()
    assert await shared(story) == ["energy", "impact"]
    await ana.page.locator("#back input[value='question:energy']").check()
    await ana.press("Take back what is ticked")
    assert "From now on it can't be read any more" in await ana.text()
    assert await shared(story) == ["impact"]


async def test_what_was_refused_is_not_told_as_done(story: Story, visitor: Visitor) -> None:
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/leave-out")
    await story.conclude()
    await ana.press("Leave it out")
    told = await ana.text()
    assert "The conversation has ended; what was said stays as it is." in told
    assert "You have left out" not in told
    assert ana.page.url.endswith("/leave-out")


async def test_a_length_that_is_none_of_those_on_the_page_is_told_and_kept(
    story: Story, visitor: Visitor
) -> None:
    meeting = {"starts_at": "2099-03-01T13:30:00Z", "duration": "PT20M"}
    await story.ben.post(f"{story.conversation}:schedule", json=meeting)
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/meeting")
    assert "for 20 minutes" in await ana.text()
    await ana.page.fill("#place", "a walk")
    await ana.press("Choose this time")
    now = (await story.ana.get(story.conversation)).json()["meeting"]
    assert (now["duration"], now["place"]) == ("PT20M", "a walk")


async def test_calling_off_what_the_other_calls_off_at_that_moment_is_told(
    story: Story, visitor: Visitor, site: Site
) -> None:
    meeting = {"starts_at": "2099-03-01T13:30:00Z", "duration": "PT1H"}
    await story.ben.post(f"{story.conversation}:schedule", json=meeting)
    ana = await visitor("ana")
    await ana.go(f"{at(story)}/meeting")
    off = partial(story.ben.post, f"{story.conversation}:unschedule")
    with while_it_happens(site.given[BothSides], "unschedule", off):
        await ana.press("Call it off")
    assert "No meeting is scheduled" in await ana.text()


async def test_going_on_with_what_ends_at_that_moment_is_told(
    story: Story, visitor: Visitor, site: Site
) -> None:
    await story.ana.post(f"{story.conversation}:pause")
    ana = await visitor("ana")
    await ana.go("/")
    with while_it_happens(site.given[Conversations], "resume", story.conclude):
        await ana.press("Go on now")
    assert "Please look again" in await ana.text()


async def shared(story: Story) -> list[str]:
    """The answers that Ben can read."""
    found = (await story.ana.get(story.conversation)).json()["shared"]["questions"]
    return sorted(found)
