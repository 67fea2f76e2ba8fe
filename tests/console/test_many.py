"""A whole company at once: its roster, and a batch of everybody three times, once half malformed."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from bench.peak import behind
from tests.console.test_up import Running, until
from tests.proving import LONG, Proof, told

COUNT = 10_000 if LONG else 300
ANSWERING = [f"ana{number}" for number in range(40 if LONG else 4)]
IDLE_SECONDS = 60 if LONG else 3
ENDS_WITHIN = 900 if LONG else 480
"""Seconds; there is time left in which to say so."""
PEOPLE = [f"p{number}" for number in range(COUNT)]
HALF_MALFORMED = [p if n % 2 else f"not an id {n}" for n, p in enumerate(PEOPLE)]


@pytest.mark.timeout(3600 if LONG else 600)
def test_a_company_is_imported_and_its_batch_started_three_times(
    tmp_path_factory: pytest.TempPathFactory, proof: Proof
) -> None:
    folder = tmp_path_factory.mktemp("many")
    running = Running(folder, CAIRN_LIMIT_MACHINES="0", CAIRN_LIMIT_PEOPLE="0").start()
    try:
        platform = running.caller("acme", "platform")
        platform.timeout = 300
        answering, nothing = answer_of(running), doing_nothing(running)
        figures: dict[str, Any] = {"people": COUNT}
        for status in ("created", "unchanged"):
            began = time.monotonic()
            lines = running.roster("acme", PEOPLE, partner=ANSWERING[0])
            assert {line["status"] for line in lines} == {status}
            figures[f"seconds of import, {status}"] = round(time.monotonic() - began, 1)
        asyncio.run(behind(running.state))
        with beside(answering) as idle, beside(nothing) as nothing_idle:
            time.sleep(IDLE_SECONDS)
        with beside(answering) as busy, beside(nothing) as nothing_busy:
            batches = [requested(platform, HALF_MALFORMED, figures)]
            batches += [requested(platform, PEOPLE, figures) for _ in range(2)]
            ended = [ended_batch(platform, batch) for batch in batches]
        half, whole, again = ended
        assert {each["index"] for each in half["exclusions"]} == set(range(0, COUNT, 2))
        assert half["reasons"] == {"malformed": COUNT // 2}
        assert all(each["total"] == each["started"] + each["existing"] for each in (whole, again))
        assert sum(each["started"] for each in ended) == COUNT
        assert sum(each["existing"] for each in ended) == COUNT * 3 // 2
        cycles = all_cycles(platform)
        assert sorted(cycles) == sorted([*PEOPLE, *ANSWERING])
    finally:
        running.stop()
    figures |= {
        "p99 of an answer idle, ms": p99(idle),
        "its p99 meanwhile, ms": p99(busy),
        "p99 of a route that does nothing idle, ms": p99(nothing_idle),
        "of nothing meanwhile, ms": p99(nothing_busy),
    }
    proof("10,000 cycles of three batches", "half of one malformed", told(figures))


def answer_of(running: Running) -> Callable[[], float]:
    """Somebody who answers a question, each time somebody else, and how many milliseconds it took."""
    turn = itertools.cycle([running.opened("acme", who) for who in ANSWERING])

    def answer() -> float:
        who, path = next(turn)
        began = time.perf_counter()
        headers = {"Idempotency-Key": f"{began}"}
        who.put(
            f"{path}/answers/impact", json={"text": f"It is {began}"}, headers=headers
        ).raise_for_status()
        return (time.perf_counter() - began) * 1_000

    return answer


def doing_nothing(running: Running) -> Callable[[], float]:
    """How many milliseconds a route takes that does nothing: what the machine alone costs."""
    client = httpx2.Client(base_url=running.state["api_url"])

    def ask() -> float:
        began = time.perf_counter()
        client.get("/healthz").raise_for_status()
        return (time.perf_counter() - began) * 1_000

    return ask


@contextmanager
def beside(asking: Callable[[], float]) -> Iterator[list[float]]:
    """Ask ten times a second all the while."""
    took: list[float] = []
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.1):
            took.append(asking())

    somebody = threading.Thread(target=go_on)
    somebody.start()
    try:
        yield took
    finally:
        over.set()
        somebody.join()
    assert took, "nobody was answered meanwhile"


def requested(platform: httpx2.Client, people: list[str], figures: dict[str, Any]) -> str:
    """Request a batch; it is acknowledged before anybody's cycle is started."""
    began = time.monotonic()
    answer = platform.post("/v1/cycles:batch", json={"people": people}).raise_for_status().json()
    slowest = max(figures.get("seconds to acknowledge", 0), round(time.monotonic() - began, 2))
    figures["seconds to acknowledge"] = slowest
    assert (answer["state"], answer["total"]) == ("running", COUNT)
    found: str = answer["id"]
    return found


def ended_batch(platform: httpx2.Client, batch: str) -> dict[str, Any]:
    """What came of a batch, once everybody in it was dealt with."""
    path = f"/v1/batches/{batch}"
    until(lambda: platform.get(path).json()["state"] == "finished", ENDS_WITHIN, every=1)
    found: dict[str, Any] = platform.get(path).json()
    return found


def all_cycles(platform: httpx2.Client) -> list[str]:
    """Whose cycles there are, page by page, once the list knows of all of them."""
    found: list[str] = []

    def complete() -> bool:
        found.clear()
        asked: dict[str, Any] = {"limit": 200}
        while True:
            page = platform.get("/v1/cycles", params=asked).raise_for_status().json()
            found.extend(each["person"] for each in page["items"])
            if page["next"] is None:
                return len(found) == COUNT + len(ANSWERING)
            asked["cursor"] = page["next"]

    until(complete, seconds=60)
    return found


def p99(took: list[float]) -> float:
    return round(statistics.quantiles(took, n=100)[98], 1)
