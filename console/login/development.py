"""Logins without an identity provider, on loopback only: as anybody of the demo, or with a token."""

from __future__ import annotations

from dataclasses import dataclass

from services.people.readmodel import Roster
from shared.eventstore.record import Record
from shared.principal import Principal
from shared.tokens import BadToken, Issuer

DEMO = "demo"
_MOST = 200
_OFFICES = ("hr", "auditor", "dpo", "admin")


@dataclass(frozen=True)
class Somebody:
    """One whom a visitor may be."""

    person: str
    name: str
    department: str
    talks_with: int


class OwnLogins:
    """Who may be chosen, and the principal that is meant."""

    tenant = DEMO

    def __init__(self, record: Record, roster: Roster, issuer: Issuer | None) -> None:
        self._record = record
        self._roster = roster
        self._issuer = issuer

    async def people(self, tenant: str = "") -> tuple[Somebody, ...]:
        """The people of a tenant, those first with whom others talk."""
        listed = await self._roster.list_people(tenant or DEMO, "", _MOST, None, "active")
        partners = [str(each["partner"]) for each in listed if each["partner"]]
        people = (
            Somebody(
                each["person"],
                each["name"],
                each["department"] or "",
                partners.count(each["person"]),
            )
            for each in listed
        )
        return tuple(sorted(people, key=lambda p: (p.department, -p.talks_with, p.name)))

    async def principal(self, said: dict[str, str]) -> Principal:
        """Whoever the form names, by a person, an office or a token; raises `BadToken`."""
        tenant = said.get("tenant") or DEMO
        if token := said.get("token", "").strip():
            return await self._by_token(token)
        if (office := said.get("office", "")) in _OFFICES:
            return Principal(tenant, frozenset({office}), office)
        person = said.get("person", "")
        subject = await self._record.vault.subject_of(tenant, person)
        if subject is None:
            raise BadToken
        return Principal(tenant, frozenset({"employee", "partner"}), person, subject)

    async def _by_token(self, token: str) -> Principal:
        if self._issuer is None:
            raise BadToken
        claims, vault = await self._issuer.verify(token), self._record.vault
        if not await vault.has_tenant(claims.tenant):
            raise BadToken
        subject = await vault.subject_of(claims.tenant, claims.person) if claims.person else None
        return Principal(claims.tenant, claims.roles, claims.name, subject)
