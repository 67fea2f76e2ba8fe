"""What may happen to a cycle, a conversation and a plan in which order: an automaton of its own.

It was written from the domain's description and imports nothing of ours, so that it and the code can
only agree by being right. Every stream that the suite produces is run through it at the end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import asyncpg

Happened = tuple[str, datetime, dict[str, Any], str]
"""Topic, when, facts, and the event's id."""

MOST_NUDGES = 3
SLACK = timedelta(minutes=2)
"""Two who write to a stream at once decide at moments that may stand in the other order: each reads its
moment before the stream, and is given so long (an activity's `start_to_close`) to be on record."""
AFTER_THE_END = {"notice_sent", "notice_refused", "meeting_announced"}
"""A meeting that was to come is called off when the cycle is closed by hand, too."""
ALSO_SUSPENDED = {
    "suspended", "resumed", "closed", "notice_sent", "notice_refused", "nudges_held", "nudges_released",
    "wake_asked", "interrupted", "handover_asked", "meeting_announced",
}  # fmt: skip
SAYS_SOMETHING = {
    "conversation_opened", "nudged", "partner_nudged", "escalated", "check_in_asked",
    "follow_up_opened", "handover_asked", "meeting_announced",
}  # fmt: skip


class Impossible(AssertionError):
    """Something happened that the domain doesn't allow at this point."""


@dataclass
class CycleAutomaton:
    """One cycle, event by event."""

    state: str = "unborn"
    round: int = 0
    completed: int = 0
    planned: bool = False
    developed: bool = False
    followed_up: bool = False
    nudges: int = 0
    turn: tuple[str, int] = ("", 0)
    escalated: str = ""
    check_ins: int = 0
    conversations: set[str] = field(default_factory=set)
    announced: dict[str, int] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    notices: dict[tuple[str, str], str] = field(default_factory=dict)
    last: datetime | None = None

    def take(self, topic: str, at: datetime, facts: dict[str, Any], event: str) -> None:
        """Take the next event; raises `Impossible`."""
        what = topic.partition(".")[2]
        if self.last is not None and at < self.last - SLACK:
            self.refuse(what, f"time runs backwards, from {self.last} to {at}")
        self.last = at
        if self.state == "closed" and what not in AFTER_THE_END:
            self.refuse(what, "the cycle is closed")
        if self.suspended and what not in ALSO_SUSPENDED:
            self.refuse(what, f"suspended for {self.suspended}")
        told = set(facts.get("tells", ()))
        if what == "meeting_announced":
            told -= {"partner"}  # who isn't away, and has a meeting in the calendar that is off
        if self.suspended and what in SAYS_SOMETHING and told:
            self.refuse(what, "something is sent to somebody who is away")
        getattr(self, f"on_{what}")(facts)
        for to in facts.get("tells", ()):
            self.notices[event, to] = ""

    def refuse(self, what: str, why: str) -> None:
        raise Impossible(f"{what} in {self.state}, round {self.round}: {why}")

    def need(self, what: str, *states: str) -> None:
        if self.state not in states:
            self.refuse(what, f"only in {states}")

    def on_started(self, _: dict[str, Any]) -> None:
        self.need("started", "unborn")
        self.state = "started"

    def on_conversation_opened(self, facts: dict[str, Any]) -> None:
        self.need("conversation_opened", "started", "steady")
        if self.completed != self.round or facts["round"] != self.round + 1:
            self.refuse("conversation_opened", f"of round {facts['round']}")
        self.state, self.round = "conversation", facts["round"]
        self.planned = self.developed = self.followed_up = False
        self.check_ins = 0
        self._new_conversation(facts)

    def _new_conversation(self, facts: dict[str, Any]) -> None:
        if facts["conversation"] in self.conversations:
            self.refuse("opened", "a conversation is opened twice")
        self.conversations.add(facts["conversation"])
        self.nudges = 0

    def on_nudged(self, facts: dict[str, Any]) -> None:
        self.need("nudge", "conversation", "follow_up", "steady")
        if facts["number"] != self.nudges + 1 or facts["number"] > MOST_NUDGES:
            self.refuse("nudge", f"number {facts['number']} after {self.nudges}")
        self.nudges = facts["number"]

    on_nudge_withheld = on_nudged

    def on_partner_nudged(self, facts: dict[str, Any]) -> None:
        self.need("partner nudge", "conversation", "planning", "developing", "follow_up", "steady")
        turn, number = facts["turn"], facts["number"]
        before = self.turn[1] if self.turn[0] == turn else 0
        if number != before + 1 or self.escalated == turn:
            self.refuse("partner nudge", f"number {number} after {before}")
        self.turn = (turn, number)

    on_partner_nudge_withheld = on_partner_nudged

    def on_escalated(self, facts: dict[str, Any]) -> None:
        self.need("escalation", "conversation", "planning", "developing", "follow_up", "steady")
        if self.escalated == facts["turn"] or self.turn[0] != facts["turn"]:
            self.refuse("escalation", "twice in a turn, or before any reminder of it")
        self.escalated = facts["turn"]

    def on_planning_opened(self, _: dict[str, Any]) -> None:
        self.need("planning", "conversation", "steady")
        if self.planned or self.followed_up:
            self.refuse("planning", "one plan a round, before its follow-up")
        self.state, self.planned = "planning", True

    def on_development_began(self, _: dict[str, Any]) -> None:
        self.need("development", "planning", "steady")
        if self.developed or not self.planned or self.followed_up:
            self.refuse("development", "once a round, of a plan")
        self.state, self.developed = "developing", True

    def on_check_in_asked(self, facts: dict[str, Any]) -> None:
        self.need("check-in", "developing")
        if facts["number"] != self.check_ins + 1:
            self.refuse("check-in", f"number {facts['number']} after {self.check_ins}")
        self.check_ins = facts["number"]

    def on_follow_up_opened(self, facts: dict[str, Any]) -> None:
        self.need("follow-up", "developing", "steady")
        if self.followed_up or self.completed == self.round:
            self.refuse("follow-up", "once a round")
        self.state, self.followed_up = "follow_up", True
        self._new_conversation(facts)

    def on_rested(self, _: dict[str, Any]) -> None:
        self.need("rest", "conversation", "planning")
        self.state = "steady"

    def on_round_completed(self, facts: dict[str, Any]) -> None:
        self.need("completion", "follow_up")
        if facts["round"] != self.round:
            self.refuse("completion", f"of round {facts['round']}")
        self.state, self.completed = "steady", self.round

    def on_suspended(self, facts: dict[str, Any]) -> None:
        self.suspended.add(facts["reason"] if facts.get("own") else "by hand")

    def on_resumed(self, facts: dict[str, Any]) -> None:
        reason = facts.get("reason") or "by hand"
        if reason not in self.suspended:
            self.refuse("resumed", f"it isn't suspended for {reason}")
        self.suspended.remove(reason)

    def on_closed(self, _: dict[str, Any]) -> None:
        self.state = "closed"
        self.suspended = set()

    def on_notice_sent(self, facts: dict[str, Any]) -> None:
        which = (facts["notice"], facts["to"])
        if self.notices.get(which) != "":
            self.refuse("mail", "it was never due, or has its outcome already")
        self.notices[which] = "done"

    on_notice_refused = on_notice_sent

    def on_nudges_held(self, _: dict[str, Any]) -> None:
        """Possible at any time."""

    on_nudges_released = on_wake_asked = on_interrupted = on_handover_asked = on_nudges_held

    def on_meeting_announced(self, facts: dict[str, Any]) -> None:
        where, sequence = facts["conversation"], facts["sequence"]
        if where not in self.conversations or sequence <= self.announced.get(where, -1):
            self.refuse("meeting", f"sequence {sequence} of {where} was told, or is nobody's")
        self.announced[where] = sequence


ENDINGS = {
    "conversation": {"concluded", "declined", "closed"},
    "plan": {"completed", "closed"},
}
OVER = {
    "conversation": {
        "answer_recorded", "answer_revised", "question_set_aside", "question_declined",
        "direction_stated", "paused", "resumed", "meeting_claimed",
    },
    "plan": {"goal_set", "action_planned", "action_revised", "proposed", "agreed", "activated"},
}  # fmt: skip
"""What may no longer happen once it has ended."""


def check_cycle(events: Iterable[Happened]) -> CycleAutomaton:
    """Run a cycle's stream through the automaton; raises `Impossible`."""
    automaton = CycleAutomaton()
    for happened in events:
        automaton.take(*happened)
    return automaton


def check_ending(kind: str, events: Iterable[Happened]) -> None:
    """A conversation or a plan begins once, ends once, and stays ended. Raises `Impossible`."""
    begins = {"conversation": "opened", "plan": "drafted"}[kind]
    ended = ""
    for number, (topic, *_) in enumerate(events):
        what = topic.partition(".")[2]
        if (number == 0) != (what == begins):
            raise Impossible(f"{kind}: {what} as event {number + 1}")
        if ended == "declined" and what in {"reopened", "closed"}:
            ended = ""  # declining is a way of resting, which one click ends, or the next round
        if ended and (what in OVER[kind] or what in ENDINGS[kind]):
            raise Impossible(f"{kind}: {what} after {ended}")
        if what in ENDINGS[kind]:
            ended = what


async def check_database(url: str) -> Counter[str]:
    """Run every stream of a database through the automaton, over all tenants; counts them by kind."""
    reader = await asyncpg.connect(url)
    try:
        found = await reader.fetch(_STREAMS)
    finally:
        await reader.close()
    checked: Counter[str] = Counter()
    for (tenant, stream), rows in groupby(found, lambda row: (row["tenant"], row["stream"])):
        events = [(r["type"], r["at"], json.loads(r["facts"]), str(r["event_id"])) for r in rows]
        kind = events[0][0].partition(".")[0]
        try:
            check_cycle(events) if kind == "cycles" else check_ending(kind, events)
        except Impossible as wrong:
            raise Impossible(f"tenant {tenant}, {kind} {stream}: {wrong}") from wrong
        checked[kind] += 1
    return checked


_STREAMS = """
SELECT tenant, stream, type, at, facts, event_id FROM record.event
 WHERE split_part(type, '.', 1) IN ('cycles', 'conversation', 'plan')
 ORDER BY tenant, stream, version
"""
