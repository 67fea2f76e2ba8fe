"""What the tenants' keys are under: the one key that is in no database and in no backup.

It may be replaced. What was derived from it to recognise things by (requests, links, forms) is carried
over, so that they are recognised for ever; what was derived to encrypt begins anew, and the earlier one
is kept to read what is there. Both are derived one way: from neither is a root key found again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

REQUESTS, LINKS, FORMS = "cairn request fingerprints", "cairn links in mails", "cairn forms"
PAYLOADS, LOGINS = "cairn temporal payloads", "cairn logins"
_RECOGNISES, _ENCRYPTS = (REQUESTS, LINKS, FORMS), (PAYLOADS,)
_NAME = "cairn name of the root key"
_LINE = re.compile(r"(carried|earlier) ([0-9a-f]{64}) ([a-z ]+)")


class RootKey(Protocol):
    """What wraps the tenants' keys: a file on one machine, a KMS beyond it."""

    @property
    def name(self) -> str:
        """What it is called where nobody may know it."""
        ...

    def wrap(self, key: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes) -> bytes: ...

    def derive(self, purpose: str) -> bytes:
        """Answer 32 bytes for one purpose, the same each time."""
        ...

    def earlier(self, purpose: str) -> list[bytes]:
        """What was derived for a purpose from the root keys before, newest first."""
        ...

    def follow(self, is_it: Callable[[RootKey], bool]) -> bool:
        """Go on with the key that has taken this one's place, where there is one that is it."""
        ...


class FileRootKey:
    """A root key of 32 bytes with what those before have left; the next appears in or by its `file`."""

    def __init__(
        self,
        key: bytes,
        carried: Mapping[str, bytes] | None = None,
        earlier: Mapping[str, list[bytes]] | None = None,
        file: Path | None = None,
    ) -> None:
        if len(key) != 32:
            raise ValueError("a root key has 32 bytes (64 hexadecimal digits in its file)")
        self._file = file
        self._take(key, dict(carried or {}), dict(earlier or {}))

    def _take(self, key: bytes, carried: dict[str, bytes], earlier: dict[str, list[bytes]]) -> None:
        self._key, self._earlier = key, earlier
        self._derived = dict(carried)
        self._carried = carried

    @classmethod
    def of_file(cls, file: Path) -> FileRootKey:
        """Read a file: the key, then a line for all that is left of earlier ones."""
        first, *lines = file.read_text().strip().splitlines() or [""]
        carried: dict[str, bytes] = {}
        earlier: dict[str, list[bytes]] = {}
        for line in lines:
            if (left := _LINE.fullmatch(line)) is None:
                raise ValueError("a line of the root key's file can't be read")
            if left[1] == "carried":
                carried[left[3]] = bytes.fromhex(left[2])
            else:
                earlier.setdefault(left[3], []).append(bytes.fromhex(left[2]))
        return cls(bytes.fromhex(first), carried, earlier, file)

    @property
    def text(self) -> str:
        """What its file holds."""
        carried = [f"carried {key.hex()} {purpose}" for purpose, key in self._carried.items()]
        earlier = [
            f"earlier {key.hex()} {purpose}"
            for purpose, keys in self._earlier.items()
            for key in keys
        ]
        return "\n".join([self._key.hex(), *carried, *earlier, ""])

    def successor(self, key: bytes) -> FileRootKey:
        """The root key that takes this one's place."""
        carried = {purpose: self.derive(purpose) for purpose in _RECOGNISES}
        earlier = {purpose: [self.derive(purpose), *self.earlier(purpose)] for purpose in _ENCRYPTS}
        return FileRootKey(key, carried, earlier)

    def succeeds(self, other: FileRootKey) -> bool:
        """Whether it is a key that was made to take the other one's place."""
        expected = other.successor(self._key)
        return (self._carried, self._earlier) == (expected._carried, expected._earlier)

    @property
    def name(self) -> str:
        return self.derive(_NAME)[:8].hex()

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open a key; where this one doesn't, with the one that has taken its place."""
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap:
            for other in self._others():
                if (opened := other.opens(wrapped)) is not None:
                    self._become(other)
                    return opened
            raise

    def opens(self, wrapped: bytes) -> bytes | None:
        """A key, opened by this very root key; None where it is under another."""
        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap:
            return None

    def derive(self, purpose: str) -> bytes:
        if purpose not in self._derived:
            hkdf = HKDF(hashes.SHA256(), 32, None, purpose.encode())
            self._derived[purpose] = hkdf.derive(self._key)
        return self._derived[purpose]

    def earlier(self, purpose: str) -> list[bytes]:
        return list(self._earlier.get(purpose, ()))

    def follow(self, is_it: Callable[[RootKey], bool]) -> bool:
        for other in self._others():
            if is_it(other):
                self._become(other)
                return True
        return False

    def _others(self) -> list[FileRootKey]:
        """The keys that may have taken this one's place: in its file now, or on their way to it."""
        if self._file is None:
            return []
        there = [file for file in (self._file, next_of(self._file)) if file.exists()]
        return [FileRootKey.of_file(file) for file in there]

    def _become(self, other: FileRootKey) -> None:
        self._take(other._key, other._carried, other._earlier)


def next_of(file: Path) -> Path:
    """Where a root key waits that will take the place of the one in `file`."""
    return file.with_name(f"{file.name}.next")


class NoRootKey:
    """For what reads facts alone: it opens nothing."""

    name = ""

    def wrap(self, key: bytes) -> bytes:
        raise LookupError("there is no root key here")

    unwrap = wrap

    def derive(self, purpose: str) -> bytes:
        return bytes(32)

    def earlier(self, purpose: str) -> list[bytes]:
        return []

    def follow(self, is_it: Callable[[RootKey], bool]) -> bool:
        return False
