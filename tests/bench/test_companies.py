"""A generated company is one that might have been: its record holds, and all is derived from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
from pydantic import SecretStr

from bench.companies.filling import follow, found
from console.app import create_app, provide
from console.bootstrap import House, build
from console.migrations import migrate
from console.rebuild import rebuild_read_models
from services.cycles.progress import Progress
from shared.eventstore.record import Command
from shared.eventstore.verify import verify
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer
from tests.automaton import check_database
from tests.shared.eventstore.test_bundle import theirs
from tests.shared.eventstore.test_ledger import bundle

PEOPLE, YEARS, LIVES, TENANT = 12, 2, 3, "company"


@pytest.fixture(scope="module")
async def apart(settings: Settings) -> AsyncIterator[Settings]:
    """The company in a database of its own: followers and rebuilds are about all tenants."""
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("CREATE DATABASE companies")
    url = settings.required_database_url().rpartition("/")[0] + "/companies"
    await migrate(url)
    made = settings.model_copy(update={"database_url": SecretStr(url)})
    await found(made, TENANT, PEOPLE, YEARS, lambda *_: None, LIVES)
    await follow(made)
    await rebuild_read_models(made, lambda *_: None)
    yield made
    await admin.execute("DROP DATABASE companies WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="module")
async def company(apart: Settings) -> AsyncIterator[House]:
    house = await build(apart)
    yield house
    await house.close()


async def progress_of(company: House, number: int) -> tuple[UUID, Progress]:
    subject = await company.record.vault.subject_of(TENANT, f"e{number}")
    assert subject is not None
    cycle, count = await company.cycles.open_cycle(TENANT, subject)
    assert cycle is not None, count
    progress = await company.cycles.progress_of(TENANT, cycle.id)
    assert progress is not None
    return subject, progress


async def test_its_record_verifies_and_everything_in_it_was_possible(
    company: House, apart: Settings
) -> None:
    lines = await bundle(company, TENANT)
    report = verify(lines)
    assert (report.whole, report.events) == (True, report.size)
    assert report.events > PEOPLE * 50
    assert theirs(lines)[0]
    await check_database(apart.required_database_url())


async def test_its_log_is_in_the_order_of_time_and_every_follower_is_at_its_end(
    company: House,
) -> None:
    log = await company.record.pool.fetch("SELECT * FROM record.read_log($1, 0, 100000)", TENANT)
    times = [row["recorded_at"] for row in log]
    assert times == sorted(times)
    assert all([await follower.catch_up() == 0 for follower in company.followers()])


async def test_its_people_differ_and_its_lists_show_all_of_them(company: House) -> None:
    people = await company.roster.list_people(TENANT, "", 100, None, None)
    assert {each["name"] for each in people} == {f"Person {number}" for number in range(PEOPLE)}
    assert len({each["partner"] for each in people}) > 1
    today = company.record.clock.now().date()
    places, groups = await company.insights.figures.coverage(TENANT, "location", today)
    assert sum(places.values()) == sum(group["people"] for group in groups)
    assert sum(places.values()) == sum(each["left_on"] is None for each in people)


async def test_its_conversations_are_served_and_go_on(company: House, apart: Settings) -> None:
    issuer = Issuer.of_file(apart.issuer_path)
    app = create_app(apart)
    app.state.given = provide(company, issuer, apart)
    _, progress = await progress_of(company, 1)
    token = issuer.issue(TENANT, ["employee"], "e1", 600)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url="http://cairn",
        headers={"Authorization": f"Bearer {token}"},
    ) as http:
        first = f"/v1/conversations/{progress.conversations[0]}"
        shown: dict[str, Any] = (await http.get(first)).raise_for_status().json()
    assert shown["direction"] in {"expand", "deepen", "redirect", "undecided"}


async def test_the_append_goes_on_behind_it(company: House, tmp_path: Path) -> None:
    subject, _ = await progress_of(company, 2)
    by = Principal(TENANT, frozenset({"employee"}), "e2", subject)
    before = verify(await bundle(company, TENANT)).size
    command = Command(by=by, at=company.record.clock.now())
    await company.choices.offer_mentoring(command, "e2", ("listening",), 2)
    assert verify(await bundle(company, TENANT)).size == before + 1
