"""Prepares the OpenAPI document for being read: chapters, operations, and schemas as tables."""

from __future__ import annotations

import json
import shlex
from typing import Any

_ORDER = ("get", "put", "post", "patch", "delete")


def chapters(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The tags in their order, each with its operations."""
    made = {tag["name"]: dict(tag, operations=[]) for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method in _ORDER:
            if method in operations:
                told = operations[method]
                made[told["tags"][0]]["operations"].append(_operation(document, path, method, told))
    return list(made.values())


def schema_tables(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The fields of every schema."""
    schemas = document["components"]["schemas"]
    return {name: _fields(document, schema) for name, schema in schemas.items()}


def _operation(
    document: dict[str, Any], path: str, method: str, told: dict[str, Any]
) -> dict[str, Any]:
    body = told.get("requestBody", {}).get("content", {})
    kinds = [_content(document, kind, content) for kind, content in body.items()]
    return {
        "id": told["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": told["summary"],
        "more": told["description"].partition("\n\n")[2],
        "parameters": [_parameter(document, each) for each in told.get("parameters", [])],
        "bodies": kinds,
        "answers": _answers(document, told),
        "refusals": _refusals(told),
        "curl": curl(document, path, method, told),
    }


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    found = _resolved(document, parameter)
    return {
        "name": found["name"],
        "where": found["in"],
        "required": found.get("required", False),
        "kind": _kind(found["schema"]),
        "description": found.get("description", ""),
    }


def _answers(document: dict[str, Any], told: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for status, answer in told["responses"].items():
        if status.startswith("2"):
            for kind, content in answer.get("content", {}).items():
                found.append({"status": status} | _content(document, kind, content))
    return found


def _refusals(told: dict[str, Any]) -> list[str]:
    return [status for status in told["responses"] if status.isdigit() and status >= "400"]


def _content(document: dict[str, Any], kind: str, content: dict[str, Any]) -> dict[str, Any]:
    schema = content["schema"]
    return {
        "media_type": kind,
        "kind": _kind(schema),
        "fields": _fields(document, schema),
        "example": content.get("example"),
    }


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = _resolved(document, schema)
    required = found.get("required", [])
    return [
        {
            "name": name,
            "kind": _kind(field),
            "required": name in required,
            "description": _told(field),
        }
        for name, field in found.get("properties", {}).items()
    ]


def _told(field: dict[str, Any]) -> str:
    default = field.get("default")
    left_out = f" Left out: `{json.dumps(default)}`." if default not in (None, []) else ""
    return (str(field.get("description", "")) + left_out).strip()


def _resolved(document: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in told:
        return told
    _, _, kind, name = told["$ref"].split("/")
    found: dict[str, Any] = document["components"][kind][name]
    return found


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return " · ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")


def curl(document: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> str:
    """The operation as a command that can be run."""
    parameters = [_resolved(document, each) for each in told.get("parameters", [])]
    query = []
    for parameter in parameters:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter.get("example", "ID")))
        elif parameter["in"] == "query" and "example" in parameter:
            query.append(f"{parameter['name']}={parameter['example']}")
    address = f'"$CAIRN{path}{"?" + "&".join(query) if query else ""}"'
    lines = [f"curl -X {method.upper()} {address}", '-H "Authorization: Bearer $TOKEN"']
    if any(parameter["name"] == "Idempotency-Key" for parameter in parameters):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    for kind, content in list(told.get("requestBody", {}).get("content", {}).items())[:1]:
        body = content.get("example", {})
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        lines += [f"-H 'Content-Type: {kind}'", f"--data-binary {shlex.quote(text)}"]
    return " \\\n  ".join(lines)
