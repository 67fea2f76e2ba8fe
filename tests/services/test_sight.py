"""On what ground something is allowed or refused, and what is said to whoever may not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest

from services.permission import (
    Exemption,
    Handover,
    Permission,
    Relation,
    Resource,
    Sight,
    decide,
    present,
)
from services.showing import is_handed, reaches_partner
from shared.errors import NotAllowed, NotFound
from shared.principal import Principal
from tests.examples import ANA, BEN, EVE
from tests.services.test_permission import (
    BENS,
    CHANGE,
    LATELY,
    NOW,
    RELATIONS,
    THEN,
    WHO,
    somebody,
    thing,
)

REQUEST = Exemption("access_request", CHANGE, NOW + timedelta(days=1))
PLAN = (BENS, Relation(EVE, CHANGE, None, Handover("plan", NOW)))


@pytest.mark.parametrize(
    ("who", "resource", "ties", "ground"),
    [
        ("employee", thing("answer", shown=()), RELATIONS, "employee"),
        ("new", thing("answer", shown=LATELY), RELATIONS, "partner"),
        ("new", thing("plan", shown=THEN), PLAN, "handed_over"),
        ("new", thing("promise", shown=THEN), RELATIONS, "open_promise"),
        ("earlier", thing("promise", shown=THEN, author=BEN), RELATIONS, "own_promise"),
        ("earlier", thing("note", shown=(), author=BEN), RELATIONS, "own"),
        ("auditor", thing("answer", shown=THEN), RELATIONS, "auditor"),
        ("hr", thing("answer", shown=THEN), RELATIONS, "hr"),
        ("dpo", thing("promise", shown=THEN), RELATIONS, "dpo"),
        ("hr", thing("promise", shown=THEN), (*RELATIONS, REQUEST), "hr"),
        ("dpo", thing("promise", shown=THEN), (*RELATIONS, REQUEST), "access_request"),
    ],
)
def test_a_disclosure_names_its_ground(
    who: str, resource: Resource, ties: tuple[Relation | Exemption, ...], ground: str
) -> None:
    found = decide(WHO[who], "read", resource, ties, NOW)
    assert (found.reason, found.allowed, found.known) == (ground, True, True)


@pytest.mark.parametrize(
    ("by", "action", "resource", "why", "known"),
    [
        (WHO["stranger"], "read", thing("answer", shown=LATELY), "no_relation", False),
        (WHO["new"], "read", thing("answer", shown=()), "not_shown", False),
        (WHO["new"], "read", thing("answer", shown=THEN), "not_granted", False),
        (WHO["hr"], "erase", thing("person"), "not_granted", True),
        (WHO["ops"], "erase", thing("person"), "not_granted", False),
        (WHO["hr"], "read", Resource("client"), "not_granted", False),
        (
            Principal("acme", frozenset(), "nobody"),
            "read",
            Resource("policy"),
            "not_granted",
            False,
        ),
    ],
)
def test_a_refusal_says_why_and_whether_it_may_be_known(
    by: Principal, action: str, resource: Resource, why: str, known: bool
) -> None:
    found = decide(by, action, resource, RELATIONS, NOW)  # type: ignore[arg-type]
    assert (found.allowed, found.fields, found.reason, found.known) == (False, "none", why, known)


def test_what_is_allowed_may_be_known_also_by_whoever_could_not_read_it() -> None:
    assert decide(WHO["hr"], "start", thing("cycle"), RELATIONS, NOW).known
    assert decide(WHO["auditor"], "write", thing("case"), RELATIONS, NOW).known


def test_a_relation_opens_from_its_first_moment_on_and_an_exemption_beside_it_changes_nothing() -> (
    None
):
    seen = decide(WHO["new"], "read", thing("state"), RELATIONS, CHANGE)
    assert seen.fields == "turn"
    both = decide(WHO["new"], "read", thing("answer", shown=LATELY), (*RELATIONS, REQUEST), NOW)
    assert (both.fields, both.reason) == ("all", "partner")


def test_whoever_may_is_told_in_what_standing() -> None:
    sight = Sight(WHO["new"], NOW, RELATIONS)
    assert sight.require("read", thing("answer", shown=LATELY)) == "partner"
    assert sight.decide("read", thing("state")).fields == "turn"


def test_what_somebody_may_not_know_of_is_not_there_and_the_rest_is_refused() -> None:
    with pytest.raises(NotFound):
        Sight(WHO["stranger"], NOW, RELATIONS).require("read", thing("plan", shown=THEN))
    with pytest.raises(NotAllowed):
        Sight(WHO["hr"], NOW, RELATIONS).require("write", thing("plan", shown=THEN))
    with pytest.raises(NotAllowed):
        Sight(WHO["hr"], NOW).require("read", Resource("client"))


def test_how_much_is_seen_of_one_thing_after_the_other() -> None:
    sight = Sight(WHO["new"], NOW, PLAN)
    plan = thing("plan", shown=THEN)
    assert (sight.fields(plan), sight.sees(plan)) == ("titles", False)
    assert sight.sees(thing("answer", shown=LATELY)) is True
    assert sight.fields(thing("answer", shown=())) == "none"


def test_the_partner_of_a_moment_is_the_one_who_was_named_last_for_it() -> None:
    """By the days that are said afterwards two may overlap."""
    assert present(RELATIONS, CHANGE - timedelta(seconds=1)) == BENS
    assert present((BENS, REQUEST, Relation(EVE, CHANGE)), CHANGE) == Relation(EVE, CHANGE)
    assert present((), CHANGE) is None
    backdated = Relation(EVE, CHANGE - timedelta(days=3))
    assert present((BENS, backdated), CHANGE - timedelta(days=1)) == backdated
    shown = thing("answer", shown=(CHANGE - timedelta(days=1),))
    assert reaches_partner(shown, (BENS, backdated), NOW) is True


def test_the_partner_of_a_moment_is_reached_by_what_was_shown_to_them() -> None:
    assert reaches_partner(thing("state"), RELATIONS, CHANGE) is True
    assert reaches_partner(thing("answer", shown=LATELY), RELATIONS, NOW) is True
    assert reaches_partner(thing("answer", shown=THEN), RELATIONS, NOW) is False


def test_a_hand_over_holds_what_was_taken_back_before_it_and_not_at_the_same_moment() -> None:
    chosen = Handover("plan_and_answers", CHANGE, frozenset({"a"}))
    before = thing("answer", shown=(), name="a", taken_back=CHANGE - timedelta(seconds=1))
    assert is_handed(before, chosen) is True
    assert is_handed(thing("answer", shown=(), name="a", taken_back=CHANGE), chosen) is False
    assert is_handed(before, None) is False


async def test_relations_are_looked_up_where_they_matter_and_nowhere_else() -> None:
    asked: list[tuple[str, UUID]] = []

    async def relations(tenant: str, person: UUID) -> Iterable[Relation]:
        asked.append((tenant, person))
        return RELATIONS

    permission = Permission(relations)
    for name in ("employee", "hr"):
        await permission.require(WHO[name], "read", thing("state"), NOW)
    await permission.require(somebody("hr", BEN), "read", Resource("policy"), NOW)
    assert asked == []
    answer = thing("answer", shown=LATELY)
    assert await permission.require(WHO["new"], "read", answer, NOW) == "partner"
    assert await permission.relations_of("acme", ANA) == RELATIONS
    assert asked == [("acme", ANA), ("acme", ANA)]
