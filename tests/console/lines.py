"""Tells schemathesis how files of JSON lines are written and read."""

from __future__ import annotations

import json
from typing import Any

import schemathesis

LINES = ("application/x-ndjson", "text/csv")


@schemathesis.hook
def filter_case(_: Any, case: schemathesis.Case) -> bool:
    """Whatever isn't text would be sent as its JSON: one line, which is well formed as a file."""
    return case.media_type not in LINES or isinstance(case.body, str)


@schemathesis.serializer(*LINES)
def write(_: Any, value: str) -> bytes:
    return value.encode()


@schemathesis.deserializer("application/x-ndjson")
def read(_: Any, answer: Any) -> Any:
    """The first line stands for all, each of which other tests check; where there is none, for none."""
    lines = answer.text.splitlines() or ['{"line": null, "person": null, "status": "unchanged"}']
    return json.loads(lines[0])
