"""Whom something that was shown is meant for: dates of showing laid beside dated relations.

What was shown before somebody was taken in again is meant for nobody of the new employment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from services.access import Employment, Handover, Relation, Resource, Tie, present


def reaches(thing: Resource, partner: Relation, relations: Iterable[Relation]) -> bool:
    """Whether a thing was put before a partner: in any of their times, or by hand-over in this one.

    What was shown while nobody was the partner is for whoever is named next.
    """
    return is_shown(thing, partner, relations) or is_handed(thing, partner.handover)


def reaches_partner(thing: Resource, ties: Collection[Tie], at: datetime) -> bool:
    """Whether the partner of a moment sees it; where there is none, whether the next one will."""
    known = [tie for tie in ties if isinstance(tie, Relation) and tie.since <= at]
    if (partner := present(known, at)) is not None:
        return reaches(thing, partner, known)
    began = [tie.since for tie in ties if isinstance(tie, Employment)]
    of_today = [moment for moment in thing.shown or () if all(moment >= each for each in began)]
    return any(_addressee(moment, known) is None for moment in of_today)


def is_shown(thing: Resource, partner: Relation, relations: Iterable[Relation]) -> bool:
    """Whether it was shown in a partner's own times of this employment, or needs no showing."""
    if thing.shown is None:
        return True
    in_order = sorted(relations, key=lambda relation: relation.since)
    meant = (_addressee(m, in_order) for m in thing.shown if partner.is_of_employment_at(m))
    return partner.partner in meant


def is_outlined(thing: Resource, partner: Relation) -> bool:
    """Whether a hand-over holds the outline: of plans that were shown before, and where nobody has
    chosen it, of those in this employment."""
    handover = partner.handover
    if handover is None or handover.choice != "plan":
        return False
    return any(handover.by_person or partner.is_of_employment_at(m) for m in thing.shown or ())


def is_handed(thing: Resource, handover: Handover | None) -> bool:
    """Whether a hand-over holds it: plans that were shown before, answers one by one."""
    if handover is None or handover.choice != "plan_and_answers":
        return False
    if thing.kind == "plan":
        return bool(thing.shown)
    kept = thing.taken_back is None or thing.taken_back < handover.at
    return thing.name in handover.answers and kept


def _addressee(moment: datetime, relations: Collection[Relation]) -> UUID | None:
    """Whom something that was shown at a moment was meant for."""
    if (then := present(relations, moment)) is not None:
        return then.partner
    return next((relation.partner for relation in relations if relation.since > moment), None)
