"""Events age: each kind and version has one golden sample, which is only ever added to.

CAIRN_WRITE_GOLDEN=1 pytest tests/architecture/test_topics.py writes the missing samples, and never
overwrites any. A field that is added needs a default; any other change needs a new SCHEMA_VERSION.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import pytest

from console.registry import AGGREGATES, REGISTRY
from services.audit.sentences import TOPICS, sentence_of
from services.cycles.fold import TOPICS as MOVING
from services.cycles.policy import Terms
from shared.eventstore.events import Aggregate, EventType
from workflows.relay import WAKES

GOLDEN = Path(__file__).parents[1] / "history" / "events"
SHAPES = Path(__file__).parents[1] / "history" / "shapes.json"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STREAM = UUID("01900000-0000-7000-8000-000000000001")
TYPES = list(REGISTRY.types.values())
SAMPLES: dict[str, Any] = {
    "people": [str(STREAM)],
    "left_out": [str(STREAM)],
    "unusable": [[3, "unknown"]],
    "excluded": [[str(STREAM), "left"]],
}
"""Lists of more than words."""
PAST = r"(ed|wn|began|left|set|sent|done|held|chosen|read|written)$"


def file_of(kind: EventType) -> Path:
    return GOLDEN / f"{kind.topic}.v{kind.schema_version}.json"


def sample(kind: EventType) -> dict[str, Any]:
    hints = get_type_hints(kind.cls)
    return {
        "topic": kind.topic,
        "schema_version": kind.schema_version,
        "facts": {name: value(name, hints[name]) for name in kind.facts},
        "words": {name: value(name, hints[name]) for name in kind.words},
    }


def value(name: str, hint: Any) -> Any:
    """A made-up value of a field's type, as JSON."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    if hint is Terms:
        return json.loads(msgspec.json.encode(Terms()))
    if get_origin(hint) in {Union, UnionType}:
        return value(name, kinds[0])
    if get_origin(hint) is tuple and name in SAMPLES:
        return SAMPLES[name]
    if get_origin(hint) is tuple:
        return ["one", "two"] if kinds[0] is str else [value(name, kinds[0])]
    if get_origin(hint) is dict:
        return {"one": value(name, kinds[1])}
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        tag = {"type": hint.__struct_config__.tag} if hint.__struct_config__.tag else {}
        hints = get_type_hints(hint)
        return tag | {field: value(field, hints[field]) for field in hint.__struct_fields__}
    simple = {UUID: str(STREAM), datetime: AT.strftime("%Y-%m-%dT%H:%M:%SZ"), date: "2026-03-02"}
    return ({bool: True, int: 3} | simple).get(hint, f"some {name}")


@pytest.fixture(scope="module", autouse=True)
def _write_missing() -> None:
    if os.environ.get("CAIRN_WRITE_GOLDEN"):
        for kind in TYPES:
            if not file_of(kind).exists():
                file_of(kind).write_text(json.dumps(sample(kind), indent=2) + "\n")
        known = json.loads(SHAPES.read_text()) if SHAPES.exists() else {}
        for kind in TYPES:
            known[name_of(kind)] = shape(kind) | known.get(name_of(kind), {})
        SHAPES.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def name_of(kind: EventType) -> str:
    return f"{kind.topic}.v{kind.schema_version}"


def shape(kind: EventType) -> dict[str, str]:
    """Each field's type, and whether it is words: what may not change within a schema version."""
    hints = get_type_hints(kind.cls)
    return {
        name: str(hints[name]) + (" (words)" if name in kind.words else "")
        for name in (*kind.facts, *kind.words)
    }


def complaints(kind: EventType, known: dict[str, str]) -> list[str]:
    """What has changed although the schema version hasn't."""
    now = shape(kind)
    fields = {field.name: field for field in msgspec.structs.fields(kind.cls)}
    return [
        *(f"{name} was {was} and is {now.get(name)}" for name, was in known.items()
          if now.get(name) != was),
        *(f"{name} is new and has no default" for name in now
          if name not in known and fields[name].required),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.topic)
def test_no_event_has_changed_its_shape_without_a_new_schema_version(kind: EventType) -> None:
    known = json.loads(SHAPES.read_text())
    assert name_of(kind) in known, "run this file with CAIRN_WRITE_GOLDEN=1"
    assert complaints(kind, known[name_of(kind)]) == []
    assert set(shape(kind)) == set(known[name_of(kind)]), "run with CAIRN_WRITE_GOLDEN=1"


def test_a_changed_shape_is_noticed() -> None:
    kind = REGISTRY.of_topic("plan.goal_set")
    known = shape(kind)
    assert complaints(kind, known) == []
    assert complaints(kind, known | {"goal": "<class 'int'>"}) != []
    assert complaints(kind, known | {"gone": "<class 'str'>"}) != []
    assert complaints(kind, {name: hint for name, hint in known.items() if name != "goal"}) != []


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.topic)
def test_every_kind_of_event_has_a_golden_sample(kind: EventType) -> None:
    golden = json.loads(file_of(kind).read_text())
    assert set(golden["facts"]) <= set(kind.facts), "a field is gone: bump SCHEMA_VERSION"
    assert set(golden["words"]) <= set(kind.words), (
        "words and facts have changed places, or a field is gone: bump SCHEMA_VERSION"
    )


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_sample_is_still_read(path: Path) -> None:
    golden = json.loads(path.read_text())
    kind = REGISTRY.of_topic(golden["topic"])
    words = json.dumps(golden["words"]).encode() if golden["words"] else None
    facts = json.dumps(golden["facts"]).encode()
    event = kind.decode(STREAM, 1, AT, facts, words, golden["schema_version"])
    if golden["schema_version"] < kind.schema_version:
        return  # its upcasters have made today's event of it
    for name, value in (golden["facts"] | golden["words"]).items():
        now = json.loads(msgspec.json.encode(getattr(event, name)))
        if isinstance(value, dict):  # what was added to it since has a default
            now = {key: now[key] for key in value}
        assert now == value


def test_topics_say_context_and_what_happened() -> None:
    for topic in REGISTRY.types:
        context, _, happened = topic.partition(".")
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", topic)
        assert context in REGISTRY.aggregates
        assert any(re.search(PAST, word) for word in happened.split("_")), topic


def test_every_topic_has_its_sentence_and_no_sentence_is_left_over() -> None:
    assert set(REGISTRY.types) == TOPICS
    for kind in TYPES:
        assert "{" not in sentence_of(kind.topic, sample(kind)["facts"])


def test_whoever_names_a_topic_names_one_that_exists() -> None:
    assert set(REGISTRY.types) >= MOVING
    assert set(REGISTRY.types) >= WAKES


def test_every_aggregate_says_whom_it_is_about() -> None:
    assert [each for each in AGGREGATES if each.subject is Aggregate.subject] == []
