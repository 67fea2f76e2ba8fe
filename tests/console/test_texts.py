"""What people write comes back to the letter or is refused with a reason: every text field there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from services.conversation.domain import Conversation
from tests.conftest import Story
from tests.console.test_bad_input import ROUTES, check, roles_for
from tests.good import BODIES
from tests.years import Years

LONG = "An answer that takes its time. "
KEPT = {
    "right to left": "שלום עולם، مرحبا",
    "bidirectional controls": "a\u202eb\u202c\u2066c\u2069",
    "emoji": "🪨👩🏽‍🚀🏳️‍🌈",
    "zero width": "a\u200bb\u200dc\ufeffd\u2060",
    "combining": "e\u0301 ä ﷽ Å",
    "newlines and tabs": "one\ntwo\tthree\r\nfour",
    "spaces around": "  kept  ",
    "HTML": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "a formula": '=HYPERLINK("http://x","y")+cmd|\' /C calc\'!A0',
    "a template": "{{7*7}} ${7*7} {% raw %} %(x)s {0} <%= x %>",
    "SQL": "'; DROP TABLE record.event; --",
    "JSON": '{"text": "\\u0000", "a": [1, null]}',
    "a line of a log": "\u2028level=critical\u2029",
    "astral and private": "𝔘𝔫𝔦 \U0010fffd \uffff",
}
REFUSED = {
    "a null": "a\x00b",
    "a bell": "a\x07",
    "an escape": "\x1b[31mred",
    "a backspace": "a\x08",
    "delete": "a\x7f",
    "a C1 control": "a\x85b",
}
EXEMPT = {
    "duration": "a time, which has a form of its own",
    "cadence": "a time",
    "follow_up_after": "a time",
    "answer_nudges": "times",
    "partner_nudges": "times",
    "plan_within": "a time",
    "check_in_every": "a time",
    "pause_default": "a time",
    "pause_longest": "a time",
    "timezone": "one of a list",
    "return_grace": "a time",
    "handover_within": "a time",
    "partner_wanted_after": "a time",
    "spread_over": "a time",
    "overlap": "a time",
    "people": "ids; those that can't be any are told as such in the account of the batch",
    "types": "of a list",
    "url": "an address, which has rules of its own",
    "retention": "times",
    "bundles_kept": "a time",
}
CHOOSING = {"request_batch", "release_feed"}
"""Operations whose texts name what was written before; they keep none."""


def fields_of(
    schema: Any, definitions: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[Any]:
    """Each free text of a body: its path, and how long it may be."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from fields_of(one, definitions, path)
    if schema.get("type") == "string" and not {"pattern", "format", "enum", "const"} & set(schema):
        yield path, schema.get("maxLength", 0)
    for name, one in schema.get("properties", {}).items():
        yield from fields_of(one, definitions, (*path, name))
    if "items" in schema:
        yield from fields_of(schema["items"], definitions, (*path, "0"))
    for one in schema.get("patternProperties", {}).values():
        yield from fields_of(one, definitions, (*path, "en"))


def text_fields() -> list[Any]:
    found = {}
    for method, path, route in ROUTES:
        if route.body_field is not None:
            from pydantic import TypeAdapter

            schema = TypeAdapter(route.body_field.field_info.annotation).json_schema()
            for field, longest in fields_of(schema, schema.get("$defs", {})):
                if field[0] not in EXEMPT:
                    name = f"{route.operation_id} {'.'.join(field)}"
                    found[name] = pytest.param(method, path, route, field, longest, id=name)
    return list(found.values())


FIELDS = text_fields()
KEEPING = [field for field in FIELDS if str(field.id).split()[0] not in CHOOSING]


def test_the_fields_of_all_methods_of_nested_and_of_translated_bodies_are_found() -> None:
    names = {str(field.id) for field in FIELDS}
    assert {
        "plan_action risk",
        "plan_action aim",
        "note_facet vocabulary.uri",
        "publish_guide questions.0.text.en",
        "put_person location",
        "write_note text",
    } <= names
    assert len(FIELDS) > 35


def body_with(route: Any, field: tuple[str, ...], text: str) -> Any:
    """A good body of a route, with a text in one of its fields."""
    body = _copy(BODIES.get(route.operation_id, {}))
    if route.operation_id == "plan_action":
        body["method"] = METHOD_OF.get(field[0], "coaching")
    if field[0] == "vocabulary":
        body["vocabulary"] = {"scheme": "esco", "uri": "urn:x"}
    place = body
    for name in field[:-1]:
        following: Any = {} if isinstance(place, dict) else None
        if isinstance(place, list):
            place = place[int(name)]
        else:
            if not isinstance(place.get(name), dict | list):
                place[name] = following
            place = place[name]
    if isinstance(place, list):
        place[int(field[-1])] = text
    else:
        place[field[-1]] = text
    return body


METHOD_OF = {
    "adds": "job_enrichment",
    "varies": "job_enrichment",
    "skill": "stretch_assignment",
    "support": "stretch_assignment",
    "risk": "stretch_assignment",
    "rhythm": "mentoring",
    "coach": "coaching",
    "aim": "coaching",
}


def _copy(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _copy(value) for name, value in body.items()}
    return [_copy(value) for value in body] if isinstance(body, list) else body


def leaves(body: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(body, dict):
        for value in body.values():
            yield from leaves(value)
    elif isinstance(body, list):
        for value in body:
            yield from leaves(value)
    elif isinstance(body, str):
        yield body


async def ready(years: Years, operation: str) -> None:
    """Bring the plan to where an operation is possible."""
    plans = {"start_action", "finish_action", "leave_action_undone", "block_action", "drop_action"}
    if operation in {*plans, "carry_over", "check_in", "request_changes"}:
        await years.agree()
        for number in range(len(KEPT) + 2):
            body = BODIES["plan_action"] | {"owner": "organisation"}
            await years.ana.put(f"{years.plan}/actions/a{number}", json=body)
        await years.ana.post(f"{years.plan}:propose")
        await years.ben.post(f"{years.plan}:agree")
        if operation == "carry_over":
            await years.follow_up()
    elif operation in {"plan_action", "set_goal"}:
        await years.conclude()
        await years.ana.put(f"{years.plan}/goals/lead", json={"text": "Lead"})


def address(years: Years, path: str, number: int) -> str:
    kind = path.split("/")[2].partition(":")[0]
    id_ = {"conversations": years.conversation, "plans": years.plan}.get(kind, years.cycle)
    names = {
        "person": "ana",
        "guide": "ours",
        "version": "1",
        "question": "impact",
        "facet": "craft",
        "goal": "lead",
        "action": f"a{number}",
        "id": id_.rpartition("/")[2],
    }
    return re.sub(r"{(\w+)}", lambda found: names[found[1]], path)


async def read_back(years: Years, path: str) -> set[str]:
    """Every text that the author sees in what was written to."""
    if path.startswith("/v1/guides"):
        return set(leaves((await years.platform.get("/v1/guides")).json()))
    if path.endswith("/corrections"):
        return set(leaves((await years.ana.get("/v1/people/ana/corrections")).json()))
    if path.startswith("/v1/people"):
        return set(leaves((await years.platform.get("/v1/people/ana")).json()))
    if path.startswith("/v1/plans"):
        return set(leaves((await years.ana.get(years.plan)).json()))
    told = [
        await years.ana.get(years.conversation),
        await years.ana.get(f"{years.conversation}/drafts"),
    ]
    return {text for answer in told for text in leaves(answer.json())}


@pytest.mark.parametrize(("method", "path", "route", "field", "longest"), KEEPING)
async def test_a_text_comes_back_to_the_letter(
    years: Years, method: str, path: str, route: Any, field: tuple[str, ...], longest: int
) -> None:
    await ready(years, route.operation_id)
    if route.operation_id in {"approve_guide", "withdraw_approval"}:
        await years.platform.post("/v1/guides/ours", json=BODIES["publish_guide"])
    client = years.door("hr") if "approv" in route.operation_id else roles_for(path, years)
    assert longest, "every text has a bearable length"
    texts = [text for text in KEPT.values() if len(text) <= longest]
    long = (LONG * 700)[:longest]
    for number, text in enumerate([*texts, long]):
        where = address(years, path, number)
        if route.operation_id == "withdraw_approval":
            granted = {"legal_entity": text}
            assert (await client.post("/v1/guides/ours/1:approve", json=granted)).status_code == 200
            assert text in await read_back(years, path)
        answer = await client.request(method, where, json=body_with(route, field, text))
        assert answer.status_code in {200, 201}, answer.text
        if "approv" not in route.operation_id:  # a legal entity is nobody's words
            assert text not in set(leaves(answer.json())), "no words in the answer to a write"
        seen = await read_back(years, path)
        assert (text in seen) == (route.operation_id != "withdraw_approval"), text


@pytest.mark.parametrize(("method", "path", "route", "field", "longest"), FIELDS)
async def test_a_text_that_can_not_be_kept_is_refused_with_a_reason(
    years: Years, method: str, path: str, route: Any, field: tuple[str, ...], longest: int
) -> None:
    client = years.door("hr") if "approv" in route.operation_id else roles_for(path, years)
    if path.startswith("/v1/plans"):
        await years.conclude()
    before = await read_back(years, path)
    for text in (*REFUSED.values(), "x" * (longest + 1), ""):
        where = address(years, path, 0)
        answer = await client.request(method, where, json=body_with(route, field, text))
        problem = check(answer, 422)
        reasons = [error["detail"] for error in problem["errors"]]
        assert reasons, text
        if text in REFUSED.values():
            assert any("control character U+" in reason for reason in reasons), reasons
    assert await read_back(years, path) == before


async def test_the_reason_says_which_character_stands_where(story: Story) -> None:
    path = f"{story.conversation}/answers/impact"
    problem = check(await story.ana.put(path, json={"text": "four\x07"}), 422)
    (error,) = problem["errors"]
    assert error["pointer"] == "/body/text"
    assert "U+0007 at place 5" in error["detail"]


@pytest.mark.parametrize("text", [*KEPT.values(), (LONG * 700)[:20_000], "🪨" * 20_000])
async def test_a_text_stands_in_the_record_to_the_letter(story: Story, text: str) -> None:
    path = f"{story.conversation}/answers/impact"
    assert (await story.ana.put(path, json={"text": text})).status_code == 200
    id_ = UUID(story.conversation.rpartition("/")[2])
    known = await story.house.record.load(Conversation, story.tenant, id_)
    assert known is not None
    assert known.answers["impact"].text == text


async def test_a_text_of_one_character_too_many_is_refused(story: Story) -> None:
    path = f"{story.conversation}/answers/impact"
    assert (await story.ana.put(path, json={"text": "🪨" * 20_001})).status_code == 422
