"""Every path of employees and partners with a keyboard and nothing else."""

from __future__ import annotations

from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.keyboard import DAY, Keyboard


async def test_an_employee_gets_ready_and_takes_their_time(story: Story, visitor: Visitor) -> None:
    ana = Keyboard(await visitor("ana"))
    await ana.go("/")
    await ana.follow("What shaped your success so far")
    await ana.write("Which people, choices or moments", "My teacher.")
    await ana.press("Save")
    await ana.write("Which parts of your work", "The quiet hour")
    await ana.press("Take your time")
    await ana.write("The day, if you like one", DAY)
    await ana.press("Choose this day")
    await ana.press("Leave it out")
    await ana.reads("Left out. You can come back to it whenever you like.")
    await ana.go_back_up_to("Your way")
    await ana.reads("Set aside until 3 March 2099")
    await ana.follow("What you love in your work")
    await ana.press("Save")
    await ana.go_back_up_to("Your way")
    await ana.follow("What matters to you")
    await ana.write("What has to be right for you", "Honesty")
    await ana.press("Note it")
    await ana.press("Take it back")
    await ana.write("What can you do well", "Patience")
    await ana.press("Note it")
    await ana.follow("To your way")
    await ana.follow("Your direction")
    await ana.choose("Stay, and go deeper")
    await ana.write("A word about it", "I like it here.")
    await ana.press("Save")
    shown = (await story.ana.get(story.conversation)).json()
    assert [q["state"] for q in shown["questions"][:3]] == ["answered", "answered", "declined"]
    assert [facet["text"] for facet in shown["facets"].values()] == ["Patience"]
    assert (shown["direction"], shown["direction_comment"]) == ("deepen", "I like it here.")


async def test_an_employee_checks_shares_rests_and_confirms_the_meeting(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "My teacher."})
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "deepen"})
    ana = Keyboard(await visitor("ana"))
    await ana.go("/")
    await ana.follow("Rest for a while")
    await ana.write("Until which day", DAY)
    await ana.press("Rest")
    await ana.reads("A pause may not be that long")
    await ana.write("Until which day", "")
    await ana.keys("Delete", "Tab", "Delete", "Tab", "Delete")
    await ana.press("Rest")
    await ana.press("Go on now")
    await ana.follow("Check what you have written")
    await ana.reads("My teacher.")
    await ana.follow("Choose what to share")
    await ana.tick("Which people, choices or moments")
    await ana.press("Share what is ticked")
    await ana.follow("To your way")
    await story.ben.post(f"{story.conversation}:claim-held", json={"held_on": "2026-01-05"})
    await ana.go("/")
    await ana.follow("Ben Okoro says that you met on 5 January 2026")
    await ana.choose("Yes, we have talked")
    await ana.press("Conclude the conversation")
    shown = (await story.ana.get(story.conversation)).json()
    assert (shown["state"], shown["meeting"]["state"]) == ("concluded", "held")
    assert shown["shared"]["questions"] == ["impact"]


async def test_an_employee_writes_a_plan_and_says_how_it_goes(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    ana = Keyboard(await visitor("ana"))
    await ana.go("/")
    await ana.follow("Open the plan")
    await ana.follow("Add a goal")
    await ana.write("What would you like to reach", "Be the one to ask")
    await ana.write("By when, roughly", "in two years")
    await ana.press("Save")
    await ana.follow("Plan something for it")
    await ana.follow("Mentoring")
    await ana.write("What will be done", "Two hours a month")
    await ana.write("How will you both notice", "We would both say so")
    await ana.choose("Ben Okoro")
    await ana.write("By which day", DAY)
    await ana.press("Save")
    await ana.press("Propose it to Ben Okoro")
    await story.ben.post(f"{story.plan}:agree")
    await story.advance()
    await ana.go(f"{story.plan.removeprefix('/v1')}/check-in")
    await ana.write("A word about it", "Slowly.")
    await ana.press("Something has changed")
    plan = (await story.ana.get(story.plan)).json()
    said = plan["last_check_in"]
    assert (said["state"], said["comment"]) == ("changed", "Slowly.")
    assert plan["state"] == "active"
    [action] = plan["actions"].values()
    assert (action["owner"], action["by"]) == ("partner", "2099-03-03")


async def test_an_employee_takes_a_copy_writes_a_note_and_sees_who_has_read(
    story: Story, visitor: Visitor
) -> None:
    ana = Keyboard(await visitor("ana"))
    await ana.go("/")
    await ana.follow("Notes")
    await ana.write("A new note", "For us both")
    await ana.tick("Ben Okoro may read it too")
    await ana.press("Write it down")
    await ana.go_back_up_to("Your words")
    await ana.follow("Who has read your words")
    await ana.reads("Nobody, so far.")
    await ana.follow("What you have said")
    await ana.follow("Take a copy")
    copy = await ana.take("Take it along")
    assert copy.suggested_filename == "access-package.zip"


async def test_a_partner_prepares_finds_a_time_notes_and_agrees(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "My teacher."})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["impact"]})
    await story.read_models()
    ben = Keyboard(await visitor("ben"))
    await ben.go("/")
    await ben.go_back_up_to("Your people")
    await ben.follow("Ana Silva")
    await ben.reads("My teacher.")
    await ben.follow("Find a time to talk")
    await ben.write("Day", DAY)
    await ben.write("Time", "0930A")
    await ben.pick("For how long", "45 minutes")
    await ben.write("Where, if you like", "The garden")
    await ben.press("Choose this time")
    await ben.follow("With Ana Silva")
    await ben.follow("Notes")
    await ben.write("A new note", "Listen first")
    await ben.press("Write it down")
    await ben.follow("With Ana Silva")
    await ben.press("We have talked")
    shown = (await story.ben.get(story.conversation)).json()
    assert shown["meeting"]["state"] == "claimed"
    assert [note["text"] for note in shown["notes"]] == ["Listen first"]


async def test_a_partner_asks_for_changes_agrees_and_reports(
    story: Story, visitor: Visitor
) -> None:
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead"})
    action = {"method": "other", "title": "It", "serves": "lead", "success": "so"}
    await story.ana.put(f"{story.plan}/actions/it", json=action | {"owner": "partner"})
    await story.ana.post(f"{story.plan}:propose")
    await story.read_models()
    ben = Keyboard(await visitor("ben"))
    await ben.go("/partner/ana")
    await ben.follow("Open the plan")
    await ben.follow("Ask for changes")
    await ben.write("What should be different", "Smaller steps")
    await ben.press("Ask for it")
    await ben.press("Agree to it as it stands")
    await story.ana.post(f"{story.plan}:agree")
    await ben.come_again()
    await ben.follow("What has become of it")
    await ben.choose("It is done.")
    await ben.press("Save")
    plan = (await story.ana.get(story.plan)).json()
    assert plan["actions"]["it"]["state"] == "done"


async def test_somebody_chooses_a_language_and_leaves(story: Story, visitor: Visitor) -> None:
    ana = Keyboard(await visitor("ana"))
    await ana.go("/")
    await ana.press("Deutsch")
    await ana.reads("Ben Okoro")
    await ana.press("Abmelden")
    assert "/login" in ana.page.url
