"""Reads of the record (S5, S6, S11), each beside what it is compared with, over what was appended."""

from __future__ import annotations

import hashlib
import io
import statistics
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from bench.whole import Line
from console.bootstrap import House
from console.rebuild import rebuild_read_models
from services.conversation.domain import Conversation
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.sealing import Row
from shared.eventstore.verify import verify
from shared.settings import Settings

ROUNDS = 3
TENANT = "tenant-1"
"""Whose conversation is loaded."""


async def measure(house: House, settings: Settings, stream: UUID) -> list[Line]:
    """S5, S6 and S11 over what the appends have left; S6 loads the stream."""
    return [await rebuild(house, settings), await load(house, stream), await offline(house)]


async def rebuild(house: House, settings: Settings) -> Line:
    """S5: events a second into all lists, beside decoding the same rows alone."""
    began = time.perf_counter()
    events = await rebuild_read_models(settings, lambda *_: None)
    ours = events / (time.perf_counter() - began)
    rows = []
    for tenant in [f"tenant-{number}" for number in range(32)]:
        found = await house.record.pool.fetch("SELECT * FROM record.read_log($1, 0, 5000)", tenant)
        rows += [Row(*values) for values in found]
    began = time.perf_counter()
    house.record.read_facts(rows)
    alone = len(rows) / (time.perf_counter() - began)
    return (
        f"S5 rebuild of all lists, {events:,} events",
        f"{ours:,.0f} /s",
        f"decoding alone {alone:,.0f} /s",
        f"{ours / alone:.2f} ×",
    )


async def load(house: House, stream: UUID) -> Line:
    """S6: a conversation of 20 events, decrypted and folded, beside a bare SELECT of its rows."""
    pool = house.record.pool

    async def ours() -> None:
        await house.record.load(Conversation, TENANT, stream)

    async def select() -> None:
        await pool.fetch("SELECT * FROM record.read_stream($1, $2, NULL, NULL)", TENANT, stream)

    pairs = [(await p50(select), await p50(ours)) for _ in range(ROUNDS)]
    floor, whole = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    return (
        "S6 load of 20 events, p50",
        f"{whole:.2f} ms",
        f"bare SELECT {floor:.2f} ms",
        f"{ratio:.2f} × (goal ≤ 2)",
    )


async def p50(call: Callable[[], Awaitable[None]]) -> float:
    """The median of 300 calls, in milliseconds."""
    times = []
    for _ in range(300):
        began = time.perf_counter()
        await call()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


async def offline(house: House) -> Line:
    """S11: a whole log checked offline, beside SHA-256 over the bytes of its bundle."""
    bundler = Bundler(house.record, house.ledger)
    data = b"".join([line async for line in bundler.lines("tenant-0", Selection())])
    best_hash, best_verify = float("inf"), float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        hashlib.sha256(data).digest()
        best_hash = min(best_hash, time.perf_counter() - began)
        began = time.perf_counter()
        report = verify(io.BytesIO(data))
        best_verify = min(best_verify, time.perf_counter() - began)
    return (
        f"S11 offline verification, {report.events:,} events, {len(data) / 1e6:.0f} MB",
        f"{len(data) / best_verify / 1e6:,.0f} MB/s ({report.events / best_verify:,.0f} events/s)",
        f"SHA-256 {len(data) / best_hash / 1e6:,.0f} MB/s",
        f"{best_hash / best_verify:.3f} ×",
    )
