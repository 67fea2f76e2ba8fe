"""A company's own guides: published versions that never change, and where each may be used."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from eventsourcing.domain import event

from services.conversation.guides import BUILT_IN, Guide, Question
from shared.errors import NotFound, RuleBroken
from shared.eventstore.events import Aggregate, Created, Event

_SHELVES = UUID("7d6a1c2e-93b4-5c0f-8a51-0e5b7f2c4d90")


class NoSuchGuide(NotFound):
    """There is no guide of that name and version; GET /v1/guides lists those that there are."""


class OtherKind(RuleBroken):
    """All versions of a guide are of one kind; publish the other kind under another name."""


class NoApprovalNeeded(RuleBroken):
    """This guide may be used everywhere; only one published with `needs_approval` waits for any."""


class NotApproved(RuleBroken):
    """There is no approval of this guide for that legal entity."""


class GuideShelf(Aggregate):
    """One per tenant, from its first own guide on; the built-in ones are always there as well."""

    TOPIC = "guides"

    class ShelfOpened(Created, frozen=True, kw_only=True):
        TOPIC = "guides.shelf_opened"

    class Published(Event, frozen=True, kw_only=True):
        TOPIC = "guides.published"
        guide: str
        version: int
        kind: str
        title: dict[str, str]
        questions: tuple[Question, ...]
        needs_approval: bool = False

    class Approved(Event, frozen=True, kw_only=True):
        """A works council, or whoever else must, has agreed; `reference` names their paper."""

        TOPIC = "guides.approved"
        guide: str
        version: int
        legal_entity: str
        reference: str | None = None

    class ApprovalWithdrawn(Event, frozen=True, kw_only=True):
        TOPIC = "guides.approval_withdrawn"
        guide: str
        version: int
        legal_entity: str

    @classmethod
    def open(cls, tenant: str, at: datetime) -> Self:
        """Make room for a company's own guides."""
        return cls.begin(shelf_stream(tenant), at)

    @event(ShelfOpened)
    def __init__(self) -> None:
        self.own: list[Guide] = []
        self.published_at: dict[tuple[str, int], datetime] = {}
        self.approved_at: dict[tuple[str, int, str], datetime] = {}

    def publish(self, wanted: Guide) -> int:
        """Publish the next version of a guide, and answer which one that is."""
        if any(known.guide == wanted.guide and known.kind != wanted.kind for known in self.all):
            raise OtherKind
        version = self.newest(wanted.guide) + 1
        self._publish(
            guide=wanted.guide,
            version=version,
            kind=wanted.kind,
            title=wanted.title,
            questions=wanted.questions,
            needs_approval=wanted.needs_approval,
            timestamp=self.at,
        )
        return version

    @event(Published)
    def _publish(
        self,
        guide: str,
        version: int,
        kind: str,
        title: dict[str, str],
        questions: tuple[Question, ...],
        needs_approval: bool,
        timestamp: datetime,
    ) -> None:
        self.own.append(
            Guide(
                guide=guide,
                version=version,
                kind=kind,
                title=title,
                questions=questions,
                needs_approval=needs_approval,
            )
        )
        self.published_at[guide, version] = timestamp

    def approve(self, guide: str, version: int, legal_entity: str, reference: str | None) -> None:
        """Record that a guide may be used in a legal entity; again is nothing new."""
        if not self.guide_of(guide, version).needs_approval:
            raise NoApprovalNeeded
        if (guide, version, legal_entity) not in self.approved_at:
            self._approve(
                guide=guide,
                version=version,
                legal_entity=legal_entity,
                reference=reference,
                timestamp=self.at,
            )

    @event(Approved)
    def _approve(
        self,
        guide: str,
        version: int,
        legal_entity: str,
        reference: str | None,
        timestamp: datetime,
    ) -> None:
        self.approved_at[guide, version, legal_entity] = timestamp

    def withdraw_approval(self, guide: str, version: int, legal_entity: str) -> None:
        """Let no more rounds begin with a guide in a legal entity; those that did keep it."""
        if (guide, version, legal_entity) not in self.approved_at:
            raise NotApproved
        self._withdraw_approval(guide=guide, version=version, legal_entity=legal_entity)

    @event(ApprovalWithdrawn)
    def _withdraw_approval(self, guide: str, version: int, legal_entity: str) -> None:
        del self.approved_at[guide, version, legal_entity]

    @property
    def all(self) -> list[Guide]:
        """The built-in guides, then the company's own in the order of their publication."""
        return [*BUILT_IN, *self.own]

    def newest(self, guide: str) -> int:
        """The newest version of a guide, 0 where there is none."""
        return max((known.version for known in self.all if known.guide == guide), default=0)

    def guide_of(self, guide: str, version: int) -> Guide:
        """One version of a guide."""
        return guide_among(self.all, guide, version)

    def choose(self, kind: str, legal_entity: str | None, as_of: datetime) -> Guide:
        """The guide for a round that began at a moment: the newest of then that may be used there."""
        usable = [
            known
            for known in self.own
            if known.kind == kind and self._usable(known, legal_entity, as_of)
        ]
        return usable[-1] if usable else built_in(kind)

    def _usable(self, known: Guide, legal_entity: str | None, as_of: datetime) -> bool:
        if self.published_at[known.guide, known.version] > as_of:
            return False
        approved = self.approved_at.get((known.guide, known.version, legal_entity or ""))
        return not known.needs_approval or (approved is not None and approved <= as_of)

    def approvals_of(self, known: Guide) -> list[str]:
        """The legal entities in which a guide may be used by an approval."""
        own = (known.guide, known.version)
        return sorted(entity for *of, entity in self.approved_at if tuple(of) == own)

    @property
    def subject(self) -> None:
        return None

    def receipt(self) -> dict[str, Any]:
        return {"version": self.version}


def guide_among(guides: list[Guide], guide: str, version: int) -> Guide:
    """One version of a guide; raises `NoSuchGuide`."""
    for known in guides:
        if (known.guide, known.version) == (guide, version):
            return known
    raise NoSuchGuide


def built_in(kind: str) -> Guide:
    """The guide that Cairn brings along for a kind of conversation."""
    return next(known for known in BUILT_IN if known.kind == kind)


def shelf_stream(tenant: str) -> UUID:
    """The id of a tenant's shelf of guides."""
    return uuid5(_SHELVES, tenant)
