"""Somebody with a keyboard and nothing else: what keys can't reach or do fails."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Download, Locator, Page

from tests.console.pages.conftest import Visit

DAY = "03032099"
"""The third of March 2099, in whichever order day and month are written."""
_FAR = 120
_FOCUSED = "(e) => [e.tagName, e.className, e.id].join(' ').trim()"


@dataclass
class Keyboard:
    """Goes about by tabulator, arrows, Enter and Space; each page is entered by its first link."""

    visit: Visit

    @property
    def page(self) -> Page:
        return self.visit.page

    async def go(self, path: str) -> None:
        """Come to a page by its address."""
        await self.visit.go(path)
        await self._come_in()

    async def come_again(self) -> None:
        """Ask for the same page anew."""
        await self.page.reload()
        await self._come_in()

    async def follow(self, name: str) -> None:
        """Follow a link of that name."""
        await self._turn_page(self.page.get_by_role("link", name=name))

    async def press(self, name: str) -> None:
        """Press a button of that name."""
        await self._turn_page(self.page.get_by_role("button", name=name, exact=True))

    async def go_back_up_to(self, name: str) -> None:
        """Go to another place by the header, against the tabulator's direction."""
        await self._turn_page(self.page.get_by_role("link", name=name, exact=True), "Shift+Tab")

    async def take(self, name: str) -> Download:
        """Follow a link that hands out a file."""
        await self.reach(self.page.get_by_role("link", name=name))
        async with self.page.expect_download() as download:
            await self.keys("Enter")
        return await download.value

    async def write(self, label: str, text: str) -> None:
        """Write into a field; digits of a day or a time go into its parts."""
        field = await self.reach(self.page.get_by_label(label))
        if await field.get_attribute("type") not in {"date", "time"}:
            await self.keys("Control+a")
        await self.page.keyboard.type(text)

    async def choose(self, label: str) -> None:
        """Choose one of several: the tabulator leads to the group, the arrows to the choice."""
        wanted = self.page.get_by_role("radio", name=label).first
        group = await wanted.get_attribute("name")
        await self.reach(self.page.locator(f"input[type=radio][name='{group}']"))
        for _ in range(_FAR):
            if await self._has_focus(wanted):
                break
            await self.keys("ArrowDown")
        if not await wanted.is_checked():
            await self.keys("Space")
        assert await wanted.is_checked(), f"{label} can't be chosen by keyboard"

    async def tick(self, label: str) -> None:
        """Tick a box."""
        box = await self.reach(self.page.get_by_role("checkbox", name=label))
        await self.keys("Space")
        assert await box.is_checked()

    async def pick(self, label: str, option: str) -> None:
        """Pick an option of a list by its arrows."""
        field = await self.reach(self.page.get_by_label(label))
        await self.keys("Home")
        for _ in range(_FAR):
            if await field.evaluate("(e) => e.selectedOptions[0].label") == option:
                return
            await self.keys("ArrowDown")
        raise AssertionError(f"{option} can't be picked by keyboard")

    async def open(self, summary: str) -> None:
        """Open what is folded up."""
        await self.reach(self.page.locator("summary", has_text=summary))
        await self.keys("Enter")

    async def keys(self, *names: str) -> None:
        for name in names:
            await self.page.keyboard.press(name)

    async def reads(self, words: str) -> None:
        """The page says so."""
        assert words in await self.visit.text(), await self.visit.text()

    async def reach(self, wanted: Locator, by: str = "Tab") -> Locator:
        """Go on by the tabulator until something of this kind has the focus."""
        for _ in range(_FAR):
            if await self._has_focus(wanted):
                return wanted.and_(self.page.locator(":focus"))
            await self.keys(by)
        raise AssertionError(f"{wanted} can't be reached by keyboard on {self.page.url}")

    async def _turn_page(self, wanted: Locator, by: str = "Tab") -> None:
        await self.reach(wanted, by)
        async with self.page.expect_navigation():
            await self.keys("Enter")
        await self._come_in()

    async def _come_in(self) -> None:
        """Past the header by the link that is reached first, unless the page leads elsewhere itself."""
        if await self._focused() != "BODY" or urlsplit(self.page.url).fragment not in {"", "main"}:
            return
        await self.keys("Tab")
        assert await self._focused() == "A skip", self.page.url
        await self.keys("Enter")
        assert (await self._focused()).endswith("main"), self.page.url

    async def _focused(self) -> str:
        found: str = await self.page.evaluate(f"({_FOCUSED})(document.activeElement)")
        return found

    async def _has_focus(self, wanted: Locator) -> bool:
        return await wanted.and_(self.page.locator(":focus")).count() > 0
