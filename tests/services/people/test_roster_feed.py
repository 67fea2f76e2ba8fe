"""How many people of a legal entity a feed may close in a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.people.roster_feed import Feed, FeedNotStopped, feed_stream
from tests.examples import MONDAY
from tests.given import given

PEOPLE = [UUID(int=number) for number in range(1, 30)]
TOMORROW = MONDAY + timedelta(days=1)


def feed() -> Feed:
    return Feed.watch("acme", "no", MONDAY)


def close(f: Feed, count: int, *, of: int = 100, percent: int = 5, floor: int = 2) -> list[bool]:
    return [f.allows(person, of, percent, floor) for person in PEOPLE[:count]]


def test_a_share_of_all_may_be_closed_and_then_it_stops_and_says_how_many_there_were() -> None:
    f = feed()
    given(f)
    assert close(f, 6) == [True] * 5 + [False]
    assert (f.stopped, f.day, len(f.closed)) == (True, MONDAY.date(), 5)
    [stopped] = [e for e in f.collect_events() if e.TOPIC == "feed.stopped"]
    assert (stopped.day, stopped.closings, stopped.people) == (MONDAY.date(), 5, 100)


def test_in_a_small_company_the_floor_counts() -> None:
    assert close(feed(), 3, of=10) == [True, True, False]


def test_the_same_person_twice_is_one_closing() -> None:
    f = feed()
    close(f, 5)
    given(f)
    assert close(f, 5) == [True] * 5
    assert list(f.collect_events()) == []


def test_a_new_day_counts_anew_as_long_as_it_goes_on() -> None:
    f = feed()
    close(f, 5)
    f.at = TOMORROW
    assert close(f, 5) == [True] * 5
    assert (f.day, f.closed) == (TOMORROW.date(), set(PEOPLE[:5]))


def test_a_stopped_feed_stays_stopped_also_for_whom_it_had_closed_and_on_another_day() -> None:
    f = feed()
    close(f, 6)
    given(f)
    assert close(f, 6) == [False] * 6
    f.at = TOMORROW
    assert close(f, 1) == [False]
    assert list(f.collect_events()) == []


def test_whoever_was_refused_is_remembered_once_until_the_release() -> None:
    f = feed()
    close(f, 6)
    given(f).when(lambda f: f.note_refused(PEOPLE[5]), lambda f: f.note_refused(PEOPLE[5])).then(
        ("feed.closing_refused", {"person": PEOPLE[5]})
    )
    assert f.refused == [PEOPLE[5]]
    f.release()
    assert (f.refused, f.stopped) == ([], False)


def test_what_a_person_lets_go_on_goes_on_for_the_rest_of_the_day_and_no_longer() -> None:
    f = feed()
    close(f, 6)
    f.release()
    assert close(f, 20) == [True] * 20
    f.at = TOMORROW
    assert close(f, 6) == [True] * 5 + [False]


def test_only_what_is_stopped_is_released() -> None:
    given(feed()).when(Feed.release).refused(FeedNotStopped)


def test_each_legal_entity_has_its_feed_and_so_have_those_without() -> None:
    assert feed().id == feed_stream("acme", "no")
    known = [("acme", None), ("acme", "no"), ("acme", "se"), ("b", None), ("a", "bc"), ("ab", "c")]
    assert len({feed_stream(*each) for each in known}) == len(known)
    assert feed().subject is None
    assert feed().receipt() == {"legal_entity": "no", "version": 1, "stopped": False}
