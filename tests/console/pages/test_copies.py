"""Taking a copy: by oneself, and by data protection, who decides which notes of others are in it."""

from __future__ import annotations

import zipfile

import pytest

from tests.conftest import Story
from tests.console.pages.conftest import Visit, Visitor
from tests.console.pages.test_cases import tab_to

NOTED = "What Ben noted for himself"


@pytest.fixture
async def noted(story: Story) -> Story:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "my own words"})
    await story.ben.post(f"{story.conversation}/notes", json={"text": NOTED, "shared": False})
    await story.read_models()
    return story


async def taken(visit: Visit) -> str:
    """What people read in the copy that is offered on this page."""
    async with visit.page.expect_download() as download:
        await visit.page.get_by_role("link", name="Take it along").click()
    with zipfile.ZipFile(await (await download.value).path()) as archive:
        return archive.read("readable.html").decode()


async def test_somebody_takes_a_copy_and_asks_that_notes_of_others_are_looked_at(
    noted: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go("/history")
    await ana.follow("Take a copy")
    assert "There is one note about you that somebody wrote for themselves." in await ana.text()
    copy = await taken(ana)
    assert "my own words" in copy
    assert NOTED not in copy
    await tab_to(ana, "Ask that they are looked at")
    async with ana.page.expect_navigation():
        await ana.page.keyboard.press("Enter")
    assert "Data protection answers within a month." in await ana.text()


async def test_data_protection_decides_on_a_note_and_the_person_sees_that_it_was_read(
    noted: Story, visitor: Visitor
) -> None:
    dpo, ana = await visitor(None, "dpo", java_script_enabled=False), await visitor("ana")
    await dpo.go("/people/ana")
    await dpo.follow("Give them a copy")
    assert NOTED not in await dpo.text()
    await dpo.press("They have asked")
    assert NOTED in await dpo.text()
    await dpo.press("Decide")
    assert "Choose whether the note is in the copy, and why." in await dpo.text()
    await dpo.page.select_option("[name=choice]", "release/no_third_party")
    await dpo.press("Decide")
    assert "in the copy: nobody else is in it" in await dpo.text()
    assert "my own words" in await taken(dpo)
    await noted.read_models()
    await ana.go("/history/copy")
    assert NOTED in await taken(ana)
    await ana.go("/history/readers")
    told = await ana.text()
    assert "dpo has read: the copy of all that is held about you" in told
    assert "since you asked for your data" in told


async def test_a_note_that_is_held_back_stays_out_of_the_copy(
    noted: Story, visitor: Visitor
) -> None:
    await noted.ana.post("/v1/people/ana/access-package:request")
    await noted.read_models()
    dpo, ana = await visitor(None, "dpo"), await visitor("ana")
    await dpo.go("/waiting")
    assert "Copies that people have asked for" in await dpo.text()
    await dpo.follow("ana")
    await dpo.page.select_option("[name=choice]", "withhold/third_party")
    await dpo.press("Decide")
    assert "held back: somebody else is in it" in await dpo.text()
    await dpo.go("/waiting")
    assert "Copies that people have asked for" not in await dpo.text()
    await ana.go("/history/copy")
    assert "Held back, for a reason that your copy names" in await ana.text()
    assert NOTED not in await taken(ana)
