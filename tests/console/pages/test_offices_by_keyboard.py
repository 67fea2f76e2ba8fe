"""Every path of HR, auditors and data protection with a keyboard and nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from playwright.async_api import expect

from shared.eventstore.record import Command
from shared.principal import workflow
from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.pages.keyboard import DAY, Keyboard
from tests.console.pages.test_hr import work
from tests.good import BODIES


async def test_hr_starts_a_batch_and_names_somebody_to_talk_with(
    story: Story, visitor: Visitor
) -> None:
    cleo = {"name": "Cleo Marsh", "email": "cleo@example.com", "department": "sales"}
    await story.platform.put("/v1/people/cleo", json=cleo)
    await story.read_models()
    hr = Keyboard(await visitor(None, "hr"))
    await hr.go("/coverage")
    await hr.go_back_up_to("Starting")
    await hr.pick("Department", "sales")
    await hr.pick("Spread over", "two weeks")
    await hr.press("See whom it would reach")
    await work(story, hr.visit)
    await hr.come_again()
    await hr.reads("Would be asked")
    await hr.press("Start these conversations")
    assert (await story.happened("batches.requested")) == ["batches.requested"] * 2
    await hr.go_back_up_to("People")
    await hr.follow("Cleo Marsh")
    await hr.write("By their id in the roster", "ben")
    await hr.press("Name them")
    await hr.reads("Ben Okoro")


async def test_hr_publishes_a_guide_has_it_approved_and_changes_the_times(
    story: Story, visitor: Visitor
) -> None:
    await story.platform.post("/v1/guides/ours", json=BODIES["publish_guide"])
    hr = Keyboard(await visitor(None, "hr"))
    await hr.go("/guides/ours/1")
    await hr.write("Legal entity for which it was approved", "Acme AG")
    await hr.press("Put it on record")
    await hr.go("/guides/first-conversation/1")
    await hr.follow("Write the next version")
    await hr.write("Title English", "A first talk")
    await hr.press("See how it will be read")
    await hr.press("Publish it")
    await hr.reads("Version 2")
    await hr.go_back_up_to("Guides")
    await hr.follow("The times of a round")
    await hr.write("From one round to the next", "P9M")
    await hr.tick("Hold back all reminders")
    await hr.press("Set these times")
    policy = (await story.hr.get("/v1/policy")).json()
    assert (policy["cadence"], policy["hold_nudges"]) == ("P9M", True)
    guides = (await story.hr.get("/v1/guides")).json()["items"]
    [ours] = [each for each in guides if each["guide"] == "ours"]
    assert ours["approved_for"] == ["Acme AG"]


async def test_an_auditor_cuts_the_timeline_and_winds_the_film(
    story: Story, visitor: Visitor
) -> None:
    for text in ("x", "y"):
        await story.ana.put(f"{story.conversation}/answers/impact", json={"text": text})
    await story.read_models()
    auditor = Keyboard(await visitor(None, "auditor"))
    await auditor.go("/timeline")
    await auditor.write("Of one person, by their id", "ana")
    await auditor.pick("About", "conversations")
    await auditor.press("Show")
    await auditor.open("Show the record")
    await auditor.follow("See it as it stood then")
    film, slider = auditor.page.locator(".lead"), auditor.page.get_by_label("Version")
    await auditor.reach(slider)
    for key, version in (("End", 3), ("ArrowLeft", 2), ("ArrowLeft", 1)):
        await auditor.keys(key)
        await expect(film).to_contain_text(f"Version {version} of 3")
    await expect(slider).to_be_focused()
    await auditor.follow("All that is different")


async def test_an_auditor_asks_for_a_case_and_takes_the_record_along(
    story: Story, visitor: Visitor
) -> None:
    await story.ana.post(f"{story.conversation}:share")
    await story.read_models()
    auditor = Keyboard(await visitor(None, "auditor"))
    await auditor.go("/cases")
    await auditor.follow("Ask to read what was shared")
    await auditor.write("Whose words, by their id", "ana")
    await auditor.press("Show their cycles")
    await auditor.pick("Why", "an audit")
    await auditor.pick("For how long", "1 hour")
    await auditor.press("Ask")
    await auditor.reads("Waits for two to agree")
    await auditor.go_back_up_to("Record")
    await auditor.follow("Bundles")
    await auditor.write("Of one person, by their id", "ana")
    await auditor.press("Write it")
    export = UUID(urlsplit(auditor.page.url).path.rpartition("/")[2])
    by, at = workflow(story.tenant, "Export"), story.house.record.clock.now()
    exports = story.house.oversight.exports
    await exports.write_bundle(Command(by=by, at=at, step="write"), export, lambda _, __: None)
    await auditor.come_again()
    bundle = await auditor.take("Take it along")
    assert bundle.suggested_filename == f"{export}.cairn"


async def test_data_protection_holds_a_record_and_decides_on_a_note(
    story: Story, visitor: Visitor
) -> None:
    note = {"text": "Ben's own", "shared": False}
    await story.ben.post(f"{story.conversation}/notes", json=note)
    await story.ana.post("/v1/people/ana/access-package:request")
    await story.read_models()
    dpo = Keyboard(await visitor(None, "dpo"))
    await dpo.go("/waiting")
    await dpo.follow("ana")
    await dpo.pick("What becomes of it", "somebody else is in it")
    await dpo.press("Decide")
    await dpo.reads("held back: somebody else is in it")
    await dpo.go_back_up_to("People")
    await dpo.follow("Ana Silva")
    await dpo.follow("Hold their record, or erase their words")
    await dpo.pick("Why", "litigation")
    await dpo.write("Look at it again on", DAY)
    await dpo.press("Hold the record")
    await dpo.reads("3 March 2099")
    await dpo.press("Release it")
    assert await story.happened("people.hold") == ["people.hold_placed", "people.hold_released"]
