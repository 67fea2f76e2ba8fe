"""Files to take along in one zip, with a signed list of their digests; checked without a server.

The list is a note as checkpoints are: the format, the log's name, the moment, then a line a file with
its SHA-256. `keys.txt` holds the public keys; whoever has kept one of their own takes that.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from shared.eventstore.verify import Failed, open_note

FORMAT = "cairn-package/1"
MANIFEST, KEYS = "manifest.txt", "keys.txt"
_FIRST = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 16
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError)
Content = AsyncIterator[bytes]
Seal = Callable[[Mapping[str, str]], Awaitable[tuple[str, list[str]]]]
"""Takes the digests by name; answers the signed list, and the public keys."""


@dataclass(frozen=True)
class Checked:
    """What was checked, and against what."""

    origin: str
    at: str
    files: tuple[str, ...]
    trusted: str


async def packed(files: Mapping[str, Content], seal: Seal) -> AsyncIterator[bytes]:
    """The zip, part by part as it is written; nothing of it is held."""
    sink = _Sink()
    digests: dict[str, str] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            digest = sha256()
            with archive.open(_entry(name), "w") as file:
                async for part in content:
                    digest.update(part)
                    file.write(part)
                    yield sink.taken()
            digests[name] = digest.hexdigest()
        note, keys = await seal(digests)
        archive.writestr(_entry(MANIFEST), note)
        archive.writestr(_entry(KEYS), "".join(f"{key}\n" for key in keys))
    yield sink.taken()


def lines_of(at: str, digests: Mapping[str, str]) -> list[str]:
    """What the list says after its format and the log's name."""
    return [at, *(f"{digest} {name}" for name, digest in digests.items())]


def is_package(path: Path) -> bool:
    """Whether a file is one, rather than a bundle."""
    return zipfile.is_zipfile(path)


def check_package(path: Path, public_key: str | None = None) -> Checked:
    """Check a package, and raise `Failed` with what is wrong with it; of keys, one a line."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _check(archive, public_key)
    except (*_BROKEN, KeyError, UnicodeDecodeError, RuntimeError) as broken:
        raise Failed(f"the package can't be read: {broken}") from None


def _check(archive: zipfile.ZipFile, public_key: str | None) -> Checked:
    own = archive.read(KEYS).decode().splitlines()
    keys = own if public_key is None else public_key.split()
    text = open_note(archive.read(MANIFEST).decode(), keys, "the package")
    kind, origin, at, *listed = text.splitlines()
    if kind != FORMAT:
        raise Failed(f"this is a package of format {kind!r}; take the release that wrote it")
    digests = {name: digest for digest, _, name in (line.partition(" ") for line in listed)}
    names = archive.namelist()
    if sorted(names) != sorted([*digests, MANIFEST, KEYS]):
        raise Failed(f"the package holds {', '.join(sorted(names))}, and not what was signed")
    for name, digest in digests.items():
        if _digest_of(archive, name) != digest:
            raise Failed(f"{name} isn't as it was signed")
    trusted = "the key in the package" if public_key is None else "the key that was given"
    return Checked(origin, at, tuple(digests), trusted)


def _digest_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = sha256()
    with archive.open(name) as file:
        while part := file.read(_CHUNK):
            digest.update(part)
    return digest.hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


class _Sink(io.RawIOBase):
    """Takes what the archive writes, and hands it on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: object) -> int:
        self._parts.append(bytes(part))  # type: ignore[call-overload]
        return len(self._parts[-1])

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
