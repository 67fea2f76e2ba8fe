"""Rate limits: so many requests of one client within ten seconds, counted in this process alone."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

from shared.errors import Refusal
from shared.principal import Principal

WINDOW_SECONDS = 10
_KEPT = 50_000


class TooManyRequests(Refusal):
    """You send more requests than is good for everybody; wait as long as Retry-After says."""

    status = 429

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(wait)}


@dataclass(frozen=True)
class Allowance:
    """How many requests a window has and how many are left; seconds until all are, and until one is."""

    limit: int
    remaining: int
    reset: int
    wait: int = 0

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"ratelimit-limit", b"%d" % self.limit),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset),
            (b"ratelimit-policy", b"%d;w=%d" % (self.limit, WINDOW_SECONDS)),
        ]


class Limits:
    """A leaky bucket for each client: one moment each, the one at which the bucket will be empty.

    People and machines have limits of their own; 0 is none.
    """

    def __init__(self, people: int, machines: int) -> None:
        self._people = people
        self._machines = machines
        self._empty_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    def take(self, by: Principal) -> Allowance | None:
        """Count a request and answer what is left; None where there is no limit.

        One too many isn't counted: `wait` then says how long until one goes through.
        """
        limit = self._people if by.subject is not None else self._machines
        if not limit:
            return None
        now, each = time.monotonic(), WINDOW_SECONDS / limit
        who = (by.tenant, by.actor)
        filled = max(self._empty_at.get(who, now) - now, 0.0) + each
        if filled > WINDOW_SECONDS:
            return Allowance(limit, 0, WINDOW_SECONDS, math.ceil(filled - WINDOW_SECONDS))
        self._empty_at[who] = now + filled
        self._empty_at.move_to_end(who)
        if len(self._empty_at) > _KEPT:
            self._empty_at.popitem(last=False)
        return Allowance(limit, int((WINDOW_SECONDS - filled) / each), math.ceil(filled))
