"""Takes the README's screenshots of a running `cairn demo`, soon after it has filled its company.

python -m tests.console.pages.screenshots http://127.0.0.1:8080
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Browser, Page, async_playwright

from tests.console.pages.conftest import FLAGS
from tests.tools import BROWSER, found

FOLDER = Path(__file__).parents[3] / "docs" / "screenshots"


class Shot(NamedTuple):
    """A picture: of whose page, how it is come to, and in which frame."""

    name: str
    who: str
    comes: Callable[[Page], Awaitable[Any]]
    width: int = 760
    height: int = 1000
    whole: bool = False
    scheme: Any = "light"


async def _home(_: Page) -> None:
    """Where somebody is after the login."""


async def _question(page: Page) -> None:
    await page.get_by_role("link", name="A career of your own design").click()


async def _direction(page: Page) -> None:
    await page.get_by_role("link", name="Your direction").click()


async def _plan(page: Page) -> None:
    await page.get_by_role("link", name="Open the plan").click()


async def _film(page: Page) -> None:
    await page.goto(page.url.partition("/timeline")[0] + "/timeline?person=omar&kind=plan")
    entry = page.get_by_role("listitem").filter(has_text="came into force").last
    await entry.locator("summary").click()
    await entry.get_by_role("link", name="See it as it stood then").click()
    await page.goto(page.url.partition("?")[0] + "?against=3")


SHOTS = (
    Shot("home", "Tomas Novák", _home),
    Shot("question", "Tomas Novák", _question),
    Shot("plan", "Omar Farouk", _plan, 1120, 900, whole=True),
    Shot("direction-in-the-dark", "Tomas Novák", _direction, 390, 800, True, "dark"),
    Shot("coverage", "HR", _home, 1200, 980),
    Shot("film", "Auditor", _film, 1200, 980),
)


async def take(browser: Browser, url: str, shot: Shot) -> None:
    """Come in as somebody, go there, and keep what is seen."""
    frame: Any = {"width": shot.width, "height": shot.height}
    page = await browser.new_page(viewport=frame, color_scheme=shot.scheme, locale="en-GB")
    await page.goto(f"{url}/login")
    await page.get_by_role("button", name=shot.who).first.click()
    await page.wait_for_url(lambda now: "/login" not in now)
    await shot.comes(page)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=FOLDER / f"{shot.name}.png", full_page=shot.whole)
    await page.close()


async def main(url: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found(BROWSER), args=FLAGS.split()
        )
        for shot in SHOTS:
            await take(browser, url, shot)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
