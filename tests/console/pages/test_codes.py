"""What happened, told on the pages: every code in words, every day and time in the reader's manner."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from string import Formatter
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest

from console.pages.codes import CODES, DAYS, FREE, MOMENTS, PERIODS, told
from console.pages.frame import Frame, show
from console.pages.language import manner
from console.pages.readers import Read, ReadersPage
from console.registry import REGISTRY
from services.access import MAY, SEES, Artefact, Exemption
from services.audit.sentences import TEMPLATES
from services.conversation.content import FacetKind, Kind
from services.conversation.content import Side as Talking
from services.cycles.progress import FEED_STOPPED, HOLD, INACTIVE, LEAVE, NO_PARTNER
from services.integration.domain import Why as SwitchedOff
from services.people.choosing import HandoverBody
from services.planning.bodies import CheckInBody
from services.planning.content import Decider, Method, Owner, Side
from services.privacy.cases import Reason
from services.privacy.correcting import Original
from services.privacy.requests import RELEASED, WITHHELD
from tests.architecture.test_topics import file_of

GERMAN = manner("de-DE", "Europe/Berlin")
PROMISED = {who for who, sight in SEES["promise"].items() if sight == "all"}
OFFICES = (PROMISED | MAY["correction", "read"]) - {"employee"}
GROUNDS = {
    *OFFICES, *get_args(get_type_hints(Exemption)["ground"]),
    "correction", "handed_over", "open_promise", "own", "own_promise",
}  # fmt: skip
NUDGE_WITHHELD = {
    "held", "paused", "set_aside", "nobody", "left", "declined", "away", "told_today",
}  # fmt: skip
RESTED = {"time", "declined", "closed", "no_plan", "plan_not_agreed"}
CLOSED = {"left", "erased", "ended", "by_hand"}
NOT_SENT = {
    "nobody", "erased", "left", "away", "too_late", "gave_up", "skipped", "bad_address",
    "address_not_supported", "smtp_550", "declined", "told_today", "outdated",
}  # fmt: skip
SUSPENDED = {LEAVE, INACTIVE, HOLD, NO_PARTNER, FEED_STOPPED, "by_hand"}
VALUES: dict[str, set[Any]] = {
    "artefact": {*get_args(Artefact)},
    "blocked_by": {*get_args(Owner)},
    "by": {*get_args(Talking), *get_args(Side)},
    "choice": {*get_args(get_type_hints(HandoverBody)["choice"])},
    "done": {True, False},
    "ground": GROUNDS,
    "kind": {*get_args(FacetKind), *get_args(Kind), *get_args(Original)},
    "method": {*get_args(Method)},
    "reason": {*get_args(Reason), *RELEASED, *WITHHELD, *SUSPENDED, "authority"},
    "role": {"dpo", "hr", "admin"},
    "side": {*get_args(Decider)},
    "state": {*get_args(get_type_hints(CheckInBody)["state"])},
    "through": {"api", "console", "person", "data_protection", f"batch/{UUID(int=1)}"},
    "to": {"employee", "partner", "hr"},
    "verb": {"wake", "retry"},
    "why": {*NUDGE_WITHHELD, *RESTED, *CLOSED, *NOT_SENT, *get_args(SwitchedOff)},
}
"""By a fact's name, every code that it may have."""


@dataclass(frozen=True)
class Event:
    type: str
    facts: dict[str, Any]


def happened(topic: str, **facts: Any) -> Event:
    golden: list[Path] = [file_of(REGISTRY.of_topic(topic))]
    return Event(topic, json.loads(golden[0].read_text())["facts"] | facts)


def places() -> Iterator[tuple[str, str, Any]]:
    """Each place of each sentence that a fact is put into: the topic, the fact and its type."""
    for topic, template in TEMPLATES.items():
        hints = get_type_hints(REGISTRY.of_topic(topic).cls)
        for _, name, _, _ in Formatter().parse(template):
            if name is not None:
                yield topic, name, hints[name]


@pytest.mark.parametrize(("topic", "name", "hint"), list(places()))
def test_no_code_is_left_in_any_sentence(topic: str, name: str, hint: Any) -> None:
    if name in VALUES:
        for value in VALUES[name]:
            sentence = told(happened(topic, **{name: value}), GERMAN)
            assert not re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", sentence), sentence
            assert "{" not in sentence
    elif hint in {datetime, date} or name in PERIODS:
        kinds = {datetime: MOMENTS, date: DAYS, str: PERIODS}
        assert name in kinds[hint]
    else:
        assert hint is int or name in FREE, f"give {name} its words in console/pages/codes.py"


def test_each_code_has_words_and_no_words_are_left_over() -> None:
    bare = {name: {re.sub(r"/.*|_550", "", v) if v.__class__ is str else v for v in values}
            for name, values in VALUES.items()}  # fmt: skip
    assert {name: set(words) for name, words in CODES.items()} == bare


def test_days_and_times_are_told_in_the_readers_manner() -> None:
    scheduled = happened(
        "conversation.meeting_scheduled",
        by="partner",
        starts_at="2026-05-04T08:00:00+00:00",
        duration="PT1H45M",
    )
    assert told(scheduled, GERMAN) == (
        "Das Treffen wurde angesetzt für 4. Mai 2026, 10:00 (1 Stunde, 45 Minuten, durch: Gegenüber)."
    )
    held = happened("conversation.meeting_confirmed", held_on="2026-05-04")
    assert told(held, GERMAN) == "Die Person bestätigte das Treffen vom 4. Mai 2026."
    written = happened("conversation.note_written", by="employee", note=2)
    assert told(written, manner("en")) == "The employee wrote note 2."


def test_what_a_customer_has_named_stays_as_it_is() -> None:
    held = happened("people.hold_placed", reason="dispute_2026")
    assert "(dispute_2026)" in told(held, GERMAN)
    goal = happened("plan.goal_set", goal="plan")
    assert "„plan“" in told(goal, GERMAN)


@pytest.mark.parametrize("ground", sorted(GROUNDS))
@pytest.mark.parametrize("artefact", get_args(Artefact))
def test_a_reading_is_shown_to_whom_it_is_about_without_a_code(ground: str, artefact: str) -> None:
    at = datetime(2026, 5, 4, 8, tzinfo=UTC)
    read = Read(1, artefact, UUID(int=1), ground, at, "ben")
    frame = replace(Frame(GERMAN, "/history/readers"), now=at)
    page = ReadersPage(frame=frame, cases=(), reads=(read,), names={"ben": "Ben"}, next=None)
    html = bytes(show("readers.html", page).body).decode()
    (item,) = re.findall(r"<li><time .*?</li>", html, re.DOTALL)
    assert not re.search(rf"\b({ground}|{artefact})\b", item), item
