"""A conversation as somebody sees it: the same for routes, pages and exports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from services.conversation.content import Answer, Facet, Note, Part, Side
from services.conversation.domain import Conversation
from services.conversation.guides import Guide
from services.conversation.look import Look
from services.conversation.notes import NOTICE
from services.conversation.sharing import DIRECTION
from services.correction import Statement
from shared.periods import rfc3339

GuidesByVersion = Mapping[tuple[str, int], Guide]
Names = Mapping[UUID, str]
_HIDDEN = {"state": "open", "answer": None}


def view(
    look: Look,
    earlier: Sequence[Look],
    guides: GuidesByVersion,
    names: Names,
    stated: Iterable[Statement] = (),
) -> dict[str, Any]:
    """The whole conversation as far as the reader may see it, with what was said before it."""
    known = look.conversation
    guide = guides[known.guide, known.guide_version]
    direction, comment = look.direction()
    return {
        "id": str(known.id),
        "version": known.version,
        "cycle": str(known.cycle),
        "round": known.round,
        "kind": known.kind,
        "state": state_for("employee" if look.tells_patience else "partner", known),
        "resting": is_quiet(known),
        "resting_until": rfc3339(known.resting_until) if is_quiet(known) else None,
        "guide": known.guide,
        "guide_version": known.guide_version,
        "questions": [
            {
                "id": asked.id,
                "text": asked.text,
                "purpose": asked.purpose,
                "optional": asked.optional,
            }
            | _answer(look, asked.id)
            | {"earlier": _earlier(earlier, asked.id)}
            for asked in guide.questions
        ],
        "facets": {name: facet_of(facet) for name, facet in look.facets().items()},
        "direction": direction,
        "direction_comment": comment,
        "shared": _shared(look),
        "meeting": _meeting(look),
        "notes": notes_of(look, names),
        "notice": NOTICE,
        "corrections": look.corrections(stated),
        "before": _before(earlier[-1], guides) if earlier else None,
    }


def words_of(look: Look) -> dict[str, Any]:
    """The words of one conversation that the reader may see, and nothing beside them."""
    direction, comment = look.direction()
    asked = {question: look.text(question) for question in look.conversation.questions}
    facets = {name: {"kind": f.kind, "text": f.text} for name, f in look.facets().items()}
    known = look.conversation
    return {
        "id": str(known.id),
        "round": known.round,
        "kind": known.kind,
        "guide": known.guide,
        "guide_version": known.guide_version,
        "answers": {question: text for question, text in asked.items() if text is not None},
        "facets": facets,
        "direction": direction,
        "direction_comment": comment,
    }


def state_for(side: Side, known: Conversation) -> str:
    """The state; a partner isn't told whether somebody paused, declined or set something aside."""
    return "paused" if side == "partner" and is_quiet(known) else known.state


def is_quiet(known: Conversation) -> bool:
    """Whether it rests for now: paused, set aside, declined, or after the last reminder."""
    going_on = known.state in {"open", "paused"}
    return known.state == "declined" or (going_on and (known.resting or known.asked_for_time))


def notes_of(look: Look, names: Names) -> list[dict[str, Any]]:
    """The notes that the reader may see, in their order."""
    return [_note(note, names) for note in look.notes()]


def facet_of(facet: Facet) -> dict[str, Any]:
    """A facet as it is answered."""
    linked = msgspec.to_builtins(facet.vocabulary) if facet.vocabulary else None
    return {"kind": facet.kind, "text": facet.text, "vocabulary": linked}


def _answer(look: Look, question: str) -> dict[str, Any]:
    answer = look.answer(question)
    if answer is None:
        return dict(_HIDDEN)
    return {
        "state": _state_of_answer(look, answer),
        "answer": answer.text,
        "revision": answer.revision,
        "version": answer.version,
        "until": rfc3339(answer.until) if look.tells_patience else None,
        "shared": look.is_shared(Part("question", question)),
    }


def _state_of_answer(look: Look, answer: Answer) -> str:
    return answer.state if look.tells_patience else "answered"


def _earlier(earlier: Sequence[Look], question: str) -> dict[str, Any] | None:
    """What was last answered to the same question, as far as the reader may see it."""
    for look in reversed(earlier):
        if text := look.text(question):
            at = look.conversation.answers[question].at
            return place_of(look.conversation) | {"answer": text, "at": rfc3339(at)}
    return None


def _before(look: Look, guides: GuidesByVersion) -> dict[str, Any]:
    """The conversation before this one, which a follow-up comes back to."""
    known = look.conversation
    direction, comment = look.direction()
    return place_of(known) | {
        "questions": [
            {"id": asked.id, "text": asked.text, "answer": look.text(asked.id)}
            for asked in guides[known.guide, known.guide_version].questions
        ],
        "facets": {name: facet_of(facet) for name, facet in look.facets().items()},
        "direction": direction,
        "direction_comment": comment,
    }


def place_of(known: Conversation) -> dict[str, Any]:
    """Which conversation of which round it is."""
    return {"conversation": str(known.id), "round": known.round, "kind": known.kind}


def _shared(look: Look) -> dict[str, Any]:
    """What the partner of today sees; for the employee also what an earlier one alone was shown."""
    known = look.conversation
    parts = [part for part in known.recorded if look.is_shared(part)]
    shown = [part for part in known.recorded if known.sharing.moments(part)]
    before = [part for part in shown if look.is_own and part not in parts]
    return {
        "everything": look.is_own and bool(parts) and len(parts) == len(known.recorded),
        **_named(parts),
        "before": _named(before),
    }


def _named(parts: Collection[Part]) -> dict[str, Any]:
    return {
        "questions": sorted(part.id for part in parts if part.kind == "question"),
        "facets": sorted(part.id for part in parts if part.kind == "facet"),
        "direction": DIRECTION in parts,
    }


def _meeting(look: Look) -> dict[str, Any]:
    meeting, found = look.conversation.meeting, look.appointment()
    appointment = found if found and not found.cancelled else None
    state = meeting.state if appointment or meeting.state != "scheduled" else None
    held_on = meeting.held_on or meeting.claimed_on
    return {
        "state": state,
        "held_on": str(held_on) if held_on else None,
        "starts_at": rfc3339(appointment.starts_at) if appointment else None,
        "duration": appointment.duration if appointment else None,
        "place": appointment.place if appointment else None,
    }


def _note(note: Note, names: Names) -> dict[str, Any]:
    return {
        "note": note.number,
        "by": note.by,
        "author": names.get(note.author),
        "shared": note.shared,
        "question": note.question,
        "text": note.text,
        "at": rfc3339(note.at),
    }
