"""Holds every answer that a test gets against the documentation, more strictly than clients should."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from typing import Any

import httpx2
import jsonschema_rs
from fastapi import FastAPI
from fastapi.routing import APIRoute

from console.app import SERVICES
from console.documentation.openapi import describe


class Documented:
    """The OpenAPI document of an application, with every object closed."""

    def __init__(self, app: FastAPI) -> None:
        self.document = describe(app)
        self._closed = _closed(copy.deepcopy(self.document["components"]["schemas"]))
        self._routes = [
            route
            for router in SERVICES.values()
            for route in router.routes
            if isinstance(route, APIRoute) and route.include_in_schema
        ]
        self._schema_of = cache(self._validator)
        self.examples: dict[str, dict[str, Any]] = {}
        """The first request of each operation that went well, while `notes` is true."""
        self.notes = False

    async def check(self, answer: httpx2.Response) -> None:
        """Fail where an answer isn't documented by its status, kind or body, or lacks its ETag."""
        request = answer.request
        path = self._path(request.method, request.url.path)
        if path is None or path.startswith("/scim/"):
            return
        if answer.status_code == 500:
            return  # a failure that a test provokes; the transport answers in the server's place
        told = self.document["paths"][path][request.method.lower()]
        where = f"{told['operationId']} answered {answer.status_code}"
        response = told["responses"].get(str(answer.status_code))
        assert response is not None, f"{where}, which is not documented"
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].split("/")[-1]]
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in response["content"], f"{where} as {kind}"
        told_of = "etag" in answer.headers or "ETag" not in response["headers"]
        assert told_of, f"{where} without an ETag"
        await answer.aread()
        schema = json.dumps(response["content"][kind]["schema"])
        for part in _parts(kind, answer):
            for error in self._schema_of(schema).iter_errors(part):
                raise AssertionError(f"{where}: {error.instance_path}: {error.message}")
        if self.notes and answer.is_success:
            self.examples.setdefault(told["operationId"], _example(path, answer))

    def _path(self, method: str, path: str) -> str | None:
        for route in self._routes:
            if method in route.methods and route.path_regex.match(path):
                return route.path
        return None

    def _validator(self, schema: str) -> Any:
        whole = _closed(json.loads(schema)) | {"components": {"schemas": self._closed}}
        return jsonschema_rs.validator_for(whole, validate_formats=True)


def _example(path: str, answer: httpx2.Response) -> dict[str, Any]:
    """A request and its answer, as the documentation shows them."""
    request = answer.request
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/:]+)", path)
    found = re.fullmatch(pattern, request.url.path)
    assert found is not None
    made: dict[str, Any] = {"status": answer.status_code}
    if found.groupdict():
        made["path"] = found.groupdict()
    if request.url.query:
        made["query"] = dict(request.url.params)
    if request.headers.get("content-type") == "application/json":
        made["request"] = json.loads(request.content)
    is_json = answer.headers["content-type"].endswith("/json")
    is_zip = answer.headers["content-type"] == "application/zip"
    made["answer"] = answer.json() if is_json else "PK…" if is_zip else answer.text
    return made


def _parts(kind: str, answer: httpx2.Response) -> list[Any]:
    """What each schema of an answer is of: the whole, each line of many, or a text."""
    if kind == "application/zip":
        return []  # its files are looked at where they are made
    if kind.startswith("text/"):
        return [answer.text]
    lines = answer.text.splitlines() if kind.endswith("ndjson") else [answer.text]
    return [json.loads(line) for line in lines]


def _closed(schema: Any) -> Any:
    """The same schema, but an object has no properties that aren't named."""
    if isinstance(schema, dict):
        for value in schema.values():
            _closed(value)
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        for value in schema:
            _closed(value)
    return schema
