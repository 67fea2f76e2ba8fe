"""Whom something that was shown is meant for: dates of showing laid beside dated relations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.access import Handover, Relation, Resource


def reaches(thing: Resource, present: Relation, relations: Iterable[Relation]) -> bool:
    """Whether a thing was put before a partner: in any of their times, or by hand-over in this one.

    What was shown while nobody was the partner is for whoever is named next.
    """
    return is_shown(thing, present.partner, relations) or is_handed(thing, present.handover)


def reaches_partner(thing: Resource, relations: Iterable[Relation], at: datetime) -> bool:
    """Whether the partner of a moment sees it; where there is none, whether the next one will."""
    known = [relation for relation in relations if relation.since <= at]
    if present := [relation for relation in known if relation.lasts_at(at)]:
        return any(reaches(thing, relation, known) for relation in present)
    return any(_addressee(moment, known) is None for moment in thing.shown or ())


def is_shown(thing: Resource, partner: UUID, relations: Iterable[Relation]) -> bool:
    """Whether it was shown in somebody's own time as the partner, or needs no showing."""
    in_order = sorted(relations, key=lambda relation: relation.since)
    return thing.shown is None or any(_addressee(m, in_order) == partner for m in thing.shown)


def is_handed(thing: Resource, handover: Handover | None) -> bool:
    """Whether a hand-over holds it: plans that were shown before, answers one by one."""
    if handover is None or handover.choice != "plan_and_answers":
        return False
    if thing.kind == "plan":
        return bool(thing.shown)
    kept = thing.taken_back is None or thing.taken_back < handover.at
    return thing.name in handover.answers and kept


def _addressee(moment: datetime, relations: Sequence[Relation]) -> UUID | None:
    """Whom something that was shown at a moment was meant for."""
    then = [relation.partner for relation in relations if relation.lasts_at(moment)]
    later = [relation.partner for relation in relations if relation.since > moment]
    return next(iter([*then, *later]), None)
