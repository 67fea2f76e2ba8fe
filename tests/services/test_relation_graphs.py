"""Random histories of partners, showing and hand-overs, judged a second time by living through them.

`decide` works from dates alone; the reference goes day by day and keeps a list of who was given what.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.permission import Fields, Handover, Relation, Resource, decide
from shared.principal import Principal
from tests.examples import ANA
from tests.proving import LONG, Proof

PEOPLE = [UUID(int=number) for number in range(1, 4)]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOW_MANY = 10_000 if LONG else 1_000
HANDED = ["nothing", "plan", "by itself", "named", "unnamed"]
DAYS = st.one_of(
    st.tuples(st.just("partner"), st.sampled_from([*PEOPLE, None])),
    st.tuples(st.just("show"), st.none()),
    st.tuples(st.just("take back"), st.none()),
    st.tuples(st.just("rehire"), st.none()),
    st.tuples(st.just("hand over"), st.sampled_from(HANDED)),
)
History = list[tuple[str, UUID | str | None]]


class Reference:
    """Who holds what of one answer and one plan, by living through the days."""

    def __init__(self) -> None:
        self.partner: UUID | None = None
        self.given: set[UUID | None] = set()
        self.handed: set[UUID] = set()
        self.plan_given: set[UUID | None] = set()
        self.plan_was_given = False
        self.plan_handed: dict[UUID, str] = {}

    def live(self, what: str, who: UUID | str | None) -> None:
        if what == "partner":
            self.become_partner(who if isinstance(who, UUID) else None)
        elif what == "show":
            self.given.add(self.partner)
            self.plan_given.add(self.partner)
            self.plan_was_given = True
        elif what == "take back":
            self.given.clear()
            self.handed.clear()
        elif what == "rehire":
            self.become_partner(None)
            self.given.clear()
            self.plan_given.clear()
        elif what == "hand over" and self.partner is not None:
            self.handed.discard(self.partner)
            if who == "named":
                self.handed.add(self.partner)
            self.plan_handed[self.partner] = str(who)

    def become_partner(self, who: UUID | None) -> None:
        if who is not None and who != self.partner:
            for held in (self.given, self.plan_given):
                if None in held:
                    held.remove(None)
                    held.add(who)
        if who != self.partner:
            self.handed.clear()
            self.plan_handed.clear()
        self.partner = who

    def sees_answer(self, person: UUID) -> bool:
        return person == self.partner and person in self.given | self.handed

    def sees_plan(self, person: UUID) -> Fields:
        if person != self.partner or not self.plan_was_given:
            return "none"
        if person in self.plan_given:
            return "all"
        choice = self.plan_handed.get(person, "nothing")
        outline: Fields = "titles" if self.plan_given else "none"
        opens = {"named": "all", "unnamed": "all", "plan": "titles", "by itself": outline}
        return opens.get(choice, "none")  # type: ignore[return-value]


def dates_of(history: History) -> tuple[list[Relation], Resource, Resource]:
    """The same history as permission gets it."""
    relations: list[Relation] = []
    answer = Resource("answer", ANA, shown=(), name="it")
    plan = Resource("plan", ANA, shown=())
    employed_since: datetime | None = None
    for number, (what, who) in enumerate(history):
        at = BEGIN + timedelta(days=number)
        lasting = bool(relations) and relations[-1].until is None
        if what == "partner" and not (lasting and relations[-1].partner == who):
            if lasting:
                relations[-1] = replace(relations[-1], until=at)
            if isinstance(who, UUID):
                relations.append(Relation(who, at, employed_since=employed_since))
        elif what == "show":
            answer = replace(answer, shown=(*(answer.shown or ()), at))
            plan = replace(plan, shown=(*(plan.shown or ()), at))
        elif what == "rehire":
            employed_since = at
            if lasting:
                relations[-1] = replace(relations[-1], until=at)
        elif what == "take back":
            answer = replace(answer, shown=(), taken_back=at)
        elif what == "hand over" and lasting:
            choices = {
                "named": "plan_and_answers",
                "unnamed": "plan_and_answers",
                "by itself": "plan",
            }
            names = frozenset({"it"} if who == "named" else ())
            choice, by_person = choices.get(str(who), str(who)), who != "by itself"
            relations[-1] = replace(relations[-1], handover=Handover(choice, at, names, by_person))
    return relations, answer, plan


@given(st.lists(DAYS, min_size=4, max_size=14))
@settings(max_examples=HOW_MANY, deadline=None, database=None)
def check(history: History) -> None:
    reference = Reference()
    for day in history:
        reference.live(*day)
    relations, answer, plan = dates_of(history)
    at = BEGIN + timedelta(days=len(history))
    for person in PEOPLE:
        by = Principal("acme", frozenset({"partner"}), "x", person)
        assert decide(by, "read", answer, relations, at).allowed == reference.sees_answer(person)
        assert decide(by, "read", plan, relations, at).fields == reference.sees_plan(person)
        plain = Principal("acme", frozenset({"employee"}), "x", person)
        assert not decide(plain, "read", answer, relations, at).known


def test_random_histories_are_judged_as_living_through_them_would(proof: Proof) -> None:
    check()
    done = f"{HOW_MANY:,} random histories of partners against a reference policy"
    proof("P7 nobody sees what they may not", done, "0 differences")
