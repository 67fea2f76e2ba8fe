"""What the platform remembers of Cairn: each event once, in a file that survives a restart."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from threading import Lock

from cairn_client.schemas import CloudEvent

_TABLES = """
CREATE TABLE IF NOT EXISTS event (position INTEGER PRIMARY KEY, told_by TEXT, event TEXT);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT);
"""


class Store:
    """Events by their positions, and notes such as the webhook's secret."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.executescript(_TABLES)
        self._lock = Lock()

    def keep(self, event: CloudEvent, told_by: str) -> bool:
        """Keep an event; false where it was kept before, which a second delivery is nothing to."""
        with self._lock:
            done = self._database.execute(
                "INSERT OR IGNORE INTO event VALUES (?, ?, ?)",
                (event["position"], told_by, json.dumps(event)),
            )
            return bool(done.rowcount)

    def last_without_gap(self) -> int:
        """Up to where nothing is missing: from there the feed has to be asked."""
        found = self._one(
            "SELECT coalesce(min(position), 1) - 1 FROM (SELECT position + 1 AS position FROM event"
            " UNION SELECT 1) WHERE position NOT IN (SELECT position FROM event)"
        )
        return int(found or 0)

    def counts(self) -> dict[str, int]:
        """How many events each of the two ways has told first."""
        with self._lock:
            rows = self._database.execute("SELECT told_by, count(*) FROM event GROUP BY told_by")
            return dict(rows.fetchall())

    def events(self) -> list[CloudEvent]:
        """All events, in order."""
        with self._lock:
            rows = self._database.execute("SELECT event FROM event ORDER BY position").fetchall()
        return [json.loads(text) for (text,) in rows]

    def note(self, name: str, value: str) -> None:
        """Remember something."""
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str | None:
        """What was noted, if it was."""
        return self._one("SELECT value FROM note WHERE name = ?", name)

    def _one(self, statement: str, *values: str) -> str | None:
        with self._lock:
            row = self._database.execute(statement, values).fetchone()
        return row[0] if row else None
