"""An export: what an auditor has asked for to take along, and what was written."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import event

from shared.errors import NotFound, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event


class NotWrittenYet(NotFound):
    """The bundle isn't written yet; look again in a while."""


class NoLongerKept(NotFound):
    """The bundle isn't kept any more; ask for a new one."""


class NoPlaceForBundles(RuleBroken):
    """Bundles can't be kept: whoever runs Cairn sets CAIRN_EXPORTS_DIR to a folder that it may write."""


class Export(Aggregate):
    """One bundle: of a person, a cycle, a period, or of everything."""

    TOPIC = "exports"

    class Requested(Created, frozen=True, kw_only=True):
        TOPIC = "exports.requested"
        person: UUID | None = None
        cycle: UUID | None = None
        since: datetime | None = None
        until: datetime | None = None

    class Written(Event, frozen=True, kw_only=True):
        """`size` is that of the tree whose head is in the bundle."""

        TOPIC = "exports.written"
        events: int
        size: int
        length: int
        sha256: str

    class Fetched(Event, frozen=True, kw_only=True):
        TOPIC = "exports.fetched"

    class Removed(Event, frozen=True, kw_only=True):
        TOPIC = "exports.removed"

    @classmethod
    def request(cls, stream: UUID, at: datetime, **wanted: Any) -> Self:
        """Ask for a bundle."""
        return cls.begin(stream, at, **wanted)

    @event(Requested)
    def __init__(
        self,
        person: UUID | None,
        cycle: UUID | None,
        since: datetime | None,
        until: datetime | None,
    ) -> None:
        self.person, self.cycle = person, cycle
        self.since, self.until = since, until
        self.state = "requested"
        self.written: dict[str, Any] | None = None

    def write(self, events: int, size: int, length: int, sha256: str) -> None:
        """Say what was written; said again, it is nothing new."""
        if self.state == "requested":
            self._write(events=events, size=size, length=length, sha256=sha256)

    @event(Written)
    def _write(self, events: int, size: int, length: int, sha256: str) -> None:
        self.state = "written"
        self.written = {"events": events, "size": size, "length": length, "sha256": sha256}

    def fetch(self) -> None:
        """Take it along, as often as one likes; each time is on record."""
        if self.state == "removed":
            raise NoLongerKept
        if self.state != "written":
            raise NotWrittenYet
        self._fetch()

    @event(Fetched)
    def _fetch(self) -> None:
        pass

    def remove(self) -> None:
        """Delete the file; what was exported stays on record."""
        if self.state == "written":
            self._remove()

    @event(Removed)
    def _remove(self) -> None:
        self.state = "removed"

    @property
    def subject(self) -> UUID | None:
        return self.person

    @property
    def digest(self) -> str | None:
        """The digest of its file, as long as that is kept."""
        return self.written["sha256"] if self.written and self.state == "written" else None

    def receipt(self) -> dict[str, Any]:
        return {"id": str(self.id), "version": self.version, "state": self.state}
