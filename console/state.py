"""The data directory of `cairn up`: held by one at a time, and where commands find its servers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import SecretStr

from console.embedded.children import CannotStart
from shared.settings import Settings

_STATE = "cairn.json"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the data directory; `CannotStart` where another `cairn up` does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = (folder / "cairn.lock").open("a+")
    except OSError as refused:
        raise CannotStart(
            f"{folder} can't be written ({refused.strerror}); choose another --data-dir.", code=4
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(
                f"{folder} is in use by process {lock.read().strip() or '?'}; stop it, or choose"
                " another --data-dir.",
                code=4,
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """`cairn.json`, written whole or not at all, readable for this user only."""
    fresh = folder / f"{_STATE}.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(state, indent=2) + "\n")
    fresh.replace(folder / _STATE)


def remove_state(folder: Path) -> None:
    """Nothing runs there any more."""
    (folder / _STATE).unlink(missing_ok=True)


def with_running_servers(settings: Settings) -> Settings:
    """Fill in what `cairn.json` says, where the environment says nothing."""
    if settings.database_url is not None or settings.database_url_file is not None:
        return settings
    try:
        state = json.loads((settings.data_dir / _STATE).read_text())
    except (OSError, ValueError):
        raise ConnectionError("nothing runs there") from None
    return settings.model_copy(
        update={
            "database_url": SecretStr(state["database_url"]),
            "temporal_address": state["temporal_address"],
            "temporal_ui_url": state["temporal_ui_url"],
            "public_url": state["api_url"],
        }
    )
