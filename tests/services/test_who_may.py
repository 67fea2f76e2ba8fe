"""Who may do what else, written down by hand a second time: everybody who isn't named may not."""

from __future__ import annotations

import pytest

from services.access import MAY, Resource
from services.permission import decide
from tests.examples import ANA
from tests.services.test_permission import NOW, RELATIONS, WHO, somebody

EVERY_ROLE = "employee partner hr auditor dpo ops platform admin"
HR = "platform hr admin"
TABLE = {
    "person read": "employee partner platform hr dpo admin",
    "person write": HR,
    "person erase": "dpo",
    "person choose": "employee",
    "person hold": "dpo admin",
    "feed write": "hr admin",
    "notice read": "platform hr ops admin",
    "batch read": "platform hr admin ops",
    "batch write": HR,
    "roster read": "platform hr dpo admin",
    "cycle read": EVERY_ROLE,
    "cycle start": HR,
    "cycle steer": HR,
    "conversation read": "employee partner",
    "conversation answer": "employee",
    "conversation claim": "partner",
    "conversation note": "employee partner",
    "conversation schedule": "employee partner",
    "plan list": "employee partner",
    "plan write": "employee partner",
    "promises read": "employee partner hr auditor dpo",
    "promise write": "employee partner",
    "policy read": "platform hr auditor dpo admin",
    "policy write": HR,
    "guide read": EVERY_ROLE,
    "guide write": HR,
    "guide approve": "hr admin",
    "audit read": "auditor dpo",
    "client read": "admin",
    "client write": "admin",
    "webhook read": "platform admin",
    "webhook write": "platform admin workflow",
    "events read": "platform admin",
    "insight read": "platform hr dpo admin",
    "case write": "auditor",
    "case approve": "dpo hr admin",
    "case list": "auditor dpo hr admin",
    "case read": "employee auditor dpo hr admin",
    "package read": "employee dpo",
    "package write": "employee dpo",
    "package approve": "dpo",
    "correction read": "employee hr dpo admin",
    "correction write": "employee",
    "retention read": "hr dpo admin",
    "hold read": "hr auditor dpo admin",
    "mentoring read": "employee platform hr dpo admin",
    "mentoring choose": "employee",
}
CALLERS = {name: who for name, who in WHO.items() if name != "new"}
CALLERS |= {"partner": WHO["new"], "workflow": somebody("workflow")}
"""Of things that need no showing, the present partner is the partner."""


@pytest.mark.parametrize("asked", TABLE)
def test_only_these_may(asked: str) -> None:
    kind, _, action = asked.partition(" ")
    thing = Resource(kind, ANA)  # type: ignore[arg-type]
    found = {
        name
        for name, who in CALLERS.items()
        if decide(who, action, thing, RELATIONS, NOW).allowed  # type: ignore[arg-type]
    }
    assert found == set(TABLE[asked].split())


def test_every_action_is_tried() -> None:
    assert {tuple(asked.split()) for asked in TABLE} == set(MAY)
