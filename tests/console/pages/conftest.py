"""One real server and one real Chromium for all tests of pages; a visit of its own for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright, expect

from console.app import create_app, provide
from console.bootstrap import House
from console.embedded.children import free_port
from console.login.sessions import Sessions
from console.pages.site import provide_pages
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer
from tests.tools import BROWSER, found

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-dev-shm-usage"
)
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 900}
PATIENCE = 30_000
"""Milliseconds for something to appear on a page, also where the machine is busy."""
_LISTEN = """
window.violated = [];
document.addEventListener('securitypolicyviolation', (e) => window.violated.push(
    e.violatedDirective + ' ' + e.blockedURI));
"""
_TO_PRESS = """() => {
    const native = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
    window.pressable = [...document.querySelectorAll(native)].filter(
        (e) => e.checkVisibility() && !e.disabled);
    window.reached = new Set([document.activeElement]);
    document.addEventListener('focusin', (e) => window.reached.add(e.target));
    return window.pressable.length + 6 * document.querySelectorAll('input[type^=date]').length;
}"""
_NOT_REACHED = """() => {
    const radios = new Set([...window.reached].filter((e) => e.type === 'radio').map((e) => e.name));
    return window.pressable.filter(
        (e) => !window.reached.has(e) && !(e.type === 'radio' && radios.has(e.name))
    ).map((e) => e.outerHTML.slice(0, 120));
}"""
expect.set_options(timeout=PATIENCE)


@dataclass
class Site:
    """The pages as they are served, and what the server knows."""

    url: str
    settings: Settings
    given: dict[type, Any]

    async def cookie(self, tenant: str, person: str | None, *roles: str) -> str:
        """A session of somebody, as its cookie holds it."""
        vault = self.given[Sessions]._record.vault
        subject = await vault.subject_of(tenant, person) if person else None
        by = Principal(tenant, frozenset(roles), person or roles[0], subject)
        return await self.given[Sessions].begin(by)


@dataclass
class Visit:
    """Somebody's browser. What must never happen on a page is looked for when it ends."""

    site: Site
    context: BrowserContext
    page: Page
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    async def log_in(self, tenant: str, person: str | None, *roles: str) -> None:
        """Be somebody from the next page on."""
        cookie = await self.site.cookie(tenant, person, *roles)
        await self.context.add_cookies([{"name": "cairn", "value": cookie, "url": self.site.url}])

    async def go(self, path: str) -> Page:
        await self.page.goto(self.site.url + path)
        return self.page

    async def press(self, name: str, role: str = "button") -> Page:
        """Press a button or follow a link, and wait for the page that follows."""
        async with self.page.expect_navigation():
            await self.page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]
        return self.page

    async def follow(self, name: str) -> Page:
        return await self.press(name, "link")

    async def text(self) -> str:
        return await self.page.inner_text("main")

    async def bring_axe(self) -> None:
        """Have axe at hand on every page from now on, without sending it there each time."""
        await self.context.add_init_script(axe())

    async def problems_by_axe(self, *rules: str) -> list[str]:
        """What axe finds, one line each; by some of its rules, or by all."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(axe())
        asked = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
        found = await self.page.evaluate("(asked) => axe.run(document, asked)", asked)
        return [
            f"{v['id']}: {v['nodes'][0]['html'][:120]} {v['nodes'][0].get('failureSummary', '')[:200]}"
            for v in found["violations"]
        ]

    async def beyond_the_keyboard(self) -> list[str]:
        """What can be pressed or filled in, and isn't reached by the tabulator."""
        for _ in range(await self.page.evaluate(_TO_PRESS) + 3):
            await self.page.keyboard.press("Tab")
        missed: list[str] = await self.page.evaluate(_NOT_REACHED)
        return missed

    async def end(self) -> None:
        for page in self.context.pages:
            if not page.is_closed() and page.url.startswith(self.site.url):
                self.violations += await page.evaluate("window.violated || []")
        await self.context.close()
        assert self.elsewhere == [], "a request left for another host"
        assert self.violations == [], "the content security policy was violated"
        assert self.errors == [], "a script failed"


Visitor = Callable[..., Awaitable[Visit]]


@contextmanager
def while_it_happens(
    use_cases: object, what: str, other: Callable[[], Awaitable[Any]]
) -> Iterator[None]:
    """Have somebody do something else once, after the page has looked and before its use case runs."""
    use_case = getattr(use_cases, what)
    with pytest.MonkeyPatch.context() as patched:

        async def meanwhile(*asked: Any, **more: Any) -> Any:
            patched.undo()
            await other()
            return await use_case(*asked, **more)

        patched.setattr(use_cases, what, meanwhile)
        yield


def axe() -> str:
    """The script that looks for what keeps people out, as it is pinned."""
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    """An application on a real port of this machine."""
    config = uvicorn.Config(app, port=port, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield
    server.should_exit = True
    await task


@asynccontextmanager
async def site_with(
    settings: Settings, house: House, issuer: Issuer, **changes: Any
) -> AsyncIterator[Site]:
    """The pages and the API as one server, under settings of its own."""
    port = free_port()
    own = {"public_url": f"http://127.0.0.1:{port}", "api_port": port} | changes
    there = settings.model_copy(update=own)
    app = create_app(there, ("all",))
    app.state.given = provide(house, issuer, there) | provide_pages(house, there)
    async with serving(app, port):
        yield Site(f"http://127.0.0.1:{port}", there, app.state.given)


@pytest.fixture(scope="session")
async def site(settings: Settings, house: House, issuer: Issuer) -> AsyncIterator[Site]:
    async with site_with(settings, house, issuer) as served:
        yield served


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=found(BROWSER), args=FLAGS.split()
        )
        yield launched
        await launched.close()


@pytest.fixture
async def visitor(site: Site, browser: Browser, tenant: str) -> AsyncIterator[Visitor]:
    """Lets somebody visit: visitor("ana"), visitor("ben", "partner"), visitor(None, "auditor")."""
    visits: list[Visit] = []

    async def come(
        person: str | None = None, *roles: str, narrow: bool = False, **options: Any
    ) -> Visit:
        options = {"viewport": NARROW if narrow else WIDE, "locale": "en-GB"} | options
        context = await browser.new_context(**options)
        context.set_default_timeout(PATIENCE)
        await context.add_init_script(_LISTEN)
        visit = Visit(site, context, await context.new_page())
        if person or roles:
            await visit.log_in(tenant, person, *(roles or ("employee", "partner")))
        context.on("request", lambda request: _note(visit, request))
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visits.append(visit)
        return visit

    yield come
    for visit in visits:
        await visit.end()


def _note(visit: Visit, request: Request) -> None:
    if urlsplit(request.url).netloc != urlsplit(visit.site.url).netloc:
        visit.elsewhere.append(request.url)
