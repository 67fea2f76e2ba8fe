"""Who sees what and who may do what, as two tables; `services/permission.py` reads them.

`SEES` is the table of docs/access.md, row by row; `MAY` says who may do the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

Standing = Literal[
    "employee", "partner", "new_partner", "earlier_partner",
    "platform", "hr", "auditor", "dpo", "ops", "admin", "workflow",
]  # fmt: skip
Kind = Literal[
    "person", "roster", "feed", "cycle", "notice", "batch", "conversation", "plan", "policy", "guide",
    "audit", "case", "package", "correction", "retention", "hold", "insight", "client", "webhook",
    "events", "draft", "answer", "promise", "note", "state", "patience", "disclosures", "promises",
    "mentoring",
]  # fmt: skip
Action = Literal[
    "read", "list", "write", "erase", "answer", "claim", "start", "steer",
    "note", "schedule", "choose", "approve", "hold",
]  # fmt: skip
Fields = Literal[
    "all", "titles", "outline", "hashes", "turn", "resting", "buckets", "state", "ids", "counts",
    "none",
]  # fmt: skip
"""How much of a thing somebody sees, the most first."""


Artefact = Literal["conversation", "meeting", "plan", "promises", "corrections", "package"]
"""What a disclosure says that somebody read."""


@dataclass(frozen=True)
class Handover:
    """What the employee hands over to a new partner: `nothing`, `plan` or `plan_and_answers`.

    `answers` names what was said earlier: answers, facets and directions of single conversations.
    `by_person` says that they chose it themselves; what came by itself opens no earlier employment.
    """

    choice: str
    at: datetime
    answers: frozenset[str] = frozenset()
    by_person: bool = False


@dataclass(frozen=True)
class Relation:
    """Somebody was somebody's conversation partner from `since` until `until`.

    `since` is never before it was recorded, so that no access arises backwards. `employed_since` is when
    the person was taken in again before it; None where they had never left.
    """

    partner: UUID
    since: datetime
    until: datetime | None = None
    handover: Handover | None = None
    employed_since: datetime | None = None

    def lasts_at(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)

    def is_of_employment_at(self, moment: datetime) -> bool:
        """Whether the person has not left and come back between that moment and this relation."""
        return self.employed_since is None or moment >= self.employed_since


@dataclass(frozen=True)
class Employment:
    """The person had left, and was taken in again at a moment."""

    since: datetime


@dataclass(frozen=True)
class Exemption:
    """A dated exception: a case that two people granted an auditor, or the person's access request.

    None as `until` is for good.
    """

    ground: Literal["case", "access_request"]
    since: datetime
    until: datetime | None
    to: str | None = None


Tie = Relation | Employment | Exemption


def present(ties: Iterable[Tie], at: datetime) -> Relation | None:
    """With whom the person talks at a moment; None for nobody."""
    lasting = [tie for tie in ties if isinstance(tie, Relation) and tie.lasts_at(at)]
    return lasting[-1] if lasting else None


@dataclass(frozen=True)
class Resource:
    """What somebody wants to reach.

    `shown` are the moments at which its author put it before the partner of that day and hasn't
    taken it back since; None is a thing that needs no showing. `name` is what a hand-over calls it.
    `author` wrote or promised it. A promise is `settled` once it was kept, broken or released.
    """

    kind: Kind
    person: UUID | None = None
    shown: tuple[datetime, ...] | None = None
    name: str = ""
    taken_back: datetime | None = None
    author: UUID | None = None
    settled: bool = False


class If(NamedTuple):
    """A cell of the table that depends on the circumstances."""

    condition: str
    then: Fields = "all"
    otherwise: Fields = "none"


EVERYBODY: frozenset[Standing] = frozenset(
    {"employee", "partner", "platform", "hr", "auditor", "dpo", "ops", "admin"}
)
MAY: dict[tuple[Kind, Action], frozenset[Standing]] = {
    ("person", "read"): frozenset({"employee", "partner", "platform", "hr", "dpo", "admin"}),
    ("person", "write"): frozenset({"platform", "hr", "admin"}),
    ("person", "erase"): frozenset({"dpo"}),
    ("person", "choose"): frozenset({"employee"}),
    ("person", "hold"): frozenset({"dpo", "admin"}),
    ("feed", "write"): frozenset({"hr", "admin"}),
    ("notice", "read"): frozenset({"platform", "hr", "ops", "admin"}),
    ("batch", "read"): frozenset({"platform", "hr", "admin", "ops"}),
    ("batch", "write"): frozenset({"platform", "hr", "admin"}),
    ("roster", "read"): frozenset({"platform", "hr", "dpo", "admin"}),
    ("cycle", "read"): EVERYBODY,
    ("cycle", "start"): frozenset({"platform", "hr", "admin"}),
    ("cycle", "steer"): frozenset({"platform", "hr", "admin"}),
    ("conversation", "read"): frozenset({"employee", "partner"}),
    ("conversation", "answer"): frozenset({"employee"}),
    ("conversation", "claim"): frozenset({"partner"}),
    ("conversation", "note"): frozenset({"employee", "partner"}),
    ("conversation", "schedule"): frozenset({"employee", "partner"}),
    ("plan", "list"): frozenset({"employee", "partner"}),
    ("plan", "write"): frozenset({"employee", "partner"}),
    ("promises", "read"): frozenset({"employee", "partner", "hr", "auditor", "dpo"}),
    ("promise", "write"): frozenset({"employee", "partner", "new_partner", "earlier_partner"}),
    ("policy", "read"): frozenset({"platform", "hr", "auditor", "dpo", "admin"}),
    ("policy", "write"): frozenset({"platform", "hr", "admin"}),
    ("guide", "read"): EVERYBODY,
    ("guide", "write"): frozenset({"platform", "hr", "admin"}),
    ("guide", "approve"): frozenset({"hr", "admin"}),
    ("audit", "read"): frozenset({"auditor", "dpo"}),
    ("client", "read"): frozenset({"admin"}),
    ("client", "write"): frozenset({"admin"}),
    ("webhook", "read"): frozenset({"platform", "admin"}),
    ("webhook", "write"): frozenset({"platform", "admin", "workflow"}),
    ("events", "read"): frozenset({"platform", "admin"}),
    ("insight", "read"): frozenset({"platform", "hr", "dpo", "admin"}),
    ("case", "write"): frozenset({"auditor"}),
    ("case", "list"): frozenset({"auditor", "dpo", "hr", "admin"}),
    ("case", "approve"): frozenset({"dpo", "hr", "admin"}),
    ("case", "read"): frozenset({"employee", "auditor", "dpo", "hr", "admin"}),
    ("package", "read"): frozenset({"employee", "dpo"}),
    ("package", "write"): frozenset({"employee", "dpo"}),
    ("package", "approve"): frozenset({"dpo"}),
    ("correction", "read"): frozenset({"employee", "hr", "dpo", "admin"}),
    ("correction", "write"): frozenset({"employee"}),
    ("retention", "read"): frozenset({"hr", "dpo", "admin"}),
    ("hold", "read"): frozenset({"hr", "auditor", "dpo", "admin"}),
    ("mentoring", "read"): frozenset({"employee", "platform", "hr", "dpo", "admin"}),
    ("mentoring", "choose"): frozenset({"employee"}),
}

_OWN = If("own")
SEES: dict[str, dict[Standing, Fields | If]] = {
    "draft": {
        "employee": _OWN,
        "partner": _OWN,
        "new_partner": _OWN,
        "earlier_partner": _OWN,
        "dpo": If("requested"),
    },
    "unshared": {
        "employee": "all",
        "partner": "all",  # by a hand-over that names it, which is a way of sharing
        "dpo": If("requested"),
    },
    "answer": {
        "employee": "all",
        "partner": "all",
        "hr": "counts",
        "auditor": If("case", otherwise="hashes"),
        "dpo": If("requested"),
    },
    "unproposed": {
        "employee": "all",
        "hr": "counts",
        "auditor": "outline",
        "dpo": If("requested"),
        "platform": "state",
    },
    "plan": {
        "employee": "all",
        "partner": "all",
        "new_partner": If("plan_handed_over", then="titles"),
        "hr": "counts",
        "auditor": "outline",
        "dpo": If("requested"),
        "platform": "state",
    },
    "promise": {
        "employee": "all",
        "partner": "all",
        "earlier_partner": If("own_and_open"),
        "new_partner": If("open"),
        "hr": "all",
        "auditor": "outline",
        "dpo": "all",
    },
    "note": {
        "employee": If("own_shown_or_requested"),
        "partner": "all",
        "new_partner": _OWN,
        "earlier_partner": _OWN,
        "auditor": "hashes",
        "dpo": If("partners_or_requested"),
    },
    "state": {
        "employee": "all",
        "partner": "turn",
        "new_partner": "turn",
        "hr": "buckets",
        "auditor": "all",
        "dpo": "all",
        "ops": "ids",
        "platform": "state",
    },
    "patience": {
        "employee": "all",
        "partner": "resting",
        "new_partner": "resting",
        "auditor": "all",
        "dpo": "all",
    },
    "disclosures": {"employee": "all", "auditor": "all", "dpo": "all"},
}
"""Who sees what of it: what isn't in the table is nothing."""
