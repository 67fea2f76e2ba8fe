"""Checks an erasure's certificate without a server: as it was answered, or its signed note alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from services.people.certificate import FORMAT, lines_of
from shared.errors import Invalid
from shared.eventstore.verify import Failed, open_note

_LONGEST = 1 << 20


@dataclass(frozen=True)
class Certified:
    """What was certified, and by whom: the lines that were signed."""

    origin: str
    subject: str
    depth: str
    erased_at: str
    copies: tuple[str, ...]


def is_certificate(path: Path) -> bool:
    """Whether a file is one, rather than a bundle."""
    return path.stat().st_size <= _LONGEST and _note_of(path.read_bytes()) is not None


def check_certificate(path: Path, public_key: str | None) -> Certified:
    """Check a certificate, and raise `Failed` with what is wrong with it; `Invalid` without a key."""
    if public_key is None:
        raise Invalid("a certificate holds no key: give the one that you have kept (--public-key)")
    content = path.read_bytes()
    note = _note_of(content) or ""
    kind, origin, *lines = open_note(note, public_key.split(), "the certificate").splitlines()
    if kind != FORMAT:
        raise Failed(f"this is a certificate of format {kind!r}; take the release that wrote it")
    if not all(line.startswith("— ") for line in note.partition("\n\n")[2].splitlines()):
        raise Failed("more stands in it than was signed")
    if (told := _told(content)) is not None and not _is_signed(told, lines):
        raise Failed("it says something else than what was signed")
    subject, depth, erased_at = lines[0].split(" ")
    return Certified(origin, subject, depth, erased_at, tuple(lines[1:]))


def _is_signed(told: dict[str, Any], lines: list[str]) -> bool:
    try:
        return lines_of(told) == lines
    except (KeyError, TypeError):
        return False


def _note_of(content: bytes) -> str | None:
    """The signed note of a certificate, of either kind; None where it is none."""
    told = _told(content)
    note = content.decode(errors="replace") if told is None else told.get("note")
    return note if isinstance(note, str) and note.startswith("cairn-certificate/") else None


def _told(content: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
