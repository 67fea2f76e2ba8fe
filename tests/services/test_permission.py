"""The table of docs/access.md, cell by cell, written down by hand a second time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.access import SEES
from services.permission import (
    Employment,
    Exemption,
    Handover,
    Relation,
    Resource,
    decide,
)
from services.showing import reaches_partner
from shared.principal import Principal
from tests.examples import ANA, BEN, EVE

EARLIER = datetime(2026, 1, 5, tzinfo=UTC)
CHANGE = datetime(2026, 2, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
THEN = (EARLIER + timedelta(days=1),)
LATELY = (CHANGE + timedelta(days=1),)
BENS = Relation(BEN, EARLIER, CHANGE)
EVES = Relation(EVE, CHANGE)
RELATIONS = (BENS, EVES)


def somebody(role: str, person: UUID | None = None) -> Principal:
    return Principal("acme", frozenset({role}), role, person)


WHO = {
    "employee": somebody("employee", ANA),
    "earlier": somebody("partner", BEN),
    "new": somebody("partner", EVE),
    "stranger": somebody("partner", UUID(int=7)),
    **{role: somebody(role) for role in ("hr", "auditor", "dpo", "ops", "platform", "admin")},
}


def thing(kind: str, **more: Any) -> Resource:
    return Resource(kind, ANA, **more)  # type: ignore[arg-type]


NOBODY = dict.fromkeys(WHO, "none")
TABLE: dict[str, tuple[Resource, dict[str, str]]] = {
    "unshared answer": (thing("answer", shown=()), {"employee": "all"}),
    "answer shared before the new partner": (
        thing("answer", shown=THEN),
        {"employee": "all", "hr": "counts", "auditor": "hashes"},
    ),
    "answer shared with the new partner": (
        thing("answer", shown=LATELY),
        {"employee": "all", "new": "all", "hr": "counts", "auditor": "hashes"},
    ),
    "plan never proposed": (
        thing("plan", shown=()),
        {"employee": "all", "hr": "counts", "auditor": "outline", "platform": "state"},
    ),
    "plan proposed before the new partner": (
        thing("plan", shown=THEN),
        {"employee": "all", "hr": "counts", "auditor": "outline", "platform": "state"},
    ),
    "plan proposed to the new partner": (
        thing("plan", shown=LATELY),
        {
            "employee": "all",
            "new": "all",
            "hr": "counts",
            "auditor": "outline",
            "platform": "state",
        },
    ),
    "open promise of the earlier partner": (
        thing("promise", shown=THEN, author=BEN),
        {
            "employee": "all",
            "earlier": "all",
            "new": "all",
            "hr": "all",
            "auditor": "outline",
            "dpo": "all",
        },
    ),
    "settled promise of the earlier partner": (
        thing("promise", shown=THEN, author=BEN, settled=True),
        {"employee": "all", "hr": "all", "auditor": "outline", "dpo": "all"},
    ),
    "open promise of somebody else": (
        thing("promise", shown=THEN, author=UUID(int=7)),
        {"employee": "all", "new": "all", "hr": "all", "auditor": "outline", "dpo": "all"},
    ),
    "own note of the earlier partner": (
        thing("note", shown=(), author=BEN),
        {"earlier": "all", "auditor": "hashes", "dpo": "all"},
    ),
    "own note of the new partner": (
        thing("note", shown=(), author=EVE),
        {"new": "all", "auditor": "hashes", "dpo": "all"},
    ),
    "note that the earlier partner shared": (
        thing("note", shown=THEN, author=BEN),
        {"employee": "all", "earlier": "all", "auditor": "hashes", "dpo": "all"},
    ),
    "own note of the employee": (
        thing("note", shown=(), author=ANA),
        {"employee": "all", "auditor": "hashes"},
    ),
    "note that the employee shared with the new partner": (
        thing("note", shown=LATELY, author=ANA),
        {"employee": "all", "new": "all", "auditor": "hashes"},
    ),
    "draft of the employee": (thing("draft", author=ANA), {"employee": "all"}),
    "draft of the earlier partner": (thing("draft", author=BEN), {"earlier": "all"}),
    "draft of the new partner": (thing("draft", author=EVE), {"new": "all"}),
    "state": (
        thing("state"),
        {
            "employee": "all",
            "new": "turn",
            "hr": "buckets",
            "auditor": "all",
            "dpo": "all",
            "ops": "ids",
            "platform": "state",
        },
    ),
    "that something was declined": (
        thing("patience"),
        {"employee": "all", "new": "resting", "auditor": "all", "dpo": "all"},
    ),
    "who read my words": (
        thing("disclosures"),
        {"employee": "all", "auditor": "all", "dpo": "all"},
    ),
}
CELLS = [
    pytest.param(resource, who, (NOBODY | seen)[who], id=f"{row}: {who}")
    for row, (resource, seen) in TABLE.items()
    for who in WHO
]


@pytest.mark.parametrize(("resource", "who", "fields"), CELLS)
def test_what_somebody_sees_of_something(resource: Resource, who: str, fields: str) -> None:
    found = decide(WHO[who], "read", resource, RELATIONS, NOW)
    assert (found.fields, found.allowed) == (fields, fields != "none")


def test_every_row_of_the_table_is_tried() -> None:
    tried = {
        {"answer": "unshared", "plan": "unproposed"}.get(thing_.kind, thing_.kind)
        if thing_.shown == ()
        else thing_.kind
        for thing_, _ in TABLE.values()
    }
    assert tried == set(SEES)


@pytest.mark.parametrize(
    ("choice", "fields"), [("nothing", "none"), ("plan", "titles"), ("plan_and_answers", "all")]
)
def test_a_new_partner_sees_of_an_earlier_plan_what_is_handed_over(
    choice: str, fields: str
) -> None:
    ties = (BENS, Relation(EVE, CHANGE, None, Handover(choice, NOW)))
    assert decide(WHO["new"], "read", thing("plan", shown=THEN), ties, NOW).fields == fields
    assert decide(WHO["new"], "read", thing("plan", shown=()), ties, NOW).fields == "none"


def test_only_named_answers_are_handed_over_shared_before_or_not() -> None:
    ties = (BENS, Relation(EVE, CHANGE, None, Handover("plan_and_answers", NOW, frozenset({"a"}))))
    for shown in (THEN, ()):
        assert decide(WHO["new"], "read", thing("answer", shown=shown, name="a"), ties, NOW).allowed
        other = thing("answer", shown=shown, name="b")
        assert not decide(WHO["new"], "read", other, ties, NOW).allowed


def test_what_is_taken_back_after_the_hand_over_is_not_seen_any_more() -> None:
    handover = Handover("plan_and_answers", CHANGE + timedelta(days=1), frozenset({"a"}))
    ties = (BENS, Relation(EVE, CHANGE, None, handover))
    back = thing("answer", shown=(), name="a", taken_back=CHANGE + timedelta(days=2))
    assert not decide(WHO["new"], "read", back, ties, NOW).allowed
    before = thing("answer", shown=(), name="a", taken_back=CHANGE)
    assert decide(WHO["new"], "read", before, ties, NOW).allowed


def test_a_hand_over_names_the_ground() -> None:
    ties = (BENS, Relation(EVE, CHANGE, None, Handover("plan_and_answers", NOW, frozenset({"a"}))))
    found = decide(WHO["new"], "read", thing("answer", shown=THEN, name="a"), ties, NOW)
    assert found.reason == "handed_over"
    later = decide(WHO["new"], "read", thing("answer", shown=LATELY), ties, NOW)
    assert later.reason == "partner"


def test_whoever_becomes_the_partner_again_sees_their_own_times_and_not_the_gap() -> None:
    back = (BENS, Relation(EVE, CHANGE, NOW), Relation(BEN, NOW))
    later = NOW + timedelta(days=1)
    assert decide(WHO["earlier"], "read", thing("answer", shown=THEN), back, later).allowed
    assert not decide(WHO["earlier"], "read", thing("answer", shown=LATELY), back, later).allowed


BACK = NOW - timedelta(days=1)
"""When Ana, who had left, was taken in again."""
KINDS = ("answer", "plan", "note")


def again(handover: Handover | None = None) -> tuple[Relation, ...]:
    """Ben was Ana's partner, she left and came back, and he is her partner again."""
    return BENS, Relation(BEN, BACK, None, handover, employed_since=BACK)


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_rehire_the_same_partner_sees_nothing_that_was_shown_before(kind: str) -> None:
    before = thing(kind, shown=THEN, author=ANA)
    assert not decide(WHO["earlier"], "read", before, again(), NOW).allowed
    assert not reaches_partner(before, again(), NOW)
    since = thing(kind, shown=(*THEN, BACK), author=ANA)
    found = decide(WHO["earlier"], "read", since, again(), NOW)
    assert (found.fields, found.reason) == ("all", "partner")
    assert reaches_partner(since, again(), NOW)


def test_what_was_shown_to_nobody_before_a_rehire_waits_for_nobody() -> None:
    named = (Relation(EVE, BACK, None, None, employed_since=BACK),)
    assert not decide(WHO["new"], "read", thing("answer", shown=THEN), named, NOW).allowed
    alone = (BENS, Employment(BACK))
    assert not reaches_partner(thing("answer", shown=THEN), alone[1:], NOW)
    assert not reaches_partner(thing("answer", shown=(CHANGE,)), alone, NOW)
    meanwhile = thing("answer", shown=(BACK,))
    assert reaches_partner(meanwhile, alone, NOW)
    later = (Relation(EVE, NOW, None, None, employed_since=BACK),)
    assert decide(WHO["new"], "read", meanwhile, later, NOW).allowed


@pytest.mark.parametrize(
    ("handover", "plan", "answer"),
    [
        (Handover("nothing", NOW, by_person=True), "none", "none"),
        (Handover("plan", NOW), "none", "none"),
        (Handover("plan", NOW, by_person=True), "titles", "none"),
        (Handover("plan_and_answers", NOW, frozenset({"a"}), by_person=True), "all", "all"),
    ],
)
def test_what_was_before_a_rehire_comes_back_by_the_persons_own_choice_alone(
    handover: Handover, plan: str, answer: str
) -> None:
    """The outline is also what a new partner gets by itself where nobody chooses."""
    for kind, fields in (("plan", plan), ("answer", answer)):
        before = thing(kind, shown=THEN, name="a")
        found = decide(WHO["earlier"], "read", before, again(handover), NOW)
        assert found.fields == fields
        assert found.reason == ("not_granted" if fields == "none" else "handed_over")


@pytest.mark.parametrize("office", ["dpo", "auditor"])
def test_no_office_opens_to_its_holder_what_others_wrote_about_them(office: str) -> None:
    both = Principal("acme", frozenset({"employee", office}), "ana", ANA)
    request = Exemption("access_request", CHANGE, NOW + timedelta(days=1), to="client:somebody")
    for others in (thing("note", shown=(), author=BEN), thing("draft", author=BEN)):
        assert not decide(both, "read", others, (*RELATIONS, request), NOW).allowed
    package = Resource("package", ANA)
    assert decide(both, "read", package, (), NOW).standing == "employee"
    refused = decide(both, "approve", package, (), NOW)
    assert (refused.allowed, refused.known) == (False, True)
    assert decide(both, "approve", Resource("package"), (), NOW).allowed == (office == "dpo")


def test_what_is_shown_while_nobody_is_the_partner_is_for_the_next_one() -> None:
    gap = (BENS, Relation(EVE, NOW))
    meanwhile = (CHANGE + timedelta(days=3),)
    later = NOW + timedelta(days=1)
    answer = thing("answer", shown=meanwhile)
    assert decide(WHO["new"], "read", answer, gap, later).reason == "partner"
    assert reaches_partner(answer, (BENS,), NOW)
    assert not reaches_partner(thing("answer", shown=THEN), (BENS,), NOW)


def test_a_relation_that_is_still_to_come_opens_nothing() -> None:
    future = (BENS, Relation(EVE, NOW + timedelta(days=1)))
    assert not decide(WHO["new"], "read", thing("answer", shown=LATELY), future, NOW).allowed


def test_a_relation_without_the_role_or_the_role_without_a_relation_opens_nothing() -> None:
    plain = somebody("employee", EVE)
    assert not decide(plain, "read", thing("answer", shown=LATELY), RELATIONS, NOW).allowed
    assert not decide(
        somebody("partner"), "read", thing("answer", shown=LATELY), RELATIONS, NOW
    ).allowed


def test_an_auditor_reads_words_in_a_granted_case_while_it_lasts_and_nobody_else_does() -> None:
    case = Exemption("case", CHANGE, NOW, to="client:auditor")
    answer, within = thing("answer", shown=THEN), NOW - timedelta(days=1)
    ties = (*RELATIONS, case)
    found = decide(WHO["auditor"], "read", answer, ties, within)
    assert (found.fields, found.reason) == ("all", "case")
    assert decide(WHO["auditor"], "read", answer, ties, NOW).fields == "hashes"
    other = Principal("acme", frozenset({"auditor"}), "another")
    assert decide(other, "read", answer, ties, within).fields == "hashes"
    assert decide(WHO["hr"], "read", answer, ties, within).fields == "counts"


@pytest.mark.parametrize(
    "asked",
    [
        thing("answer", shown=()),
        thing("answer", shown=THEN),
        thing("plan", shown=THEN),
        thing("plan", shown=()),
        thing("draft", author=BEN),
        thing("note", shown=(), author=ANA),
    ],
)
def test_on_an_access_request_data_protection_reads_everything(asked: Resource) -> None:
    request = Exemption("access_request", CHANGE, NOW)
    within = NOW - timedelta(days=1)
    found = decide(WHO["dpo"], "read", asked, (*RELATIONS, request), within)
    assert (found.fields, found.reason) == ("all", "access_request")
    assert not decide(WHO["dpo"], "read", asked, RELATIONS, within).allowed


def test_on_an_access_request_the_employee_gets_the_partners_own_notes() -> None:
    note = thing("note", shown=(), author=BEN)
    request = Exemption("access_request", CHANGE, NOW + timedelta(days=1))
    assert not decide(WHO["employee"], "read", note, RELATIONS, NOW).allowed
    assert decide(WHO["employee"], "read", note, (*RELATIONS, request), NOW).allowed


def test_an_exemption_without_an_end_lasts() -> None:
    note, ever = thing("note", shown=(), author=BEN), Exemption("access_request", CHANGE, None)
    assert decide(WHO["employee"], "read", note, (ever,), NOW + timedelta(days=9_999)).allowed
    assert not decide(WHO["employee"], "read", note, (ever,), CHANGE - timedelta(days=1)).allowed


def test_whoever_changes_a_plan_sees_all_of_it() -> None:
    titles = (BENS, Relation(EVE, CHANGE, None, Handover("plan", NOW)))
    whole = (BENS, Relation(EVE, CHANGE, None, Handover("plan_and_answers", NOW)))
    plan = thing("plan", shown=THEN)
    assert not decide(WHO["new"], "write", plan, RELATIONS, NOW).known
    refused = decide(WHO["new"], "write", plan, titles, NOW)
    assert (refused.allowed, refused.known) == (False, True)
    assert decide(WHO["new"], "write", plan, whole, NOW).standing == "partner"
    assert decide(WHO["employee"], "write", plan, RELATIONS, NOW).standing == "employee"
    for role in ("hr", "auditor", "dpo", "platform", "ops", "admin"):
        assert not decide(WHO[role], "write", plan, RELATIONS, NOW).allowed


def test_whoever_promised_reports_on_it_until_it_is_settled() -> None:
    promised = thing("promise", shown=THEN, author=BEN)
    assert decide(WHO["earlier"], "write", promised, RELATIONS, NOW).allowed
    assert decide(WHO["new"], "write", promised, RELATIONS, NOW).allowed
    settled = thing("promise", shown=THEN, author=BEN, settled=True)
    assert not decide(WHO["earlier"], "write", settled, RELATIONS, NOW).known
    assert not decide(WHO["hr"], "write", promised, RELATIONS, NOW).allowed


def test_several_roles_together_see_the_most_that_one_of_them_does() -> None:
    both = Principal("acme", frozenset({"partner", "hr"}), "eve", EVE)
    assert decide(both, "read", thing("answer", shown=LATELY), RELATIONS, NOW).fields == "all"
    assert decide(both, "read", thing("answer", shown=THEN), RELATIONS, NOW).fields == "counts"


@pytest.mark.parametrize("role", ["employee", "partner", "hr", "ops"])
def test_what_belongs_to_no_person_goes_by_the_role(role: str) -> None:
    found = decide(somebody(role, BEN), "read", Resource("cycle"), (), NOW)
    assert (found.standing, found.fields, found.reason) == (role, "all", role)


def test_the_same_question_always_has_the_same_answer() -> None:
    for resource, _ in TABLE.values():
        first = [decide(who, "read", resource, RELATIONS, NOW) for who in WHO.values()]
        turned = tuple(reversed(RELATIONS))
        assert first == [decide(who, "read", resource, turned, NOW) for who in WHO.values()]


def test_a_relation_lasts_from_its_first_moment_up_to_its_last_which_is_the_next_ones() -> None:
    assert BENS.lasts_at(EARLIER)
    assert not BENS.lasts_at(EARLIER - timedelta.resolution)
    assert BENS.lasts_at(CHANGE - timedelta.resolution)
    assert not BENS.lasts_at(CHANGE)
    assert EVES.lasts_at(CHANGE)
