"""Double click, back button, two tabs, offline and back, expiry in mid-sentence: one effect, no lost word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from console.login.sessions import Limits, Sessions
from tests.conftest import Story
from tests.console.pages.conftest import Site, Visit, Visitor


async def question(story: Story, id_: str = "energy") -> dict[str, Any]:
    shown = (await story.ana.get(story.conversation)).json()
    found: dict[str, Any] = next(q for q in shown["questions"] if q["id"] == id_)
    return found


def page_of(story: Story, id_: str = "energy") -> str:
    return f"{story.conversation.removeprefix('/v1')}/questions/{id_}"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_double_click_has_one_effect(
    story: Story, visitor: Visitor, scripts: bool
) -> None:
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
        const form = document.querySelector('#value form');
        form.text.value = 'Honesty';
        const body = new URLSearchParams(new FormData(form));
        const sent = Array.from({length: 6}, () => fetch(form.action, {method: 'POST', body}));
        return Promise.all(sent.map((one) => one.then((answer) => answer.status)));
    }""")
    assert statuses == [200] * 6
    shown = (await story.ana.get(story.conversation)).json()
    assert len(shown["facets"]) == 1


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
    assert "You have saved something else here" in await two.text()
    assert "of the first tab" in await two.text()
    assert await two.page.input_value("#text") == "of the second tab"
    assert (await question(story))["answer"] == "of the first tab"
    await two.page.fill("#text", "of both")
    await two.press("Save")
    assert (await question(story))["answer"] == "of both"


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


async def expire(site: Site, visit: Visit) -> None:
    """Let the visit's session end as if its time was over."""
    sessions: Sessions = site.given[Sessions]
    cookies = await visit.context.cookies()
    secret = next(cookie["value"] for cookie in cookies if cookie["name"] == "cairn")
    session = await sessions.find(secret)
    assert session is not None
    old = sessions._record.clock.now() - timedelta(days=1)
    pool = sessions._record.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT set_config('cairn.tenant', $1, true)", session.by.tenant
        )
        await connection.execute(
            "UPDATE console.session SET began = $2, seen = $2 WHERE id = $1", session.id, old
        )


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
    cookie = await site.cookie(tenant, "ana", "employee")
    await ana.context.add_cookies([{"name": "cairn", "value": cookie, "url": site.url}])
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
