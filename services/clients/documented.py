"""What the routes of machines answer, for the documentation."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from shared.documented import Code, Moment, Page, Version

Shown = Annotated[str, Field(description="the key; only ever in this one answer")]


class KeyReceipt(TypedDict):
    """A key without its secret."""

    number: int
    expires_at: Moment


class ClientReceipt(TypedDict):
    """What a change of a machine answers."""

    id: Code
    version: Version
    roles: list[str]
    keys: list[KeyReceipt]
    key: NotRequired[Shown]


class KeyView(KeyReceipt):
    """A live key, and when it was last used."""

    last_used_at: Moment | None


class ClientView(TypedDict):
    """A machine with its live keys."""

    id: Code
    version: Version
    roles: list[str]
    removed: bool
    keys: list[KeyView]
    created_at: Moment


ANSWERS: dict[str, Any] = {
    "register_client": ClientReceipt,
    "list_clients": Page[ClientView],
    "get_client": ClientView,
    "rotate_client": ClientReceipt,
    "remove_client": ClientReceipt,
}
