"""Shows on standard error how far a long command has come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress(what: str, of: str) -> Iterator[Callable[[int, int | None], None]]:
    """Answers a function that takes how many are done, and of how many (None: as before)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TextColumn(of), TimeRemainingColumn(), console=Console(stderr=True)
    ) as bar:
        task = bar.add_task(what, total=None)

        latest: tuple[int, int | None] = (0, None)
        shown = 0.0

        def show(done: int, total: int | None) -> None:
            nonlocal latest, shown
            latest = (done, total)
            if (now := time.monotonic()) > shown + _SECONDS:  # an update costs more than an event
                shown = now
                bar.update(task, completed=done, total=total)

        yield show
        bar.update(task, completed=latest[0], total=latest[1])


_SECONDS = 0.1
