"""Explores every state that a model can reach, breadth first, so that a trace to a fault is short."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True)
class Move(Generic[S]):
    """One thing that may happen next. What is no `progress` comes from outside, or is a fault."""

    name: str
    to: S
    progress: bool = True


@dataclass(frozen=True)
class Found:
    """What came out: how many states there are, and if a rule doesn't hold, how that happens."""

    states: int
    broken: str | None = None
    trace: tuple[str, ...] = ()


def explore(
    start: S,
    moves: Callable[[S], Iterable[Move[S]]],
    wrong: Callable[[S], str | None],
    unfinished: Callable[[S], str | None],
) -> Found:
    """Visit every state, and stop at the first that is wrong.

    `wrong` judges each state; `unfinished` those in which nothing goes on by itself any more.
    Whatever goes on by itself must also come to an end.
    """
    came_from: dict[S, tuple[S, str] | None] = {start: None}
    onward: dict[S, list[S]] = {}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        found = list(moves(state))
        onward[state] = [move.to for move in found if move.progress]
        broken = wrong(state) or (unfinished(state) if not onward[state] else None)
        if broken:
            return Found(len(came_from), broken, _trace(came_from, state))
        for move in found:
            if move.to not in came_from:
                came_from[move.to] = (state, move.name)
                waiting.append(move.to)
    endless = _endless(onward)
    if endless is not None:
        return Found(len(came_from), "it goes round for ever", _trace(came_from, endless))
    return Found(len(came_from))


def _trace(came_from: dict[S, tuple[S, str] | None], state: S) -> tuple[str, ...]:
    names: list[str] = []
    while (step := came_from[state]) is not None:
        state, name = step
        names.append(name)
    return tuple(reversed(names))


def _endless(onward: dict[S, list[S]]) -> S | None:
    """A state from which what goes on by itself never ends; by taking away those where it does."""
    before: dict[S, list[S]] = {}
    left = {state: len(following) for state, following in onward.items()}
    for state, following in onward.items():
        for each in following:
            before.setdefault(each, []).append(state)
    ended = [state for state, count in left.items() if count == 0]
    while ended:
        for state in before.get(ended.pop(), ()):
            left[state] -= 1
            if left[state] == 0:
                ended.append(state)
    return next((state for state, count in left.items() if count > 0), None)
