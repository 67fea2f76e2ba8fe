"""`cairn tenant create` and `cairn client create`: what comes before the first token."""

from __future__ import annotations

from console.bootstrap import build
from console.commands.token import check_ids
from services.clients.domain import MACHINE_ROLES
from shared.errors import Invalid, NotFound
from shared.eventstore.record import Command
from shared.principal import CONSOLE, Principal
from shared.settings import Settings


async def create_tenant(settings: Settings, tenant: str) -> None:
    """Make a tenant and its first key; one that is there stays as it is."""
    check_ids(tenant)
    house = await build(settings)
    try:
        await house.record.vault.create_tenant(tenant)
    finally:
        await house.close()


async def create_client(settings: Settings, tenant: str, name: str, roles: list[str]) -> str:
    """Let a machine in; answer its key."""
    check_ids(tenant, name)
    if unknown := set(roles) - MACHINE_ROLES:
        raise Invalid(f"a machine can't be {min(unknown)!r}; there are {_told(MACHINE_ROLES)}")
    house = await build(settings)
    try:
        if not await house.record.vault.has_tenant(tenant):
            raise NotFound(f"there is no tenant {tenant!r}; make it with `cairn tenant create`")
        admin = Principal(tenant, frozenset({"admin"}), CONSOLE)
        command = Command(by=admin, at=house.record.clock.now())
        _, key = await house.clients.register_client(command, name, tuple(roles), None)
    finally:
        await house.close()
    return key


def _told(roles: frozenset[str]) -> str:
    return ", ".join(sorted(roles))
