"""One operation of the OpenAPI document: what FastAPI knows of it, completed."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from console.documentation.schemas import Answer, answers
from console.documentation.texts import PARAMETERS, RESPONSES

_WRITES = frozenset({"put", "post", "delete", "patch"})
_ALWAYS = (401, 403, 429, 500, 503)
_RATE = ("X-Request-ID", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
_NOTHING: dict[str, Any] = {}


@cache
def examples() -> dict[str, dict[str, Any]]:
    """A request and its answer for each operation, as a walk through the API has had them."""
    text = (resources.files(__package__) / "examples.json").read_text()
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def completed(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """The operation as it is published."""
    name: str = operation["operationId"]
    example = examples().get(name, _NOTHING)
    text = re.sub(r"(?<!\n)\n(?!\n)", " ", operation["description"])
    made = {
        "operationId": name,
        "summary": text.partition("\n")[0].removesuffix("."),
        "description": text,
        "tags": operation["tags"][-1:],
    }
    if parameters := operation.get("parameters"):
        made["parameters"] = [_parameter(each, example) for each in parameters]
    if body := operation.get("requestBody"):
        made["requestBody"] = _body(body, example)
    if name in answers():
        made["responses"] = _answers(method, operation, answers()[name], example)
        made["responses"] |= _refusals(method, made, answers()[name].refused)
    else:  # SCIM's own ways
        found = {status: told for status, told in operation["responses"].items() if status != "422"}
        made["responses"] = found | {"default": reference("responses", "Scim")}
    return made


def reference(kind: str, name: str) -> dict[str, Any]:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def _parameter(parameter: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """A parameter with a description and an example; the headers of all writes are told once."""
    if parameter["in"] == "header":
        return reference("parameters", parameter["schema"]["title"])
    name = parameter["name"]
    described = parameter.get("description") or PARAMETERS.get(name)
    schema = {key: value for key, value in parameter["schema"].items() if key != "description"}
    made = parameter | ({"description": described} if described else {}) | {"schema": schema}
    given = example.get(parameter["in"], _NOTHING)
    return made | ({"example": given[name]} if name in given else {})


def _body(body: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    if "request" in example:
        for content in body["content"].values():
            content.setdefault("example", example["request"])
    return body


def _answers(
    method: str, operation: dict[str, Any], answer: Answer, example: dict[str, Any]
) -> dict[str, Any]:
    declared = [int(status) for status in operation["responses"] if status.startswith("2")]
    headers = {name: reference("headers", name) for name in _headers(method, answer)}
    found: dict[str, Any] = {}
    for status in answer.statuses or declared:
        content: dict[str, Any] = {"schema": answer.schema}
        if status == example.get("status"):
            content["example"] = example["answer"]
        kinds = {answer.media_type: content}
        if answer.as_text:
            kinds[answer.as_text] = {"schema": {"type": "string"}}
        found[str(status)] = {
            "description": "Done, and something new is there." if status == 201 else "Done.",
            "headers": headers,
            "content": kinds,
        }
    return found


def _headers(method: str, answer: Answer) -> list[str]:
    versioned = ["ETag"] if answer.versioned else []
    return versioned + (["Idempotency-Replayed"] if method in _WRITES else []) + list(_RATE)


def _refusals(method: str, operation: dict[str, Any], others: tuple[int, ...]) -> dict[str, Any]:
    """Which refusals an operation can meet, by what it takes."""
    writes, body = method in _WRITES, operation.get("requestBody")
    parameters = operation.get("parameters", [])
    names = {parameter.get("name") for parameter in parameters}
    found = {*_ALWAYS, *others}
    found |= {400, 409, 412, 413} if writes else set()
    found |= {400} if "cursor" in names else set()
    found |= {404} if writes or names - {"cursor", "limit"} else set()
    found |= {415} if body else set()
    found |= {422} if body or names else set()
    return {str(status): reference("responses", RESPONSES[status][0]) for status in sorted(found)}
