"""Files that belong to ids of ours, in one directory; nothing that somebody sent names a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

_BUFFER = 1 << 20


@dataclass(frozen=True)
class Written:
    """How long a file is, and its digest in hexadecimal."""

    length: int
    sha256: str


class Folder:
    """Writes each file beside its place and moves it there once it is whole."""

    def __init__(self, directory: Path, ending: str) -> None:
        self._directory = directory
        self._ending = ending

    def place(self, id_: UUID) -> str:
        """Where the file of an id is."""
        return str(self._directory / f"{id_}.{self._ending}")

    def so_far(self, id_: UUID) -> int:
        """How many bytes are written of a file that isn't whole yet."""
        part = self._part(id_)
        return part.stat().st_size if part.exists() else 0

    async def write(self, id_: UUID, parts: AsyncIterator[bytes]) -> Written:
        """Write a file part by part; nobody else may read it."""
        part, digest, length = self._part(id_), sha256(), 0
        await asyncio.to_thread(self._prepare, part)
        with part.open("wb", buffering=_BUFFER) as file:
            async for content in parts:
                digest.update(content)
                length += len(content)
                file.write(content)
        part.replace(self.place(id_))
        return Written(length, digest.hexdigest())

    def remove(self, id_: UUID) -> None:
        """Delete a file, where it is there."""
        Path(self.place(id_)).unlink(missing_ok=True)

    def _part(self, id_: UUID) -> Path:
        return Path(f"{self.place(id_)}.part")

    def _prepare(self, part: Path) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.touch(mode=0o600)
