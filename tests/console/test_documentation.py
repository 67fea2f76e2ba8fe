"""The documentation says what is so: it is made of the code, and its examples of a walk through it.

CAIRN_WRITE_GOLDEN=1 pytest tests/console/test_documentation.py writes what is kept of it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
from fastapi import FastAPI
from schemathesis.specs.openapi.definitions import OPENAPI_31

import console.documentation
from console.bootstrap import House
from console.documentation.openapi import describe
from console.documentation.problems import again, page
from console.documentation.reading import chapters
from console.documentation.schemas import ANSWERS
from console.documentation.texts import TAGS
from services.integration.catalogue import OUTSIDE
from shared.problems import kinds
from tests.conftest import Door
from tests.console.walk import Walk, settled
from tests.documented import Documented

WRITE = bool(os.environ.get("CAIRN_WRITE_GOLDEN"))
ROOT = Path(__file__).parents[2]
EXAMPLES = Path(console.documentation.__file__).with_name("examples.json")


def kept(path: Path, text: str) -> None:
    """Fail where a file isn't what the code makes of it now."""
    if WRITE:
        path.write_text(text)
    assert path.read_text() == text, f"{path.name} is behind; write it with CAIRN_WRITE_GOLDEN=1"


def as_text(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


@pytest.fixture
def reader(door: Door) -> httpx2.AsyncClient:
    """Somebody without a token."""
    return door()


def test_the_document_is_committed_as_it_is_served(app: FastAPI) -> None:
    kept(ROOT / "docs" / "openapi.json", as_text(describe(app)))


def test_the_page_of_problems_is_committed_as_they_are() -> None:
    kept(ROOT / "docs" / "problems.md", page())


async def test_the_examples_are_what_a_walk_through_the_api_has_had(
    door: Door, house: House, tenant: str, documented: Documented
) -> None:
    documented.notes = True
    await Walk(door, house, tenant).walk()
    documented.notes = False
    assert set(documented.examples) == set(ANSWERS), "an operation isn't walked yet"
    kept(EXAMPLES, as_text(settled(documented.examples, tenant)))


def test_the_document_is_openapi_3_1(documented: Documented) -> None:
    assert documented.document["openapi"] == "3.1.0"
    errors = jsonschema_rs.validator_for(OPENAPI_31).iter_errors(documented.document)
    assert [f"{error.instance_path}: {error.message}" for error in errors] == []


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [told for item in document["paths"].values() for told in item.values()]


def test_every_operation_says_what_it_is_for(documented: Documented) -> None:
    for told in operations(documented.document):
        name = told["operationId"]
        assert len(told["summary"]) <= 105, name
        assert told["description"].endswith("."), name
        assert told["tags"][0] in TAGS, name
        for parameter in told.get("parameters", []):
            assert "$ref" in parameter or parameter.get("description"), (name, parameter["name"])


def test_every_example_is_of_its_schema(documented: Documented) -> None:
    schemas = documented.document["components"]["schemas"]
    for told in operations(documented.document):
        for content in told.get("requestBody", {}).get("content", {}).values():
            if "example" in content:
                whole = content["schema"] | {"components": {"schemas": schemas}}
                assert jsonschema_rs.is_valid(whole, content["example"]), told["operationId"]


def test_no_schema_is_called_after_a_path_of_the_code(documented: Documented) -> None:
    """Two bodies of the same name would be."""
    assert [name for name in documented.document["components"]["schemas"] if "__" in name] == []


def test_every_reference_leads_somewhere(documented: Documented) -> None:
    for reference in re.findall(r'"#/([^"]+)"', json.dumps(documented.document)):
        found: Any = documented.document
        for part in reference.split("/"):
            found = found[part]


def test_everything_that_is_told_outside_is_in_the_webhooks_section(documented: Documented) -> None:
    assert set(documented.document["webhooks"]) == set(OUTSIDE)


async def test_an_event_is_delivered_as_the_webhooks_section_says(
    door: Door, house: House, tenant: str, documented: Documented
) -> None:
    """The facts of every event that the walk causes, by the schema of its type."""
    await Walk(door, house, tenant).walk()
    while await house.publishing().catch_up():
        pass
    schemas = {"schemas": documented.document["components"]["schemas"]}
    events = await house.feed.read(tenant, 0, [], 200)
    for event in events:
        told = documented.document["webhooks"][event["type"]]["post"]["requestBody"]["content"]
        schema = told["application/cloudevents+json"]["schema"]
        validator = jsonschema_rs.validator_for(schema | {"components": schemas})
        assert [error.message for error in validator.iter_errors(event)] == [], event["type"]
    assert len({event["type"] for event in events}) > len(OUTSIDE) / 2


async def test_the_pages_need_no_token_and_nothing_from_anywhere_else(
    reader: httpx2.AsyncClient,
) -> None:
    pages = ["/docs", "/problems", *(f"/problems/{kind.code}" for kind in kinds())]
    for path in pages:
        answer = await reader.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in answer.text
        assert " style=" not in answer.text
        assert not re.search(r"""(?:src|href|action)=["']?(?!["']?[/#])""", answer.text), path
    assert (await reader.get("/openapi.json")).json()["info"]["title"] == "Cairn"
    assert (await reader.get("/docs/style.css")).headers["content-type"].startswith("text/css")


async def test_every_link_of_the_pages_leads_somewhere(reader: httpx2.AsyncClient) -> None:
    text = (await reader.get("/docs")).text
    ids = set(re.findall(r' id="([^"]+)"', text))
    for link in set(re.findall(r'href="([^"]+)"', text)):
        if link.startswith("#"):
            assert link[1:] in ids, link
        else:
            assert (await reader.get(link)).status_code == 200, link


async def test_the_type_of_a_problem_leads_to_its_page(reader: httpx2.AsyncClient) -> None:
    refused = (await reader.get("/v1/policy")).json()
    page = await reader.get(refused["type"])
    assert page.status_code == 200
    assert refused["title"] in page.text
    assert (await reader.get("/problems/no-such-thing")).status_code == 404


async def test_there_are_no_pages_that_load_others(reader: httpx2.AsyncClient) -> None:
    assert (await reader.get("/redoc")).status_code == 404
    assert (await reader.get("/docs/oauth2-redirect")).status_code == 404


def test_every_kind_of_problem_says_what_to_do() -> None:
    for kind in kinds():
        assert again(kind.status)
        assert kind.sentences, kind
        for sentence in kind.sentences:
            assert sentence.endswith((".", "?")), kind


def test_the_commands_of_the_page_are_whole(documented: Documented) -> None:
    for chapter in chapters(documented.document):
        for operation in chapter["operations"]:
            words = shlex.split(operation["curl"].replace("\\\n", ""))
            assert words[:2] == ["curl", "-X"]
            assert "{" not in words[3], operation["curl"]


def test_the_guide_names_only_what_there_is(documented: Documented) -> None:
    """Every route in docs/api.md is one of ours, and every code leads to its place."""
    text = (ROOT / "docs" / "api.md").read_text()
    paths = documented.document["paths"]
    named = re.findall(r"\b(GET|PUT|POST|DELETE) (/v1/[\w/{}:-]+)", text)
    assert len(named) > 15
    for method, path in named:
        assert method.lower() in paths.get(path, {}), (method, path)
    problems = (ROOT / "docs" / "problems.md").read_text()
    for code in re.findall(r"problems\.md#([a-z-]+)", text):
        assert f"## `{code}`" in problems, code
    for code in re.findall(r"\$CAIRN(/v1/\S+)", text):
        assert code in paths, code
