"""Who is asking: a person or a machine of one tenant, with the roles that its token carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

Role = Literal["platform", "employee", "partner", "hr", "auditor", "dpo", "ops", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
EVERYBODY: tuple[Role, ...] = ("employee", "partner")
"""What each human is; neither opens anything without being the person or having the relation."""

CONSOLE, RESTORE = "console", "restore"
AT_THE_TERMINAL = frozenset({CONSOLE, RESTORE})
"""The names of whoever sits at the terminal; nobody else is on record under one of them."""


@dataclass(frozen=True)
class Principal:
    """Somebody known; `subject` is a human's random key, `name` the token's own `sub`.

    `machine` is said of an API key, and of a provider's token that names no person or that a client
    got for itself. The terminal and the development issuer know humans without a person.
    """

    tenant: str
    roles: frozenset[str]
    name: str
    subject: UUID | None = None
    machine: bool = False

    @property
    def actor(self) -> str:
        """How the record names who did something: an id, never a name."""
        if self.subject is not None:
            return f"person:{self.subject}"
        return self.name if self.name.startswith("workflow:") else f"client:{self.name}"

    def has(self, *roles: str) -> bool:
        return bool(self.roles & set(roles))


def person_of(actor: str) -> UUID | None:
    """The random key of the person whom the record names as an actor; None for anything else."""
    kind, _, who = actor.partition(":")
    return UUID(who) if kind == "person" else None


def workflow(tenant: str, name: str) -> Principal:
    """The principal under which a workflow of this tenant acts."""
    return Principal(tenant, frozenset({"workflow"}), f"workflow:{name}")
