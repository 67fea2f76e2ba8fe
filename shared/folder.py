"""Files that belong to ids of ours, in one directory; nothing that somebody sent names a file.

A file is named by its digest as well. So whoever writes it once more, as an activity that is repeated
while the one before still runs, touches no file but its own; which of them counts is on record. A file
from before that has the name of its id alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

_BUFFER = 1 << 20


@dataclass(frozen=True)
class Written:
    """How long a file is, and its digest in hexadecimal."""

    length: int
    sha256: str


class Folder:
    """Writes each file beside its place and moves it there once all of it is on disk."""

    def __init__(self, directory: Path, ending: str) -> None:
        self._directory = directory
        self._ending = ending

    def takes_files(self) -> bool:
        """Whether files can be written here; makes the directory where there is none yet."""
        try:
            self._make()
        except OSError:
            return False
        return os.access(self._directory, os.W_OK | os.X_OK)

    def place(self, id_: UUID, digest: str) -> str:
        """Where the file of an id is that has this digest; else the one without it in its name."""
        return str(self._found(id_, digest))

    def holds(self, id_: UUID, digest: str) -> bool:
        """Whether that file is there."""
        return self._found(id_, digest).exists()

    def so_far(self, id_: UUID) -> int:
        """How many bytes are written of a file that isn't whole yet."""
        with suppress(FileNotFoundError):  # it is whole since we looked
            return max((part.stat().st_size for part in self._parts(id_)), default=0)
        return 0

    async def write(self, id_: UUID, parts: AsyncIterator[bytes]) -> Written:
        """Write a file part by part; nobody else may read it.

        What others have begun of it is deleted: only the newest who begins comes to its end.
        """
        part, digest, length = self._directory / f"{id_}.{uuid4()}.part", sha256(), 0
        await asyncio.to_thread(self._prepare, id_, part)
        try:
            with part.open("wb", buffering=_BUFFER) as file:
                async for content in parts:
                    digest.update(content)
                    length += len(content)
                    file.write(content)
            written = Written(length, digest.hexdigest())
            await asyncio.to_thread(self._settle, part, self._named(id_, written.sha256))
        finally:
            part.unlink(missing_ok=True)
        return written

    def clear(self, id_: UUID, keep: str | None = None) -> None:
        """Delete whatever there is of an id, but for the file of one digest."""
        kept = keep and self._found(id_, keep)
        for path in self._directory.glob(f"{id_}.*"):
            if path != kept:
                path.unlink(missing_ok=True)

    def _named(self, id_: UUID, digest: str) -> Path:
        return self._directory / f"{id_}.{digest}.{self._ending}"

    def _found(self, id_: UUID, digest: str) -> Path:
        place, before = self._named(id_, digest), self._directory / f"{id_}.{self._ending}"
        return before if before.exists() and not place.exists() else place

    def _parts(self, id_: UUID) -> list[Path]:
        return list(self._directory.glob(f"{id_}.*.part"))

    def _make(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _prepare(self, id_: UUID, part: Path) -> None:
        self._make()
        for other in self._parts(id_):
            other.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)

    def _settle(self, part: Path, place: Path) -> None:
        """Have all of it on disk before it gets its name, and the name before anybody hears of it."""
        sync(part)
        part.rename(place)
        sync(self._directory)


def sync(path: Path) -> None:
    """Have a file's content, or a directory's names, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
