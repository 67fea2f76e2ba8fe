"""What may happen to a machine and its keys."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.clients.domain import (
    LONGEST,
    MACHINE_ROLES,
    ApiClient,
    ClientRemoved,
    EndNotPossible,
    NameOfTheTerminal,
    RoleOfPeople,
    client_stream,
)
from tests.examples import LATER, MONDAY
from tests.given import given

END = MONDAY + timedelta(days=90)
AN_HOUR = timedelta(hours=1)


def client(roles: tuple[str, ...] = ("platform",), end: datetime = END) -> ApiClient:
    return ApiClient.register("acme", "hris", MONDAY, roles=roles, digest="one", expires_at=end)


def live(c: ApiClient, at: datetime) -> list[str]:
    c.at = at
    return [key.digest for key in c.live_keys()]


@pytest.mark.parametrize("name", ["console", "restore"])
def test_no_machine_has_the_name_of_whoever_sits_at_the_terminal(name: str) -> None:
    with pytest.raises(NameOfTheTerminal):
        ApiClient.register("acme", name, MONDAY, roles=("hr",), digest="one", expires_at=END)


@pytest.mark.parametrize("role", ["employee", "partner", "dpo", "workflow"])
def test_a_machine_has_no_role_of_people(role: str) -> None:
    with pytest.raises(RoleOfPeople):
        client(("platform", role))


@pytest.mark.parametrize("role", ["platform", "hr", "auditor", "ops", "admin"])
def test_a_machine_may_have_every_other_role(role: str) -> None:
    assert client((role,)).roles == (role,)
    assert role in MACHINE_ROLES
    assert set(client(tuple(MACHINE_ROLES)).roles) == MACHINE_ROLES


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_key_ends_in_the_future_and_within_a_year(days: int) -> None:
    with pytest.raises(EndNotPossible):
        client(end=MONDAY + timedelta(days=days))


def test_a_year_is_possible() -> None:
    assert client(end=MONDAY + LONGEST).newest_number == 1


def test_a_key_opens_until_its_end_and_not_then() -> None:
    assert live(client(), END - timedelta(microseconds=1)) == ["one"]
    assert live(client(), END) == []


def test_with_a_new_key_the_one_before_goes_on_for_a_while() -> None:
    given(client()).at(LATER).when(lambda c: c.rotate("two", LATER + LONGEST, AN_HOUR)).then(
        ("clients.key_shortened", {"number": 1, "expires_at": LATER + AN_HOUR}),
        ("clients.key_added", {"number": 2, "digest": "two", "expires_at": LATER + LONGEST}),
    )


def test_a_key_that_ends_sooner_anyway_is_left_as_it_is() -> None:
    given(client(end=LATER + AN_HOUR)).at(LATER).when(
        lambda c: c.rotate("two", END, timedelta(hours=2)),
        lambda c: c.rotate("three", END, timedelta(hours=1)),
    ).then(
        ("clients.key_added", {"number": 2, "digest": "two", "expires_at": END}),
        ("clients.key_shortened", {"number": 1, "expires_at": LATER}),
        ("clients.key_shortened", {"number": 2, "expires_at": LATER + AN_HOUR}),
        ("clients.key_added", {"number": 3, "digest": "three", "expires_at": END}),
    )


def test_never_more_than_two_keys_are_kept() -> None:
    c = client()
    for number in ("two", "three"):
        c.rotate(number, END, AN_HOUR)
    assert live(c, MONDAY) == ["two", "three"]
    assert live(c, MONDAY + AN_HOUR) == ["three"]
    assert (c.newest_number, len(c.keys)) == (3, 2)


def test_a_key_that_nobody_has_come_with_is_replaced_and_the_one_in_use_goes_on() -> None:
    c = client()
    c.rotate("two", END, AN_HOUR)  # its answer was lost
    given(c).at(MONDAY + AN_HOUR / 2).when(
        lambda c: c.rotate("three", END, AN_HOUR, unused=True)
    ).then(
        ("clients.key_shortened", {"number": 2, "expires_at": MONDAY + AN_HOUR / 2}),
        ("clients.key_added", {"number": 3, "digest": "three", "expires_at": END}),
    )
    assert live(c, MONDAY + AN_HOUR / 2) == ["one", "three"]
    assert live(c, MONDAY + AN_HOUR) == ["three"]
    assert len(c.keys) == 2


def test_the_one_in_use_goes_on_no_longer_than_was_asked_for() -> None:
    c = client()
    c.rotate("two", END, AN_HOUR)
    c.rotate("three", END, timedelta(), unused=True)
    assert live(c, MONDAY) == ["three"]


def test_an_only_key_goes_on_although_nobody_has_come_with_it() -> None:
    c = client()
    c.rotate("two", END, AN_HOUR, unused=True)
    assert live(c, MONDAY) == ["one", "two"]


def test_an_older_key_goes_on_where_the_newest_has_ended() -> None:
    c = client()
    c.rotate("two", MONDAY + AN_HOUR, 3 * AN_HOUR)
    c.at = MONDAY + AN_HOUR
    c.rotate("three", END, AN_HOUR)
    assert live(c, c.at) == ["one", "three"]


def test_a_key_that_ends_at_that_very_moment_is_left_as_it_is() -> None:
    given(client(end=LATER + AN_HOUR)).at(LATER).when(lambda c: c.rotate("two", END, AN_HOUR)).then(
        ("clients.key_added", {"number": 2, "digest": "two", "expires_at": END})
    )


def test_a_key_that_is_over_is_not_shortened() -> None:
    c = client(end=LATER)
    given(c).at(LATER).when(lambda c: c.rotate("two", END, AN_HOUR)).then(
        ("clients.key_added", {"number": 2, "digest": "two", "expires_at": END})
    )


def test_a_rotated_key_ends_within_a_year_too() -> None:
    given(client()).at(LATER).when(lambda c: c.rotate("two", LATER, AN_HOUR)).refused(
        EndNotPossible
    )


def test_a_removed_client_has_no_keys_and_takes_none() -> None:
    c = client()
    given(c).when(ApiClient.remove, ApiClient.remove).then(("clients.removed", {}))
    assert (live(c, MONDAY), c.newest_number, c.removed) == ([], 0, True)
    given(c).when(lambda c: c.rotate("two", END, AN_HOUR)).refused(ClientRemoved)


def test_it_tells_numbers_and_ends_of_keys_and_no_digest() -> None:
    c = client(("hr", "ops"))
    assert c.receipt() == {
        "id": "hris",
        "version": 1,
        "roles": ["hr", "ops"],
        "keys": [{"number": 1, "expires_at": "2026-05-31T09:00:00Z"}],
    }
    assert c.subject is None


def test_a_name_is_one_client_of_one_tenant() -> None:
    assert client().id == client_stream("acme", "hris")
    known = [("acme", "a"), ("acme", "b"), ("b", "a"), ("bc", "d"), ("b", "cd")]
    assert len({client_stream(*each) for each in known}) == len(known)
