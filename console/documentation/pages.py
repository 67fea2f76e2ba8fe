"""Serves the documentation: plain pages without scripts, and nothing from anywhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup, escape

from console.documentation.openapi import describe
from console.documentation.problems import again
from console.documentation.reading import chapters, schema_tables
from shared.errors import NotFound
from shared.problems import kinds, title_of

router = APIRouter(include_in_schema=False)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'none';"
    " frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(document_of(request.app))


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The same for people to read."""
    document = document_of(request.app)
    tables = schema_tables(document)
    return _page("docs.html", document=document, chapters=chapters(document), schemas=tables)


@router.get("/docs/style.css")
async def style() -> Response:
    """How the pages look."""
    text = (resources.files(__package__) / "templates" / "style.css").read_text()
    return Response(text, headers=_HEADERS, media_type="text/css")


@router.get("/problems")
async def problems() -> Response:
    """All kinds of problems."""
    return _page("problems.html", kinds=kinds(), title_of=title_of)


@router.get("/problems/{code}")
async def problem(code: str) -> Response:
    """What a problem means, and what to do."""
    found = [kind for kind in kinds() if kind.code == code]
    if not found:
        raise NotFound("There is no problem with this code; /problems lists them.")
    return _page("problem.html", found=found, title_of=title_of, again=again)


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return app.openapi_schema


@cache
def _templates() -> Environment:
    made = Environment(loader=PackageLoader(__package__), autoescape=select_autoescape())
    made.filters |= {
        "inline": _inline, "json": _json, "linked": _linked, "paragraphs": _paragraphs
    }  # fmt: skip
    return made


def _page(template: str, **given: Any) -> Response:
    return HTMLResponse(_templates().get_template(template).render(**given), headers=_HEADERS)


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def _inline(text: str) -> Markup:
    """The little of Markdown that our sentences use: code, bold and links to our own pages."""
    made = str(escape(text))
    made = re.sub(r"\[([^\]]+)\]\((/[^)\s]+)\)", r'<a href="\2">\1</a>', made)
    made = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", made)
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", made))  # noqa: S704 - escaped above


def _linked(kind: str, schemas: Collection[str]) -> Markup:
    """The names of schemas lead to them."""

    def link(word: re.Match[str]) -> str:
        name = word[0]
        return f'<a href="#schema-{name}">{name}</a>' if name in schemas else name

    return Markup(re.sub(r"\w+", link, str(escape(kind))))  # noqa: S704 - escaped above


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
