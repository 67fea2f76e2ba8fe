"""The meeting: scheduled by either side, claimed by the partner, made so by the employee alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.conversation.content import NotADuration
from services.conversation.domain import NoDirection
from services.conversation.meeting import MeetingInTheFuture, MeetingInThePast, NotScheduled
from services.conversation.opening import NotOpen, Resting
from tests.examples import BEN, EVE, LATER, MONDAY, concluded, conversation
from tests.given import given

TODAY = date(2026, 3, 2)
EVENING = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the third of March in Berlin
SCHEDULED = {"by": "partner", "partner": BEN, "starts_at": LATER, "duration": "PT1H"}


def test_a_meeting_is_scheduled_with_a_time_a_duration_and_a_place() -> None:
    given(conversation()).when(
        lambda c: c.schedule("employee", BEN, LATER, "PT90M", "The small room")
    ).then(
        (
            "conversation.meeting_scheduled",
            {
                "by": "employee",
                "partner": BEN,
                "starts_at": LATER,
                "duration": "PT90M",
                "sequence": 0,
                "place": "The small room",
            },
        )
    )


def test_the_sequence_rises_with_everything_that_calendars_are_told() -> None:
    hour_later = LATER + timedelta(hours=1)
    given(conversation()).when(
        lambda c: c.schedule("partner", BEN, LATER, "PT1H", None),
        lambda c: c.schedule("partner", BEN, hour_later, "PT1H", None),
        lambda c: c.unschedule("employee"),
        lambda c: c.schedule("partner", BEN, LATER, "PT1H", None),
    ).then(
        ("conversation.meeting_scheduled", SCHEDULED | {"sequence": 0}),
        ("conversation.meeting_scheduled", SCHEDULED | {"starts_at": hour_later, "sequence": 1}),
        ("conversation.meeting_unscheduled", {"by": "employee", "sequence": 2}),
        ("conversation.meeting_scheduled", SCHEDULED | {"sequence": 3}),
    )


def test_the_same_appointment_again_is_nothing_new_whoever_says_it() -> None:
    given(conversation(), lambda c: c.schedule("partner", BEN, LATER, "PT1H", "Here")).when(
        lambda c: c.schedule("employee", BEN, LATER, "PT1H", "Here")
    ).then()


def test_a_meeting_with_another_partner_calls_off_the_one_that_is_still_to_come() -> None:
    c = conversation()
    given(c, lambda c: c.schedule("partner", BEN, LATER, "PT1H", None)).when(
        lambda c: c.schedule("employee", EVE, LATER, "PT1H", None)
    ).then(
        ("conversation.meeting_unscheduled", {"by": "employee", "sequence": 1}),
        (
            "conversation.meeting_scheduled",
            SCHEDULED | {"by": "employee", "partner": EVE, "sequence": 2},
        ),
    )
    told = [(one.partner, one.cancelled) for n in range(3) if (one := c.meeting.told_as(n))]
    assert told == [(BEN, True), (BEN, True), (EVE, False)]
    assert [one.sequence for one in c.meeting.called_off(0)] == [1]
    assert c.meeting.called_off(1) == []


def test_a_meeting_with_another_partner_after_one_that_took_place_calls_nothing_off() -> None:
    met = conversation()
    met.schedule("partner", BEN, LATER, "PT1H", None)
    met.at, again = LATER, LATER + timedelta(days=1)
    given(met).when(lambda c: c.schedule("employee", EVE, again, "PT1H", None)).then(
        (
            "conversation.meeting_scheduled",
            SCHEDULED | {"by": "employee", "partner": EVE, "starts_at": again, "sequence": 1},
        )
    )


def test_a_meeting_with_a_partner_where_there_was_none_calls_nothing_off() -> None:
    alone = conversation()
    alone.schedule("employee", None, LATER, "PT1H", None)
    given(alone).when(lambda c: c.schedule("partner", BEN, LATER, "PT1H", None)).then(
        ("conversation.meeting_scheduled", SCHEDULED | {"sequence": 1})
    )


def test_a_meeting_begins_in_the_future() -> None:
    given(conversation()).when(lambda c: c.schedule("partner", BEN, MONDAY, "PT1H", None)).refused(
        MeetingInThePast
    )


@pytest.mark.parametrize("duration", ["PT4M", "PT25H", "P1M", "P1Y", "an hour", "", "-PT1H", "PT"])
def test_a_meeting_lasts_between_five_minutes_and_a_day(duration: str) -> None:
    given(conversation()).when(lambda c: c.schedule("partner", BEN, LATER, duration, None)).refused(
        NotADuration
    )


def test_only_a_meeting_that_is_scheduled_is_called_off() -> None:
    given(conversation()).when(lambda c: c.unschedule("employee")).refused(NotScheduled)
    given(
        conversation(),
        lambda c: c.schedule("partner", BEN, LATER, "PT1H", None),
        lambda c: c.unschedule("employee"),
    ).when(lambda c: c.unschedule("employee")).refused(NotScheduled)


def test_no_meeting_is_scheduled_after_the_conclusion_but_one_may_be_called_off() -> None:
    given(concluded()).when(lambda c: c.schedule("partner", BEN, LATER, "PT1H", None)).refused(
        NotOpen
    )
    given(
        conversation(),
        lambda c: c.schedule("partner", BEN, EVENING, "PT1H", None),
        lambda c: c.state_direction("deepen", None),
        lambda c: c.conclude("held", TODAY),
    ).when(lambda c: c.unschedule("employee")).then(
        ("conversation.meeting_unscheduled", {"by": "employee", "sequence": 1})
    )


WAIVED = ("conversation.meeting_waived", {})
ENDS: dict[str, tuple[Any, str, list[Any]]] = {
    "declined": (lambda c: c.decline(), "employee", []),
    "closed": (lambda c: c.close(), "nobody", []),
    "concluded": (lambda c: c.conclude("waived", None), "employee", [WAIVED]),
}


@pytest.mark.parametrize("ends", ENDS)
def test_a_meeting_that_is_still_to_come_is_called_off_when_the_conversation_ends_without_it(
    ends: str,
) -> None:
    end, by, before = ENDS[ends]
    c = conversation()
    c.state_direction("deepen", None)
    c.schedule("partner", BEN, LATER, "PT1H", None)
    off = ("conversation.meeting_unscheduled", {"by": by, "sequence": 1})
    given(c).when(end).then(*before, off, (f"conversation.{ends}", {}))


@pytest.mark.parametrize("end", [end for end, *_ in ENDS.values()], ids=ENDS)
def test_a_meeting_that_took_place_or_was_called_off_before_is_left_as_it_is(end: Any) -> None:
    past, off = conversation(), conversation()
    for c in (past, off):
        c.state_direction("deepen", None)
        c.schedule("partner", BEN, LATER, "PT1H", None)
    off.unschedule("employee")
    past.at = LATER
    for c in (past, off):
        given(c).when(end)
        assert "conversation.meeting_unscheduled" not in [e.TOPIC for e in c.collect_events()]


@pytest.mark.parametrize(
    ("starts_at", "zone"), [(EVENING, "UTC"), (EVENING - timedelta(hours=2), "Europe/Berlin")]
)
def test_a_meeting_of_the_day_that_the_employee_says_it_was_held_on_is_not_called_off(
    starts_at: datetime, zone: str
) -> None:
    c = conversation()
    c.state_direction("deepen", None)
    c.schedule("partner", BEN, starts_at, "PT1H", None)
    given(c).when(lambda c: c.conclude("held", TODAY, zone)).then(
        ("conversation.meeting_confirmed", {"held_on": TODAY}), ("conversation.concluded", {})
    )


@pytest.mark.parametrize(("starts_at", "zone"), [(LATER, "UTC"), (EVENING, "Europe/Berlin")])
def test_a_meeting_of_a_later_day_than_they_met_on_is_called_off(
    starts_at: datetime, zone: str
) -> None:
    c = conversation()
    c.state_direction("deepen", None)
    c.schedule("partner", BEN, starts_at, "PT1H", None)
    given(c).when(lambda c: c.conclude("held", None, zone)).then(
        ("conversation.meeting_confirmed", {"held_on": TODAY}),
        ("conversation.meeting_unscheduled", {"by": "employee", "sequence": 1}),
        ("conversation.concluded", {}),
    )


def test_a_meeting_without_a_day_was_held_on_the_employees_own_today() -> None:
    c = conversation()
    c.state_direction("deepen", None)
    given(c).at(EVENING).when(lambda c: c.conclude("held", None, "Europe/Berlin")).then(
        ("conversation.meeting_confirmed", {"held_on": date(2026, 3, 3)}),
        ("conversation.concluded", {}),
    )


def test_the_partner_claims_and_the_employee_confirms_a_meeting() -> None:
    given(
        conversation(),
        lambda c: c.state_direction("expand", None),
        lambda c: c.claim_held(TODAY),
    ).when(lambda c: c.conclude("held", None)).then(
        ("conversation.meeting_confirmed", {"held_on": TODAY}),
        ("conversation.concluded", {}),
    )


def test_the_employee_may_know_better_on_which_day_it_was() -> None:
    friday = date(2026, 2, 27)
    given(
        conversation(),
        lambda c: c.state_direction("expand", None),
        lambda c: c.claim_held(TODAY),
    ).when(lambda c: c.conclude("held", friday)).then(
        ("conversation.meeting_confirmed", {"held_on": friday}),
        ("conversation.concluded", {}),
    )


def test_the_employee_waives_a_meeting_whatever_the_partner_claims() -> None:
    c = conversation()
    c.state_direction("expand", None)
    c.claim_held(TODAY)
    c.conclude("waived", None)
    assert c.meeting.state == "waived"


def test_a_claim_alone_concludes_nothing() -> None:
    claimed = conversation()
    claimed.claim_held(TODAY)
    assert claimed.state == "open"
    assert (claimed.meeting.state, claimed.meeting.outcome) == ("claimed", None)


def test_a_meeting_is_not_held_in_the_future() -> None:
    given(conversation()).when(lambda c: c.claim_held(TODAY + timedelta(days=1))).refused(
        MeetingInTheFuture
    )


def test_a_meeting_is_held_today_where_it_is_tomorrow_already() -> None:
    given(conversation()).at(EVENING).when(lambda c: c.claim_held(date(2026, 3, 3))).then(
        ("conversation.meeting_claimed", {"held_on": date(2026, 3, 3)})
    )


@pytest.mark.parametrize("rest", [lambda c: c.pause(LATER), lambda c: c.decline()])
def test_a_partner_waits_while_it_rests_and_is_not_told_what_for(rest: Any) -> None:
    for act in (
        lambda c: c.schedule("partner", BEN, LATER, "PT1H", None),
        lambda c: c.claim_held(TODAY),
    ):
        given(conversation(), rest).when(act).refused(Resting)


def test_an_employee_schedules_during_a_pause() -> None:
    given(conversation(), lambda c: c.pause(LATER)).when(
        lambda c: c.schedule("employee", BEN, LATER, "PT1H", None)
    ).then(("conversation.meeting_scheduled", SCHEDULED | {"by": "employee", "sequence": 0}))


def test_concluding_needs_a_direction_and_nothing_else() -> None:
    given(conversation()).when(lambda c: c.conclude("waived", None)).refused(NoDirection)
    given(conversation(), lambda c: c.state_direction("undecided", None)).when(
        lambda c: c.conclude("waived", None)
    ).then(("conversation.meeting_waived", {}), ("conversation.concluded", {}))


def test_concluding_twice_is_nothing_new() -> None:
    given(concluded()).when(lambda c: c.conclude("waived", None)).then()
