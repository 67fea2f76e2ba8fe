"""What an erasure has to reach beside the record, given by whoever puts the house together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.people.certificate import FORMAT, Depth, certificate, lines_of

Forget = Callable[[str, UUID], Awaitable[None]]
"""Deletes what is kept of a person of a tenant; safe to repeat."""


@dataclass(frozen=True)
class Copies:
    """Where else something of a person is, and who signs that it is gone."""

    backups_kept: str
    sign: Callable[[str, str, Sequence[str]], Awaitable[str]]
    bundles_before: Callable[[str, datetime], Awaitable[list[str]]]
    forget_mail: Callable[[str], Awaitable[None]]
    forget: Sequence[Forget] = ()

    async def certify(
        self, tenant: str, subject: UUID, at: datetime, depth: Depth
    ) -> dict[str, Any]:
        """The certificate of an erasure, with its lines as a signed note."""
        bundles = await self.bundles_before(tenant, at)
        told = certificate(subject, at, depth, self.backups_kept, bundles)
        return told | {"note": await self.sign(tenant, FORMAT, lines_of(told))}
