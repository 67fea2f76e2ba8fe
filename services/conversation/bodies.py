"""What requests about conversations and guides hold."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import Body, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.conversation.both_sides import NOTE
from services.conversation.content import Concept, Direction, FacetKind, Kind, Outcome
from services.conversation.guides import FALLBACK, Guide, Question
from shared.http import CUSTOMER_ID, Day, Moment
from shared.texts import Line, Text, without_control

Code = Annotated[str, Path(pattern=CUSTOMER_ID)]
CodeField = Annotated[str, Field(pattern=CUSTOMER_ID)]
Codes = Annotated[list[CodeField], Field(max_length=200)]
Entity = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(without_control)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Wording = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(without_control)]
ByLocale = Wording | Annotated[dict[Locale, Wording], Field(min_length=1, max_length=50)]
"""A text by language, or one in English."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextBody(_Body):
    """Somebody's own words."""

    text: Text


class UntilBody(_Body):
    """Until when; without it, as long as it takes."""

    until: Moment | None = None


class ConceptBody(_Body):
    """A place in a public vocabulary, such as ESCO, O*NET or SFIA."""

    scheme: Line
    uri: Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(without_control)]
    version: Line | None = None
    label: Line | None = None

    def concept(self) -> Concept:
        return Concept(**self.model_dump())


class FacetBody(_Body):
    """Something about the whole person, in their words; a link to a vocabulary, if they like."""

    kind: FacetKind
    text: Text
    vocabulary: ConceptBody | None = None


class DirectionBody(_Body):
    """Where it should go; no value is better than another."""

    direction: Direction
    comment: Text | None = None


class ShareBody(_Body):
    """What to share or unshare; nothing named means everything that is recorded by now."""

    questions: Codes | None = None
    facets: Codes | None = None
    direction: bool | None = None


class NoteBody(_Body):
    """A note, for its author alone or shared; about one question or the whole."""

    text: Text
    shared: bool
    question: CodeField | None = None


class ScheduleBody(_Body):
    """When to meet, for how long (ISO 8601, such as PT1H), and where."""

    starts_at: Moment
    duration: Annotated[str, Field(max_length=64)]
    place: Line | None = None


class HeldBody(_Body):
    """The day on which the meeting took place."""

    held_on: Day


class ConcludeBody(_Body):
    """Whether the meeting was held or waived: the employee's word."""

    meeting: Outcome
    held_on: Day | None = None


class QuestionBody(_Body):
    """One question, why it is asked, and its wording by language."""

    id: CodeField
    purpose: ByLocale
    text: ByLocale
    optional: bool = True

    @model_validator(mode="after")
    def _not_reserved(self) -> Self:
        if self.id == NOTE:
            raise ValueError(f"{NOTE!r} is what drafts of notes are called; take another id")
        return self

    def question(self) -> Question:
        return Question(
            id=self.id,
            purpose=_by_locale(self.purpose),
            text=_by_locale(self.text),
            optional=self.optional,
        )


class GuideBody(_Body):
    """A guide; `needs_approval` keeps it from a legal entity until an approval is on record."""

    title: ByLocale
    kind: Kind
    questions: Annotated[list[QuestionBody], Field(min_length=1, max_length=40)]
    needs_approval: bool = False

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [question.id for question in self.questions]
        if len(set(ids)) < len(ids):
            raise ValueError("each question needs an id of its own")
        return self

    def guide(self, name: str) -> Guide:
        """The guide as it is to be published; its version is still to be given."""
        return Guide(
            guide=name,
            version=0,
            kind=self.kind,
            title=_by_locale(self.title),
            questions=tuple(question.question() for question in self.questions),
            needs_approval=self.needs_approval,
        )


class EntityBody(_Body):
    """For which legal entity, as the roster calls it."""

    legal_entity: Entity


class ApprovalBody(EntityBody):
    """For which legal entity, and which paper says so."""

    reference: CodeField | None = None


Until = Annotated[UntilBody, Body(default_factory=UntilBody)]
Selection = Annotated[ShareBody, Body(default_factory=ShareBody)]


def _by_locale(text: str | dict[str, str]) -> dict[str, str]:
    return {FALLBACK: text} if isinstance(text, str) else text
