"""The routes of what people choose for themselves: what a new partner gets, and whether they mentor."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.people.choices import Choices
from shared.eventstore.record import Record
from shared.http import CUSTOMER_ID, Caller, Commanded, CustomerId, answered, given, shown
from shared.periods import rfc3339

router = APIRouter(tags=["people"])
Own = Annotated[Choices, given(Choices)]
Code = Annotated[str, Field(pattern=CUSTOMER_ID)]
Codes = Annotated[list[Code], Field(max_length=200)]


class PartsBody(BaseModel):
    """Parts of an earlier conversation."""

    model_config = ConfigDict(extra="forbid")
    conversation: UUID
    questions: Codes = []
    facets: Codes = []
    direction: bool = False

    def names(self) -> list[str]:
        """How permission calls them."""
        return [
            *(f"{self.conversation}/question/{question}" for question in self.questions),
            *(f"{self.conversation}/facet/{facet}" for facet in self.facets),
            *([f"{self.conversation}/direction"] if self.direction else []),
        ]


class HandoverBody(BaseModel):
    """What a new partner gets of what was before them; answers are named one by one."""

    model_config = ConfigDict(extra="forbid")
    choice: Literal["nothing", "plan", "plan_and_answers"]
    answers: Annotated[list[PartsBody], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _answers_are_chosen(self) -> Self:
        if self.answers and self.choice != "plan_and_answers":
            raise ValueError("answers are handed over with the choice plan_and_answers only")
        return self

    def names(self) -> tuple[str, ...]:
        return tuple(sorted({name for parts in self.answers for name in parts.names()}))


class OfferBody(BaseModel):
    """Skills as codes that the company uses (goals and facets of others are found by them)."""

    model_config = ConfigDict(extra="forbid")
    skills: Annotated[list[Code], Field(min_length=1, max_length=50)]
    capacity: Annotated[int, Field(ge=1, le=20)]

    def codes(self) -> tuple[str, ...]:
        return tuple(sorted({skill.lower() for skill in self.skills}))


@router.get("/v1/people/{person}/handover", operation_id="get_handover")
async def get_handover(
    person: CustomerId, by: Caller, choices: Own, record: Annotated[Record, given(Record)]
) -> JSONResponse:
    """What one's present partner was handed over of what was before them."""
    known = await choices.get_handover(by, person)
    names = await record.vault.people_of(by.tenant, {known.partner} if known.partner else set())
    chosen = known.relations[-1].handover if known.partner else None
    shown_ = {
        "partner": next(iter(names.values()), None),
        "choice": chosen.choice if chosen else None,
        "answers": list(chosen.answers) if chosen else [],
        "chosen_at": rfc3339(chosen.at) if chosen else None,
        "version": known.version,
    }
    return shown(shown_, known.version)


@router.post("/v1/people/{person}/handover", operation_id="choose_handover")
async def choose_handover(
    person: CustomerId, body: HandoverBody, command: Commanded, choices: Own
) -> JSONResponse:
    """Choose what a new partner gets: nothing, the plan without its texts, or plan and answers."""
    return answered(await choices.choose_handover(command, person, body.choice, body.names()))


@router.get("/v1/people/{person}/mentoring", operation_id="get_mentoring")
async def get_mentoring(person: CustomerId, by: Caller, choices: Own) -> JSONResponse:
    """In what a person has offered to mentor, and how many people at once."""
    known = await choices.get_mentoring(by, person)
    assert known.offer is not None
    offer = {"skills": list(known.offer.skills), "capacity": known.offer.capacity}
    return shown({"person": person, **offer, "version": known.version}, known.version)


@router.put("/v1/people/{person}/mentoring", operation_id="offer_mentoring")
async def offer_mentoring(
    person: CustomerId, body: OfferBody, command: Commanded, choices: Own
) -> JSONResponse:
    """Offer to mentor; whoever looks for one of these skills may be told your name."""
    return answered(await choices.offer_mentoring(command, person, body.codes(), body.capacity))


@router.delete("/v1/people/{person}/mentoring", operation_id="withdraw_mentoring")
async def withdraw_mentoring(person: CustomerId, command: Commanded, choices: Own) -> JSONResponse:
    """Take on nobody new; pairings that are agreed go on."""
    return answered(await choices.withdraw_mentoring(command, person))
