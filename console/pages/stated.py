"""What somebody says is wrong on record about them, as it is shown beside the original."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec


class Stated(msgspec.Struct, frozen=True):
    """What the person says is wrong on record, in their own words."""

    correction: int
    about: str
    id: UUID
    text: str
    at: datetime
    part: str | None = None
