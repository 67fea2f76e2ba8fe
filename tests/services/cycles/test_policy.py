"""What a policy's times may be."""

from __future__ import annotations

from typing import Any

import pytest

from services.cycles.policy import Kept, LinkBeforeWords, NotAPeriod, Policy, Terms
from tests.services.cycles.test_course import START


def adopt(**terms: Any) -> Policy:
    return Policy.adopt("acme", START, Terms(**terms))


@pytest.mark.parametrize("terms", [{"cadence": "6 months"}, {"answer_nudges": ("P7D", "P0D")}])
def test_what_is_no_time_is_named_and_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(NotAPeriod, match=r"'(6 months|P0D)' is not a time: A policy's times"):
        adopt(**terms)


def test_whose_words_they_were_is_kept_at_least_as_long_as_they_are() -> None:
    kept = Kept(words="P12M", link="P1Y")
    assert adopt(retention=kept).terms.retention == kept
    with pytest.raises(LinkBeforeWords):
        adopt(retention=Kept(words="P12M", link="P364D"))
    with pytest.raises(LinkBeforeWords):
        adopt(retention_by_entity={"de": Kept(words="P1Y1D", link="P12M")})


def test_a_change_counts_for_every_legal_entity() -> None:
    policy = adopt()
    with pytest.raises(LinkBeforeWords):
        policy.change(Terms(retention_by_entity={"de": Kept(words="P2Y", link="P1Y")}))
