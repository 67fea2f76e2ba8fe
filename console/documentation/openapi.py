"""The OpenAPI document: what FastAPI knows of the routes, and everything that it doesn't."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from console.documentation.operations import completed, reference
from console.documentation.schemas import answer_schemas, problem_schemas, tidy
from console.documentation.texts import DESCRIPTION, HEADERS, PARAMETERS, RESPONSES, TAGS
from console.documentation.told import told_webhooks
from shared.problems import kinds, problem_body

_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_WAITS = (429, 503)
_HEADERS = {
    "Idempotency-Key": r"^[\x21-\x7e]{1,255}$",
    "If-Match": r'^("\d{1,9}"|\*)$',
    "Accept-Language": r"^.{0,256}$",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document of this application."""
    known = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=DESCRIPTION,
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    paths = {
        path: {method: completed(path, method, told) for method, told in operations.items()}
        for path, operations in known["paths"].items()
    }
    used = {told["tags"][0] for operations in paths.values() for told in operations.values()}
    document = {
        "openapi": known["openapi"],
        "info": known["info"],
        "security": [{"bearer": []}],
        "tags": [{"name": n, "description": d} for n, d in TAGS.items() if n in used],
        "paths": paths,
        "webhooks": told_webhooks(),
        "components": _components(known["components"]["schemas"]),
    }
    tidy(document)
    return document


def _components(schemas: dict[str, Any]) -> dict[str, Any]:
    taken = {name: schema for name, schema in schemas.items() if name not in _FASTAPIS_OWN}
    schemas = taken | answer_schemas() | problem_schemas()
    return {
        "schemas": dict(sorted(schemas.items())),
        "parameters": {name: _header_parameter(name) for name in _HEADERS},
        "headers": {name: _header(*told) for name, told in HEADERS.items()},
        "responses": {told[0]: _refusal(status, told[1]) for status, told in RESPONSES.items()}
        | {"Scim": _scim_refusal()},
        "securitySchemes": {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token of your identity provider, or an API key.",
            }
        },
    }


def _header_parameter(name: str) -> dict[str, Any]:
    pattern = _HEADERS[name]
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": PARAMETERS[name],
        "schema": {"type": "string", "pattern": pattern},
    }


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _refusal(status: int, description: str) -> dict[str, Any]:
    """One refusal, with the codes that it may have and the first of them as an example."""
    known = [kind for kind in kinds() if kind.status == status]
    codes = ", ".join(f"[`{kind.code}`](/problems/{kind.code})" for kind in known)
    headers = ["X-Request-ID", *(["Retry-After"] if status in _WAITS else [])]
    content: dict[str, Any] = {
        "schema": reference("schemas", "Problem"),
        "example": problem_body(status, known[0].code, known[0].sentences[0]),
    }
    return {
        "description": f"{description} Codes: {codes}.",
        "headers": {name: reference("headers", name) for name in headers},
        "content": {"application/problem+json": content},
    }


def _scim_refusal() -> dict[str, Any]:
    schema = reference("schemas", "ScimError")
    return {
        "description": "What SCIM refuses, as RFC 7644 has it.",
        "content": {"application/scim+json": {"schema": schema}},
    }
