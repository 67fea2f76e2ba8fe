"""What a policy's times may be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.cycles.policy import (
    Kept,
    LinkBeforeWords,
    NotAPeriod,
    NudgesOutOfOrder,
    Policy,
    Terms,
)
from tests.conftest import Door
from tests.services.cycles.test_course import START


def adopt(**terms: Any) -> Policy:
    return Policy.adopt("acme", START, Terms(**terms))


@pytest.mark.parametrize(
    "terms",
    [
        {"cadence": "6 months"},
        {"answer_nudges": ("P7D", "P0D")},
        {"follow_up_after": "P101Y"},
        {"bundles_kept": "P36526D"},
        {"retention": Kept(words="P7980Y", link="P7980Y")},
    ],
)
def test_what_is_no_time_is_named_and_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(
        NotAPeriod, match=r"'(6 months|P0D|P101Y|P36526D|P7980Y)' is not a time: A policy's times"
    ):
        adopt(**terms)


def test_whose_words_they_were_is_kept_at_least_as_long_as_they_are() -> None:
    kept = Kept(words="P12M", link="P1Y")
    assert adopt(retention=kept).terms.retention == kept
    with pytest.raises(LinkBeforeWords):
        adopt(retention=Kept(words="P12M", link="P364D"))
    with pytest.raises(LinkBeforeWords):
        adopt(retention_by_entity={"de": Kept(words="P1Y1D", link="P12M")})


@pytest.mark.parametrize("times", [("P21D", "P7D"), ("P7D", "P7D"), ("P7D", "P30D", "P1M")])
def test_each_reminder_comes_after_the_one_before_it(times: tuple[str, ...]) -> None:
    for name in ("answer_nudges", "partner_nudges"):
        with pytest.raises(NudgesOutOfOrder):
            adopt(**{name: times})
    assert adopt(answer_nudges=(), partner_nudges=("P1M", "P32D")).version == 1


def test_a_hundred_years_are_the_longest_time() -> None:
    assert adopt(cadence="P100Y", retention=Kept(words="P100Y", link="P1200M")).version == 1


async def test_without_if_match_two_who_set_it_at_once_both_do(door: Door) -> None:
    admin = door("admin")
    months = ("P5M", "P7M", "P8M")
    answers = await asyncio.gather(
        *(admin.put("/v1/policy", json={"cadence": each}) for each in months)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3]
    seen = {"If-Match": '"2"'}
    behind = await admin.put("/v1/policy", json={"cadence": "P9M"}, headers=seen)
    assert behind.status_code == 412


def test_a_change_counts_for_every_legal_entity() -> None:
    policy = adopt()
    with pytest.raises(LinkBeforeWords):
        policy.change(Terms(retention_by_entity={"de": Kept(words="P2Y", link="P1Y")}))
