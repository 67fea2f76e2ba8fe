"""Migrations only add, so that the release before goes on beside the new one (docs/adr/0044).

What takes away waits for the release after, and says so: `-- contract: nobody has read it since 0.3.0`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "eventstore" / "migrations"
BEFORE_THE_FIRST_RELEASE = "0044"
TAKES_AWAY = (
    r"\bDROP (TABLE|COLUMN|FUNCTION|SCHEMA|ROLE|VIEW)\b|\bRENAME\b|\bALTER (COLUMN )?\w+ TYPE\b"
    r"|\bSET NOT NULL\b|\bREVOKE\b(?!.*FROM PUBLIC)|\bADD COLUMN\b(?!.*DEFAULT).*NOT NULL"
)


def complaints(text: str) -> list[str]:
    if "-- contract:" in text:
        return []
    statements = re.sub(r"--[^\n]*", "", text)
    return [match[0] for match in re.finditer(TAKES_AWAY, statements, re.IGNORECASE)]


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.name)
def test_a_migration_adds_and_takes_nothing_away(file: Path) -> None:
    if file.name >= BEFORE_THE_FIRST_RELEASE:
        assert complaints(file.read_text()) == []
    assert re.match(r"\d{4}_[a-z_]+\.sql", file.name)


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("CREATE TABLE record.more (tenant text NOT NULL)", False),
        ("ALTER TABLE record.event ADD COLUMN note text", False),
        ("ALTER TABLE record.event ADD COLUMN note text NOT NULL DEFAULT ''", False),
        ("REVOKE EXECUTE ON FUNCTION record.more FROM PUBLIC", False),
        ("ALTER TABLE record.event ADD COLUMN note text NOT NULL", True),
        ("DROP FUNCTION record.append", True),
        ("ALTER TABLE record.event RENAME COLUMN a TO b", True),
        ("ALTER TABLE record.event ALTER COLUMN a TYPE bigint", True),
        ("-- contract: nobody has called it since 0.3.0\nDROP FUNCTION record.append", False),
    ],
)
def test_what_takes_away_is_noticed(text: str, takes: bool) -> None:
    assert bool(complaints(text)) is takes
