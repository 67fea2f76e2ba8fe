"""How an event and its aggregate are declared: msgspec structs under the library's aggregates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, cast, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    CommandMethodDecorator,
)

Words = Annotated[str, msgspec.Meta(extra={"words": True})]
"""Somebody's own words: encrypted under the key of the person that the aggregate is about.

A field of another type that holds words is marked the same way, and says with `erased` what stands
there once they are gone: `Annotated[tuple[Facet, ...], Meta(extra={"words": True, "erased": ()})]`.
"""

ERASED = ""
"""What stands where words were, once their key is gone or for a reader without a right to them."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""A pure function from the fields of one schema version to those of the next."""

_ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})


class Event(msgspec.Struct, CanMutateAggregate[UUID], frozen=True, kw_only=True):
    """Something that happened: facts (ids, codes, dates) in clear, words encrypted.

    `UPCASTERS[n - 1]` makes fields of schema version n + 1 out of those of version n; a word that was
    erased is `ERASED` in them.
    """

    TOPIC: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int] = 1
    UPCASTERS: ClassVar[tuple[Upcaster, ...]] = ()

    originator_id: UUID
    originator_version: int
    timestamp: datetime

    def _as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Created(Event, CanInitAggregate[UUID], frozen=True, kw_only=True):
    """The first event of a stream."""

    originator_topic: str


class Aggregate(BaseAggregate[UUID]):
    """A stream's state and its rules.

    `at` is the record's time of the command that is being decided; whoever loads sets it.
    `leaf` is the hash of the stream's last event, which the next one chains to.
    """

    TOPIC: ClassVar[str]

    at: datetime
    leaf: bytes

    class Event(Event, frozen=True, kw_only=True):
        pass

    def __init_subclass__(cls, **kwargs: Any) -> None:
        for name, value in _written_in_chapters(cls):
            setattr(cls, name, value)
        super().__init_subclass__(**kwargs)

    @classmethod
    def begin(cls, stream: UUID, at: datetime, **fields: Any) -> Self:
        """Begin a stream with its first event; `at` is the record's time."""
        aggregate = cls._create(_first_of(cls), id=stream, timestamp=at, **fields)
        aggregate.at = at
        return aggregate

    @property
    def subject(self) -> UUID | None:
        """The person whom the stream is about and whose key its words are under."""
        raise NotImplementedError

    @property
    def correlation(self) -> UUID | None:
        """The cycle that the stream belongs to."""
        return None

    def receipt(self) -> dict[str, Any]:
        """What a write answers: ids, codes and the version, never words."""
        return {"id": str(self.id), "version": self.version}

    def trigger_event(self, event_class: type[CanMutateAggregate[UUID]], **kwargs: Any) -> None:
        kwargs.setdefault("timestamp", getattr(self, "at", self.modified_on))
        super().trigger_event(event_class, **kwargs)


if TYPE_CHECKING:
    Chapter = Aggregate
else:

    class Chapter:
        """Part of an aggregate in a file of its own: the events, rules and mutators of one theme.

        The library looks for events and mutators in the aggregate's own class only, so they are laid
        there when the aggregate is put together from its chapters.
        """


class EventType:
    """One entry of the closed registry: how a topic's events are written and read."""

    def __init__(self, cls: type[Event], aggregate: type[Aggregate]) -> None:
        hints = get_type_hints(cls, include_extras=True)
        own = [name for name in cls.__struct_fields__ if name not in _ENVELOPE]
        self.cls = cls
        self.aggregate = aggregate
        self.topic = cls.TOPIC
        self.schema_version = cls.SCHEMA_VERSION
        if len(cls.UPCASTERS) != cls.SCHEMA_VERSION - 1:
            raise TypeError(
                f"{cls.TOPIC} needs an upcaster for each version before the present one"
            )
        self.creates = issubclass(cls, Created)
        marks = {name: mark for name in own if (mark := _mark_of_words(hints[name]))}
        self.words = tuple(marks)
        self.facts = tuple(name for name in own if name not in self.words)
        self.erased = {name: mark.get("erased", ERASED) for name, mark in marks.items()}

    def decode(
        self,
        stream: UUID,
        version: int,
        at: datetime,
        facts: bytes,
        words: bytes | None,
        schema_version: int | None = None,
    ) -> Event:
        """Build the event; `words` is None where it has none, empty where they can't be read.

        Raises `UnknownSchema` for what a newer release has written.
        """
        fields: dict[str, Any] = msgspec.json.decode(facts)
        if words is not None:
            fields |= msgspec.json.decode(words) if words else self.erased
        if schema_version is not None and schema_version != self.schema_version:
            fields = self._upcast(fields, schema_version)
        fields["originator_id"] = stream
        fields["originator_version"] = version
        fields["timestamp"] = at
        if self.creates:
            fields["originator_topic"] = self.aggregate.TOPIC
        return msgspec.convert(fields, self.cls)

    def _upcast(self, fields: dict[str, Any], schema_version: int) -> dict[str, Any]:
        if schema_version > self.schema_version:
            raise UnknownSchema(
                f"an event {self.topic!r} has schema version {schema_version}, and this release knows"
                f" {self.schema_version}: run the release that wrote it, or a newer one"
            )
        for upcast in self.cls.UPCASTERS[schema_version - 1 :]:
            fields = upcast(fields)
        return fields

    def encode_facts(self, event: Event) -> bytes:
        return _encode(event, self.facts)

    def encode_words(self, event: Event) -> bytes | None:
        """JSON of the event's words, or None where it has none."""
        if all(getattr(event, name) is None for name in self.words):
            return None
        return _encode(event, self.words)


class Registry:
    """Every topic that the record may hold; a row of any other is refused, never imported."""

    def __init__(self, aggregates: Iterable[type[Aggregate]]) -> None:
        self.types: dict[str, EventType] = {}
        self.aggregates = {aggregate.TOPIC: aggregate for aggregate in aggregates}
        for aggregate in self.aggregates.values():
            for cls in _events_of(aggregate):
                self.types[cls.TOPIC] = EventType(cls, aggregate)

    def of_topic(self, topic: str) -> EventType:
        try:
            return self.types[topic]
        except KeyError:
            raise UnknownTopic(f"no event type {topic!r} is registered") from None

    def of_event(self, event: Event) -> EventType:
        return self.of_topic(event.TOPIC)


class UnknownSchema(Exception):
    """The record holds an event in a shape that this release doesn't know."""


class UnknownTopic(Exception):
    """The record holds an event of a kind that this release doesn't know."""


def fold(events: Sequence[Event]) -> Aggregate | None:
    """Replay a stream's events, first to last, into its aggregate."""
    aggregate: Any = None
    for event in events:
        aggregate = event.mutate(aggregate)
    return cast("Aggregate | None", aggregate)


def _written_in_chapters(aggregate: type) -> Iterable[tuple[str, Any]]:
    for chapter in reversed(aggregate.__mro__):
        if issubclass(chapter, Chapter) and not issubclass(chapter, Aggregate):
            for name, value in vars(chapter).items():
                is_event = isinstance(value, type) and issubclass(value, Event)
                if is_event or isinstance(value, CommandMethodDecorator):
                    yield name, value


def _events_of(aggregate: type[Aggregate]) -> Iterable[type[Event]]:
    for value in vars(aggregate).values():
        if isinstance(value, type) and issubclass(value, Event) and value.__name__ != "Event":
            yield value


@cache
def _first_of(aggregate: type[Aggregate]) -> type[Created]:
    return next(event for event in _events_of(aggregate) if issubclass(event, Created))


def _mark_of_words(hint: Any) -> dict[str, Any] | None:
    """What marks a field as words, or None for a fact."""
    marks = [
        mark.extra
        for part in (hint, *getattr(hint, "__args__", ()))
        for mark in getattr(part, "__metadata__", ())
        if isinstance(mark, msgspec.Meta) and mark.extra
    ]
    return next((mark for mark in marks if mark.get("words")), None)


def _encode(event: Event, names: tuple[str, ...]) -> bytes:
    fields = {name: getattr(event, name) for name in names}
    return msgspec.json.encode({k: v for k, v in fields.items() if v is not None})
