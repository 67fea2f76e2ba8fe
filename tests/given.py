"""given(...).when(...).then(...): a domain test compares facts, not objects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.eventstore.events import Aggregate

A = TypeVar("A", bound=Aggregate)
_ENVELOPE = {"originator_id", "originator_version", "timestamp", "originator_topic"}


class Given(Generic[A]):
    """An aggregate to which things have happened."""

    def __init__(self, aggregate: A) -> None:
        self.aggregate = aggregate
        aggregate.collect_events()
        self._refused: Exception | None = None

    def at(self, moment: datetime) -> Given[A]:
        self.aggregate.at = moment
        return self

    def when(self, *decisions: Callable[[A], Any]) -> Given[A]:
        for decide in decisions:
            try:
                decide(self.aggregate)
            except Exception as refused:
                self._refused = refused
        return self

    def then(self, *expected: tuple[str, dict[str, Any]]) -> None:
        assert self._refused is None, self._refused
        found = [_facts(event) for event in self.aggregate.collect_events()]
        assert found == list(expected)

    def refused(self, why: type[Exception]) -> None:
        assert isinstance(self._refused, why), self._refused
        assert list(self.aggregate.collect_events()) == []


def given(aggregate: A, *history: Callable[[A], Any]) -> Given[A]:
    """Start from an aggregate to which `history` has already happened."""
    for step in history:
        step(aggregate)
    return Given(aggregate)


def _facts(event: Any) -> tuple[str, dict[str, Any]]:
    own = {name: getattr(event, name) for name in event.__struct_fields__ if name not in _ENVELOPE}
    said = {n: value for n, value in own.items() if value not in (None, ()) and value is not False}
    return event.TOPIC, said
