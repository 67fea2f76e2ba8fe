"""What ops may ask of a cycle's workflow: on record under their name, and nothing for a person."""

from __future__ import annotations

import re
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows.messages import Ask, CycleRun, Situation, Steer

RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=5),
    non_retryable_error_types=["InvalidStep", "Refused"],
)
_GIVES_UP_AFTER = timedelta(minutes=10)
_LOGIN = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Verbs:
    """The Updates, with what they look at of the workflow's state."""

    _run: CycleRun
    _wakes: int
    _blocked: bool
    _now: Situation | None

    @workflow.update(
        name="nudge_now", description="Send the next reminder now, if one may be sent."
    )
    async def nudge_now(self, ask: Ask) -> str:
        return await self._steer("nudge_now", ask)

    @workflow.update(name="hold_nudges", description="Hold back all reminders of this cycle.")
    async def hold_nudges(self, ask: Ask) -> str:
        return await self._steer("hold_nudges", ask)

    @workflow.update(name="release_nudges", description="Let reminders go out again.")
    async def release_nudges(self, ask: Ask) -> str:
        return await self._steer("release_nudges", ask)

    @workflow.update(name="skip_mail", description="Give up the mails that wait to be sent.")
    async def skip_mail(self, ask: Ask) -> str:
        return await self._steer("skip_mail", ask)

    @workflow.update(name="look_again", description="Read the record again, as a wake does.")
    async def look_again(self, ask: Ask) -> str:
        return await self._steer("wake", ask)

    @workflow.update(name="retry", description="Try again what has given up, without waiting.")
    async def retry(self, ask: Ask) -> str:
        return await self._steer("retry", ask)

    @nudge_now.validator
    def _may_nudge(self, ask: Ask) -> None:
        self._may_steer(ask)
        assert self._now is not None
        if self._now.suspended != "no":
            raise ApplicationError("It is suspended: nothing is sent", type="Refused")
        if self._now.waiting_for not in {"employee", "partner"}:
            raise ApplicationError("It is nobody's turn", type="Refused")

    @hold_nudges.validator
    @release_nudges.validator
    @skip_mail.validator
    @look_again.validator
    def _may_steer(self, ask: Ask) -> None:
        if not _LOGIN.fullmatch(ask.by):
            raise ApplicationError("`by` is your login, such as kim", type="Refused")
        if self._now is None or self._now.cycle is None:
            raise ApplicationError("It is about to look; try again", type="Refused")

    @retry.validator
    def _may_retry(self, ask: Ask) -> None:
        if not _LOGIN.fullmatch(ask.by):
            raise ApplicationError("`by` is your login, such as kim", type="Refused")
        if not self._blocked:
            raise ApplicationError("Nothing has given up here", type="Refused")

    async def _steer(self, verb: str, ask: Ask) -> str:
        """Do what ops ask for and put it on record under their name, then look again.

        It gives up after a while: a run goes on in a new one only when everybody was answered.
        """
        self._wakes += 1
        info = workflow.current_update_info()
        await workflow.wait_condition(
            lambda: bool(self._now and (self._now.cycle or self._now.is_over))
        )
        if self._now and not self._now.cycle:
            if workflow.patched("adr-21-no-cycle"):
                raise ApplicationError("There is no open cycle", type="Refused")
            await workflow.wait_condition(lambda: bool(self._now and self._now.cycle))
        assert info is not None
        assert self._now is not None
        steer = Steer(self._run, self._now.cycle or "", verb, ask.by, info.id)
        try:
            answer: str = await workflow.execute_activity(
                "steer",
                steer,
                result_type=str,
                start_to_close_timeout=timedelta(seconds=20),
                schedule_to_close_timeout=_GIVES_UP_AFTER,
                retry_policy=RETRY,
                priority=self.priority,
                summary=f"Ops: {verb.replace('_', ' ')}",
            )
        except ActivityError as failed:
            if is_cancelled_exception(failed) or _is_refused(failed):
                raise
            raise ApplicationError(_GAVE_UP, type="GaveUp") from failed
        self._wakes += 1
        return answer

    @property
    def priority(self) -> Priority:
        return Priority(priority_key=3, fairness_key=self._run.tenant[:64])


def _is_refused(failed: ActivityError) -> bool:
    return isinstance(failed.cause, ApplicationError) and failed.cause.type == "Refused"


_GAVE_UP = (
    "It failed for ten minutes and was given up; see the failed activity in the history, mend what it"
    " names, look in the record whether it was done all the same, and ask again"
)
