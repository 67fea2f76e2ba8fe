"""The geometry of the charts: what the templates draw as SVG, in hundredths of a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GAP = 0.4


@dataclass(frozen=True)
class Piece:
    """A part of a bar: what it stands for, how many, from where and how wide."""

    name: str
    count: int
    x: float
    width: float


def stacked(parts: Mapping[str, int], whole: int) -> tuple[Piece, ...]:
    """Parts of a whole beside each other, with a gap between them; empty ones are left out."""
    pieces: list[Piece] = []
    x = 0.0
    for name, count in parts.items():
        width = 100 * count / whole if whole else 0.0
        if count:
            pieces.append(Piece(name, count, round(x, 2), round(max(width - GAP, GAP), 2)))
        x += width
    return tuple(pieces)
