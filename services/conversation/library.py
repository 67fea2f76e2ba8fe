"""The use cases of guides: publish, approve, read, and choose the one that a round begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.conversation.guides import BUILT_IN, Guide
from services.conversation.shelf import GuideShelf, built_in, guide_among, shelf_stream
from services.permission import Action, Permission, Resource
from shared.errors import Stale
from shared.eventstore.record import Answer, Command, Record
from shared.principal import Principal


class Library:
    """A company's guides, beside those that are always there."""

    def __init__(self, record: Record, permission: Permission) -> None:
        self._record = record
        self._permission = permission

    async def list_guides(self, by: Principal) -> list[tuple[Guide, list[str]]]:
        """All versions of all guides, each with the legal entities that approved it."""
        await self._permit(by, "read", self._record.clock.now())
        shelf = await self._shelf(by.tenant)
        if shelf is None:
            return [(guide, []) for guide in BUILT_IN]
        return [(guide, shelf.approvals_of(guide)) for guide in shelf.all]

    async def get_guide(self, by: Principal, guide: str, version: int) -> Guide:
        """One version of a guide."""
        await self._permit(by, "read", self._record.clock.now())
        return guide_among(await self.guides_of(by.tenant), guide, version)

    async def guides_of(self, tenant: str) -> list[Guide]:
        """All guides that there are for a tenant, for those who show a conversation."""
        shelf = await self._shelf(tenant)
        return shelf.all if shelf else list(BUILT_IN)

    async def choose_guide(
        self, tenant: str, kind: str, legal_entity: str | None, as_of: datetime
    ) -> Guide:
        """The guide for a conversation of a round that began at a moment."""
        shelf = await self._shelf(tenant)
        return shelf.choose(kind, legal_entity, as_of) if shelf else built_in(kind)

    async def publish_guide(self, command: Command, wanted: Guide) -> Answer:
        """Publish the next version of a guide; `if_version` is the newest one that its writer saw."""
        await self._permit(command.by, "write", command.at)

        def decide(shelf: GuideShelf) -> None:
            _must_be(command.if_version, shelf.newest(wanted.guide))
            shelf.publish(wanted)

        def describe(shelf: GuideShelf) -> dict[str, Any]:
            version = shelf.newest(wanted.guide)
            return {"guide": wanted.guide, "version": version, "kind": wanted.kind}

        return await self._change(command, decide, describe, creates=True)

    async def approve_guide(
        self, command: Command, guide: str, version: int, legal_entity: str, reference: str | None
    ) -> Answer:
        """Record that a guide may be used in a legal entity."""
        await self._permit(command.by, "approve", command.at)

        def decide(shelf: GuideShelf) -> None:
            _must_be(command.if_version, version)
            shelf.approve(guide, version, legal_entity, reference)

        return await self._change(command, decide, lambda s: _approvals(s, guide, version))

    async def withdraw_approval(
        self, command: Command, guide: str, version: int, legal_entity: str
    ) -> Answer:
        """Let no more rounds begin with a guide in a legal entity."""
        await self._permit(command.by, "approve", command.at)

        def decide(shelf: GuideShelf) -> None:
            _must_be(command.if_version, version)
            shelf.withdraw_approval(guide, version, legal_entity)

        return await self._change(command, decide, lambda s: _approvals(s, guide, version))

    async def _change(
        self,
        command: Command,
        decide: Callable[[GuideShelf], None],
        describe: Callable[[GuideShelf], dict[str, Any]],
        *,
        creates: bool = False,
    ) -> Answer:
        """Change the shelf, whose version nobody sees: what is seen is that of a guide."""
        return await self._record.change(
            GuideShelf,
            shelf_stream(command.tenant),
            replace(command, if_version=None),
            decide,
            describe=describe,
            begin=lambda: GuideShelf.open(command.tenant, command.at),
            creates=creates,
        )

    async def _shelf(self, tenant: str) -> GuideShelf | None:
        return await self._record.load(GuideShelf, tenant, shelf_stream(tenant))

    async def _permit(self, by: Principal, action: Action, at: datetime) -> None:
        await self._permission.require(by, action, Resource("guide"), at)


def _must_be(seen: int | None, version: int) -> None:
    if seen not in {None, version}:
        raise Stale


def _approvals(shelf: GuideShelf, guide: str, version: int) -> dict[str, Any]:
    approved = shelf.approvals_of(shelf.guide_of(guide, version))
    return {"guide": guide, "version": version, "approved_for": approved}
