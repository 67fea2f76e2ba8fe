"""What may happen to a person of the roster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.people.domain import (
    LeaveEndsBeforeItBegins,
    NobodyToHandOverTo,
    NoMentoringOffered,
    NotOnHold,
    NotOnLeave,
    OnHold,
    OwnPartner,
    PartnerFromTheFuture,
    Person,
    PersonErased,
)
from services.people.employment import Handover, Hold, Offer, Relation
from shared.intervals import Interval
from tests.examples import ANA, BEN, EVE, LATER, MONDAY, PROFILE, person
from tests.given import given

DAY = timedelta(days=1)
LAST_DAY = replace(PROFILE, end_date=date(2026, 3, 4))
GONE = MONDAY + 3 * DAY
"""After the last day, in Berlin."""


def with_ben(p: Person) -> None:
    p.assign_partner(BEN)


def left(p: Person) -> None:
    p.change_profile(LAST_DAY)
    p.at = GONE
    p.settle_employment()


def test_whoever_is_registered_is_there_with_their_profile_and_nothing_else() -> None:
    p = person()
    assert (p.profile, p.partner, p.relations, p.leaves) == (PROFILE, None, [], [])
    assert (p.left_on, p.hold, p.proposed, p.offer, p.erased) == (None,) * 5
    assert p.wants_reminders
    assert not p.is_away
    assert (p.subject, p.id) == (ANA, ANA)
    assert p.receipt() == {"version": 1, "status": "active"}


def test_the_same_profile_again_is_nothing_new() -> None:
    given(person()).when(lambda p: p.change_profile(PROFILE)).then()


def test_a_changed_profile_is_recorded_whole() -> None:
    whole = replace(
        PROFILE,
        name="Ana Berg",
        email="berg@example.com",
        department="lab",
        location="Oslo",
        legal_entity="no",
        timezone="Europe/Oslo",
        locale="no",
        start_date=date(2026, 1, 1),
        end_date=date(2027, 1, 1),
        status="inactive",
    )
    p = person()
    p.change_profile(whole)
    assert p.profile == whole
    assert Person.register(ANA, MONDAY, whole).profile == whole


def test_nobody_is_their_own_partner() -> None:
    given(person()).when(lambda p: p.assign_partner(ANA)).refused(OwnPartner)
    given(person()).when(lambda p: p.propose_partner(ANA)).refused(OwnPartner)


def test_a_partner_change_is_dated() -> None:
    given(person(), with_ben).at(LATER).when(lambda p: p.assign_partner(EVE)).then(
        ("people.partner_released", {"partner": BEN, "until": LATER}),
        ("people.partner_assigned", {"partner": EVE, "since": LATER}),
    )


def test_the_same_partner_again_is_nothing_new() -> None:
    given(person(), with_ben).at(LATER).when(with_ben).then()
    given(person()).when(lambda p: p.assign_partner(None)).then()


def test_a_relation_lasts_from_its_first_moment_until_its_last() -> None:
    p = person()
    p.assign_partner(BEN)
    p.at = LATER
    p.assign_partner(None)
    (relation,) = p.relations_with(BEN)
    assert relation.lasts_at(MONDAY)
    assert not relation.lasts_at(LATER)
    assert p.partner is None
    assert list(p.relations_with(EVE)) == []


def test_a_day_in_the_past_is_kept_and_opens_nothing_backwards() -> None:
    p = person()
    p.at = LATER
    p.assign_partner(BEN, MONDAY)
    assert p.relations == [Relation(BEN, LATER, valid_from=MONDAY)]
    p.at = LATER + DAY
    p.assign_partner(None, MONDAY + DAY)
    assert (p.relations[0].until, p.relations[0].valid_until) == (LATER + DAY, MONDAY + DAY)


def test_nobody_is_named_in_advance() -> None:
    p = person()
    given(p).when(lambda p: p.assign_partner(BEN, MONDAY + DAY)).refused(PartnerFromTheFuture)
    p.assign_partner(BEN, MONDAY)
    assert p.partner == BEN


def test_a_wish_for_a_partner_is_recorded_once_and_ends_with_the_naming() -> None:
    p = person()
    wish: Callable[[Person], None] = lambda p: p.propose_partner(BEN)  # noqa: E731
    given(p).when(wish, wish).then(("people.partner_proposed", {"partner": BEN}))
    assert p.proposed == BEN
    with_ben(p)
    assert p.proposed is None
    given(p).when(wish).then()


def test_the_newer_word_on_a_hand_over_counts() -> None:
    p = person()
    with_ben(p)
    given(p).when(
        lambda p: p.choose_handover("plan_and_answers", ("a",)),
        lambda p: p.choose_handover("plan_and_answers", ("a",)),
        lambda p: p.choose_handover("plan_and_answers", ("b",)),
        lambda p: p.choose_handover("plan"),
    ).then(
        (
            "people.handover_chosen",
            {"partner": BEN, "choice": "plan_and_answers", "answers": ("a",), "by_person": True},
        ),
        (
            "people.handover_chosen",
            {"partner": BEN, "choice": "plan_and_answers", "answers": ("b",), "by_person": True},
        ),
        ("people.handover_chosen", {"partner": BEN, "choice": "plan", "by_person": True}),
    )
    assert p.relations[-1].handover == Handover("plan", (), MONDAY, by_person=True)


def test_without_a_partner_nothing_is_handed_over() -> None:
    given(person()).when(lambda p: p.choose_handover("plan")).refused(NobodyToHandOverTo)


def test_mentoring_is_offered_changed_and_withdrawn() -> None:
    p = person()
    given(p).when(
        lambda p: p.offer_mentoring(("python",), 2),
        lambda p: p.offer_mentoring(("python",), 2),
        lambda p: p.offer_mentoring(("python",), 3),
    ).then(
        ("people.mentoring_offered", {"skills": ("python",), "capacity": 2}),
        ("people.mentoring_offered", {"skills": ("python",), "capacity": 3}),
    )
    assert p.offer == Offer(("python",), 3)
    p.withdraw_mentoring()
    assert p.offer is None
    given(p).when(Person.withdraw_mentoring).refused(NoMentoringOffered)


def test_a_leave_lasts_from_its_first_moment_up_to_its_end() -> None:
    p = person()
    p.start_leave(MONDAY, LATER)
    assert p.is_away
    p.at = LATER
    assert not p.is_away


def test_a_leave_ends_after_it_has_begun() -> None:
    for until in (MONDAY, MONDAY - DAY):
        given(person()).when(lambda p, u=until: p.start_leave(MONDAY, u)).refused(
            LeaveEndsBeforeItBegins
        )


def test_a_leave_said_again_is_nothing_new_and_its_end_may_be_said_anew() -> None:
    p = person()
    given(p).when(
        lambda p: p.start_leave(MONDAY, LATER),
        lambda p: p.start_leave(MONDAY, LATER),
        lambda p: p.start_leave(MONDAY, MONDAY + DAY),
    ).then(
        ("people.leave_started", {"since": MONDAY, "until": LATER}),
        ("people.leave_started", {"since": MONDAY, "until": MONDAY + DAY}),
    )
    assert p.leaves == [Interval(MONDAY, MONDAY + DAY)]


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ((0, 5), (3, 9), [(0, 5), (3, 9)]),  # it goes on longer
        ((0, 5), (5, 9), [(0, 5), (5, 9)]),
        ((3, 9), (0, 5), [(0, 5), (3, 9)]),  # it had begun earlier
        ((0, 9), (3, 5), [(0, 9), (3, 5)]),
        ((3, 5), (0, 9), [(0, 9)]),
        ((3, 9), (0, 9), [(0, 9)]),
        ((0, 5), (3, None), [(0, 5), (3, None)]),
        ((3, 5), (0, None), [(0, None)]),
        ((0, None), (3, 5), [(0, 3), (3, 5)]),  # which says how it goes on
        ((0, None), (3, None), [(0, 3), (3, None)]),
        ((3, None), (0, 5), [(0, 5)]),
        ((5, None), (0, 5), [(0, 5), (5, None)]),
        ((0, None), (0, 5), [(0, 5)]),
    ],
)
def test_a_newer_leave_takes_nothing_of_the_time_away_that_it_does_not_speak_of(
    first: tuple[int, int | None],
    second: tuple[int, int | None],
    both: list[tuple[int, int | None]],
) -> None:
    def leave(begin: int, end: int | None) -> Interval:
        return Interval(MONDAY + begin * DAY, None if end is None else MONDAY + end * DAY)

    p = person()
    for each in (leave(*first), leave(*second)):
        p.start_leave(each.since, each.until)
    assert p.leaves == [leave(*each) for each in both]


def test_the_return_ends_every_leave_of_that_day_and_a_later_one_stays() -> None:
    p = person()
    for since, until in ((0, 9), (3, 6), (12, 15)):
        p.start_leave(MONDAY + since * DAY, MONDAY + until * DAY)
    p.end_leave(MONDAY + 4 * DAY)
    day = [(leave.since - MONDAY).days for leave in p.leaves]
    assert day == [0, 3, 12]
    assert [leave.until for leave in p.leaves] == [MONDAY + n * DAY for n in (4, 4, 15)]


def test_a_return_after_a_leave_within_another_ends_the_other() -> None:
    p = person()
    p.start_leave(MONDAY, MONDAY + 9 * DAY)
    p.start_leave(MONDAY + 2 * DAY, MONDAY + 3 * DAY)
    given(p).when(lambda p: p.end_leave(MONDAY + 5 * DAY)).then(
        ("people.leave_ended", {"until": MONDAY + 5 * DAY})
    )


def test_a_leave_is_taken_back_by_returning_on_its_first_day() -> None:
    p = person()
    p.start_leave(MONDAY, LATER)
    p.end_leave(MONDAY)
    assert p.leaves == []


def test_whoever_is_back_is_back_from_that_moment_on() -> None:
    p = person()
    p.start_leave(MONDAY, None)
    back: Callable[[Person], None] = lambda p: p.end_leave(LATER)  # noqa: E731
    given(p).when(back, back).then(("people.leave_ended", {"until": LATER}))
    assert p.leaves == [Interval(MONDAY, LATER)]


def test_a_leave_that_has_not_begun_or_is_over_does_not_end() -> None:
    given(person()).when(lambda p: p.end_leave(LATER)).refused(NotOnLeave)
    given(person(), lambda p: p.start_leave(LATER, None)).when(
        lambda p: p.end_leave(MONDAY)
    ).refused(NotOnLeave)
    given(person(), lambda p: p.start_leave(MONDAY, LATER)).when(
        lambda p: p.end_leave(LATER + DAY)
    ).refused(NotOnLeave)
    given(person(), lambda p: p.start_leave(LATER, None)).when(lambda p: p.end_leave(LATER)).then(
        ("people.leave_ended", {"until": LATER})
    )


def test_whoever_is_inactive_in_the_roster_is_away() -> None:
    p = person()
    p.change_profile(replace(PROFILE, status="inactive"))
    assert p.is_away
    assert p.receipt()["status"] == "inactive"


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [(datetime.fromisoformat("2026-03-04T22:59:59+00:00"), False), (GONE, True)],
)
def test_somebody_has_left_once_the_last_day_is_over_where_they_are(
    moment: datetime, leaves: bool
) -> None:
    p = person()
    p.change_profile(LAST_DAY)
    p.at = moment
    assert p.is_leaving == leaves
    assert p.would_leave(LAST_DAY) == leaves
    assert not p.would_leave(PROFILE)


def test_leaving_ends_relation_leave_and_offer() -> None:
    p = person()
    with_ben(p)
    p.start_leave(MONDAY, None)
    p.offer_mentoring(("python",), 1)
    p.change_profile(LAST_DAY)
    given(p).at(GONE).when(Person.settle_employment, Person.settle_employment).then(
        ("people.partner_released", {"partner": BEN, "until": GONE}),
        ("people.left", {"on": LAST_DAY.end_date}),
    )
    assert (p.left_on, p.leaves, p.offer, p.partner) == (LAST_DAY.end_date, [], None, None)
    assert not p.is_leaving


def test_whoever_leaves_without_a_partner_leaves_all_the_same() -> None:
    p = person()
    given(p).when(left).then(
        ("people.profile_changed", {**_said(PROFILE), "end_date": LAST_DAY.end_date}),
        ("people.left", {"on": LAST_DAY.end_date}),
    )


def test_a_last_day_that_was_wrong_is_corrected_once_whichever_way() -> None:
    p = person()
    left(p)
    for day in (date(2026, 3, 3), date(2026, 3, 4)):
        corrected = replace(PROFILE, end_date=day)
        p.change_profile(corrected)
        assert not p.would_leave(corrected)
        given(p).when(Person.settle_employment, Person.settle_employment).then(
            ("people.left", {"on": day})
        )
        assert p.left_on == day


def test_whoever_left_on_that_day_or_before_is_erased_once() -> None:
    p = person()
    left(p)
    day = date(2026, 3, 4)
    given(p).when(
        lambda p: p.erase_over(date(2026, 3, 3), "words"),
        lambda p: p.erase_over(day, "words"),
        lambda p: p.erase_over(day, "words"),
        lambda p: p.erase_over(day, "link"),
        lambda p: p.erase_over(day, "words"),
    ).then(("people.erased", {"depth": "words"}), ("people.erased", {"depth": "link"}))


def test_of_erasures_by_time_it_is_told_whether_they_are_new() -> None:
    p = person()
    assert not p.erase_over(date(2026, 12, 31), "words")
    left(p)
    p.place_hold("case-7", None)
    assert not p.erase_over(date(2026, 12, 31), "words")
    p.release_hold()
    assert [p.erase_over(date(2026, 12, 31), "words") for _ in range(2)] == [True, False]


def test_nobody_is_erased_by_a_last_day_that_was_corrected_unrecorded() -> None:
    """As releases before did."""
    p = person()
    left(p)
    p.change_profile(replace(PROFILE, end_date=date(2026, 3, 5)))
    p.at = GONE + DAY
    given(p).when(lambda p: p.erase_over(date(2026, 3, 4), "words")).then(
        ("people.left", {"on": date(2026, 3, 5)})
    )


def test_whoever_is_taken_in_again_has_rejoined_once() -> None:
    p = person()
    left(p)
    given(p).when(
        lambda p: p.change_profile(PROFILE), Person.settle_employment, Person.settle_employment
    ).then(("people.profile_changed", _said(PROFILE)), ("people.rejoined", {}))
    assert p.left_on is None


def test_a_rehire_begins_anew_with_whoever_is_the_partner() -> None:
    p = person()
    assert not p.has_a_past
    with_ben(p)
    assert (p.has_a_past, p.relations[0].employed_since) == (False, None)
    left(p)
    back = GONE + DAY
    p.at = back
    p.change_profile(PROFILE)
    p.settle_employment()
    assert (p.employed_since, p.has_a_past) == (back, False)
    p.at = back + DAY
    with_ben(p)
    assert p.relations[0].employed_since is None
    assert p.relations[1] == Relation(BEN, p.at, valid_from=p.at, employed_since=back)
    assert p.has_a_past


def test_there_is_a_past_also_where_nobody_was_the_partner_before_a_rehire() -> None:
    p = person()
    left(p)
    p.change_profile(PROFILE)
    p.settle_employment()
    with_ben(p)
    assert p.has_a_past


def test_there_is_a_past_with_whoever_follows_somebody_else() -> None:
    p = person()
    with_ben(p)
    p.assign_partner(EVE)
    assert p.has_a_past


def test_nobody_who_is_there_leaves_or_rejoins() -> None:
    given(person()).when(Person.settle_employment).then()


def test_a_hold_keeps_the_record_until_it_is_released() -> None:
    p = person()
    hold: Callable[[Person], None] = lambda p: p.place_hold("case-7", date(2026, 6, 1))  # noqa: E731
    given(p).when(hold, hold).then(
        ("people.hold_placed", {"reason": "case-7", "review": date(2026, 6, 1)})
    )
    assert p.hold == Hold("case-7", date(2026, 6, 1), None, p.at)
    given(p).when(Person.erase).refused(OnHold)
    p.release_hold()
    assert p.hold is None
    given(p).when(Person.release_hold).refused(NotOnHold)


def test_reminders_are_declined_and_wanted_again() -> None:
    p = person()
    given(p).when(Person.want_reminders, Person.decline_reminders, Person.decline_reminders).then(
        ("people.reminders_declined", {})
    )
    assert not p.wants_reminders
    given(p).when(Person.want_reminders).then(("people.reminders_wanted", {}))
    assert p.wants_reminders


def test_an_erasure_is_recorded_once_for_each_depth_and_never_taken_back() -> None:
    p = person()
    p.offer_mentoring(("python",), 1)
    given(p).when(
        Person.erase,
        Person.erase,
        lambda p: p.erase("link"),
        lambda p: p.erase("link"),
        Person.erase,
    ).then(("people.erased", {"depth": "words"}), ("people.erased", {"depth": "link"}))
    assert (p.erased, p.offer) == ("link", None)


def test_an_erasure_that_goes_further_is_as_deep_and_as_old_as_the_one_before() -> None:
    p = person()
    given(p).at(MONDAY).when(Person.erase_further).then()
    given(p).at(MONDAY).when(lambda p: p.erase("link")).then(("people.erased", {"depth": "link"}))
    given(p).at(LATER).when(Person.erase_further).then(("people.erased", {"depth": "link"}))
    assert (p.erased, p.erased_at) == ("link", MONDAY)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.change_profile(LAST_DAY),
        lambda p: p.assign_partner(EVE),
        lambda p: p.propose_partner(EVE),
        lambda p: p.offer_mentoring(("python",), 1),
        lambda p: p.start_leave(MONDAY, None),
        lambda p: p.end_leave(LATER),
        lambda p: p.place_hold("case-7", None),
    ],
)
def test_of_whoever_was_erased_nothing_more_is_recorded(change: Callable[[Person], None]) -> None:
    p = person()
    p.start_leave(MONDAY, None)
    given(p, Person.erase).when(change).refused(PersonErased)


def test_whoever_was_erased_gets_no_reminder_to_decline_or_to_want() -> None:
    given(person(), Person.erase).when(Person.decline_reminders).then()
    given(person(), Person.decline_reminders, Person.erase).when(Person.want_reminders).then()


def _said(profile: object) -> dict[str, object]:
    return {name: value for name, value in vars(profile).items() if value is not None}
