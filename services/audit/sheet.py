"""The timeline as a spreadsheet takes it (RFC 4180), row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

COLUMNS = (
    "position", "recorded_at", "at", "type", "sentence", "person", "cycle", "actor", "on_behalf_of",
    "cause", "stream", "version", "event_id", "words_sha256", "facts",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def header() -> str:
    """The first line: the names of the columns."""
    return _lines([COLUMNS])


def rows(items: Iterable[Mapping[str, Any]]) -> str:
    """A line an event."""
    return _lines([[_cell(item[column]) for column in COLUMNS] for item in items])


def _cell(value: Any) -> str:
    """As text; what a spreadsheet would take for a formula is marked as text."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(cells: Iterable[Iterable[str]]) -> str:
    written = StringIO()
    csv.writer(written).writerows(cells)
    return written.getvalue()
