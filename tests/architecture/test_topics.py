"""Events age: each kind and version has one golden sample, which is only ever added to.

CAIRN_WRITE_GOLDEN=1 pytest tests/architecture/test_topics.py writes the missing samples, and never
overwrites any. A field that is added needs a default; any other change needs a new SCHEMA_VERSION.
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import pytest

from console.registry import REGISTRY
from services.audit.sentences import TOPICS, sentence_of
from services.cycles.policy import Terms
from services.cycles.progress import TOPICS as MOVING
from shared.eventstore.events import EventType
from workflows.relay import WAKES

GOLDEN = Path(__file__).parents[1] / "history" / "events"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STREAM = UUID("01900000-0000-7000-8000-000000000001")
TYPES = list(REGISTRY.types.values())
PAST = r"(ed|wn|began|left|set|done|held)$"


def file_of(kind: EventType) -> Path:
    return GOLDEN / f"{kind.topic}.v{kind.schema_version}.json"


def sample(kind: EventType) -> dict[str, Any]:
    hints = get_type_hints(kind.cls)

    def value(name: str) -> Any:
        hint = str(hints[name])
        if "UUID" in hint:
            return str(STREAM)
        if "datetime.datetime" in hint:
            return "2026-03-02T09:00:00Z"
        if "datetime.date" in hint:
            return "2026-03-02"
        if "Terms" in hint:
            return json.loads(msgspec.json.encode(Terms()))
        if "tuple" in hint:
            return ["one", "two"]
        if "bool" in hint:
            return True
        return 3 if "int" in hint else f"some {name}"

    return {
        "topic": kind.topic,
        "schema_version": kind.schema_version,
        "facts": {name: value(name) for name in kind.facts},
        "words": {name: value(name) for name in kind.words},
    }


@pytest.fixture(scope="module", autouse=True)
def _write_missing() -> None:
    if os.environ.get("CAIRN_WRITE_GOLDEN"):
        for kind in TYPES:
            if not file_of(kind).exists():
                file_of(kind).write_text(json.dumps(sample(kind), indent=2) + "\n")


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.topic)
def test_every_kind_of_event_has_a_golden_sample(kind: EventType) -> None:
    golden = json.loads(file_of(kind).read_text())
    assert set(golden["facts"]) <= set(kind.facts), "a field is gone: bump SCHEMA_VERSION"
    assert set(golden["words"]) == set(kind.words) & (set(golden["words"]) | set(kind.words)), (
        "words and facts have changed places: bump SCHEMA_VERSION"
    )


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_sample_is_still_read(path: Path) -> None:
    golden = json.loads(path.read_text())
    kind = REGISTRY.of_topic(golden["topic"])
    words = json.dumps(golden["words"]).encode() if golden["words"] else None
    event = kind.decode(STREAM, 1, AT, json.dumps(golden["facts"]).encode(), words)
    for name, value in (golden["facts"] | golden["words"]).items():
        assert json.loads(msgspec.json.encode(getattr(event, name))) == value


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
