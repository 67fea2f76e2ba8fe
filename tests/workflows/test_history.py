"""Cycles that began on an earlier release run on today's code: every stored history is replayed.

A release adds its histories: CAIRN_WRITE_GOLDEN=1 pytest tests/workflows/test_history.py
writes the missing one, and never overwrites any.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from shared.settings import Settings
from tests.workflows.conftest import Life, root_key_of
from tests.workflows.test_years import STARTED
from workflows.career_cycle import CareerCycle
from workflows.codec import Codec, converter

HISTORIES = Path(__file__).parents[1] / "history" / "workflows"
RELEASE = "career_cycle.0.2.0"
STORED = sorted(HISTORIES.glob("*.json"))


def test_there_is_a_history_of_this_release() -> None:
    assert RELEASE in {path.stem for path in STORED}


@pytest.mark.parametrize("stored", STORED, ids=lambda path: path.stem)
async def test_a_stored_history_replays_on_todays_code(stored: Path) -> None:
    history = WorkflowHistory.from_json("career/t/p", stored.read_text())
    await Replayer(workflows=[CareerCycle]).replay_workflow(history)


async def test_the_history_of_a_whole_round_replays(life: Life, settings: Settings) -> None:
    await life.sleep_until(STARTED)
    await life.start("Europe/Berlin")
    await life.converse(1)
    await life.agree(1)
    await life.env.sleep(timedelta(days=190))
    await life.converse(1, "follow_up")
    await life.until("steady", 1)
    assert life.handle is not None
    history = await life.handle.fetch_history()
    replayer = Replayer(workflows=[CareerCycle], data_converter=converter(root_key_of(settings)))
    await replayer.replay_workflow(history)
    target = HISTORIES / f"{RELEASE}.json"
    if os.environ.get("CAIRN_WRITE_GOLDEN") and not target.exists():
        opened = await in_clear(json.loads(history.to_json()), Codec(root_key_of(settings)))
        target.write_text(json.dumps(opened, indent=1) + "\n")


async def in_clear(part: Any, codec: Codec) -> Any:
    """A history with its payloads decrypted: it is replayed under other keys than it was written."""
    if isinstance(part, list):
        return [await in_clear(each, codec) for each in part]
    if not isinstance(part, dict):
        return part
    if {"metadata", "data"} <= part.keys():
        payload = ParseDict(part, Payload())
        return MessageToDict((await codec.decode([payload]))[0])
    return {name: await in_clear(value, codec) for name, value in part.items()}
