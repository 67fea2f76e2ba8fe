"""Every page there is: clean by axe in light and dark, by keyboard, at 320 pixels, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from console.pages.actions import METHODS
from console.pages.reader import LANGUAGE_COOKIE
from console.pages.site import pages
from tests.conftest import Story
from tests.console.pages.conftest import NARROW, WIDE, Site, Visit, Visitor
from tests.good import BODIES

pytestmark = pytest.mark.timeout(420)

HOSTILE = (
    "<script>alert(1)</script> {{ 7*7 }} ${7*7} <img src=x onerror=alert(1)>"
    " \u202eمرحبا 👩‍🌾 &amp; \"'`"
)
_LEAD_ELSEWHERE = {
    "static", "bundle", "package", "package_of", "invite", "start_login", "finish_login", "open_link",
    "year",
}  # fmt: skip


async def furnish(story: Story) -> None:
    """Fill Ana's conversation with words of every kind, and lay a plan out of it."""
    at, ana = story.conversation, story.ana
    await ana.put(f"{at}/answers/impact", json={"text": HOSTILE})
    await ana.put(f"{at}/answers/energy", json={"text": "The quiet hour.\nAnd the loud one."})
    await ana.post(f"{at}/answers/ideal:set-aside", json={"until": "2099-03-12T09:00:00Z"})
    await ana.post(f"{at}/answers/peak:decline")
    for kind in ("value", "skill", "interest", "goal"):
        await ana.put(f"{at}/facets/{kind}-1", json={"kind": kind, "text": HOSTILE})
    await ana.put(f"{at}/direction", json={"direction": "expand", "comment": HOSTILE})
    await ana.post(f"{at}:share", json={"questions": ["impact"], "direction": True})
    meeting = {"starts_at": "2099-03-01T13:30:00Z", "duration": "PT1H", "place": HOSTILE}
    await story.ben.post(f"{at}:schedule", json=meeting)
    await story.ben.post(f"{at}/notes", json={"text": HOSTILE, "shared": True})
    await story.ana.post(f"{at}/notes", json={"text": HOSTILE, "shared": False})
    assert (await story.ben.get(at)).status_code == 200
    await story.ben.post(f"{at}:claim-held", json={"held_on": "2026-01-05"})
    await story.read_models()


async def furnish_plan(story: Story) -> None:
    await story.ana.post(f"{story.conversation}:conclude", json={"meeting": "waived"})
    await story.advance()
    story.plan = f"/v1/plans/{(await story.state())['plan']}"
    wrong = {"about": "conversation", "id": story.conversation.rpartition("/")[2], "text": HOSTILE}
    await story.ana.post("/v1/people/ana/corrections", json=wrong | {"part": "question/impact"})
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": HOSTILE, "horizon": "soon"})
    await story.ana.put(f"{story.plan}/goals/rest", json={"text": "Nothing serves this"})
    action = {"method": "mentoring", "title": HOSTILE, "serves": "lead", "success": HOSTILE}
    for owner in ("employee", "partner"):
        body = action | {"owner": owner, "by": "2027-01-01"}
        await story.ana.put(f"{story.plan}/actions/by-{owner}", json=body)
    await story.ana.post(f"{story.plan}:propose")
    await story.read_models()


async def furnish_case(story: Story) -> str:
    """A case of the auditor's that is open, beside one that waits; answers the id of the first."""
    asked = {"cycle": story.cycle, "reason": "complaint"}
    case = (await story.auditor.post("/v1/audit/cases", json=asked)).json()["id"]
    for decider in (story.dpo, story.hr):
        await decider.post(f"/v1/audit/cases/{case}:approve")
    await story.auditor.post("/v1/audit/cases", json=asked)
    return str(case)


async def furnish_erasure(story: Story) -> str:
    """Somebody who was forgotten, and Ben's record held; answers whose certificate there is."""
    await story.platform.put("/v1/people/dan", json={"name": "Dan", "email": "d@example.com"})
    subject = await story.house.record.vault.subject_of(story.tenant, "dan")
    await story.dpo.post("/v1/people/dan:erase", json={"depth": "link"})
    await story.dpo.post("/v1/people/ben:hold", json={"reason": "litigation"})
    await story.ben.post(f"{story.conversation}/notes", json={"text": HOSTILE, "shared": False})
    await story.ana.post("/v1/people/ana/access-package:request")
    return str(subject)


_SHAPE = """() => [
    document.querySelectorAll('h1').length, document.title, document.documentElement.scrollWidth]"""

_OWN_WORDS = """(html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    page.querySelectorAll('.words, textarea, input, h3, .who span').forEach((e) => e.remove());
    return [page.documentElement.lang, page.body.textContent];
}"""
"""What the page says by itself, without what people wrote or are called."""


def of_ana(story: Story) -> Iterator[tuple[str, str]]:
    at = story.conversation.removeprefix("/v1")
    yield "home", "/"
    yield "history", "/history"
    yield "kept", "/kept"
    yield "conversation", at
    yield "facets", f"{at}/facets"
    yield "direction", f"{at}/direction"
    yield "sharing", f"{at}/share"
    yield "shared", f"{at}/shared"
    yield "concluding", f"{at}/conclude"
    yield "resting", f"{at}/rest"
    yield "leaving_out", f"{at}/leave-out"
    yield "question", f"{at}/questions/impact"
    yield "question", f"{at}/questions/challenge"
    yield "later", f"{at}/questions/ideal/later"
    yield "scheduling", f"{at}/meeting"
    yield "notes", f"{at}/notes"
    yield "readers", "/history/readers"
    yield "copy", "/history/copy"
    yield "corrections", "/history/corrections"
    yield (
        "correcting",
        f"/history/corrections{at.replace('conversations', 'conversation')}/question-impact",
    )
    yield "handover", "/handover"
    yield "reminders", "/history/reminders"


def of_ana_with_a_plan(story: Story) -> Iterator[tuple[str, str]]:
    at, plan = story.conversation.removeprefix("/v1"), story.plan.removeprefix("/v1")
    yield "home", "/"
    yield "conversation", at
    yield "concluded", f"{at}/concluded"
    yield "corrections", "/history/corrections"
    yield "correcting", f"/history/corrections{plan.replace('plans', 'plan')}/whole"
    yield "plan", plan
    yield "goal", f"{plan}/goals/lead"
    yield "goal", f"{plan}/goals/new"
    yield "action", f"{plan}/actions/by-partner"
    yield "action", f"{plan}/actions/new"
    for method in METHODS:
        yield "action", f"{plan}/actions/new?serves=lead&method={method}"
    yield "reporting", f"{plan}/actions/by-employee/report"
    yield "wishing", f"{plan}/changes"
    yield "doing_without", f"{plan}/close"
    yield "checking_in", f"{plan}/check-in"


def of_ben(story: Story) -> Iterator[tuple[str, str]]:
    yield "partner", "/partner"
    yield "companion", "/partner/ana"
    at = story.conversation.removeprefix("/v1")
    yield "scheduling", f"{at}/meeting"
    yield "notes", f"{at}/notes"
    if story.plan:
        yield "plan", story.plan.removeprefix("/v1")


def of_offices(
    story: Story, batch: str = "", export: str = "", case: str = "", erased: str = ""
) -> Iterator[tuple[str, str, str]]:
    at = story.conversation.removeprefix("/v1/")
    yield "hr", "coverage", "/coverage"
    yield "hr", "practice", "/practice?by=location"
    yield "hr", "people", "/people"
    yield "hr", "person", "/people/ana"
    yield "hr", "waiting", "/waiting"
    yield "hr", "guides", "/guides"
    yield "hr", "guide", "/guides/ours/1"
    yield "hr", "writing_guide", "/guides/first-conversation/1/next"
    yield "hr", "policy", "/policy"
    yield "hr", "holds", "/holds"
    yield "hr", "retention", "/retention"
    yield "hr", "batches", "/batches"
    yield "hr", "batch", f"/batches/{batch}"
    yield "auditor", "timeline", "/timeline"
    yield "auditor", "timeline", "/timeline?person=nobody"
    yield "auditor", "film", f"/film/{at}?version=3"
    yield "auditor", "film", f"/film/{at}?against=1"
    yield "auditor", "verification", "/verification"
    yield "auditor", "exports", "/exports"
    yield "auditor", "years", "/years"
    yield "auditor", "export", f"/exports/{export}"
    yield "auditor", "cases", "/cases"
    yield "auditor", "asking_case", "/cases/ask?person=ana"
    yield "auditor", "case", f"/cases/{case}"
    yield "auditor", "case_words", f"/cases/{case}/words"
    yield "dpo", "case", f"/cases/{case}"
    yield "dpo", "waiting", "/waiting"
    yield "dpo", "person", "/people/ana"
    yield "dpo", "keeping", "/people/ana/keeping"
    yield "dpo", "keeping", "/people/ben/keeping"
    yield "dpo", "copy_of", "/people/ana/copy"
    yield "dpo", "copy_of", "/people/ben/copy"
    yield "dpo", "holds", "/holds"
    yield "dpo", "retention", "/retention"
    yield "dpo", "erasures", "/erasures"
    yield "dpo", "certificate", f"/erasures/{erased}"


async def look(visit: Visit, path: str) -> None:
    """Look at a page in light, in dark and on a small screen."""
    await visit.page.emulate_media(color_scheme="light")
    await visit.go(path)
    assert await visit.problems_by_axe() == [], path
    assert await visit.beyond_the_keyboard() == [], path
    await visit.page.emulate_media(color_scheme="dark")
    assert await visit.problems_by_axe("color-contrast") == [], (path, "dark")
    await visit.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    headings, title, wide = await visit.page.evaluate(_SHAPE)
    assert headings == 1, path
    assert title != "", path
    assert wide <= NARROW["width"], f"{path} is {wide} wide"
    await visit.page.set_viewport_size(WIDE)  # type: ignore[arg-type]


async def is_german(visit: Visit, path: str) -> None:
    """Read a page as somebody who has chosen German gets it, drawn or not: no English word is left."""
    chosen = {"name": LANGUAGE_COOKIE, "value": "de", "url": visit.site.url}
    await visit.context.add_cookies([chosen])  # type: ignore[list-item]
    answer = await visit.context.request.get(visit.site.url + path)
    await visit.context.clear_cookies(name=LANGUAGE_COOKIE)
    language, words = await visit.page.evaluate(_OWN_WORDS, await answer.text())
    assert language == "de", path
    assert not re.search(r"\b(the|your|you|with|and)\b", words.lower()), path


async def looked_at(visit: Visit, paths: Iterable[str]) -> None:
    """Look at pages, and read each in German."""
    for path in paths:
        await look(visit, path)
        await is_german(visit, path)


async def test_pages_of_an_employee_are_clean_and_speak_german(
    story: Story, visitor: Visitor
) -> None:
    await furnish(story)
    ana = await visitor("ana")
    await ana.bring_axe()
    await looked_at(ana, (path for _, path in of_ana(story)))
    await furnish_plan(story)
    await looked_at(ana, (path for _, path in of_ana_with_a_plan(story)))


async def test_pages_of_a_partner_are_clean_and_speak_german(
    story: Story, visitor: Visitor
) -> None:
    await furnish(story)
    ben = await visitor("ben")
    await ben.bring_axe()
    await looked_at(ben, (path for _, path in of_ben(story)))
    await furnish_plan(story)
    await looked_at(ben, (path for _, path in of_ben(story)))


async def test_pages_of_offices_are_clean_and_speak_german(story: Story, visitor: Visitor) -> None:
    await furnish(story)
    await story.platform.put("/v1/people/cleo", json={"name": HOSTILE, "email": "c@example.com"})
    await story.platform.post("/v1/guides/ours", json=BODIES["publish_guide"])
    gone = {"name": "Gus", "email": "g@example.com", "end_date": "2020-01-31"}
    await story.platform.put("/v1/people/gus", json=gone | {"legal_entity": "Acme Iberia"})
    asked = {"people": ["ana", "nobody-known"], "dry_run": True}
    batch = (await story.platform.post("/v1/cycles:batch", json=asked)).json()["id"]
    export = (await story.auditor.post("/v1/audit/exports", json={})).json()["id"]
    case, erased = await furnish_case(story), await furnish_erasure(story)
    await story.read_models()
    every = list(of_offices(story, batch, export, case, erased))
    for office in ("hr", "auditor", "dpo"):
        visit = await visitor(None, office)
        await visit.bring_axe()
        await looked_at(visit, (path for whose, _, path in every if whose == office))


async def test_pages_of_coming_in_and_of_failure_are_clean(story: Story, visitor: Visitor) -> None:
    stranger = await visitor()
    for path in ("/login", "/login?problem=token", "/no-such-page"):
        await look(stranger, path)


async def test_what_looks_like_markup_appears_as_text(story: Story, visitor: Visitor) -> None:
    await furnish(story)
    ana = await visitor("ana")
    await ana.go(story.conversation.removeprefix("/v1"))
    assert HOSTILE in await ana.text()
    await ana.go(f"{story.conversation.removeprefix('/v1')}/questions/impact")
    assert await ana.page.input_value("#text") == HOSTILE


async def test_the_first_page_is_light(story: Story, visitor: Visitor) -> None:
    ana = await visitor("ana")
    sizes: list[int] = []

    async def weigh(response: Any) -> None:
        sent = await response.request.sizes()
        sizes.append(sent["responseBodySize"] + sent["responseHeadersSize"])

    ana.page.on("response", weigh)
    await ana.go("/")
    await ana.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 4
    assert sum(sizes) <= 60 * 1024, sizes


def test_no_page_is_left_out() -> None:
    story = Story.__new__(Story)
    story.conversation, story.plan = "/v1/conversations/1", "/v1/plans/1"
    looked_at = {name for name, _ in (*of_ana(story), *of_ana_with_a_plan(story), *of_ben(story))}
    looked_at |= {name for _, name, _ in of_offices(story)} | {"login"}
    there_are = {route.name for route in pages() if "GET" in route.methods}
    assert there_are - looked_at == _LEAD_ELSEWHERE


def test_every_page_and_form_has_a_name_of_its_own() -> None:
    names = [route.name for route in pages()]
    assert len(names) == len(set(names))


@pytest.fixture(autouse=True)
def _site(site: Site) -> None:
    """The site is there before anybody looks."""
