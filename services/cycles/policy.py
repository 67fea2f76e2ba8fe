"""A tenant's policy: all the times of a cycle, in versions; a round keeps the one it began with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID, uuid5

import isodate
import msgspec
from eventsourcing.domain import event

from shared.errors import Invalid
from shared.eventstore.events import Aggregate, Created, Event
from shared.periods import is_period, rises

Period = Annotated[str, msgspec.Meta(description="ISO 8601 duration, such as P6M or PT2S")]

_POLICIES = UUID("5b1d35c6-0df9-5a0b-9c3a-7a5a1f3f6c11")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """For how long after somebody's last day: what was said, and whose it was."""

    words: Period = "P12M"
    link: Period = "P36M"


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy sets; each default is the one that we recommend.

    A round keeps all that it began with, but for what concerns the company as a whole and so counts
    at once: `hold_nudges`, `hr_partner`, how many people a roster feed may close in a day, and for how
    long something is kept. Until `retention_on` is set it is only counted what is over its time.
    """

    cadence: Period = "P6M"
    follow_up_after: Period = "P6M"
    answer_nudges: tuple[Period, ...] = ("P7D", "P21D", "P45D")
    partner_nudges: tuple[Period, ...] = ("P14D", "P28D")
    plan_within: Period = "P60D"
    check_in_every: Period = "P3M"
    pause_default: Period = "P30D"
    pause_longest: Period = "P180D"
    return_grace: Period = "P14D"
    handover_within: Period = "P14D"
    partner_wanted_after: Period = "P14D"
    hold_nudges: bool = False
    hr_partner: UUID | None = None
    closing_percent: int = 5
    closing_floor: int = 5
    min_group: int = 10
    retention_on: bool = False
    retention: Kept = Kept()
    retention_by_entity: dict[str, Kept] = {}
    bundles_kept: Period = "P90D"


class NotAPeriod(Invalid):
    """A policy's times are ISO 8601 durations of more than nothing and of P100Y at most, such as P6M,
    P30D or PT2S.
    """


class NudgesOutOfOrder(Invalid):
    """Reminders are all counted from the same moment: each time is longer than the one before it, as in
    P7D, P21D, P45D.
    """


class LinkBeforeWords(Invalid):
    """Whose words they were is kept at least as long as they are: `link` is no shorter than `words`."""


class Policy(Aggregate):
    """One per tenant; the version of the terms counts their changes."""

    TOPIC = "policy"

    class Adopted(Created, frozen=True, kw_only=True):
        TOPIC = "policy.adopted"
        terms: Terms

    class Changed(Event, frozen=True, kw_only=True):
        TOPIC = "policy.changed"
        terms: Terms

    terms: Terms

    @classmethod
    def adopt(cls, tenant: str, at: datetime, terms: Terms) -> Self:
        """Set a tenant's first own terms."""
        _check(terms)
        return cls.begin(policy_stream(tenant), at, terms=terms)

    @event(Adopted)
    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def change(self, terms: Terms) -> None:
        """Set other terms for the rounds that begin from now on."""
        _check(terms)
        if terms != self.terms:
            self._change(terms=terms)

    @event(Changed)
    def _change(self, terms: Terms) -> None:
        self.terms = terms

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        terms = msgspec.to_builtins(self.terms)
        del terms["hr_partner"]
        return {"version": self.version, **terms}


def policy_stream(tenant: str) -> UUID:
    """The id of a tenant's policy."""
    return uuid5(_POLICIES, tenant)


def _check(terms: Terms) -> None:
    single = (
        terms.cadence,
        terms.follow_up_after,
        terms.plan_within,
        terms.check_in_every,
        terms.pause_default,
        terms.pause_longest,
        terms.return_grace,
        terms.handover_within,
        terms.partner_wanted_after,
        terms.bundles_kept,
        *(period for kept in _kept(terms) for period in (kept.words, kept.link)),
    )
    for period in (*single, *terms.answer_nudges, *terms.partner_nudges):
        if not is_period(period):
            raise NotAPeriod(f"{period!r} is not a time: {NotAPeriod().detail}")
    if any(_longer(kept.words, kept.link) for kept in _kept(terms)):
        raise LinkBeforeWords
    if not (rises(terms.answer_nudges) and rises(terms.partner_nudges)):
        raise NudgesOutOfOrder


def _kept(terms: Terms) -> list[Kept]:
    return [terms.retention, *terms.retention_by_entity.values()]


def _longer(one: str, other: str) -> bool:
    ends = [_DAY + isodate.parse_duration(period) for period in (one, other)]
    return bool(ends[0] > ends[1])


_DAY = datetime(2026, 1, 1, tzinfo=UTC)
