"""Who was somebody's conversation partner when, by name as far as the reader knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.permission import Relation, present


@dataclass(frozen=True)
class Succession:
    """One partner after another: `called` are those whom the reader may know by name."""

    relations: tuple[Relation, ...]
    called: dict[UUID, str]
    now: datetime

    @property
    def partner(self) -> UUID | None:
        """Whoever is it today."""
        return self._partner_at(self.now)

    def name_at(self, moment: datetime | None) -> str | None:
        """Who it was then, by name."""
        then = self._partner_at(moment)
        return self.called.get(then) if then else None

    def is_of_today(self, moment: datetime | None) -> bool:
        """Whether that was already the partner of today."""
        return self._partner_at(moment) == self.partner

    def _partner_at(self, moment: datetime | None) -> UUID | None:
        then = present(self.relations, moment) if moment else None
        return then.partner if then else None
