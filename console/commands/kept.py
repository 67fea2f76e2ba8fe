"""What a reader has kept and hands in again: public keys, and checkpoints as they were answered."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from shared.errors import Invalid

_CHECKPOINT = re.compile(r"[^\n]+\n\d+\n[^\n]+\n(?:[^\n]+\n)*\n— ")


def read_text(file: Path) -> str:
    """A file's text; `Invalid` where it holds none. Raises what opening it raises."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Invalid(f"{file} is no text in UTF-8") from None


def read_checkpoint(file: Path) -> str:
    """The signed note in a file: all of it, or `note` of what `GET /v1/audit/checkpoint` answered.

    `Invalid` where there is none. Raises what opening the file raises.
    """
    text = read_text(file)
    note = _answered(text)
    if not _CHECKPOINT.match(note):
        raise Invalid(f"{file} is no checkpoint")
    return note


class _Answer(msgspec.Struct):
    note: str


def _answered(text: str) -> str:
    try:
        return msgspec.json.decode(text, type=_Answer).note
    except msgspec.DecodeError:
        return text
