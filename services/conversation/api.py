"""The routes of conversations and of the guides that they follow."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from services.conversation.application import Conversations
from services.conversation.domain import Conversation, Direction, FacetKind, Meeting
from services.conversation.guides import GUIDES, guide_of
from services.conversation.readmodel import ConversationList
from services.permission import Permission, Resource, Standing
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    Id,
    Limit,
    Moment,
    after_cursor,
    answered,
    given,
    page,
    shown,
)

router = APIRouter(tags=["conversations"])
Service = Annotated[Conversations, given(Conversations)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Code = Annotated[str, Path(pattern=CUSTOMER_ID)]
Codes = Annotated[list[Annotated[str, Field(pattern=CUSTOMER_ID)]], Field(max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnswerBody(_Body):
    """An answer in the employee's own words."""

    text: Text


class UntilBody(_Body):
    """Until when; without it, as long as it takes."""

    until: Moment | None = None


class FacetBody(_Body):
    """Something about the whole person, in their words."""

    kind: FacetKind
    text: Text


class DirectionBody(_Body):
    """Where it should go; no value is better than another."""

    direction: Direction
    comment: Text | None = None


class ShareBody(_Body):
    """What to share or unshare; nothing named means everything."""

    questions: Codes | None = None
    facets: Codes | None = None
    direction: bool | None = None


class HeldBody(_Body):
    """The day on which the meeting took place."""

    held_on: date


class ConcludeBody(_Body):
    """Whether the meeting was held or waived: the employee's word."""

    meeting: Meeting
    held_on: date | None = None


Until = Annotated[UntilBody, Body(default_factory=UntilBody)]
Selection = Annotated[ShareBody, Body(default_factory=ShareBody)]


@router.get("/v1/guides", operation_id="list_guides", tags=["guides"])
async def list_guides(by: Caller) -> dict[str, Any]:
    """The conversation guides that there are."""
    return {"items": [msgspec.to_builtins(guide) for guide in GUIDES], "next": None}


@router.get("/v1/guides/{guide}/{version}", operation_id="get_guide", tags=["guides"])
async def get_guide(guide: Code, version: int, by: Caller) -> JSONResponse:
    """One version of a guide; published versions never change."""
    return JSONResponse(msgspec.to_builtins(guide_of(guide, version)))


@router.get("/v1/conversations", operation_id="list_conversations")
async def list_conversations(
    by: Caller,
    person: Annotated[str, Query(pattern=CUSTOMER_ID)],
    conversations: Annotated[ConversationList, given(ConversationList)],
    permission: Annotated[Permission, given(Permission)],
    record: Annotated[Record, given(Record)],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """A person's conversations, oldest first."""
    subject = await record.vault.subject_of(by.tenant, person)
    if subject is None:
        return page([], limit, str)
    await permission.require(by, "read", Resource("conversation", subject), record.clock.now())
    after = after_cursor(cursor, int, 0)
    found = await conversations.conversations_of(by.tenant, subject, after, limit)
    listed = page(found, limit, lambda item: str(item["position"]))
    kept = ("id", "cycle", "round", "kind", "state", "version")
    listed["items"] = [{name: item[name] for name in kept} for item in listed["items"]]
    return listed


@router.get("/v1/conversations/{id}", operation_id="get_conversation")
async def get_conversation(conversation: Id, by: Caller, conversations: Service) -> JSONResponse:
    """The guide's questions with the answers that the caller may see."""
    known, standing = await conversations.get_conversation(by, conversation)
    return shown(_shown(known, standing), known.version)


@router.put("/v1/conversations/{id}/answers/{question}", operation_id="record_answer")
async def record_answer(
    conversation: Id, question: Code, body: AnswerBody, command: Commanded, service: Service
) -> JSONResponse:
    """Record an answer; again is a revision, and the earlier text stays in the history."""
    return answered(await service.record_answer(command, conversation, question, body.text))


@router.post("/v1/conversations/{id}/answers/{question}:set-aside", operation_id="set_aside")
async def set_aside(
    conversation: Id, question: Code, command: Commanded, service: Service, body: Until
) -> JSONResponse:
    """Take your time: leave the question for later."""
    return answered(await service.set_aside(command, conversation, question, body.until))


@router.post("/v1/conversations/{id}/answers/{question}:decline", operation_id="decline_question")
async def decline_question(
    conversation: Id, question: Code, command: Commanded, service: Service
) -> JSONResponse:
    """Leave the question unanswered; no reason is asked."""
    return answered(await service.decline_question(command, conversation, question))


@router.put("/v1/conversations/{id}/facets/{facet}", operation_id="note_facet")
async def note_facet(
    conversation: Id, facet: Code, body: FacetBody, command: Commanded, service: Service
) -> JSONResponse:
    """Note a value, skill, interest or goal."""
    return answered(await service.note_facet(command, conversation, facet, body.kind, body.text))


@router.delete("/v1/conversations/{id}/facets/{facet}", operation_id="withdraw_facet")
async def withdraw_facet(
    conversation: Id, facet: Code, command: Commanded, service: Service
) -> JSONResponse:
    """Take a facet back."""
    return answered(await service.withdraw_facet(command, conversation, facet))


@router.put("/v1/conversations/{id}/direction", operation_id="state_direction")
async def state_direction(
    conversation: Id, body: DirectionBody, command: Commanded, service: Service
) -> JSONResponse:
    """Say where it should go, or change it."""
    return answered(
        await service.state_direction(command, conversation, body.direction, body.comment)
    )


@router.post("/v1/conversations/{id}:share", operation_id="share")
async def share(
    conversation: Id, command: Commanded, service: Service, body: Selection
) -> JSONResponse:
    """Let the partner see everything recorded so far and later, or only what is named."""
    return answered(
        await service.share(command, conversation, body.questions, body.facets, body.direction)
    )


@router.post("/v1/conversations/{id}:unshare", operation_id="unshare")
async def unshare(
    conversation: Id, command: Commanded, service: Service, body: Selection
) -> JSONResponse:
    """End the partner's access from now on."""
    return answered(
        await service.unshare(command, conversation, body.questions, body.facets, body.direction)
    )


@router.post("/v1/conversations/{id}:pause", operation_id="pause")
async def pause(
    conversation: Id, command: Commanded, service: Service, body: Until
) -> JSONResponse:
    """Rest; nobody is reminded in the meantime."""
    return answered(await service.pause(command, conversation, body.until))


@router.post("/v1/conversations/{id}:resume", operation_id="resume")
async def resume(conversation: Id, command: Commanded, service: Service) -> JSONResponse:
    """Go on after a pause."""
    return answered(await service.resume(command, conversation))


@router.post("/v1/conversations/{id}:decline", operation_id="decline")
async def decline(conversation: Id, command: Commanded, service: Service) -> JSONResponse:
    """Decline the conversation of this round; no reason is asked."""
    return answered(await service.decline(command, conversation))


@router.post("/v1/conversations/{id}:claim-held", operation_id="claim_held")
async def claim_held(
    conversation: Id, body: HeldBody, command: Commanded, service: Service
) -> JSONResponse:
    """The partner says that the meeting took place; the employee's word makes it so."""
    return answered(await service.claim_held(command, conversation, body.held_on))


@router.post("/v1/conversations/{id}:conclude", operation_id="conclude")
async def conclude(
    conversation: Id, body: ConcludeBody, command: Commanded, service: Service
) -> JSONResponse:
    """The employee ends the conversation; it needs a direction and nothing else."""
    return answered(await service.conclude(command, conversation, body.meeting, body.held_on))


def _shown(known: Conversation, standing: Standing) -> dict[str, Any]:
    own = standing == "employee"
    sees_direction = own or known.sharing.everything or known.sharing.direction
    facets = {
        name: {"kind": facet.kind, "text": facet.text}
        for name, facet in known.facets.items()
        if own or known.sharing.everything or name in known.sharing.facets
    }
    return {
        "id": str(known.id),
        "version": known.version,
        "cycle": str(known.cycle),
        "round": known.round,
        "kind": known.kind,
        "state": known.state,
        "guide": known.guide.guide,
        "guide_version": known.guide.version,
        "questions": [_question(known, question.id, own) for question in known.guide.questions],
        "facets": facets,
        "direction": known.direction if sees_direction else None,
        "direction_comment": known.comment if sees_direction else None,
        "shared": _sharing(known),
        "meeting": {
            "state": known.meeting or ("claimed" if known.claimed_on else None),
            "held_on": (known.held_on or known.claimed_on or None)
            and str(known.held_on or known.claimed_on),
        },
        "resting_until": known.resting_until and known.resting_until.isoformat(),
    }


def _question(known: Conversation, question: str, own: bool) -> dict[str, Any]:
    asked = next(q for q in known.guide.questions if q.id == question)
    shown_: dict[str, Any] = {"id": question, "text": asked.text, "purpose": asked.purpose}
    answer = known.answers.get(question)
    visible = own or known.is_shared(question)
    if answer is None or not visible:
        return shown_ | {"state": "open", "answer": None}
    state = answer.state if own else ("answered" if answer.text else "open")
    return shown_ | {
        "state": state,
        "answer": answer.text,
        "revision": answer.revision,
        "version": answer.version,
        "until": answer.until.isoformat() if own and answer.until else None,
        "shared": known.is_shared(question),
    }


def _sharing(known: Conversation) -> dict[str, Any]:
    return {
        "everything": known.sharing.everything,
        "questions": sorted(known.sharing.questions),
        "facets": sorted(known.sharing.facets),
        "direction": known.sharing.direction,
    }
