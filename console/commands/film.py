"""`cairn audit replay --step`: a conversation, plan or cycle as a film in the terminal."""

from __future__ import annotations

import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

from console.bootstrap import build
from console.commands.audit import TOPICS, auditor, uuid_of
from services.audit.film import Frame
from shared.settings import Settings

Step = tuple[dict[str, Any], Frame]
_ON, _BACK, _END = frozenset("n \n\r"), frozenset("bp"), frozenset("q\x03\x04\x1b")


async def show_film(settings: Settings, tenant: str, kind: str, id_: str, language: str) -> None:
    """Show each step; with keys at a terminal, else all of them one after the other."""
    house = await build(settings)
    try:
        audit = house.oversight.audit
        steps = await audit.film(auditor(tenant), TOPICS[kind], uuid_of(id_), language)
    finally:
        await house.close()
    console = Console(highlight=False)
    if sys.stdin.isatty() and console.is_terminal:
        with _single_keys() as keys:
            play(console, steps, keys)
    else:
        for number, step in enumerate(steps, 1):
            _show(console, step, number, len(steps))


def play(console: Console, steps: list[Step], keys: Iterator[str]) -> None:
    """Go on, back, or end, as the keys say; the film doesn't run over its ends."""
    at = 0
    while True:
        console.clear()
        _show(console, steps[at], at + 1, len(steps))
        console.print("[dim]n next · b back · q quit[/dim]")
        key = next(keys, "q")
        if key in _END:
            return
        at = min(max(at + (key in _ON) - (key in _BACK), 0), len(steps) - 1)


def _show(console: Console, step: Step, number: int, of: int) -> None:
    item, frame = step
    when = item["at"][:19].replace("T", " ")
    place = f"[bold]{number} of {of}[/bold]  {when}  position {item['position']}"
    console.print(place, item["actor"], sep="  ")
    console.print(item["sentence"], markup=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, entry in _entries(frame.state):
        mark = "→" if name in frame.touched else " "
        table.add_row(mark, name, _told(entry), style="bold" if mark != " " else None)
    console.print(table)
    console.print()


def _entries(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, entry in state.items():
        if "event" in entry:
            yield name, entry
        else:
            yield from ((f"{name}/{part}", one) for part, one in entry.items())


def _told(entry: dict[str, Any]) -> str:
    hidden = {"at", "event", "by", "version", "words_sha256"}
    facts = " · ".join(f"{k}: {v}" for k, v in entry.items() if k not in hidden)
    words = f"words {entry['words_sha256'][:12]}" if "words_sha256" in entry else ""
    return " · ".join(part for part in (entry["event"], words, facts) if part)


@contextmanager
def _single_keys() -> Iterator[Iterator[str]]:
    """Keys as they are pressed, without Enter; the terminal is as before afterwards."""
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle)
        yield iter(lambda: sys.stdin.read(1), "")
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)
