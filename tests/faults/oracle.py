"""Decides afterwards, from the journals and the record alone, what was lost or doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path

import asyncpg
import msgspec


@dataclass
class Verdict:
    """What came out; all but the first two must be nought."""

    acknowledged: int = 0
    events: int = 0
    lost: int = 0
    doubled: int = 0
    false_conflicts: int = 0
    gaps: int = 0
    unseen: int = 0
    unverified: int = 0
    deadlocks: int = 0

    @property
    def faults(self) -> dict[str, int]:
        named = [field.name for field in fields(self)][2:]
        return {name: value for name in named if (value := getattr(self, name))}


async def judge(url: str, folder: Path) -> Verdict:
    """Read the journals and the record, and compare."""
    verdict = Verdict()
    heard, sent = _read_journals(folder, verdict)
    admin = await asyncpg.connect(url)
    async with admin.transaction(isolation="repeatable_read", readonly=True):
        causes: Counter[str] = Counter()
        places: dict[tuple[str, int], str] = {}
        for tenant, size in await admin.fetch("SELECT tenant, log_size FROM record.tenant"):
            rows = await admin.fetch(
                "SELECT position, stream, version, meta FROM record.event WHERE tenant = $1"
                " ORDER BY position",
                tenant,
            )
            verdict.events += len(rows)
            verdict.gaps += [row["position"] for row in rows] != list(range(1, size + 1))
            verdict.gaps += _has_version_gap(rows)
            for row in rows:
                cause = msgspec.json.decode(row["meta"]).get("cause", "")
                causes[cause] += 1
                places[str(row["stream"]), row["version"]] = cause
        verdict.doubled = sum(causes[key] - 1 for key in sent if key in causes)
        verdict.lost = sum(places.get(place) != key for key, place in heard.items())
        if await admin.fetchval("SELECT to_regclass('faults.seen') IS NOT NULL"):
            verdict.unseen = await admin.fetchval(
                "SELECT ((SELECT sum(log_size) FROM record.tenant)"
                " - (SELECT count(*) FROM faults.seen))::bigint"
            )
        verdict.deadlocks = await admin.fetchval("SELECT sum(deadlocks)::int FROM pg_stat_database")
    await admin.close()
    return verdict


def _read_journals(folder: Path, verdict: Verdict) -> tuple[dict[str, tuple[str, int]], set[str]]:
    heard: dict[str, tuple[str, int]] = {}
    sent: set[str] = set()
    for journal in folder.glob("journal-*"):
        for line in journal.read_text().splitlines():
            what, key, *rest = line.split(" ")
            if what == "sent":
                sent.add(key)
            elif what == "heard":
                heard[key] = (rest[0], int(rest[1]))
            elif what == "conflict":
                verdict.false_conflicts += 1
    verdict.acknowledged = len(heard)
    return heard, sent


def _has_version_gap(rows: list[asyncpg.Record]) -> bool:
    reached: dict[object, int] = {}
    for row in rows:
        if row["version"] != reached.get(row["stream"], 0) + 1:
            return True
        reached[row["stream"]] = row["version"]
    return False
