"""What every answer has: request ids, what is left of the limit, nothing for caches or other sites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from console.app import create_app, provide
from console.bootstrap import House
from shared import limits
from shared.limits import Limits
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer
from tests.conftest import Door, Story


async def test_an_answer_carries_the_request_id_that_came_or_a_new_one(door: Door) -> None:
    given = await door().get("/healthz", headers={"X-Request-ID": "hr-import-17.4"})
    made = [await door().get("/healthz") for _ in range(2)]
    assert given.headers["x-request-id"] == "hr-import-17.4"
    assert made[0].headers["x-request-id"] != made[1].headers["x-request-id"]


@pytest.mark.parametrize("bad", ["a b", "x" * 200, "<script>", "Ana Silva", ""])
async def test_a_request_id_that_is_none_is_replaced(door: Door, bad: str) -> None:
    answer = await door().get("/healthz", headers={"X-Request-ID": bad})
    assert answer.headers["x-request-id"] != bad


async def test_the_record_says_which_request_caused_an_event(story: Story) -> None:
    headers = {"X-Request-ID": "from-the-portal-9"}
    path = f"{story.conversation}/answers/impact"
    await story.ana.put(path, json={"text": "x"}, headers=headers)
    await story.read_models()
    listed = (await story.auditor.get("/v1/audit/timeline", params={"limit": 200})).json()
    assert listed["items"][-1]["cause"] == "from-the-portal-9"


async def test_lists_of_what_is_one_persons_or_one_companys_come_in_pages_too(
    story: Story,
) -> None:
    note, wrong = {"text": "x", "shared": False}, {"about": "profile", "text": "x"}
    case = {"cycle": story.cycle, "reason": "complaint"}
    for _ in range(3):
        await story.ana.post(f"{story.conversation}/notes", json=note)
        await story.ana.post("/v1/people/ana/corrections", json=wrong)
        await story.auditor.post("/v1/audit/cases", json=case)
    await story.read_models()
    lists = ("/v1/guides", f"{story.conversation}/notes")
    for path in (*lists, "/v1/people/ana/corrections", "/v1/people/ana/cases"):
        whole = (await story.ana.get(path)).json()
        for limit in (1, 2):
            found, params = [], {"limit": str(limit)}
            while params:
                part = (await story.ana.get(path, params=params)).json()
                assert len(part["items"]) <= limit
                found += part["items"]
                params = params | {"cursor": part["next"]} if part["next"] else {}
            assert found == whole["items"]
        assert len(found) >= 2, path


async def test_nothing_is_kept_by_caches_or_guessed_by_browsers(story: Story) -> None:
    for answer in (await story.ana.get(story.conversation), await story.ana.get("/v1/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_other_sites_scripts_are_not_invited(story: Story) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    asked = await story.ana.options(story.conversation, headers=headers)
    read = await story.ana.get(story.conversation, headers={"Origin": "https://evil.example"})
    for answer in (asked, read):
        assert not any(name.startswith("access-control-") for name in answer.headers)


async def test_a_body_that_hides_its_size_is_cut_off_with_a_problem(story: Story) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(100):
            yield b"x" * 10_000

    answer = await story.ana.put(f"{story.conversation}/answers/impact", content=endless())
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of the limits, which stands still but for a test that puts it on."""
    made = SimpleNamespace(seconds=0.0, monotonic=lambda: made.seconds)
    monkeypatch.setattr(limits, "time", made)
    return made


@pytest.fixture
async def limited(
    settings: Settings, house: House, issuer: Issuer, story: Story, clock: SimpleNamespace
) -> Any:
    """The API with four requests of a person in ten seconds, and two of a machine."""
    app = create_app(settings)
    app.state.given = provide(
        house, issuer, settings.model_copy(update={"limit_people": 4, "limit_machines": 2})
    )
    transport = httpx2.ASGITransport(app=app)

    def open_(role: str, person: str | None = None) -> httpx2.AsyncClient:
        token = issuer.issue(story.tenant, [role], person, 600)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(transport=transport, base_url="http://cairn", headers=headers)

    return open_


async def test_answers_say_what_is_left_and_the_one_too_many_says_how_long_to_wait(
    limited: Any,
) -> None:
    ana = limited("employee", "ana")
    answers = [await ana.get("/v1/guides") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    left = [int(answer.headers["ratelimit-remaining"]) for answer in answers]
    assert left == [3, 2, 1, 0, 0]
    last = answers[-1]
    assert last.headers["ratelimit-limit"] == "4"
    assert last.headers["ratelimit-policy"] == "4;w=10"
    assert last.headers["retry-after"] == "3"
    assert last.json()["type"] == "/problems/too-many-requests"


async def test_an_identity_provider_is_told_how_long_to_wait_too(limited: Any) -> None:
    provider = limited("platform")
    answers = [await provider.get("/scim/v2/Users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["status"] == "429"
    assert answers[-1].headers["retry-after"] == "5"


async def test_one_clients_limit_is_none_of_the_others_business(limited: Any) -> None:
    platform, ana, ben = (
        limited("platform"),
        limited("employee", "ana"),
        limited("partner", "ben"),
    )
    for _ in range(3):
        await platform.get("/v1/guides")
    assert (await platform.get("/v1/guides")).status_code == 429
    assert (await ana.get("/v1/guides")).status_code == 200
    assert (await ben.get("/v1/guides")).status_code == 200


def test_waiting_as_told_helps(clock: SimpleNamespace) -> None:
    counted, by = Limits(people=5, machines=5), Principal("acme", frozenset(), "workday")
    found = [counted.take(by) for _ in range(6)]
    assert [allowance.wait for allowance in found if allowance] == [0, 0, 0, 0, 0, 2]
    for seconds, remaining in ((2, 0), (12, 4)):
        clock.seconds = seconds
        again = counted.take(by)
        assert again is not None
        assert (again.wait, again.remaining) == (0, remaining)


def test_a_limit_of_none_is_none() -> None:
    assert Limits(0, 0).take(Principal("acme", frozenset(), "workday")) is None
