"""The webhooks section: each type of event as it is delivered."""

from __future__ import annotations

from typing import Any, get_type_hints

from pydantic import TypeAdapter

from console.documentation.texts import DELIVERED, SIGNATURE
from console.registry import REGISTRY
from services.integration.catalogue import OUTSIDE, PEOPLE, Told

_ID = {"type": "string", "format": "uuid"}
_PERSON = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "null once forgotten"}


def told_webhooks() -> dict[str, Any]:
    """By type: the request that a webhook gets."""
    return {type_: {"post": _operation(type_, told)} for type_, told in OUTSIDE.items()}


def _operation(type_: str, told: Told) -> dict[str, Any]:
    event = {"$ref": "#/components/schemas/CloudEvent"}
    narrowed = {"properties": {"type": {"const": type_}, "data": _data(type_, told)}}
    return {
        "operationId": "on_" + type_.replace(".", "_"),
        "summary": told.sentence.removesuffix("."),
        "description": f"{told.sentence} {DELIVERED}",
        "tags": ["webhooks"],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
            }
            for name, description in SIGNATURE.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/cloudevents+json": {"schema": {"allOf": [event, narrowed]}}},
        },
        "responses": {"2XX": {"description": "It was taken."}},
        "security": [],
    }


def _data(type_: str, told: Told) -> dict[str, Any]:
    hints = get_type_hints(REGISTRY.of_topic(type_).cls)
    properties: dict[str, Any] = {
        "person": {**_PERSON, "description": "whom it concerns, by your own id"},
        "cycle": {"anyOf": [_ID, {"type": "null"}]},
    }
    if told.own not in (None, "policy"):
        properties[str(told.own)] = _ID
    for name in told.facts:
        schema = TypeAdapter(hints[name]).json_schema()
        properties[name] = _PERSON if name in PEOPLE else schema
    return {"type": "object", "properties": properties, "required": list(properties)}
