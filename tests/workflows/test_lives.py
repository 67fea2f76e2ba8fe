"""P9: made-up lives of cycles, hundreds in the suite and thousands by hand, run on today's code.

A release adds a sample of its own: CAIRN_WRITE_GOLDEN=1 pytest tests/workflows/test_lives.py writes
the missing one, and never overwrites any.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowReplayResults

from tests.proving import LONG, Proof, told
from tests.workflows.test_history import HISTORIES, RELEASE
from workflows.career_cycle import CareerCycle
from workflows.messages import CycleRun

ROOT = Path(__file__).parents[2]
GENERATE = str(Path(__file__).with_name("lives.py"))
SAMPLE = 25
LIVES = 2_500 if LONG else 10
EARLIER = {"career_cycle.0.1.0": "e828b3d574d1e0490240dba9a9c2bbce9e3e43f9"}
"""The last commit of a release's workflows."""
STORED = "*.jsonl.gz"


@workflow.defn(name="CareerCycle")
class Hesitating:
    """What no history was written by."""

    @workflow.run
    async def run(self, run: CycleRun) -> None:
        await workflow.sleep(1)


async def histories(file: Path) -> AsyncIterator[WorkflowHistory]:
    with gzip.open(file, "rt") as lines:
        for line in lines:
            yield WorkflowHistory.from_json("career/t/p", line)


async def replayed(file: Path, cls: type = CareerCycle) -> tuple[int, WorkflowReplayResults]:
    """How many histories there are, and which of them could not be replayed."""
    count = len([history async for history in histories(file)])
    replayer = Replayer(workflows=[cls], workflow_runner=UnsandboxedWorkflowRunner())
    return count, await replayer.replay_workflows(histories(file), raise_on_replay_failure=False)


async def generated(file: Path, seed: int, lives: int, code: Path = ROOT) -> Path:
    """Lives as the workflows in that folder lived them."""
    command = [GENERATE, str(seed), str(lives), str(file)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command),
        env=os.environ | {"PYTHONPATH": str(code)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 0, said[-2_000:].decode()
    return file


async def test_there_is_a_sample_of_each_release() -> None:
    target = HISTORIES / f"{RELEASE}.jsonl.gz"
    if os.environ.get("CAIRN_WRITE_GOLDEN") and not target.exists():
        await generated(target, 1, SAMPLE)
    assert {path.name for path in HISTORIES.glob(STORED)} == {
        f"{release}.jsonl.gz" for release in (*EARLIER, RELEASE)
    }


@pytest.mark.parametrize("stored", sorted(HISTORIES.glob(STORED)), ids=lambda path: path.name)
async def test_lives_of_each_release_replay_on_todays_code(stored: Path) -> None:
    count, results = await replayed(stored)
    assert count > SAMPLE
    assert results.replay_failures == {}


async def test_other_code_is_noticed() -> None:
    count, results = await replayed(HISTORIES / f"{RELEASE}.jsonl.gz", Hesitating)
    assert len(results.replay_failures) == count


@pytest.mark.timeout(7200 if LONG else 400)
async def test_new_lives_replay_on_todays_code(tmp_path: Path, proof: Proof) -> None:
    code = {RELEASE: ROOT} | (earlier(tmp_path) if LONG else {})
    lives = [
        generated(tmp_path / f"{release}.jsonl.gz", 2, LIVES, folder)
        for release, folder in code.items()
    ]
    found = [await replayed(file) for file in await asyncio.gather(*lives)]
    counts = {release: count for release, (count, _) in zip(code, found, strict=True)}
    failures = [results.replay_failures for _, results in found]
    proof(
        "P9 cycles that began on an earlier release run on today's code",
        f"histories of made-up lives by the workflows of each release: {told(counts)}",
        f"{sum(map(len, failures))} fail when they are replayed",
    )
    assert failures == [{}] * len(code)


def earlier(folder: Path) -> dict[str, Path]:
    """The workflows of earlier releases, out of the repository."""
    for release, commit in EARLIER.items():
        (folder / release).mkdir()
        pack = ["git", "archive", commit, "workflows"]
        packed = subprocess.run(pack, cwd=ROOT, check=True, capture_output=True)
        unpack = ["tar", "-x", "-C", str(folder / release)]
        subprocess.run(unpack, input=packed.stdout, check=True)
    return {release: folder / release for release in EARLIER}
