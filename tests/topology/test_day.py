"""A day in the life of a company in fast time: an upgrade, a fail-over, a fault every few seconds.

`CAIRN_SEED` chooses which faults in which order.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.automaton import check_database
from tests.proving import LONG, Proof, told
from tests.topology.day import SETTINGS, Day
from tests.topology.house import HERE, House
from tests.topology.release import install, previous
from tests.topology.weather import Weather

SEED = int(os.environ.get("CAIRN_SEED", "1"))
FAULTS, EVERY, WRITING = (60, 10.0, 32) if LONG else (4, 1.0, 6)
ROSTER, WAVE = (1_000_000, 100) if LONG else (40, 10)
ROLES = ("platform", "hr", "auditor")
SETTLED = 1_200 if LONG else 240


@contextmanager
def again_by(seed: int) -> Iterator[None]:
    """Say how the same faults are had once more."""
    try:
        yield
    except BaseException as failed:
        failed.add_note(f"Again: CAIRN_SEED={seed} .venv/bin/pytest tests/topology/test_day.py")
        raise


@pytest.mark.timeout(7_200 if LONG else 900)
async def test_a_day_loses_doubles_and_leaks_nothing(
    tmp_path_factory: pytest.TempPathFactory, proof: Proof, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await asyncio.to_thread(install, previous(), tmp_path_factory.mktemp("before"))
    house = House(tmp_path_factory.mktemp("day"), **SETTINGS)
    day, weather = Day(house, SEED, WRITING, ROSTER, WAVE), Weather(house, SEED)
    try:
        with again_by(SEED):
            await house.start(before)
            began = time.monotonic()
            await day.hire()
            hired = time.monotonic()
            house.run(HERE, "migrate")
            migrated = time.monotonic()
            await day.begin()
            await live(house, day, weather)
            await done_once(day)
            await day.end()
            await settled(day)
            audited = await day.audit_everything()
            verdict, twice = await house.judge(weather.url)
            streams = await check_database(weather.url)
            figures = vars(verdict) | {
                "steps doubled": len(twice),
                "webhooks out of order": day.out_of_order(),
                "words in clear": len(day.leaks()),
                "streams possible": sum(streams.values()),
                "events verified": audited,
            }
            faults = sum(weather.told.values())
            done = (
                f"{ROSTER + WRITING:,} people registered in {hired - began:.0f} s, migrated in"
                f" {migrated - hired:.0f} s, a day of theirs in {time.monotonic() - migrated:.0f} s,"
                f" seed {SEED}: rolling upgrade, {faults} faults ({told(dict(weather.told))});"
                f" {told(dict(day.done))} done, {len(day.receiver.got):,} webhook deliveries"
            )
            proof("P1-P7 together", done, told(figures))
            with capsys.disabled():
                sys.stdout.write(f"\n  {done} · {told(figures)}\n")
            assert verdict.faults == {}
            assert twice == []
            assert day.out_of_order() == 0
            assert day.leaks() == []
            assert min(day.done[role] for role in ROLES) > 0
            assert set((await day.cycles()).values()) == {1}
    finally:
        await house.stop()
        await day.receiver.stop()


async def live(house: House, day: Day, weather: Weather) -> None:
    """One fault after the other, a process replaced after each in the morning, a fail-over at noon."""
    to_replace = house.names[4:] + house.names[2:4] + house.names[:2]  # readers before writers
    for hour in range(FAULTS):
        if to_replace:
            await house.replace(to_replace.pop(0))
        await (weather.fail_over() if hour == FAULTS // 2 else weather.strike())
        await day.traffic.go_on(WRITING)
        await asyncio.sleep(EVERY)


async def done_once(day: Day) -> None:
    """Wait until each of them got something done."""
    deadline = time.monotonic() + SETTLED
    while not all(day.done[role] for role in ROLES):
        assert time.monotonic() < deadline, f"somebody got nothing done: {dict(day.done)}"
        await asyncio.sleep(0.2)


async def settled(day: Day) -> None:
    """Wait until the receiver has heard of everything."""
    deadline = time.monotonic() + SETTLED
    while missing := await day.undelivered():
        assert time.monotonic() < deadline, f"{len(missing)} events were not delivered"
        await asyncio.sleep(1)
