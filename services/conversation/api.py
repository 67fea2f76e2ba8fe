"""The routes of conversations and of the guides that they follow."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from services.conversation.application import Conversations
from services.conversation.bodies import (
    ApprovalBody,
    Code,
    ConcludeBody,
    DirectionBody,
    EntityBody,
    FacetBody,
    GuideBody,
    HeldBody,
    NoteBody,
    ScheduleBody,
    Selection,
    TextBody,
    Until,
)
from services.conversation.both_sides import BothSides
from services.conversation.drafts import Draft
from services.conversation.library import Library
from services.conversation.notes import NOTICE
from services.conversation.reading import ConversationReader
from services.conversation.readmodel import ConversationList
from services.permission import Permission, Resource
from shared.eventstore.record import Record
from shared.http import (
    CUSTOMER_ID,
    Caller,
    Commanded,
    Cursor,
    Id,
    Limit,
    after_cursor,
    answered,
    given,
    page,
    position,
    shown,
)
from shared.periods import rfc3339

router = APIRouter(tags=["conversations"])
Service = Annotated[Conversations, given(Conversations)]
Both = Annotated[BothSides, given(BothSides)]
Reader = Annotated[ConversationReader, given(ConversationReader)]
Guides = Annotated[Library, given(Library)]


@router.get("/v1/guides", operation_id="list_guides", tags=["guides"])
async def list_guides(
    by: Caller, library: Guides, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """All versions of all guides, and for which legal entities those that need it are approved."""
    after = after_cursor(cursor, position, 0)
    found = (await library.list_guides(by))[after : after + limit + 1]
    items = [msgspec.to_builtins(guide) | {"approved_for": approved} for guide, approved in found]
    return page(items, limit, lambda _: str(after + limit))


@router.get("/v1/guides/{guide}/{version}", operation_id="get_guide", tags=["guides"])
async def get_guide(guide: Code, version: int, by: Caller, library: Guides) -> JSONResponse:
    """One version of a guide; published versions never change."""
    return shown(msgspec.to_builtins(await library.get_guide(by, guide, version)), version)


@router.post("/v1/guides/{guide}", operation_id="publish_guide", tags=["guides"], status_code=201)
async def publish_guide(
    guide: Code, body: GuideBody, command: Commanded, library: Guides
) -> JSONResponse:
    """Publish the next version of a guide, for the rounds that begin from now on."""
    return answered(await library.publish_guide(command, body.guide(guide)))


@router.post("/v1/guides/{guide}/{version}:approve", operation_id="approve_guide", tags=["guides"])
async def approve_guide(
    guide: Code, version: int, body: ApprovalBody, command: Commanded, library: Guides
) -> JSONResponse:
    """Put on record that a guide may be used in a legal entity."""
    return answered(
        await library.approve_guide(command, guide, version, body.legal_entity, body.reference)
    )


@router.post(
    "/v1/guides/{guide}/{version}:withdraw-approval",
    operation_id="withdraw_approval",
    tags=["guides"],
)
async def withdraw_approval(
    guide: Code, version: int, body: EntityBody, command: Commanded, library: Guides
) -> JSONResponse:
    """Let no more rounds begin with a guide in a legal entity; those that did keep it."""
    return answered(await library.withdraw_approval(command, guide, version, body.legal_entity))


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
    resource = Resource("conversation", subject)
    standing = await permission.require(by, "read", resource, record.clock.now())
    after = after_cursor(cursor, position, 0)
    found = await conversations.conversations_of(by.tenant, subject, after, limit)
    listed = page(found, limit, lambda item: str(item["position"]))
    kept = ("id", "cycle", "round", "kind", "state", "version")
    items = [{name: item[name] for name in kept} for item in listed["items"]]
    return listed | {"items": items if standing == "employee" else [_told(i) for i in items]}


@router.get("/v1/conversations/{id}", operation_id="get_conversation")
async def get_conversation(conversation: Id, by: Caller, reader: Reader) -> JSONResponse:
    """The guide's questions with the answers that the caller may see, and what was said before."""
    return shown(*await reader.get_conversation(by, conversation))


@router.get("/v1/conversations/{id}/comparison", operation_id="compare_conversations")
async def compare_conversations(
    conversation: Id,
    by: Caller,
    reader: Reader,
    with_: Annotated[
        UUID | None, Query(alias="with", description="by default the one before")
    ] = None,
) -> dict[str, Any]:
    """What has changed in direction, goals, facets and answers since an earlier conversation."""
    return await reader.compare_conversations(by, conversation, with_)


@router.get("/v1/conversations/{id}/drafts", operation_id="list_drafts")
async def list_drafts(conversation: Id, by: Caller, both: Both) -> dict[str, Any]:
    """The caller's own drafts; `note` is the one of a note."""
    found = await both.read_drafts(by, conversation)
    return {"items": [_draft(draft) for draft in found], "next": None}


@router.get("/v1/conversations/{id}/drafts/{question}", operation_id="get_draft")
async def get_draft(conversation: Id, question: Code, by: Caller, both: Both) -> JSONResponse:
    """The caller's own draft for a question; nobody else ever sees it."""
    (found,) = await both.read_drafts(by, conversation, question)
    return shown(_draft(found), found.version)


@router.put("/v1/conversations/{id}/drafts/{question}", operation_id="save_draft")
async def save_draft(
    conversation: Id, question: Code, body: TextBody, command: Commanded, both: Both
) -> JSONResponse:
    """Keep a half-written thought for oneself, outside the record, until it is recorded."""
    saved = await both.save_draft(command, conversation, question, body.text)
    return shown(saved, saved["version"])


@router.delete("/v1/conversations/{id}/drafts/{question}", operation_id="throw_away_draft")
async def throw_away_draft(
    conversation: Id, question: Code, command: Commanded, both: Both
) -> dict[str, Any]:
    """Delete a draft, for good."""
    return await both.throw_away_draft(command, conversation, question)


@router.put("/v1/conversations/{id}/answers/{question}", operation_id="record_answer")
async def record_answer(
    conversation: Id, question: Code, body: TextBody, command: Commanded, service: Service
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
    linked = body.vocabulary.concept() if body.vocabulary else None
    return answered(
        await service.note_facet(command, conversation, facet, body.kind, body.text, linked)
    )


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
    """Let the partner see what is recorded by now, or what is named, and its later revisions."""
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


@router.get("/v1/conversations/{id}/notes", operation_id="list_notes")
async def list_notes(
    conversation: Id, by: Caller, reader: Reader, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """One's own notes and those shared with one; whoever wrote some keeps seeing them."""
    after = after_cursor(cursor, position, 0)
    found = [note for note in await reader.list_notes(by, conversation) if note["note"] > after]
    return page(found, limit, lambda note: str(note["note"])) | {"notice": NOTICE}


@router.post("/v1/conversations/{id}/notes", operation_id="write_note", status_code=201)
async def write_note(
    conversation: Id, body: NoteBody, command: Commanded, both: Both
) -> JSONResponse:
    """Write a note, for oneself or shared. It is the employee's data, whoever writes it."""
    return answered(
        await both.write_note(
            command, conversation, body.text, shared=body.shared, question=body.question
        )
    )


@router.post("/v1/conversations/{id}:schedule", operation_id="schedule")
async def schedule(
    conversation: Id, body: ScheduleBody, command: Commanded, both: Both
) -> JSONResponse:
    """Set when and where to meet, or set it anew."""
    return answered(
        await both.schedule(command, conversation, body.starts_at, body.duration, body.place)
    )


@router.post("/v1/conversations/{id}:unschedule", operation_id="unschedule")
async def unschedule(conversation: Id, command: Commanded, both: Both) -> JSONResponse:
    """Call the meeting off; calendars take it out again."""
    return answered(await both.unschedule(command, conversation))


@router.get("/v1/conversations/{id}/invite.ics", operation_id="get_invite")
async def get_invite(conversation: Id, by: Caller, reader: Reader) -> Response:
    """The meeting for a calendar: the same UID for ever, a rising SEQUENCE, CANCEL once called off."""
    content, method = await reader.get_invite(by, conversation)
    headers = {
        "Content-Disposition": 'attachment; filename="invite.ics"',
        "Cache-Control": "no-store",
    }
    media = f"text/calendar; method={method}; charset=utf-8"
    return Response(content, headers=headers, media_type=media)


@router.post("/v1/conversations/{id}:pause", operation_id="pause")
async def pause(
    conversation: Id, command: Commanded, service: Service, body: Until
) -> JSONResponse:
    """Rest; nobody is reminded in the meantime."""
    return answered(await service.pause(command, conversation, body.until))


@router.post("/v1/conversations/{id}:resume", operation_id="resume")
async def resume(conversation: Id, command: Commanded, service: Service) -> JSONResponse:
    """Go on: after a pause, a rest, or after all."""
    return answered(await service.resume(command, conversation))


@router.post("/v1/conversations/{id}:decline", operation_id="decline")
async def decline(conversation: Id, command: Commanded, service: Service) -> JSONResponse:
    """Decline the conversation of this round; no reason is asked."""
    return answered(await service.decline(command, conversation))


@router.post("/v1/conversations/{id}:claim-held", operation_id="claim_held")
async def claim_held(
    conversation: Id, body: HeldBody, command: Commanded, both: Both
) -> JSONResponse:
    """The partner says that the meeting took place; the employee's word makes it so."""
    return answered(await both.claim_held(command, conversation, body.held_on))


@router.post("/v1/conversations/{id}:conclude", operation_id="conclude")
async def conclude(
    conversation: Id, body: ConcludeBody, command: Commanded, service: Service
) -> JSONResponse:
    """The employee ends the conversation; it needs a direction and nothing else."""
    return answered(await service.conclude(command, conversation, body.meeting, body.held_on))


def _draft(draft: Draft) -> dict[str, Any]:
    return {
        "question": draft.part,
        "text": draft.text,
        "version": draft.version,
        "saved_at": rfc3339(draft.saved_at),
    }


def _told(item: dict[str, Any]) -> dict[str, Any]:
    """A conversation of a list as the partner gets it: nobody is told who paused or declined."""
    quiet = item["state"] in {"paused", "declined"}
    return item | {"state": "open"} if quiet else item
