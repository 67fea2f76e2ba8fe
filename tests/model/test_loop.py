"""Every order of everything: nothing is skipped, nothing doubled, and each rule is needed."""

from __future__ import annotations

import pytest

from tests.model.explorer import Found, explore
from tests.model.loop import Loop, Rules, World, unfinished, wrong

NEEDED = {
    "checkpoint_after_the_wake": "is due and nobody will take it",
    "a_relay_follows_the_record": "is due and nobody will take it",
    "a_wake_carries_no_facts": "is due and nobody will take it",
    "event_ids_come_from_the_step": "is on record twice",
    "wakes_are_counted_from_before_the_look": "is due and nobody will take it",
    "no_end_over_a_wake": "is due and nobody will take it",
    "the_record_decides_when_a_step_is_taken": "out of turn",
    "a_reconciler_mends": "is due and nobody will take it",
}


def explored(rules: Rules) -> Found:
    loop = Loop(rules)
    return explore(World(), loop.moves, wrong, unfinished)


def test_no_order_of_events_crashes_and_outages_skips_or_doubles_a_step() -> None:
    found = explored(Rules())
    assert (found.broken, found.trace) == (None, ())
    assert found.states > 100_000


@pytest.mark.parametrize("rule", Rules._fields)
def test_without_any_one_rule_something_goes_wrong(rule: str) -> None:
    found = explored(Rules()._replace(**{rule: False}))
    assert found.broken is not None
    assert NEEDED[rule] in found.broken, found.trace
