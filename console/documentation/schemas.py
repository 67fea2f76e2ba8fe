"""The schemas of what is answered, made of each service's own table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from services.audit.documented import ANSWERS as AUDIT
from services.batches.documented import ANSWERS as BATCHES
from services.clients.documented import ANSWERS as CLIENTS
from services.conversation.documented import ANSWERS as CONVERSATION
from services.cycles.documented import ANSWERS as CYCLES
from services.insights.documented import ANSWERS as INSIGHTS
from services.integration.documented import ANSWERS as INTEGRATION
from services.people.documented import ANSWERS as PEOPLE
from services.planning.documented import ANSWERS as PLANNING
from services.privacy.documented import ANSWERS as PRIVACY
from shared.documented import Answered

ANSWERS: dict[str, Any] = {
    **PEOPLE, **CYCLES, **BATCHES, **CONVERSATION, **PLANNING, **AUDIT, **CLIENTS, **INTEGRATION,
    **INSIGHTS, **PRIVACY,
}  # fmt: skip
_JSON = "application/json"
_TEMPLATE = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Answer:
    """What the document says of one operation's answer."""

    schema: dict[str, Any]
    statuses: tuple[int, ...]
    media_type: str
    versioned: bool
    as_text: str | None
    refused: tuple[int, ...]


@cache
def answers() -> dict[str, Answer]:
    """By operation."""
    return {name: _answer(name, told) for name, told in ANSWERS.items()}


@cache
def answer_schemas() -> dict[str, Any]:
    """The components that answers refer to."""
    definitions = _made()[1]
    return {_plain(name): tidy(schema) for name, schema in definitions.items()}


_OF_SOME: dict[str, Any] = {
    "changes": {
        "type": "array",
        "description": "with `stale`: what has changed in the plan since the version seen",
        "items": {"$ref": "#/components/schemas/ChangedItem"},
    },
    "latest": {
        "type": "string",
        "format": "date-time",
        "description": "with `pause-too-long`: until when a pause is possible now",
    },
    "seen": {"type": "integer", "description": "with `stale`: the version of `If-Match`"},
    "version": {"type": "integer", "description": "with `stale`: the present version"},
}
"""Members that only some kinds of problem have."""


def problem_schemas() -> dict[str, Any]:
    """A problem, and an error as SCIM has it."""
    field = {
        "type": "object",
        "description": "What is wrong with one field.",
        "required": ["pointer", "detail"],
        "properties": {
            "pointer": {"type": "string", "description": "a JSON pointer to the field"},
            "detail": {"type": "string"},
        },
    }
    problem = {
        "type": "object",
        "description": "Why something was refused, and what to do (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "description": "/problems/ and the code; a page about it"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "for a person: what to do"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
            **_OF_SOME,
        },
    }
    scim = {
        "type": "object",
        "description": "Why SCIM refused something (RFC 7644, 3.12).",
        "required": ["schemas", "status"],
        "properties": {
            "schemas": {"type": "array", "items": {"type": "string"}},
            "status": {"type": "string"},
            "scimType": {"type": "string"},
            "detail": {"type": "string"},
        },
    }
    return {"Problem": problem, "FieldError": field, "ScimError": scim}


def tidy(schema: Any) -> Any:
    """Take out what says nothing: titles made of names, and null where it means absent."""
    if isinstance(schema, list):
        for each in schema:
            tidy(each)
    elif isinstance(schema, dict):
        if isinstance(schema.get("title"), str) and ("type" in schema or "anyOf" in schema):
            del schema["title"]
        if "in" in schema and "schema" in schema:
            schema["schema"] = _present(schema["schema"])
        for key, each in list(schema.items()):
            if key not in ("example", "examples", "default"):
                tidy(each)
        if isinstance(schema.get("$ref"), str):
            schema["$ref"] = _plain_reference(schema["$ref"])
    return schema


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or it isn't; it is never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**kinds[0], **rest}


def _answer(name: str, told: Any) -> Answer:
    answered = told if isinstance(told, Answered) else Answered(told)
    fields = getattr(answered.model, "__annotations__", {})
    return Answer(
        tidy(dict(_made()[0][name])),
        answered.statuses,
        answered.media_type,
        versioned="version" in fields and answered.media_type == _JSON,
        refused=answered.refused,
        as_text=answered.as_text,
    )


@cache
def _made() -> tuple[dict[str, Any], dict[str, Any]]:
    models = {n: told.model if isinstance(told, Answered) else told for n, told in ANSWERS.items()}
    made, rest = TypeAdapter.json_schemas(
        [(name, "serialization", TypeAdapter(model)) for name, model in models.items()],
        ref_template=_TEMPLATE,
    )
    return {name: schema for (name, _), schema in made.items()}, rest["$defs"]


def _plain_reference(reference: str) -> str:
    head, _, name = reference.rpartition("/")
    return f"{head}/{_plain(name)}"


def _plain(name: str) -> str:
    """Page_ListedPerson_ becomes ListedPersonPage, PersonView becomes Person."""
    page = re.fullmatch(r"Page_(\w+)_", name)
    if page is not None:
        return f"{_plain(page[1])}Page"
    return name.removesuffix("View")
