"""Reads a roster as people export it: JSON lines, or CSV with a header line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.errors import Invalid
from shared.http import CUSTOMER_ID

COLUMNS = (
    "person",
    "name",
    "email",
    "partner",
    "partner_since",
    "department",
    "location",
    "legal_entity",
    "timezone",
    "locale",
    "start_date",
    "end_date",
    "status",
)
MOST_LINES = 50_000
_NAMES = ", ".join(COLUMNS)
_SEPARATORS = ",;\t"


class FileUnreadable(Invalid):
    """The file can't be read; send JSON lines, or CSV in UTF-8 whose first line names the columns."""


class LineUnreadable(Invalid):
    """The line is no JSON object in UTF-8."""


class TooManyLines(Invalid):
    """A file has at most 50,000 lines; send it in parts, in any order."""


@dataclass(frozen=True)
class Line:
    """One line: its number in the file, and its fields or what is wrong with it."""

    number: int
    fields: dict[str, Any]
    problem: Invalid | None = None

    @property
    def person(self) -> str | None:
        """Whom the line is about; None where it names nobody by a usable id."""
        person = self.fields.get("person")
        return person if isinstance(person, str) and re.fullmatch(CUSTOMER_ID, person) else None


def read_lines(content: bytes, kind: str) -> list[Line]:
    """The lines of a file of kind `csv` or `ndjson`; empty ones are passed over."""
    content = content.removeprefix(codecs.BOM_UTF8)
    return list(_csv(content) if kind == "csv" else _json_lines(io.BytesIO(content)))


def _json_lines(lines: Iterable[bytes]) -> Iterator[Line]:
    for number, line in enumerate(lines, start=1):
        if number > MOST_LINES:
            raise TooManyLines
        if line.strip():
            try:
                fields = msgspec.json.decode(line, type=dict[str, Any])
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                yield Line(number, {}, LineUnreadable())
            else:
                yield Line(number, fields)


def _csv(content: bytes) -> Iterator[Line]:
    """An empty cell is no value; of `partner` it is nobody, where there is that column."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise FileUnreadable from None
    header = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records = _records(reader)
    columns = _columns(next(records, (1, []))[1])
    for count, (number, cells) in enumerate(records, start=1):
        if count > MOST_LINES:
            raise TooManyLines
        if any(cell.strip() for cell in cells):
            yield _record(number, columns, cells)


def _columns(names: list[str]) -> list[str]:
    columns = [name.strip().lower() for name in names]
    for number, column in enumerate(columns, start=1):
        if column not in COLUMNS:  # its name isn't repeated, for it may be somebody's
            raise FileUnreadable(f"Column {number} of the first line is none of {_NAMES}.")
    if len(set(columns)) < len(columns) or "person" not in columns:
        raise FileUnreadable("The first line names each column once, and `person` among them.")
    return columns


def _records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line on which it begins."""
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as bad:
        raise FileUnreadable(f"Line {number} can't be read as CSV: {bad}.") from None


def _record(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) > len(columns):
        problem = LineUnreadable(f"The line has {len(cells)} cells for {len(columns)} columns.")
        return Line(number, {}, problem)
    values = zip(columns, (cell.strip() or None for cell in cells), strict=False)
    fields = {column: value for column, value in values if value or column == "partner"}
    return Line(number, fields)
