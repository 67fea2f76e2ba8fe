"""What may happen to a person of the roster."""

from __future__ import annotations

from dataclasses import replace

from services.people.domain import OwnPartner
from tests.examples import ANA, BEN, EVE, LATER, MONDAY, PROFILE, person
from tests.given import given


def test_the_same_profile_again_is_nothing_new() -> None:
    given(person()).when(lambda p: p.change_profile(PROFILE)).then()


def test_a_changed_profile_is_recorded_whole() -> None:
    p = person()
    p.change_profile(replace(PROFILE, department="lab"))
    assert p.profile.department == "lab"
    assert p.profile.name == PROFILE.name


def test_nobody_is_their_own_partner() -> None:
    given(person()).when(lambda p: p.assign_partner(ANA)).refused(OwnPartner)


def test_a_partner_change_is_dated() -> None:
    given(person(), lambda p: p.assign_partner(BEN)).at(LATER).when(
        lambda p: p.assign_partner(EVE)
    ).then(
        ("people.partner_released", {"partner": BEN, "until": LATER}),
        ("people.partner_assigned", {"partner": EVE, "since": LATER}),
    )


def test_a_relation_lasts_from_its_first_moment_until_its_last() -> None:
    p = person()
    p.assign_partner(BEN)
    p.at = LATER
    p.assign_partner(None)
    (relation,) = p.relations_with(BEN)
    assert relation.lasts_at(MONDAY)
    assert not relation.lasts_at(LATER)
    assert p.partner is None
