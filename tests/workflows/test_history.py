"""Cycles that began on an earlier release run on today's code: every stored history is replayed.

A release adds its histories: CAIRN_WRITE_GOLDEN=1 pytest tests/workflows/test_history.py
writes the missing one, and never overwrites any.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.workflows.conftest import Life
from tests.workflows.test_years import STARTED
from workflows.career_cycle import CareerCycle

HISTORIES = Path(__file__).parents[1] / "history" / "workflows"
RELEASE = "career_cycle.0.1.0"
STORED = sorted(HISTORIES.glob("*.json"))


def test_there_is_a_history_of_this_release() -> None:
    assert RELEASE in {path.stem for path in STORED}


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
async def test_a_stored_history_replays_on_todays_code(stored: Path) -> None:
    history = WorkflowHistory.from_json("career/t/p", stored.read_text())
    await Replayer(workflows=[CareerCycle]).replay_workflow(history)


async def test_the_history_of_a_whole_round_replays(life: Life) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.converse(1)
    await life.agree(1)
    await life.env.sleep(timedelta(days=190))
    await life.converse(1, "follow_up")
    await life.until("steady", 1)
    assert life.handle is not None
    history = await life.handle.fetch_history()
    await Replayer(workflows=[CareerCycle]).replay_workflow(history)
    target = HISTORIES / f"{RELEASE}.json"
    if os.environ.get("CAIRN_WRITE_GOLDEN") and not target.exists():
        text = json.dumps(json.loads(history.to_json()), indent=1)
        target.write_text(text + "\n")
