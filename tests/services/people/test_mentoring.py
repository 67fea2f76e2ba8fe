"""Whoever wants to mentor says so, and nobody else is ever suggested."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.people.contacts import ContactBook
from services.people.domain import NoMentoringOffered
from tests.conftest import Story
from tests.examples import person
from tests.given import given
from tests.years import Years

GONE = {"end_date": "2026-01-31"}
OFFER = {"skills": ["Leading", "rust"], "capacity": 2}


def test_an_offer_is_made_changed_and_withdrawn() -> None:
    given(person()).when(
        lambda p: p.offer_mentoring(("rust",), 2),
        lambda p: p.offer_mentoring(("rust",), 2),
        lambda p: p.offer_mentoring(("rust",), 1),
        lambda p: p.withdraw_mentoring(),
    ).then(
        ("people.mentoring_offered", {"skills": ("rust",), "capacity": 2}),
        ("people.mentoring_offered", {"skills": ("rust",), "capacity": 1}),
        ("people.mentoring_withdrawn", {}),
    )


def test_only_what_is_offered_is_withdrawn() -> None:
    given(person()).when(lambda p: p.withdraw_mentoring()).refused(NoMentoringOffered)


def test_an_offer_ends_with_the_person() -> None:
    p = person()
    p.offer_mentoring(("rust",), 2)
    p.erase()
    assert p.offer is None


async def test_an_offer_is_ones_own_to_make_read_and_withdraw(story: Story) -> None:
    put = await story.ana.put("/v1/people/ana/mentoring", json=OFFER)
    assert put.status_code == 200
    read = (await story.ana.get("/v1/people/ana/mentoring")).json()
    assert (read["skills"], read["capacity"]) == (["leading", "rust"], 2)
    assert (await story.ana.delete("/v1/people/ana/mentoring")).status_code == 200
    assert (await story.ana.get("/v1/people/ana/mentoring")).status_code == 404
    assert (await story.ana.delete("/v1/people/ana/mentoring")).status_code == 404


async def suggested(story: Story) -> list[UUID]:
    await story.read_models()
    found = await ContactBook(story.house.record).mentors_for(story.tenant, ["rust"])
    return [mentor.subject for mentor in found]


async def test_whoever_has_left_is_suggested_no_more_also_once_they_are_back(story: Story) -> None:
    assert (await story.ana.put("/v1/people/ana/mentoring", json=OFFER)).is_success
    (ana,) = await suggested(story)
    profile = {"name": "Ana Silva", "email": "ana@example.com"}
    assert (await story.platform.put("/v1/people/ana", json=profile | GONE)).is_success
    assert await suggested(story) == []
    assert (await story.platform.put("/v1/people/ana", json=profile)).is_success
    assert await suggested(story) == []
    assert (await story.ana.get("/v1/people/ana/mentoring")).status_code == 404
    assert (await story.ana.put("/v1/people/ana/mentoring", json=OFFER)).is_success
    assert await suggested(story) == [ana]


async def test_an_offer_that_a_list_has_of_somebody_who_has_left_is_passed_over(
    story: Story,
) -> None:
    """As one that was made after the last day."""
    profile = {"name": "Ana Silva", "email": "ana@example.com"}
    assert (await story.platform.put("/v1/people/ana", json=profile | GONE)).is_success
    assert (await story.ana.put("/v1/people/ana/mentoring", json=OFFER)).is_success
    assert await suggested(story) == []


async def test_nobody_offers_for_somebody_else(years: Years) -> None:
    for client in (years.ben, years.platform, years.door("hr"), years.door("admin")):
        refused = await client.put("/v1/people/ana/mentoring", json=OFFER)
        assert refused.status_code in {403, 404}
        assert (await client.delete("/v1/people/ana/mentoring")).status_code in {403, 404}
    await years.ana.put("/v1/people/ana/mentoring", json=OFFER)
    assert (await years.platform.get("/v1/people/ana/mentoring")).status_code == 200
    assert (await years.ben.get("/v1/people/ana/mentoring")).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"skills": []}, {"skills": ["two words"]}, {"capacity": 0}, {"capacity": 21}, {"more": 1}],
)
async def test_an_offer_that_can_not_be_used_is_refused(
    story: Story, changes: dict[str, object]
) -> None:
    refused = await story.ana.put("/v1/people/ana/mentoring", json=OFFER | changes)
    assert refused.status_code == 422
