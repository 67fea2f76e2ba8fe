"""SCIM over the record: users are accounts, and the roster takes its part of them."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

import asyncpg
from scim2_models import (
    InvalidValueException,
    Meta,
    NotFoundException,
    PreconditionFailedException,
    ResourceType,
    ResponseParameters,
    SearchRequest,
    TooManyException,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import AsyncScimStorage, SearchPage

from services.people.accounts import Account, account_stream
from services.people.application import KEEP, Keep, People
from services.people.domain import Person
from services.people.scim_schema import (
    MODEL,
    EnterpriseUser,
    is_id,
    manager_id,
    person_id,
    profile_of,
)
from shared.database import statements, within
from shared.eventstore.record import Command, Record

SQL = statements(__package__, "scim.sql")
_MOST_SEARCHED = 20_000
_TAKEN = "The userName is taken."


class Accounts(AsyncScimStorage):
    """The users of one tenant, for one request."""

    def __init__(self, record: Record, people: People, command: Command) -> None:
        self._record = record
        self._people = people
        self._command = command
        self._tenant = command.tenant

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Any:
        """One user; `NotFoundException` for a person whom no provider keeps."""
        subject = await self._subject(resource_id)
        account = await self._account(subject) if subject else None
        if account is None or not account.is_kept:
            raise NotFoundException(detail="There is no such user.")
        return _user(account, resource_id)

    async def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        """A page of users: by name or id at once, others by looking at each."""
        asked = _equality(search_request)
        if asked is not None:
            subjects = await self._named(*asked)
        elif search_request.filter is None and search_request.sort_by is None:
            return await self._page(search_request)
        else:
            subjects = await self._all()
        searched = InMemoryStorage()
        searched.resources = await self._users(subjects)
        return searched.search(resource_types, search_request, position=position)

    async def create(self, resource_type: ResourceType, resource: Any) -> Any:
        """Keep a new user: the roster's person of that id, or a new one."""
        person = person_id(resource)
        if person is None:
            raise InvalidValueException(
                detail="An id of the person is needed: employeeNumber, externalId or userName of"
                " 1 to 128 characters of A-Z a-z 0-9 . _ @ + -"
            )
        subject = await self._record.vault.assign_subject(self._tenant, person)
        account = await self._account(subject)
        if account is not None and account.is_kept:
            raise UniquenessException(detail="There is a user of this person already.")
        await self._must_be_free(subject, resource)
        await self._put(person, subject, resource, None)
        before, subject = subject, await self._record.vault.assign_subject(self._tenant, person)
        if subject != before:  # who was forgotten has begun a new life
            account = await self._account(subject)
        await self._claim(subject, resource)
        if account is None:
            account = Account.link(subject, self._command.at, _text(resource))
        else:
            account.change(_text(resource))
        await self._record.save(account, self._command)
        return _user(account, person)

    async def update(
        self, resource_type: ResourceType, resource: Any, *, expected_version: str | None = None
    ) -> Any:
        """Replace a user by its whole new state."""
        person, subject, account = await self._kept(resource.id, expected_version)
        await self._must_be_free(subject, resource)
        await self._put(person, subject, resource, _user(account, person))
        await self._claim(subject, resource)
        account.change(_text(resource))
        await self._record.save(account, self._command)
        return _user(account, person)

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """The provider gives the person up: they become inactive, and their record stays."""
        person, subject, account = await self._kept(resource_id, expected_version)
        user = _user(account, person)
        gone, was = (user.model_copy(update={"active": active}) for active in (False, None))
        await self._put(person, subject, gone, was)
        account.unlink()
        await self._record.save(account, self._command)
        await self._release(subject)

    async def _kept(self, person: str, expected_version: str | None) -> tuple[str, UUID, Account]:
        subject = await self._subject(person)
        account = await self._account(subject) if subject else None
        if subject is None or account is None or not account.is_kept:
            raise NotFoundException(detail="There is no such user.")
        if expected_version is not None and expected_version != _version(account):
            raise PreconditionFailedException
        return person, subject, account

    async def _put(self, person: str, subject: UUID, user: Any, was: Any) -> None:
        """Let the roster take its part; a manager that was never told here keeps their place."""
        known = await self._record.load(Person, self._tenant, subject)
        profile = profile_of(user, None, None)
        if was is not None or (known is not None and not known.begins_anew(profile)):
            profile = profile_of(user, was, known.profile if known else None)
        manager, before = manager_id(user), manager_id(was) if was is not None else None
        if manager is not None and not is_id(manager):
            raise InvalidValueException(detail="The manager is no id of a user here.")
        partner: str | Keep | None = KEEP if manager == before else manager
        await self._people.put_person(self._command, person, profile, partner)

    async def _must_be_free(self, subject: UUID, user: Any) -> None:
        """Refuse a userName of somebody else, before the roster takes anything.

        A request that died halfway may have left it with somebody whom no provider keeps: it is free.
        """
        for other in set(await self._named("userName", user.user_name)) - {subject}:
            account = await self._account(other)
            if account is not None and account.is_kept:
                raise UniquenessException(detail=_TAKEN)
            await self._release(other)

    async def _claim(self, subject: UUID, user: Any) -> None:
        """Take the user's names, by which they are found, once the roster has agreed.

        `UniquenessException` where somebody else was faster.
        """
        name = self._digest("userName", user.user_name.lower())
        other = self._digest("externalId", user.external_id) if user.external_id else None
        try:
            async with within(self._record.pool, self._tenant) as connection:
                await connection.execute(SQL["claim"], self._tenant, subject, name, other)
        except asyncpg.UniqueViolationError:
            raise UniquenessException(detail=_TAKEN) from None

    async def _release(self, subject: UUID) -> None:
        async with within(self._record.pool, self._tenant) as connection:
            await connection.execute(SQL["release"], self._tenant, subject)

    async def _named(self, attribute: str, value: str) -> list[UUID]:
        if attribute == "id":
            subject = await self._subject(value)
            return [subject] if subject else []
        digest = self._digest(attribute, value.lower() if attribute == "userName" else value)
        async with within(self._record.pool, self._tenant) as connection:
            found = await connection.fetch(SQL[attribute], self._tenant, digest)
        return [row["subject"] for row in found]

    async def _page(self, request: SearchRequest[Any]) -> SearchPage:
        start = request.start_index_0 or 0
        async with within(self._record.pool, self._tenant) as connection:
            total: int = await connection.fetchval(SQL["count"], self._tenant)
            found = await connection.fetch(SQL["page"], self._tenant, request.count, start)
        return SearchPage(total, await self._users([row["subject"] for row in found]))

    async def _all(self) -> list[UUID]:
        async with within(self._record.pool, self._tenant) as connection:
            found = await connection.fetch(SQL["page"], self._tenant, _MOST_SEARCHED + 1, 0)
        if len(found) > _MOST_SEARCHED:
            raise TooManyException(detail="Filter by userName, externalId or id.")
        return [row["subject"] for row in found]

    async def _users(self, subjects: list[UUID]) -> list[Any]:
        """The users of these people, in their order, as far as they are kept."""
        names = await self._record.vault.people_of(self._tenant, set(subjects))
        streams = [account_stream(subject) for subject in subjects]
        rows = await self._record.rows_of(self._tenant, streams)
        accounts: dict[UUID, Account] = {}
        for recorded in await self._record.read_words(rows):
            stream, event = recorded.row.stream, recorded.event
            accounts[stream] = cast("Account", event.mutate(accounts.get(stream)))
        found = [(accounts.get(account_stream(subject)), subject) for subject in subjects]
        return [
            _user(account, names[subject])
            for account, subject in found
            if account is not None and account.is_kept and subject in names
        ]

    async def _subject(self, person: str) -> UUID | None:
        """A person's random key; None also for what can be nobody's id."""
        return await self._record.vault.subject_of(self._tenant, person) if is_id(person) else None

    async def _account(self, subject: UUID) -> Account | None:
        return await self._record.load(Account, self._tenant, account_stream(subject))

    def _digest(self, attribute: str, value: str) -> bytes:
        """A keyed hash by which a name is found and not read."""
        return self._record.vault.fingerprint(attribute.encode(), value.encode())


def _text(user: Any) -> str:
    """A user as it is kept; what the server itself adds is left out."""
    document = user.model_dump()
    for name in ("id", "meta", "password"):
        document.pop(name, None)
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _user(account: Account, person: str) -> Any:
    user = MODEL.model_validate(json.loads(account.user))
    user.id = person
    if (manager := manager_id(user)) is not None:
        user[EnterpriseUser].manager.ref = f"Users/{manager}"
    user.meta = Meta(
        resource_type="User",
        created=account.created_on,
        last_modified=account.modified_on,
        version=_version(account),
    )
    return user


def _version(account: Account) -> str:
    return f'W/"{account.version}"'


def _equality(request: SearchRequest[Any]) -> tuple[str, str] | None:
    """The attribute and the value of a filter by which a user is found at once."""
    node = request.filter.ast if request.filter is not None else None
    if not isinstance(node, Comparison) or node.op != CompareOperator.eq:
        return None
    attribute = {"username": "userName", "externalid": "externalId", "id": "id"}.get(
        str(node.attr_path).rpartition(":")[2].lower()
    )
    return (attribute, node.value) if attribute and isinstance(node.value, str) else None
