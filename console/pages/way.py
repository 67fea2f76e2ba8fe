"""Where somebody stands on their way: the open cycle, its conversation and plan, and what comes next.

All of it is read from the record itself, so that a page shows what was saved a moment ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.conversation.application import Conversations
from services.conversation.domain import Conversation
from services.cycles.application import Cycles
from services.cycles.course import Step, next_step, waiting_for
from services.cycles.progress import Progress
from services.planning.application import Plans
from services.planning.domain import Plan
from shared.errors import NotFound
from shared.principal import Principal

TaskState = Literal["open", "draft", "answered", "set_aside", "declined"]


@dataclass(frozen=True)
class Task:
    """One question on the list: what it is about, where it leads, and what became of it."""

    question: str
    title: str
    state: TaskState
    until: datetime | None = None
    shared: bool = False


@dataclass(frozen=True)
class Way:
    """One person's open cycle, as far as the person may see it: all of it."""

    progress: Progress
    step: Step | None
    turn: str
    conversation: Conversation | None
    plan: Plan | None

    @property
    def stones(self) -> int:
        """How many stones lie on the cairn: one for each finished step of the round."""
        p, c = self.progress, self.conversation
        if p.completed == p.round and p.round:
            return 7
        laid = [
            c is not None and bool(c.answers or c.facets),
            c is not None and c.direction is not None,
            c is not None and c.sharing.something,
            p.state in {"planning", "developing", "steady", "follow_up"},
            p.plan_state in {"active", "closed", "completed"} or p.state == "follow_up",
            p.check_ins > 0 or p.state == "follow_up",
        ]
        return 6 if p.state == "follow_up" else sum(laid)


class Ways:
    """Finds where somebody stands."""

    def __init__(self, cycles: Cycles, conversations: Conversations, plans: Plans) -> None:
        self._cycles = cycles
        self._conversations = conversations
        self._plans = plans

    async def of(self, by: Principal, now: datetime) -> Way | None:
        """The reader's own open cycle, or None where there is none."""
        if by.subject is None:
            return None
        cycle, _ = await self._cycles.open_cycle(by.tenant, by.subject)
        progress = await self._cycles.progress_of(by.tenant, cycle.id) if cycle else None
        if progress is None:
            return None
        return Way(
            progress=progress,
            step=next_step(progress, now),
            turn=waiting_for(progress),
            conversation=await self._conversation(by, progress.conversation),
            plan=await self._plan(by, progress.plan),
        )

    async def _conversation(self, by: Principal, id_: UUID | None) -> Conversation | None:
        try:
            return (await self._conversations.get_conversation(by, id_))[0] if id_ else None
        except NotFound:
            return None

    async def _plan(self, by: Principal, id_: UUID | None) -> Plan | None:
        try:
            return await self._plans.get_plan(by, id_) if id_ else None
        except NotFound:
            return None


def tasks(conversation: Conversation, language: str) -> tuple[Task, ...]:
    """The questions of a conversation in their order, with what became of each."""
    found = []
    for question in conversation.guide.questions:
        answer = conversation.answers.get(question.id)
        found.append(
            Task(
                question=question.id,
                title=in_language(question.purpose, language).rstrip("."),
                state=answer.state if answer else "open",
                until=answer.until if answer else None,
                shared=conversation.is_shared(question.id),
            )
        )
    return tuple(found)


def in_language(texts: dict[str, str], language: str) -> str:
    """A guide's text in the reader's language, or in English, or in whichever there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
