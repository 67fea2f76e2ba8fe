"""The workflow of one person's cycle: let the record be brought up to date, then wait, again and again.

What is due when is decided by `services.cycles.course`, afresh at every wake-up, so that this code
stays the same while cycles sleep for half a year. How to change it all the same: ADR 21.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows import first_release
    from workflows.messages import (
        BLOCKED,
        CHECKPOINT,
        DUE,
        MAIL_QUEUE,
        ROUND,
        STAGE,
        SUSPENDED,
        TENANT,
        WAITING_FOR,
        WAKE,
        CycleRun,
        Mail,
        Post,
        Situation,
    )
    from workflows.verbs import RETRY, Verbs

_MAIL_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5), maximum_interval=timedelta(hours=1)
)
_WORKER_IS_LOST_AFTER = timedelta(seconds=20)
_GIVES_UP_AFTER = timedelta(days=1)
_MAIL_GIVES_UP_AFTER = timedelta(days=5)
_GRACE = timedelta(milliseconds=50)
_AGAIN = timedelta(minutes=5)
_BLOCKED_AGAIN = timedelta(hours=1)
_UNSEEN = object()


@workflow.defn(name="CareerCycle")
class CareerCycle(Verbs):
    """One run a round; a wake says that the record has something new, and carries nothing else."""

    @workflow.init
    def __init__(self, run: CycleRun) -> None:
        self._run = run
        self._wakes = 0
        self._rolls = False
        self._blocked = False
        self._now: Situation | None = None
        self._posting: dict[Mail, asyncio.Task[None]] = {}
        self._shown: dict[str, object] = {}

    @workflow.run
    async def run(self, run: CycleRun) -> None:
        advances = workflow.patched("adr-21-advance")
        try:
            if not advances:
                return await first_release.run(self, run)
            while True:
                seen = self._wakes
                now = await self.advance()
                if now.round > self._run.round > 0 or self._must_roll():
                    await self.roll(now)  # the next run finds the mails that are due
                self.post(now)
                if self._has_ended(now) and self._wakes == seen:
                    return
                self._run = CycleRun(run.tenant, run.person, now.round)
                await self.wait(now, seen)
        except asyncio.CancelledError:
            if advances or workflow.patched("adr-21-interrupt"):
                await asyncio.shield(self.interrupt())
            raise

    async def advance(self) -> Situation:
        """Take the steps that are due, and see where that leads; what gives up shows as blocked."""
        before, due = self._now, self._now.step if self._now else None
        summary = due.summary if due and due.at <= workflow.now() else "Reads what is new"
        try:
            now: Situation = await workflow.execute_activity(
                "advance",
                self._run,
                result_type=Situation,
                start_to_close_timeout=_WORKER_IS_LOST_AFTER,
                schedule_to_close_timeout=_GIVES_UP_AFTER,
                retry_policy=RETRY,
                priority=self.priority,
                summary=summary,
            )
        except ActivityError as gave_up:
            if is_cancelled_exception(gave_up):
                raise
            now = before or Situation(
                "", "unknown", self._run.round, "nobody", "no", workflow.now(), None
            )
            self._blocked = True
        else:
            self._blocked = False
        self._now = now
        return now

    def post(self, now: Situation) -> None:
        """Let the mails go out on a queue of their own, beside everything else."""
        mails = [mail for mail in now.mails if mail not in self._posting]
        if mails:
            task = asyncio.create_task(self._post(now, mails))
            self._posting |= dict.fromkeys(mails, task)

    async def _post(self, now: Situation, mails: list[Mail]) -> None:
        post = Post(self._run.tenant, now.cycle or "", mails)
        told = ", ".join(f"{mail.kind.replace('_', ' ')} ({mail.to})" for mail in mails)
        try:
            await workflow.execute_activity(
                "post",
                post,
                task_queue=MAIL_QUEUE,
                start_to_close_timeout=timedelta(minutes=2),
                schedule_to_close_timeout=_MAIL_GIVES_UP_AFTER,
                retry_policy=_MAIL_RETRY,
                priority=self.priority,
                summary=f"Mail: {told}",
            )
        except ActivityError as gave_up:
            if is_cancelled_exception(gave_up):
                raise
            await workflow.execute_activity(
                "give_up_mail",
                post,
                start_to_close_timeout=timedelta(seconds=20),
                retry_policy=RETRY,
                priority=self.priority,
                summary=f"Gives up mail: {told}",
            )
        finally:
            for mail in mails:
                self._posting.pop(mail, None)

    async def wait(self, now: Situation, seen: int) -> None:
        """Sleep until a wake or until the next step is due by the record's time.

        A step that was taken and is due all the same is tried again after a while, and so is what
        gave up.
        """
        self.show(now)
        timeout = summary = None
        if self._blocked:
            timeout, summary = _BLOCKED_AGAIN, "Blocked: tried again by itself after a while"
        elif now.step is not None:
            timeout = _AGAIN if now.step_is_due else max(now.step.at - now.now, _GRACE)
            summary = f"{now.step.summary}, due {now.step.at:%Y-%m-%d %H:%M:%S} UTC"
        try:
            await workflow.wait_condition(
                lambda: self._wakes > seen or self._has_ended(now),
                timeout=timeout,
                timeout_summary=summary,
            )
        except asyncio.TimeoutError:  # noqa: UP041 - the SDK raises asyncio's
            return

    async def roll(self, now: Situation) -> None:
        """Go on in a new run, on the newest code that serves this cycle."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            CycleRun(self._run.tenant, self._run.person, now.round),
            initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
        )

    def _has_ended(self, now: Situation) -> bool:
        """Over, with its mails out, and whoever asked for something answered."""
        return now.is_over and not self._posting and workflow.all_handlers_finished()

    def _must_roll(self) -> bool:
        return self._rolls or workflow.info().is_continue_as_new_suggested()

    async def interrupt(self) -> None:
        """Put it on record that somebody cancelled the run; the record's cycle goes on."""
        await workflow.execute_activity(
            "interrupt",
            self._run,
            start_to_close_timeout=timedelta(seconds=20),
            schedule_to_close_timeout=timedelta(minutes=5),
            priority=self.priority,
            summary="Records that the run was cancelled",
        )

    def show(self, now: Situation) -> None:
        """Tell ops where it stands: codes and dates only."""
        blocked = "blocked" if self._blocked else "no"
        note = _BLOCKED_NOTE if self._blocked else ""
        workflow.set_current_details(note + now.details)
        updates = (
            TENANT.value_set(self._run.tenant),
            STAGE.value_set(now.stage),
            WAITING_FOR.value_set(now.waiting_for),
            SUSPENDED.value_set(now.suspended),
            BLOCKED.value_set(blocked),
            ROUND.value_set(now.round),
            DUE.value_set(now.step.at) if now.step else DUE.value_unset(),
        )
        news = [each for each in updates if self._shown.get(each.key.name, _UNSEEN) != each.value]
        if news:
            self._shown |= {each.key.name: each.value for each in news}
            workflow.upsert_search_attributes(news)

    @workflow.signal(name=WAKE, description="The record has something new for this cycle.")
    def wake(self) -> None:
        self._wakes += 1

    @workflow.signal(name=CHECKPOINT, description="Go on in a new run, on the newest code.")
    def checkpoint(self) -> None:
        self._rolls = True
        self._wakes += 1


_BLOCKED_NOTE = (
    "### Blocked\n\n"
    "- A step has given up after a day of trying; see the failed activity in the history.\n"
    "- Mend what it names, then send the Update `retry`. It also tries again by itself each hour.\n\n"
)
