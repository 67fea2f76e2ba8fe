"""The route that takes a whole roster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from services.people.api import ProfileBody
from services.people.application import KEEP
from services.people.imports import Entry, Imports, Refused, Result
from services.people.roster_file import Line, read_lines
from shared.database import LOST
from shared.errors import Invalid, Unavailable
from shared.http import Commanded, given, json_of
from shared.problems import field_error, problem_body, refusal_body

router = APIRouter(tags=["people"])
PATH = "/v1/people:import"
LARGEST = 32 * 1024 * 1024
_MEDIA_TYPE = "application/x-ndjson"
_EXAMPLE_LINES = """\
{"person": "ben", "name": "Ben Okoro", "email": "ben@example.com"}
{"person": "ana", "name": "Ana Silva", "email": "ana@example.com", "partner": "ben"}
"""
_EXAMPLE_CSV = """\
person,name,email,partner
ben,Ben Okoro,ben@example.com,
ana,Ana Silva,ana@example.com,ben
"""
_NO_PERSON = "an id of 1 to 128 characters of A-Z a-z 0-9 . _ @ + -"
_KINDS = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "application/jsonlines": "ndjson",
    "application/x-jsonlines": "ndjson",
}


class FileOfAnotherKind(Invalid):
    """Send the file as application/x-ndjson, one JSON object a line, or as text/csv."""

    status = 415


class ImportStopped(Unavailable):
    """The database can't be reached; send the same file again, also with the same key."""


_FILE = {
    "required": False,  # a roster without lines is one without changes
    "content": {
        "application/x-ndjson": {"schema": {"type": "string"}, "example": _EXAMPLE_LINES},
        "text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE_CSV},
    },
}


@router.post(PATH, operation_id="import_people", openapi_extra={"requestBody": _FILE})
async def import_people(
    request: Request,
    command: Commanded,
    imports: Annotated[Imports, given(Imports)],
) -> Response:
    """Take a whole roster in.

    The answer has a line for each line, in the same order. Lines are what
    `PUT /v1/people/{person}` takes, with `person` besides. It can be sent again whenever something
    went wrong: what is there already is `unchanged`.
    """
    request.state.command = None  # only this route makes lines of what its key was given before
    await imports.permit(command)
    content_type = request.headers.get("content-type", "")
    kind = _KINDS.get(content_type.partition(";")[0].strip().lower())
    if kind is None:
        raise FileOfAnotherKind
    lines = await asyncio.to_thread(read_lines, await request.body(), kind)
    if (before := await imports.answered(command, lines)) is not None:
        headers = {"Idempotency-Replayed": "true"}
        return Response(b"".join(map(_line, before)), headers=headers, media_type=_MEDIA_TYPE)
    results = imports.run(command, lines, _entry, refusal_body)
    first = [result async for result in _first(results)]
    return StreamingResponse(_told(first, results), media_type=_MEDIA_TYPE)


def _entry(line: Line) -> Entry:
    """A line's person and profile; raises `Refused` with what is wrong, field by field."""
    if line.person is None:
        raise Refused(_invalid([field_error(("person",), _NO_PERSON)]))
    fields = {name: value for name, value in line.fields.items() if name != "person"}
    try:
        body = ProfileBody.model_validate(fields)
    except ValidationError as bad:
        errors = [field_error(error["loc"], error["msg"]) for error in bad.errors()]
        raise Refused(_invalid(errors)) from None
    partner = body.partner if "partner" in body.model_fields_set else KEEP
    return Entry(line.number, line.person, body.profile(), partner, body.partner_since)


def _invalid(errors: list[dict[str, Any]]) -> dict[str, Any]:
    body = problem_body(422, "invalid-request", "Some fields can't be used; see `errors`.")
    return body | {"errors": errors}


async def _first(results: AsyncIterator[Result]) -> AsyncIterator[Result]:
    """The first result, before the answer begins: until then everything can still be refused."""
    async for result in results:
        yield result
        return


async def _told(first: list[Result], results: AsyncGenerator[Result]) -> AsyncIterator[bytes]:
    """The answer, line by line; where the database went away meanwhile, its last line says so."""
    try:
        for result in first:
            yield _line(result)
        async with aclosing(results):
            async for result in results:
                yield _line(result)
    except (Unavailable, *LOST):
        problem = refusal_body(ImportStopped())
        yield _line({"line": None, "person": None, "status": "stopped", "problem": problem})


def _line(result: Result) -> bytes:
    return json_of(result) + b"\n"
