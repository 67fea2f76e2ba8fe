"""Encrypts all that Temporal keeps of us, failures too, although it is only ids, codes and dates."""

from __future__ import annotations

import dataclasses
import os
import zlib
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from shared.eventstore.rootkeys import RootKey

_ENCODING = b"binary/cairn"
_NONCE = 12


class UnknownKey(Exception):
    """A payload is under another root key; give the worker the key that it was written with."""


class Codec(PayloadCodec):
    """Packed, then AES-256-GCM under a key derived from the root key; others are read as they are."""

    def __init__(self, root: RootKey) -> None:
        self._aead = AESGCM(root.derive("cairn temporal payloads"))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encoded(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._decoded(payload) for payload in payloads]

    def _encoded(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE)
        packed = zlib.compress(payload.SerializeToString())
        sealed = self._aead.encrypt(nonce, packed, _ENCODING)
        return Payload(metadata={"encoding": _ENCODING}, data=nonce + sealed)

    def _decoded(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != _ENCODING:
            return payload
        try:
            opened = self._aead.decrypt(payload.data[:_NONCE], payload.data[_NONCE:], _ENCODING)
        except InvalidTag:
            raise UnknownKey(" ".join((UnknownKey.__doc__ or "").split())) from None
        return Payload.FromString(zlib.decompress(opened))


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
