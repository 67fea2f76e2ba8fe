"""The automaton itself: it lets a whole life pass, and stops at every kind of mistake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.automaton import Impossible, check_cycle, check_ending

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIFE: list[tuple[str, dict[str, Any]]] = [
    ("started", {}),
    ("conversation_opened", {"round": 1, "conversation": "c1", "tells": ["employee", "partner"]}),
    ("nudged", {"number": 1, "tells": ["employee"]}),
    ("nudge_withheld", {"number": 2}),
    ("partner_nudged", {"turn": "t1", "number": 1}),
    ("escalated", {"turn": "t1"}),
    ("suspended", {"reason": "leave", "own": True}),
    ("resumed", {"reason": "leave"}),
    ("planning_opened", {}),
    ("development_began", {}),
    ("check_in_asked", {"number": 1}),
    ("follow_up_opened", {"conversation": "c2"}),
    ("nudged", {"number": 1}),
    ("round_completed", {"round": 1}),
    ("conversation_opened", {"round": 2, "conversation": "c3"}),
    ("rested", {}),
    ("closed", {}),
    ("notice_sent", {"notice": "1", "to": "employee"}),
]


def run(life: list[tuple[str, dict[str, Any]]]) -> None:
    check_cycle(
        (f"cycles.{what}", AT + timedelta(days=number), facts, str(number))
        for number, (what, facts) in enumerate(life)
    )


def test_a_whole_life_is_possible() -> None:
    run(LIFE)


@pytest.mark.parametrize(
    "number", [n for n in range(len(LIFE)) if LIFE[n][0] not in {"nudge_withheld"}]
)
def test_nothing_happens_twice(number: int) -> None:
    if LIFE[number][0] in {"suspended"}:
        return  # a suspension may be said again, with another end
    with pytest.raises(Impossible):
        run([*LIFE[: number + 1], *LIFE[number:]])


@pytest.mark.parametrize("missing", [0, 1, 2, 4, 6, 8, 9, 11, 13])
def test_nothing_is_skipped(missing: int) -> None:
    with pytest.raises(Impossible):
        run([*LIFE[:missing], *LIFE[missing + 1 :]])


@pytest.mark.parametrize(
    "wrong",
    [
        ("nudged", {"number": 4}),
        ("conversation_opened", {"round": 2, "conversation": "c9"}),
        ("check_in_asked", {"number": 1}),
        ("notice_sent", {"notice": "9", "to": "employee"}),
        ("notice_sent", {"notice": "1", "to": "hr"}),
        ("resumed", {}),
    ],
)
def test_what_comes_at_the_wrong_time_is_found(wrong: tuple[str, dict[str, Any]]) -> None:
    with pytest.raises(Impossible):
        run([*LIFE[:4], wrong])


def test_nothing_is_sent_to_somebody_who_is_away() -> None:
    with pytest.raises(Impossible):
        run([*LIFE[:7], ("nudged", {"number": 3, "tells": ["employee"]})])


def test_time_doesnt_run_backwards() -> None:
    with pytest.raises(Impossible):
        check_cycle(
            [("cycles.started", AT, {}, "0"), ("cycles.closed", AT - timedelta(days=1), {}, "1")]
        )


@pytest.mark.parametrize(
    ("kind", "events"),
    [
        ("conversation", ["answer_recorded"]),
        ("conversation", ["opened", "opened"]),
        ("conversation", ["opened", "concluded", "answer_revised"]),
        ("conversation", ["opened", "declined", "concluded"]),
        ("plan", ["drafted", "closed", "goal_set"]),
        ("plan", ["drafted", "completed", "closed"]),
    ],
)
def test_what_has_ended_stays_ended(kind: str, events: list[str]) -> None:
    with pytest.raises(Impossible):
        check_ending(kind, [(f"{kind}.{what}", AT, {}, str(n)) for n, what in enumerate(events)])
