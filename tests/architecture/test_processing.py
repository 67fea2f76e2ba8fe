"""The records of processing name every kind of event, and their page is made of the table.

CAIRN_WRITE_DOCS=1 pytest tests/architecture/test_processing.py writes the page anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest

from console.registry import REGISTRY
from services.access import EVERYBODY, MAY, SEES, Fields, If, Kind
from services.integration.catalogue import OUTSIDE
from services.processing import PROCESSING, Processing, group_of

PAGE = Path(__file__).parents[2] / "docs" / "records-of-processing.md"
HEAD = """\
# Records of processing

What is kept of whom, why, for how long and for whom (GDPR, article 30), by the kinds of events that
the record may hold: there are no others. Made from
[services/processing.py](../services/processing.py) by a test; don't edit it here. The controller is the
company that runs Cairn; it adds its name, its contact, its legal grounds and its transfers.

Words are encrypted under a key of each person ([ADR 4](adr/0004-subjects-and-keys.md)), facts are ids,
codes and dates. Words of people are kept until the policy's `retention.words` after their last day,
facts as theirs until `retention.link`; from then on nobody can say whose they were. A legal hold keeps
both for as long as it lasts. Whatever is erased is unreadable at once
([ADR 39](adr/0039-forgetting.md)), and in backups of the keys until they expire
(`CAIRN_BACKUPS_KEPT`). Who sees what in detail: [access.md](access.md).
"""
KEPT = {
    "person": "words until `retention.words` after the last day, facts as theirs until `retention.link`",
    "company": "with the record",
}
BESIDE = (
    ("drafts", "to lose no half-written thought", "until recorded or thrown away",
     "their author; data protection on an access request"),
    ("sessions", "to know who is logged in", "30 days after the last sign of life", "nobody"),
    ("forms of an ended session", "to lose no word", "until sent or thrown away", "their author"),
    ("answers to writes, with their keys", "one effect for each request",
     "with the record; ids, codes and versions", "whoever sent it"),
    ("logs, traces, metrics", "to run it", "as ops decide; ids and codes by a closed list", "ops"),
    ("Temporal's database", "to know when something is due",
     "the namespace's retention; ids, codes and dates, encrypted", "ops"),
    ("mail", "to reach people", "at the company's mail server", "the person written to"),
    ("bundles", "to let an auditor take the record along", "`retention.bundles` of the policy",
     "whoever may audit"),
)  # fmt: skip
"""What isn't in the record; drafts and forms go with the key of their person."""


READ: dict[str, tuple[Kind, ...]] = {
    "Roster": ("person", "roster"),
    "Relations": ("person",),
    "Absence": ("person",),
    "Own choices": ("mentoring",),
    "Duties of data protection": (
        "hold",
        "retention",
        "case",
        "correction",
        "package",
        "disclosures",
    ),
    "Cycle": ("cycle", "state", "patience"),
    "Mail": ("notice",),
    "Conversation": ("conversation", "answer"),
    "Notes": ("note",),
    "Plan": ("plan", "promise", "promises"),
    "Roll-outs": ("batch", "feed"),
    "Doors": ("client", "webhook"),
    "Rules": ("policy", "guide"),
    "Bundles": ("audit",),
}
"""By group, the things whose readers its events reach."""
ELSEWHERE = {"insight", "events", "draft"}
"""Counts of groups; what `OUTSIDE` lists; what isn't in the record."""
BESIDES = {
    "Own choices": {"colleagues who look for a mentor"},
    "Duties of data protection": {"conversation partner"},
}
"""Who gets some of it beside something else that they read."""
CALLED = {
    "employee": "employee", "partner": "conversation partner", "new_partner": "conversation partner",
    "earlier_partner": "conversation partner", "hr": "HR", "platform": "HR platform",
    "auditor": "auditor", "dpo": "data protection", "ops": "ops", "admin": "administrators",
}  # fmt: skip


def readers(group: Processing) -> set[str]:
    """Who gets it: whose it is, by office or relation as access has it, and by the change feed."""
    found = set(MAY["audit", "read"]) | ({"employee"} if group.kept == "person" else set())
    for kind in READ[group.name]:
        found |= MAY.get((kind, "read"), set()) | MAY.get((kind, "list"), set())
        found |= {who for who, seen in SEES.get(kind, {}).items() if seen != "counts"}
    if any(group_of(topic) is group for topic in OUTSIDE):
        found |= MAY["events", "read"]
    return {CALLED[who] for who in found} | BESIDES.get(group.name, set())


def page() -> str:
    return HEAD + "".join(chain.from_iterable(map(section, PROCESSING))) + beside()


def beside() -> str:
    """What is kept beside the record."""
    head = "\n## Beside the record\n\n| what | purpose | kept | recipients |\n|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in BESIDE)


def section(group: Processing) -> Iterator[str]:
    yield f"\n## {group.name}\n\n"
    yield f"- **Purpose**: {group.purpose}\n- **Category**: {group.category}\n"
    yield f"- **Kept**: {KEPT[group.kept]}\n- **Recipients**: {', '.join(group.recipients)}\n\n"
    yield "| kind | facts | words |\n|---|---|---|\n"
    for topic, kind in REGISTRY.types.items():
        if group_of(topic) is group:
            yield f"| `{topic}` | {', '.join(kind.facts)} | {', '.join(kind.words)} |\n"


def test_the_page_says_what_the_table_says() -> None:
    if os.environ.get("CAIRN_WRITE_DOCS"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page(), "run this file with CAIRN_WRITE_DOCS=1"


def test_no_kind_of_event_is_missing() -> None:
    assert [topic for topic in REGISTRY.types if group_of(topic) is None] == []


@pytest.mark.parametrize("group", PROCESSING, ids=lambda group: group.name)
def test_each_group_names_events_that_exist_and_no_other_group_does(group: Processing) -> None:
    for named in group.events:
        context, _, what = named.partition(".")
        assert named in REGISTRY.types or (what == "*" and context in REGISTRY.aggregates), named
        assert [other.name for other in PROCESSING if named in other.events] == [group.name]
    assert any(group_of(topic) is group for topic in REGISTRY.types)


@pytest.mark.parametrize("group", PROCESSING, ids=lambda group: group.name)
def test_each_group_names_everybody_who_gets_it_and_nobody_else(group: Processing) -> None:
    named = {who.partition(" (")[0] for who in group.recipients}
    everybody = {CALLED[who] for who in EVERYBODY}
    assert (everybody if named == {"everybody of the company"} else named) == readers(group)


def test_the_readers_of_each_thing_count_for_some_group() -> None:
    assert set(chain.from_iterable(READ.values())) | ELSEWHERE == set(get_args(Kind))


def test_auditors_get_words_where_a_case_opens_them() -> None:
    opened = {kind for kind, row in SEES.items() if _is_by_case(row.get("auditor"))}
    told = {g.name for g in PROCESSING if "auditor (words in a granted case)" in g.recipients}
    assert told == {name for name, kinds in READ.items() if opened & set(kinds)}


def _is_by_case(seen: Fields | If | None) -> bool:
    return isinstance(seen, If) and seen.condition == "case"


def test_what_holds_words_is_kept_no_longer_than_the_person_is() -> None:
    about_people = [topic for topic, kind in REGISTRY.types.items() if kind.words]
    assert {g.kept for topic in about_people if (g := group_of(topic))} == {"person"}
