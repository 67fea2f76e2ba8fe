"""What is over its time is counted, then forgotten; who is held stays, and is looked at again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from temporalio.testing import ActivityEnvironment

from services.cycles.policy import Kept, Policy, Terms, policy_stream
from services.people.domain import Person
from services.people.keeping import SQL
from services.people.retention import Times
from shared.eventstore.record import Command
from shared.principal import Principal
from shared.settings import Settings
from tests.conftest import Story
from tests.plans import filled, plan_of
from tests.services.audit.test_exports import asked, write

SECRET = "What nobody needs any more"
LONG_AGO = "2020-01-31"


async def gone(story: Story, on: str = LONG_AGO, **more: str) -> Story:
    """Ana has said something, and left."""
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": SECRET})
    profile = {"name": "Ana Silva", "email": "ana@example.com", "end_date": on} | more
    assert (await story.platform.put("/v1/people/ana", json=profile)).is_success
    await story.read_models()
    return story


async def policy(story: Story, **terms: Any) -> None:
    answer = await story.admin.put("/v1/policy", json=terms)
    assert answer.is_success, answer.text


async def run(story: Story, environment: ActivityEnvironment | None = None) -> dict[str, int]:
    """One night's run, as the workflow's activity does it."""
    keeping = story.house.hands(None).keeping  # type: ignore[arg-type]
    environment = environment or attempt(str(uuid4()))
    told: dict[str, int] = await environment.run(keeping.retain, story.tenant)
    await story.read_models()
    return told


def attempt(run_id: str, number: int = 1, *heartbeat: Any) -> ActivityEnvironment:
    """One attempt of a run, with what was last heard of the one before."""
    found = ActivityEnvironment()
    found.info = replace(
        found.info, workflow_run_id=run_id, attempt=number, heartbeat_details=heartbeat
    )
    return found


async def reported(story: Story) -> list[dict[str, Any]]:
    """What is on record of the runs."""
    rows = await story.house.record.pool.fetch(
        "SELECT facts FROM record.read_log($1, 0, 100000) WHERE type = 'retention.completed'",
        story.tenant,
    )
    return [msgspec.json.decode(row["facts"]) for row in rows]


async def over(story: Story) -> dict[str, tuple[int, int]]:
    items = (await story.hr.get("/v1/retention")).json()["items"]
    return {item["kind"]: (item["over"], item["held"]) for item in items}


async def test_before_the_policy_says_so_it_is_only_counted(story: Story) -> None:
    await gone(story)
    assert await over(story) == {"words": (1, 0), "link": (1, 0)}
    assert (await run(story))["erased"] == 0
    assert SECRET in (await story.ana.get(story.conversation)).text
    assert "people.erased" not in await story.happened("people.")
    assert [each["done"] for each in await reported(story)] == [False]


async def test_a_run_after_the_dry_one_of_that_day_is_on_record_too(story: Story) -> None:
    await gone(story)
    await run(story)
    await policy(story, retention_on=True)
    await run(story)
    told = [(each["done"], each["words"], each["link"]) for each in await reported(story)]
    assert told == [(False, 1, 1), (True, 1, 1)]


async def test_what_an_attempt_did_that_was_cut_off_is_counted_with_the_rest(story: Story) -> None:
    for person in ("yan", "zoe"):
        profile = {"name": person, "email": f"{person}@example.com", "end_date": LONG_AGO}
        assert (await story.platform.put(f"/v1/people/{person}", json=profile)).is_success
    await gone(story)
    await policy(story, retention_on=True, retention={"words": "P1Y", "link": "P80Y"})
    heard: list[tuple[Any, ...]] = []

    def lose_the_worker(*details: Any) -> None:
        heard.append(details)
        if len(heard) == 3:
            raise ConnectionError

    first = attempt("one run")
    first.on_heartbeat = lose_the_worker
    with pytest.raises(ConnectionError):
        await run(story, first)
    await story.read_models()
    assert await over(story) != {"words": (3, 0), "link": (0, 0)}
    assert (await run(story, attempt("one run", 2, *heard[-1])))["words"] == 3
    assert (await run(story, attempt("one run", 3)))["words"] == 3
    assert [(each["done"], each["words"]) for each in await reported(story)] == [(True, 3)]


async def test_times_on_record_that_are_longer_than_any_may_be_dont_stop_a_night(
    story: Story,
) -> None:
    await gone(story)
    kept = Kept(words="P3000Y", link="P3000Y")
    terms = Terms(retention_on=True, retention=kept, bundles_kept="P3000Y")
    record, admin = story.house.record, Principal(story.tenant, frozenset({"admin"}), "admin")
    at = record.clock.now()
    policy_ = Policy.begin(policy_stream(story.tenant), at, terms=terms)
    await record.save(policy_, Command(by=admin, at=at))
    assert (await run(story))["erased"] == 0
    assert await over(story) == {"words": (0, 0), "link": (0, 0)}


async def test_the_times_of_retention_have_an_end(story: Story) -> None:
    kept = {"words": "P7980Y", "link": "P7980Y"}
    refused = await story.admin.put("/v1/policy", json={"retention": kept})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-a-period")
    falling = await story.admin.put("/v1/policy", json={"answer_nudges": ["P21D", "P7D"]})
    assert (falling.status_code, falling.json()["type"]) == (422, "/problems/nudges-out-of-order")


async def test_words_go_after_their_time_and_the_link_after_its_own(story: Story) -> None:
    await gone(story)
    await policy(story, retention_on=True, retention={"words": "P1Y", "link": "P80Y"})
    assert (await run(story))["words"] == 1
    assert SECRET not in (await story.ana.get(story.conversation)).text
    assert (await story.dpo.get("/v1/people/ana")).status_code == 200
    assert (await run(story))["words"] == 0
    await policy(story, retention_on=True, retention={"words": "P1Y", "link": "P2Y"})
    assert (await run(story))["link"] == 1
    assert (await story.dpo.get("/v1/people/ana")).status_code == 404
    assert await over(story) == {}


async def test_a_legal_entity_has_its_own_times(story: Story) -> None:
    await gone(story, legal_entity="Acme France")
    longer = {"words": "P50Y", "link": "P60Y"}
    terms = {"retention_on": True, "retention": {"words": "P1Y", "link": "P2Y"}}
    await policy(story, **terms, retention_by_entity={"Acme France": longer})
    assert (await run(story))["erased"] == 0
    await policy(story, **terms, retention_by_entity={"Acme Spain": longer})
    assert (await run(story))["erased"] == 2


async def test_a_last_day_that_was_wrong_counts_no_more(story: Story) -> None:
    await gone(story)
    await story.advance()
    await policy(story, retention_on=True)
    last_month = (datetime.now(UTC).date() - timedelta(days=30)).isoformat()
    await gone(story, on=last_month)
    assert await over(story) == {"words": (0, 0), "link": (0, 0)}
    assert (await run(story))["erased"] == 0
    happened = await story.happened("people.left", "cycles.closed")
    assert happened == ["people.left", "cycles.closed", "people.left"]
    await story.advance()
    assert (await story.happened()).count("cycles.closed") == 1


async def test_who_comes_back_while_a_run_goes_on_is_kept(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gone(story)
    await policy(story, retention_on=True)
    change = story.house.record.change

    async def once_they_are_back(*args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        profile = {"name": "Ana Silva", "email": "ana@example.com"}
        assert (await story.platform.put("/v1/people/ana", json=profile)).is_success
        return await change(*args, **more)

    monkeypatch.setattr(story.house.record, "change", once_they_are_back)
    assert (await run(story))["erased"] == 0
    assert (await story.happened("people."))[-1] == "people.rejoined"


async def test_who_is_held_stays_for_as_long_as_that_lasts(story: Story) -> None:
    await gone(story)
    await policy(story, retention_on=True)
    assert (await story.dpo.post("/v1/people/ana:hold", json={"reason": "litigation"})).is_success
    await story.read_models()
    assert await run(story) == {"words": 0, "link": 0, "held": 1, "bundles": 0, "erased": 0}
    assert SECRET in (await story.ana.get(story.conversation)).text
    assert (await story.dpo.post("/v1/people/ana:release")).is_success
    await story.read_models()
    assert (await run(story))["erased"] == 2


async def test_who_works_here_is_kept(story: Story) -> None:
    await policy(story, retention_on=True)
    await gone(story, on="2199-12-31")
    assert (await run(story))["erased"] == 0
    assert await over(story) == {}


async def test_a_hold_has_an_owner_and_is_looked_at_again(story: Story) -> None:
    hold = {"reason": "litigation", "owner": "ben"}
    assert (await story.dpo.post("/v1/people/ana:hold", json=hold)).is_success
    await story.read_models()
    (item,) = (await story.hr.get("/v1/holds")).json()["items"]
    assert (item["person"], item["owner"], item["due"]) == ("ana", "ben", False)
    half_a_year = date.fromisoformat(item["review"]) - datetime.now(UTC).date()
    assert timedelta(days=175) < half_a_year < timedelta(days=190)
    past = hold | {"review": "2026-01-31"}
    assert (await story.dpo.post("/v1/people/ana:hold", json=past)).is_success
    await story.read_models()
    (item,) = (await story.hr.get("/v1/holds")).json()["items"]
    assert item["due"] is True
    assert (await story.ben.get("/v1/holds")).status_code == 403
    nobody = await story.dpo.post("/v1/people/ana:hold", json=hold | {"owner": "nobody"})
    assert nobody.status_code == 404


async def test_holds_are_read_page_by_page_in_the_order_of_their_reviews(story: Story) -> None:
    reviews = [None, None, "2026-01-31", "2026-01-31", "2026-02-28"]
    record, by = story.house.record, Principal(story.tenant, frozenset({"dpo"}), "dpo")
    for number, review in enumerate(reviews):
        body = {"name": f"P{number}", "email": f"p{number}@example.com"}
        assert (await story.platform.put(f"/v1/people/p{number}", json=body)).is_success
        day = date.fromisoformat(review) if review else None
        subject = await record.vault.assign_subject(story.tenant, f"p{number}")
        command = Command(by=by, at=record.clock.now())
        await record.change(
            Person, subject, command, lambda p, day=day: p.place_hold("litigation", day)
        )
    await story.read_models()
    found, cursor = [], ""
    while cursor is not None:
        answer = await story.dpo.get("/v1/holds", params={"limit": 2, "cursor": cursor})
        assert len(answer.json()["items"]) <= 2
        found += answer.json()["items"]
        cursor = answer.json()["next"]
    assert [each["review"] for each in found] == reviews
    assert {each["person"] for each in found} == {f"p{number}" for number in range(5)}
    for wrong in ("x", "eC94"):
        refused = await story.dpo.get("/v1/holds", params={"cursor": wrong})
        assert refused.json()["type"] == "/problems/bad-cursor"


async def test_a_page_of_holds_is_looked_up_and_not_read_out_of_all_of_them(
    settings: Settings, tenant: str
) -> None:
    many = (
        "INSERT INTO keeping (tenant, subject, hold, hold_review) SELECT $1, gen_random_uuid(), 'suit',"
        " date '2026-01-01' + n FROM generate_series(1, 5000) n"
    )
    after = (date(2038, 1, 1), UUID(int=0))
    async with filled(settings, "keeping", many, tenant) as owner:
        plan = await plan_of(owner, SQL["holds"], tenant, *after, 51)
    assert re.search(r"keeping_held.*\n.*Index Cond: .*ROW.* > ROW", plan), plan


async def test_bundles_are_removed_after_their_time(story: Story) -> None:
    export = await asked(story)
    await write(story, export)
    await story.read_models()
    assert (await run(story))["bundles"] == 0
    await policy(story, bundles_kept="PT0.001S")
    assert (await run(story))["bundles"] == 1
    answer = await story.auditor.get(f"/v1/audit/exports/{export}/bundle")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-longer-kept")
    assert (await story.auditor.get(f"/v1/audit/exports/{export}")).json()["state"] == "removed"
    assert (await run(story))["bundles"] == 0


async def test_a_link_is_kept_no_shorter_than_the_words(story: Story) -> None:
    kept = {"words": "P2Y", "link": "P1Y"}
    for terms in ({"retention": kept}, {"retention_by_entity": {"Acme": kept}}):
        answer = await story.admin.put("/v1/policy", json=terms)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/link-before-words")
    answer = await story.admin.put("/v1/policy", json={"retention": {"words": "soon"}})
    assert answer.json()["type"] == "/problems/not-a-period"


@pytest.mark.parametrize(
    ("today", "left_by"),
    [(date(2026, 3, 31), date(2025, 3, 31)), (date(2024, 2, 29), date(2023, 2, 28))],
)
def test_times_are_counted_by_the_calendar(today: date, left_by: date) -> None:
    assert Times(True, "P12M", "P36M").last_day("words", None, today) == left_by
