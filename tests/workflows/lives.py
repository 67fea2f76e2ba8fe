"""Lives of cycles by the hundred, as the workflows of any release would have lived them.

    PYTHONPATH=<code of the release> python tests/workflows/lives.py SEED COUNT FILE

The workflow is the release's own, and seconds are its months. What the record says next is made up, and
so are those who wake it, roll it, steer it and cancel it: the workflow has to take whatever comes. Each
run's history is a line of the file, JSON, gzip.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workflows import messages
from workflows.career_cycle import CareerCycle
from workflows.messages import SEARCH_ATTRIBUTES, TASK_QUEUE, CycleRun, parts_of, workflow_id

SERVER = Path(sys.executable).with_name("temporal")
AT_ONCE = 100
PAUSES = (0, 0.05, 0.3, 1.0, 2.0)
"""Seconds until a step is due, and until somebody comes by."""
STEPS = ("open_conversation", "nudge", "remind_partner", "open_planning", "rest", "follow_up")
STAGES = ("conversation", "planning", "developing", "steady", "follow_up")
ASKS = ("nudge_now", "hold_nudges", "release_nudges", "skip_mail", "look_again", "retry")
MAIL_ALONE = {"post", "give_up_mail"}
REFUSED = (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError)
PATIENCE = 30
"""Seconds that ops wait for an answer; whoever is asked before the record could be read has none yet."""


class Made:
    """One person's record, made up as it goes; it ends after a number of looks."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.looks = self.random.randint(3, 15)
        self.round = 1

    def situation(self, now: datetime) -> dict[str, Any]:
        """Where it stands now, with the fields of every release."""
        choose = self.random
        self.looks -= 1
        self.round += choose.random() < 0.15
        over = self.looks <= 0
        return {
            "cycle": None
            if choose.random() < 0.05 and over
            else "01900000-0000-7000-8000-000000000001",
            "stage": "closed" if over else choose.choice(STAGES),
            "round": self.round,
            "waiting_for": choose.choice(("employee", "partner", "nobody")),
            "suspended": choose.choice(("no", "no", "no", "leave", "pause")),
            "now": now.isoformat(),
            "step": None if over or choose.random() < 0.2 else self._step(now),
            "details": f"Round {self.round}",
            "mails": [self._mail() for _ in range(choose.choice((0, 0, 0, 1, 2)))],
        }

    def _step(self, now: datetime) -> dict[str, Any]:
        at = now + timedelta(seconds=self.random.choice(PAUSES))
        name = self.random.choice(STEPS)
        return {
            "name": name, "at": at.isoformat(), "number": 1, "why": None, "summary": name,
            "until": None, "gently": True,
        }  # fmt: skip

    def _mail(self) -> dict[str, Any]:
        event = f"event-{self.random.randrange(4)}"
        return {"event": event, "kind": "nudged", "to": self.random.choice(("employee", "partner"))}

    def fault(self) -> ApplicationError | None:
        """What an attempt meets instead: mostly nothing, now and then what gives up at once."""
        met = self.random.random()
        if met < 0.03:
            return ApplicationError("given up", type="InvalidStep", non_retryable=True)
        return ApplicationError("later") if met < 0.1 else None


class Records:
    """Everybody's record, behind whatever activities a release has."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._of: dict[str, Made] = {}

    @activity.defn(dynamic=True)
    async def answer(self, _: Sequence[RawValue]) -> Any:
        info = activity.info()
        whose = info.workflow_id or ""
        made = self._of.setdefault(whose, Made(f"{self._seed}/{whose}"))
        if fault := made.fault():
            raise fault
        if info.activity_type in MAIL_ALONE:
            return None
        if info.activity_type == "steer":
            return "on record"
        return made.situation(datetime.now(UTC))


async def live(client: Client, id_: str, seed: int) -> list[str]:
    """Start one, and wake, roll, steer and cancel it until it has ended; its runs' histories."""
    choose = Random(f"{seed}/{id_}/others")
    run = CycleRun(*parts_of(id_))
    first = await client.start_workflow("CareerCycle", run, id=id_, task_queue=TASK_QUEUE)
    handle = client.get_workflow_handle(id_)
    with contextlib.suppress(RPCError):  # it has ended
        while True:
            await asyncio.sleep(choose.choice(PAUSES))
            with contextlib.suppress(*REFUSED):
                async with asyncio.timeout(PATIENCE):
                    await meddle(handle, choose)
    return [each async for each in histories(client, id_, first.result_run_id or "")]


async def meddle(handle: WorkflowHandle[Any, Any], choose: Random) -> None:
    """What the relay, a release and ops do."""
    what = choose.random()
    if what < 0.7:
        await handle.signal(messages.WAKE)
    elif what < 0.78 and hasattr(messages, "CHECKPOINT"):
        await handle.signal(messages.CHECKPOINT)
    elif what < 0.96:
        await handle.execute_update(choose.choice(ASKS), {"by": "kim"})
    else:
        await handle.cancel()


async def histories(client: Client, id_: str, run: str) -> AsyncIterator[str]:
    """The history of each run, from the first one on."""
    while run:
        history = await client.get_workflow_handle(id_, run_id=run).fetch_history()
        yield json.dumps(json.loads(history.to_json()), separators=(",", ":"))
        last = history.events[-1].workflow_execution_continued_as_new_event_attributes
        run = last.new_execution_run_id


async def generate(seed: int, count: int, file: Path) -> None:
    """Let so many live, and write down their histories."""
    env = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(SERVER), search_attributes=SEARCH_ATTRIBUTES
    )
    async with env:
        records = Records(seed)
        work = [
            Worker(
                env.client,
                task_queue=queue,
                workflows=[CareerCycle] if queue == TASK_QUEUE else [],
                activities=[records.answer],
                workflow_runner=UnsandboxedWorkflowRunner(),
            )
            for queue in (TASK_QUEUE, "mail")
        ]
        async with work[0], work[1]:
            places = asyncio.Semaphore(AT_ONCE)

            async def one(number: int) -> list[str]:
                async with places:
                    return await live(env.client, workflow_id("t", f"p{number}"), seed)

            lives = await asyncio.gather(*(one(number) for number in range(count)))
    with gzip.open(file, "wt") as lines:
        lines.writelines(f"{history}\n" for runs in lives for history in runs)


if __name__ == "__main__":
    asyncio.run(generate(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
