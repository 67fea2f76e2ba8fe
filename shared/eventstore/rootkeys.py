"""What the tenants' keys are under: the one key that is in no database and in no backup."""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap


class RootKey(Protocol):
    """What wraps the tenants' keys: a file on one machine, a KMS beyond it."""

    def wrap(self, key: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes) -> bytes: ...

    def derive(self, purpose: str) -> bytes:
        """Answer 32 bytes for one purpose, the same each time."""
        ...


class FileRootKey:
    """A root key of 32 bytes, given as such."""

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError("a root key has 32 bytes (64 hexadecimal digits in its file)")
        self._key = key

    def wrap(self, key: bytes) -> bytes:
        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        return aes_key_unwrap(self._key, wrapped)

    def derive(self, purpose: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, None, purpose.encode()).derive(self._key)


class NoRootKey:
    """For what reads facts alone: it opens nothing."""

    def wrap(self, key: bytes) -> bytes:
        raise LookupError("there is no root key here")

    unwrap = wrap

    def derive(self, purpose: str) -> bytes:
        return bytes(32)
