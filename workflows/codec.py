"""Encrypts all that Temporal keeps of us, failures too, although it is only ids, codes and dates.

A payload's encoding names the key that it is under (a field of its own for the name would be the dearest
part of most). Cycles sleep for years: what was written under the root key before is read with the key
that was derived from it for this alone.
"""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Iterable, Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from shared.eventstore.rootkeys import PAYLOADS, RootKey

_UNNAMED, _NAMED = b"binary/cairn", b"cairn/"
_NONCE, _NAME = 12, 4


class UnknownKey(Exception):
    """A payload is under another root key; give the worker the key that it was written with."""


class Codec(PayloadCodec):
    """Packed, then AES-256-GCM under a key derived from the root key; others are read as they are."""

    def __init__(self, root: RootKey) -> None:
        self._root = root
        self._ciphers: dict[bytes, tuple[bytes, AESGCM]] = {}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encoded(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decoded(payload) for payload in payloads]

    def _encoded(self, payload: Payload) -> Payload:
        name, cipher = self._cipher(self._root.derive(PAYLOADS))
        nonce = os.urandom(_NONCE)
        packed = zlib.compress(payload.SerializeToString())
        sealed = cipher.encrypt(nonce, packed, _UNNAMED)
        return Payload(metadata={"encoding": _NAMED + name}, data=nonce + sealed)

    def _decoded(self, payload: Payload) -> Payload:
        encoding = payload.metadata.get("encoding", b"")
        if encoding != _UNNAMED and not encoding.startswith(_NAMED):
            return payload
        name = encoding.removeprefix(_NAMED) if encoding != _UNNAMED else None
        for cipher in self._ciphers_of(name):
            try:
                packed = cipher.decrypt(payload.data[:_NONCE], payload.data[_NONCE:], _UNNAMED)
            except InvalidTag:
                continue
            return Payload.FromString(zlib.decompress(packed))
        raise UnknownKey(" ".join((UnknownKey.__doc__ or "").split()))

    def _ciphers_of(self, name: bytes | None) -> list[AESGCM]:
        """Those of the key of this name; all that there are for a payload of before keys were named."""
        known = self._known()
        if name is not None and name not in (each for each, _ in known):
            self._root.follow(lambda other: self._cipher(other.derive(PAYLOADS))[0] == name)
            known = self._known()
        return [cipher for each, cipher in known if name in (None, each)]

    def _known(self) -> list[tuple[bytes, AESGCM]]:
        keys = [self._root.derive(PAYLOADS), *self._root.earlier(PAYLOADS)]
        return [self._cipher(key) for key in keys]

    def _cipher(self, key: bytes) -> tuple[bytes, AESGCM]:
        if key not in self._ciphers:
            self._ciphers[key] = sha256(key).hexdigest()[: 2 * _NAME].encode(), AESGCM(key)
        return self._ciphers[key]


def converter(root: RootKey) -> DataConverter:
    """What every client and worker of ours reads and writes payloads with."""
    return dataclasses.replace(
        DataConverter.default,
        payload_codec=Codec(root),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


async def for_reading(codec: Codec, payloads: Iterable[Payload]) -> list[Payload]:
    """What ops may see of payloads; what can't be opened stays as it is."""
    shown: list[Payload] = []
    for payload in payloads:
        try:
            shown += await codec.decode([payload])
        except UnknownKey:
            shown.append(payload)
    return shown
