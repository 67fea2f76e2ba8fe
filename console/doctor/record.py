"""Keys, followers and clock: what is found through the record itself."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

from console.bootstrap import House, build
from console.doctor.findings import Finding, Findings
from shared.eventstore.durability import Unsafe
from shared.eventstore.rootkeys import FileRootKey, next_of
from shared.settings import Settings

_LATE = timedelta(minutes=1)
_OFF = timedelta(seconds=5)
_SAMPLE = 50


async def look_at_record(settings: Settings) -> Findings:
    """The root key and whether it opens the tenants' keys; then what follows the record."""
    wrong = _root_key(settings)
    yield wrong or Finding("keys", "fine", f"the root key is {settings.root_key_path}")
    if wrong is not None and wrong.state == "wrong":
        return
    try:
        house = await build(settings)
    except Unsafe as unsafe:
        what, _, mend = str(unsafe).partition("; ")
        yield Finding("keys", "wrong", what, mend)
        return
    try:
        yield await _opens(house)
        async for finding in _followers(house):
            yield finding
        yield await _clock(house)
    finally:
        await house.close()


def _root_key(settings: Settings) -> Finding | None:
    path, waiting = settings.root_key_path, next_of(settings.root_key_path)
    mend = "put the root key back that was there; set CAIRN_ROOT_KEY_FILE to where it is"
    try:
        FileRootKey.of_file(path)
    except OSError as refused:
        return Finding("keys", "wrong", f"{path} can't be read ({refused.strerror})", mend)
    except ValueError:
        return Finding("keys", "wrong", f"{path} doesn't hold 64 hexadecimal digits", mend)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) & ~stat.S_IRGRP:
        what = f"{path} can be read or written by others"
        return Finding("keys", "warning", what, f"chmod 600 {path}")
    if waiting.exists():
        what = f"{waiting} waits to replace the root key"
        return Finding("keys", "warning", what, "cairn keys replace-root")
    return None


async def _opens(house: House) -> Finding:
    rows = await house.record.pool.fetch(
        "SELECT tenant FROM record.tenants() ORDER BY random() LIMIT $1", _SAMPLE
    )
    for row in rows:
        if not await house.record.vault.opens(row["tenant"]):
            return Finding(
                "keys",
                "wrong",
                f"the root key doesn't open the key of tenant {row['tenant']}",
                "put back the root key that this database was written with",
            )
    return Finding("keys", "fine", f"it opens the keys of all tenants: {len(rows)}")


async def _followers(house: House) -> Findings:
    now = house.record.clock.now()
    rows = await house.record.pool.fetch(
        "SELECT * FROM record.follower_lag($1) ORDER BY 1", house.follower_names
    )
    for row in rows:
        name = row["follower"]
        locks = await house.record.pool.fetchval(_LOCKED, f"cairn follower {name} 0/1")
        if not locks:
            yield Finding("followers", "wrong", f"nobody runs {name}", "cairn serve relay")
        elif row["oldest"] is not None and now - row["oldest"] > _LATE:
            yield Finding(
                "followers",
                "wrong",
                f"{name} is {row['events']} events behind in {row['tenants']} tenants,"
                f" since {row['oldest']:%Y-%m-%d %H:%M:%S} UTC",
                "look for `halted` in the relay's log; docs/runbooks/follower-lag.md",
            )
        else:
            yield Finding("followers", "fine", f"{name} is up to date")


async def _clock(house: House) -> Finding:
    there = await house.record.pool.fetchval("SELECT clock_timestamp()")
    off = datetime.now(UTC) - there
    if abs(off) > _OFF:
        return Finding(
            "clock",
            "warning",
            f"this machine's clock is {off.total_seconds():.0f} s off the database's: tokens are"
            " judged by it",
            "timedatectl set-ntp true",
        )
    return Finding("clock", "fine", "agrees with the database's")


_LOCKED = """
SELECT count(*) FROM pg_locks, hashtextextended($1, 0) AS key
 WHERE locktype = 'advisory' AND objsubid = 1
   AND classid::bigint = (key >> 32) & 4294967295 AND objid::bigint = key & 4294967295
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
