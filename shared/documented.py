"""What the documentation says of answers. Nothing here runs when a request is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field
from typing_extensions import TypedDict

ItemT = TypeVar("ItemT")

Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Period = Annotated[str, Field(description="an ISO 8601 duration, such as P6M")]
Person = Annotated[str, Field(description="the person's id as you chose it")]
Version = Annotated[int, Field(description="counts the changes; it is the ETag", ge=0)]
Code = Annotated[str, Field(description="a code that stays the same")]
Next = Annotated[str | None, Field(description="`cursor` of the next page; null on the last")]
Zip = Annotated[str, Field(json_schema_extra={"format": "binary"})]
ByLanguage = Annotated[dict[str, str], Field(description="by language, such as `en`")]


class Page(TypedDict, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next: Next


class Receipt(TypedDict):
    """What a write answers."""

    id: Id
    version: Version


class CorrectionView(TypedDict):
    """What a person says is wrong on record about them, beside the original."""

    correction: Annotated[int, Field(ge=1, description="its number")]
    about: Code
    id: Annotated[Id, Field(description="what it is about")]
    version: Annotated[int | None, Field(description="one event of it")]
    part: Annotated[str | None, Field(description="such as question/impact")]
    text: str
    at: Moment


@dataclass(frozen=True)
class Answered:
    """A route's answer, where it isn't JSON with the one status that the route declares.

    `refused` are statuses of refusals that one wouldn't expect of such a route.
    """

    model: Any
    statuses: tuple[int, ...] = ()
    media_type: str = "application/json"
    refused: tuple[int, ...] = ()
    as_text: str | None = None
    """The kind of text that it can be had as instead."""
