"""What fails in an activity is told to Temporal by its kind and place, never by its text."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.exceptions import FailureError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from shared.mail import TriedInVain
from shared.telemetry import frames


class FailedQuietly(Exception):
    """Stands for a failure whose text might hold words, a name or an address."""


class Quiet(Interceptor):
    """Replaces every failure of an activity that isn't one of Temporal's own by its kind and place."""

    def intercept_activity(
        self,
        next: ActivityInboundInterceptor,  # noqa: A002 - the SDK's name
    ) -> ActivityInboundInterceptor:
        return _Quietly(next)


class _Quietly(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the same
        try:
            return await super().execute_activity(input)
        except (FailureError, asyncio.CancelledError):
            raise
        except TriedInVain as failure:  # a code already
            raise FailedQuietly(f"{type(failure).__name__}: {failure}") from None
        except Exception as failure:
            where = " < ".join(reversed(frames(failure)[-3:]))
            raise FailedQuietly(f"{type(failure).__name__} at {where}") from None
