"""Double click, back, two tabs, offline, expiry in mid-sentence: one effect, no lost word."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from playwright.async_api import Route

from console.login.sessions import Limits, Sessions
from shared.database import within
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visit, Visitor

_SEEN = """
UPDATE console.session SET began = coalesce($2, began), seen = coalesce($2, seen) WHERE id = $1
RETURNING seen
"""
_FIRST_TIME_OUT_IS_SHORT = """{
    const timeout = AbortSignal.timeout;
    AbortSignal.timeout = () => {
        AbortSignal.timeout = timeout;
        return AbortSignal.timeout(50);
    };
}"""


async def question(story: Story, id_: str = "energy") -> dict[str, Any]:
    shown = (await story.ana.get(story.conversation)).json()
    found: dict[str, Any] = next(q for q in shown["questions"] if q["id"] == id_)
    return found


def page_of(story: Story, id_: str = "energy") -> str:
    return f"{story.conversation.removeprefix('/v1')}/questions/{id_}"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_double_click_has_one_effect(story: Story, visitor: Visitor, scripts: bool) -> None:
    ana = await visitor("ana", java_script_enabled=scripts)
    await ana.go(f"{story.conversation.removeprefix('/v1')}/facets")
    await ana.page.fill("#value-text", "Honesty")
    async with ana.page.expect_navigation():
        await ana.page.dblclick("#value button.stone", no_wait_after=True)
    await ana.page.wait_for_load_state()
    await ana.go(f"{story.conversation.removeprefix('/v1')}/facets")
    assert (await ana.text()).count("Honesty") == 1


async def test_the_same_form_sent_twice_at_once_has_one_effect(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(f"{story.conversation.removeprefix('/v1')}/facets")
    statuses = await ana.page.evaluate("""async () => {
        const form = document.querySelector('#value input').form;
        form.elements['value-text'].value = 'Honesty';
        const body = new URLSearchParams(new FormData(form));
        const sent = Array.from({length: 6}, () => fetch(form.action, {method: 'POST', body}));
        return Promise.all(sent.map((one) => one.then((answer) => answer.status)));
    }""")
    assert statuses == [200] * 6
    shown = (await story.ana.get(story.conversation)).json()
    assert len(shown["facets"]) == 1


@pytest.mark.parametrize(
    ("what", "events"), [("share", ["shared"]), ("unshare", ["shared", "unshared"])]
)
async def test_everything_is_shared_or_taken_back_once_however_often_its_form_is_sent(
    story: Story, visitor: Visitor, what: str, events: list[str]
) -> None:
    """One after the other, as where the first answer was lost; and after another page has done it."""
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "mine"})
    if what == "unshare":
        await story.ana.post(f"{story.conversation}:share")
    ana, other = await visitor("ana"), await visitor("ana")
    for visit in (ana, other):
        await visit.go(f"{story.conversation.removeprefix('/v1')}/share")
    send = """async (what) => {
        const form = document.querySelector(`form[action$="/${what}"]`);
        const button = form.querySelector('[value=everything]');
        const body = new URLSearchParams(new FormData(form, button));
        const statuses = [];
        for (let i = 0; i < 2; i++)
            statuses.push((await fetch(form.action, {method: 'POST', body})).status);
        return statuses;
    }"""
    assert [await visit.page.evaluate(send, what) for visit in (ana, other)] == [[200, 200]] * 2
    happened = await story.happened("conversation.")
    assert [each for each in happened if each.endswith("shared")] == [
        f"conversation.{event}" for event in events
    ]


async def test_everything_of_nothing_is_not_said_to_be_shared(
    story: Story, visitor: Visitor
) -> None:
    """It was set aside on another page meanwhile."""
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "mine"})
    ana = await visitor("ana")
    await ana.go(f"{story.conversation.removeprefix('/v1')}/share")
    await story.ana.post(f"{story.conversation}/answers/energy:set-aside")
    await ana.press("Share everything")
    assert "Tick what you would like to share" in await ana.text()


async def test_back_shows_what_was_saved_and_saving_again_is_a_revision(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(page_of(story))
    await ana.page.fill("#text", "first")
    await ana.press("Save")
    await ana.page.go_back()
    assert await ana.page.input_value("#text") == "first"
    await ana.page.fill("#text", "second")
    await ana.press("Save")
    found = await question(story)
    assert (found["answer"], found["revision"]) == ("second", 2)


async def test_two_tabs_never_overwrite_one_another_unseen(story: Story, visitor: Visitor) -> None:
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "before"})
    one, two = await visitor("ana"), await visitor("ana")
    await one.go(page_of(story))
    await two.go(page_of(story))
    await one.page.fill("#text", "of the first tab")
    await one.press("Save")
    await two.page.fill("#text", "of the second tab")
    await two.press("Save")
    assert "You have written something else here" in await two.text()
    assert "of the first tab" in await two.text()
    assert await two.page.input_value("#text") == "of the second tab"
    assert (await question(story))["answer"] == "of the first tab"
    await two.page.fill("#text", "of both")
    await two.press("Save")
    assert (await question(story))["answer"] == "of both"


async def test_what_is_typed_is_kept_as_a_draft_by_itself(story: Story, visitor: Visitor) -> None:
    ana = await visitor("ana")
    await ana.go(page_of(story))
    await ana.page.locator("#text").press_sequentially("half a thou")
    await ana.page.wait_for_selector("text=Kept as a draft at")
    again = await visitor("ana")
    await again.go("/")
    assert "Begun" in await again.text()
    await again.go(page_of(story))
    assert await again.page.input_value("#text") == "half a thou"
    assert (await question(story))["state"] == "open"
    ben = (await story.ben.get(f"{story.conversation}/drafts")).json()
    assert ben["items"] == []


async def test_two_tabs_never_overwrite_one_anothers_drafts(story: Story, visitor: Visitor) -> None:
    one, two = await visitor("ana"), await visitor("ana")
    await one.go(page_of(story))
    await two.go(page_of(story))
    await one.page.locator("#text").press_sequentially("draft of the first")
    await one.page.wait_for_selector("text=Kept as a draft at")
    await two.page.locator("#text").press_sequentially("draft of the second")
    await two.page.wait_for_selector("text=Not kept: this question is open in another window")
    await two.press("Save")
    assert "draft of the first" in await two.text()
    assert await two.page.input_value("#text") == "draft of the second"


async def test_taking_ones_time_keeps_what_was_typed_without_recording_it(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana", java_script_enabled=False)
    await ana.go(page_of(story))
    await ana.page.fill("#text", "not ready")
    await ana.press("Take your time")
    await ana.go(page_of(story))
    assert await ana.page.input_value("#text") == "not ready"
    assert await question(story) | {"answer": None, "state": "set_aside"} == await question(story)


async def test_a_tab_that_is_closed_while_saving_has_saved_or_has_a_draft(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(page_of(story))
    await ana.page.locator("#text").press_sequentially("closing time")
    await ana.page.wait_for_selector("text=Kept as a draft at")
    await ana.page.get_by_role("button", name="Save").click(no_wait_after=True)
    await ana.page.close()
    again = await visitor("ana")
    await again.go(page_of(story))
    assert await again.page.input_value("#text") == "closing time"
    assert (await question(story))["answer"] in {None, "closing time"}


async def test_leaving_with_unsaved_words_asks_first(story: Story, visitor: Visitor) -> None:
    ana = await visitor("ana")
    await ana.go(f"{story.conversation.removeprefix('/v1')}/direction")
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    ana.page.on("dialog", stay)
    await ana.page.locator("#comment").press_sequentially("unsaved")
    async with ana.page.expect_event("dialog"):
        await ana.page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


async def test_offline_nothing_leaves_the_page_and_back_online_it_is_saved(
    story: Story, visitor: Visitor
) -> None:
    ana = await visitor("ana")
    await ana.go(page_of(story))
    await ana.page.fill("#text", "written in a tunnel")
    await ana.context.set_offline(True)
    await ana.page.click("text=Save")
    await ana.page.wait_for_selector("text=There is no connection at the moment")
    assert await ana.page.input_value("#text") == "written in a tunnel"
    await ana.context.set_offline(False)
    await ana.press("Save")
    assert (await question(story))["answer"] == "written in a tunnel"


async def answered_by_a_balancer(route: Route) -> None:
    await route.fulfill(status=503, body="<h1>Service unavailable</h1>")


async def never_answered(_: Route) -> None:
    """The request stays on its way."""


@pytest.mark.parametrize("away", [answered_by_a_balancer, never_answered])
async def test_nothing_leaves_the_page_while_no_server_answers(
    story: Story, visitor: Visitor, away: Callable[[Route], Awaitable[None]]
) -> None:
    ana = await visitor("ana")
    if away is never_answered:
        await ana.context.add_init_script(_FIRST_TIME_OUT_IS_SHORT)
    await ana.page.route("**/healthz", away, times=1)
    await ana.go(page_of(story))
    await ana.page.fill("#text", "written meanwhile")
    await ana.page.click("text=Save")
    await ana.page.wait_for_selector("text=There is no connection at the moment")
    assert await ana.page.input_value("#text") == "written meanwhile"
    await ana.press("Save")
    assert (await question(story))["answer"] == "written meanwhile"


async def expire(site: Site, visit: Visit) -> None:
    """Let the visit's session end as if its time was over."""
    await seen(site, visit, ago=timedelta(days=1))


async def seen(site: Site, visit: Visit, ago: timedelta | None = None) -> datetime:
    """When the visit's session last had a sign of life; `ago` lets that be, and its begin, so long."""
    record = site.given[Sessions]._record
    cookies = await visit.context.cookies()
    secret = next(cookie["value"] for cookie in cookies if cookie["name"] == "cairn")
    own, _, tenant = secret.partition("~")
    at = record.clock.now() - ago if ago else None
    async with within(record.pool, tenant) as connection:
        found: datetime = await connection.fetchval(_SEEN, sha256(own.encode()).digest(), at)
    return found


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_what_was_being_written_when_the_session_ended_is_found_again_after_login(
    story: Story, site: Site, visitor: Visitor, tenant: str, scripts: bool
) -> None:
    ana = await visitor("ana", java_script_enabled=scripts)
    await ana.go(page_of(story))
    await ana.page.fill("#text", "in mid-sent")
    await expire(site, ana)
    await ana.press("Save")
    assert "You were away for a while" in await ana.text()
    await ana.page.evaluate(
        "(tenant) => document.querySelectorAll('[name=tenant]').forEach((e) => e.value = tenant)",
        tenant,
    )
    await ana.go(f"/login?tenant={tenant}")
    await story.read_models()
    await ana.go(f"/login?tenant={tenant}")
    await ana.press("Ana Silva")
    assert "You were logged out in mid-sentence" in await ana.text()
    assert await ana.page.input_value("textarea") == "in mid-sent"
    await ana.page.fill("textarea", "in mid-sentence.")
    await ana.press("Save")
    assert (await question(story))["answer"] == "in mid-sentence."
    await ana.go("/kept")
    assert "Nothing is waiting here" in await ana.text()


async def test_each_of_several_kept_forms_says_what_it_is_of(
    story: Story, site: Site, visitor: Visitor, tenant: str
) -> None:
    ana = await visitor("ana")
    windows, places = [], [page_of(story), page_of(story, "impact")]
    for path in places:
        windows.append(await ana.context.new_page())
        await windows[-1].goto(site.url + path)
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a team"})
    places.append(f"{story.plan.removeprefix('/v1')}/goals/lead")
    windows.append(await ana.go(places[-1]))
    for window, path in zip(windows, places, strict=True):
        await window.fill("#text", f"words on {path}")
    await expire(site, ana)
    for window in windows:
        async with window.expect_navigation():
            await window.get_by_role("button", name="Save", exact=True).click()
    await ana.log_in(tenant, "ana", "employee")
    await ana.go("/kept")
    assert await ana.problems_by_axe() == []
    asked = [(await question(story, id_))["text"]["en"] for id_ in ("energy", "impact")]
    named = [f"A question: {asked[0]}", f"A question: {asked[1]}", "A goal: Lead a team"]
    for name, path in zip(named, places, strict=True):
        section = ana.page.get_by_role("region", name=name)
        assert await section.get_by_label("What you wrote").input_value() == f"words on {path}"
        assert await section.get_by_role("link", name=name).get_attribute("href") == path


async def test_what_was_kept_is_shown_to_its_author_alone(
    story: Story, site: Site, visitor: Visitor
) -> None:
    ana, ben = await visitor("ana"), await visitor("ben")
    await ana.go(page_of(story))
    await ana.page.fill("#text", "mine alone")
    await expire(site, ana)
    await ana.press("Save")
    await ben.go("/kept")
    assert "Nothing is waiting here" in await ben.text()


async def test_a_form_of_an_earlier_login_can_be_sent_after_a_look(
    story: Story, site: Site, visitor: Visitor, tenant: str
) -> None:
    ana = await visitor("ana")
    await ana.go(page_of(story))
    await ana.page.fill("#text", "from before")
    await ana.log_in(tenant, "ana", "employee")
    await ana.press("Save")
    assert "This page was opened before you last logged in" in await ana.text()
    await ana.press("Save")
    assert (await question(story))["answer"] == "from before"


async def test_a_session_ends_without_a_sign_of_life_and_after_its_longest_time(
    story: Story, site: Site, tenant: str
) -> None:
    record = site.given[Sessions]._record
    secret = await site.cookie(tenant, "ana", "employee")
    for limits in (("PT0.000001S", "PT12H"), ("PT2H", "PT0.000001S")):
        session = await Sessions(record, Limits.of(*limits)).find(secret)
        assert session is not None
        assert not session.lasts
    session = await Sessions(record, Limits.of("PT2H", "PT12H")).find(secret)
    assert session is not None
    assert session.lasts
