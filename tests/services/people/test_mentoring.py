"""Whoever wants to mentor says so, and nobody else is ever suggested."""

from __future__ import annotations

import pytest

from services.people.domain import NoMentoringOffered
from tests.conftest import Story
from tests.examples import person
from tests.given import given
from tests.years import Years

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
