"""A roster taken in whole: a result for each line, and the same again for whoever sends it again."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from console.bootstrap import House
from services.people import roster_file
from services.people.domain import Person
from shared.database import within
from shared.eventstore.record import Command
from shared.principal import Principal
from tests.conftest import Door

PATH = "/v1/people:import"
ROSTER = [
    {"person": "ana", "name": "Ana Silva", "email": "ana@example.com", "partner": "ben"},
    {"person": "ben", "name": "Ben Okoro", "email": "ben@example.com", "department": "it"},
]


@pytest.fixture
def platform(door: Door) -> httpx2.AsyncClient:
    return door("platform")


def ndjson(*lines: Any) -> bytes:
    return b"".join(
        line + b"\n" if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
        for line in lines
    )


async def send(
    client: httpx2.AsyncClient, content: bytes, kind: str = "application/x-ndjson", key: str = ""
) -> httpx2.Response:
    headers = {"Content-Type": kind} | {"Idempotency-Key": key or secrets.token_hex(8)}
    return await client.post(PATH, content=content, headers=headers)


async def results(
    client: httpx2.AsyncClient, content: bytes, kind: str = "application/x-ndjson", key: str = ""
) -> list[dict[str, Any]]:
    answer = await send(client, content, kind, key)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def person(client: httpx2.AsyncClient, id_: str) -> dict[str, Any]:
    answer = await client.get(f"/v1/people/{id_}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_json_lines_register_people_with_their_partners(
    platform: httpx2.AsyncClient,
) -> None:
    assert await results(platform, ndjson(*ROSTER)) == [
        {"line": 1, "person": "ana", "status": "created", "version": 2},
        {"line": 2, "person": "ben", "status": "created", "version": 1},
    ]
    ana = await person(platform, "ana")
    assert (ana["name"], ana["partner"]) == ("Ana Silva", "ben")
    assert (await person(platform, "ben"))["department"] == "it"


async def test_what_is_there_already_is_unchanged(platform: httpx2.AsyncClient) -> None:
    await results(platform, ndjson(*ROSTER))
    moved = ROSTER[1] | {"department": "sales"}
    assert await results(platform, ndjson(ROSTER[0], moved)) == [
        {"line": 1, "person": "ana", "status": "unchanged", "version": 2},
        {"line": 2, "person": "ben", "status": "updated", "version": 2},
    ]


async def test_an_import_after_a_single_change_sees_it(platform: httpx2.AsyncClient) -> None:
    await results(platform, ndjson(*ROSTER))
    profile = {"name": "Ben Okoro", "email": "ben@example.com", "department": "it"}
    assert (await platform.put("/v1/people/ben", json=profile)).json()["version"] == 1
    assert (await platform.put("/v1/people/ben", json=profile | {"locale": "de"})).is_success
    found = await results(platform, ndjson(ROSTER[1]))
    assert found[0]["status"] == "updated"
    assert found[0]["version"] == 3


async def test_the_same_key_again_gets_the_same_answer(
    platform: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    lines = ndjson(ROSTER[0], {"person": "ben", "name": ""}, b"{", {"person": "no such id"})
    first = await send(platform, lines, key="monday")
    again = await send(platform, lines, key="monday")
    assert again.text == first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    async with within(house.record.pool, tenant) as connection:
        kept = await connection.fetchval(
            "SELECT answer FROM record.receipt WHERE tenant = $1 AND key = 'monday'", tenant
        )
    assert b'"ana"' not in kept, "whose line it was must not outlive them"


async def test_the_same_key_with_another_file_is_refused(platform: httpx2.AsyncClient) -> None:
    await results(platform, ndjson(ROSTER[0]), key="monday")
    answer = await send(platform, ndjson(ROSTER[1]), key="monday")
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-reused"


@pytest.mark.parametrize("content", [b"person\nana\n", b"person\n\nana\n"])
@pytest.mark.parametrize(
    "kinds", [("text/csv", "application/x-ndjson"), ("application/x-ndjson", "text/csv")]
)
async def test_the_same_key_with_the_file_as_another_kind_is_refused(
    platform: httpx2.AsyncClient, content: bytes, kinds: tuple[str, str]
) -> None:
    first, second = kinds
    before = await results(platform, content, first, "once")
    answer = await send(platform, content, second, "once")
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert await results(platform, content, first, "once") == before


async def test_a_bad_line_is_refused_and_the_others_are_taken(
    platform: httpx2.AsyncClient,
) -> None:
    lines = ndjson(
        b"{not json",
        {"person": "zoë", "name": "Zoë", "email": "z@example.com"},
        {"person": "cem", "name": "Cem", "email": "nowhere", "salary": 5},
        {"person": "dan", "name": "Dan", "email": "dan@example.com", "partner": "dan"},
        b"",
        b'["ana"]',
        b'{"person": "\xff"}',
        b'{"person": "eve", "name": "\\ud800", "email": "e@example.com"}',
        {"person": "fay", "name": "Fay", "email": "f@example.com", "timezone": "Mars/Base"},
        ROSTER[1],
    )
    found = await results(platform, lines)
    assert [(each["line"], each["person"], each["status"]) for each in found] == [
        (1, None, "refused"),
        (2, None, "refused"),
        (3, "cem", "refused"),
        (4, "dan", "refused"),
        (6, None, "refused"),
        (7, None, "refused"),
        (8, None, "refused"),
        (9, "fay", "refused"),
        (10, "ben", "created"),
    ]
    problems = [each["problem"] for each in found[:-1]]
    kinds = [problem["type"].removeprefix("/problems/") for problem in problems]
    unreadable, invalid = "line-unreadable", "invalid-request"
    assert kinds == [
        unreadable, invalid, invalid, "own-partner", unreadable, unreadable, unreadable, invalid,
    ]  # fmt: skip
    assert {error["pointer"] for error in problems[2]["errors"]} == {"/email", "/salary"}
    assert (await platform.get("/v1/people/dan")).status_code == 404


async def test_of_two_lines_about_one_person_the_later_counts(
    platform: httpx2.AsyncClient,
) -> None:
    found = await results(platform, ndjson(ROSTER[1], ROSTER[1] | {"department": "hr"}))
    assert [each["status"] for each in found] == ["created", "updated"]
    assert (await person(platform, "ben"))["department"] == "hr"


async def test_a_partner_stays_without_the_field_and_goes_with_null(
    platform: httpx2.AsyncClient,
) -> None:
    await results(platform, ndjson(*ROSTER))
    without = {"person": "ana", "name": "Ana Silva", "email": "ana@example.com"}
    assert (await results(platform, ndjson(without)))[0]["status"] == "unchanged"
    assert (await results(platform, ndjson(without | {"partner": None})))[0]["version"] == 3
    assert (await person(platform, "ana"))["partner"] is None


@pytest.mark.parametrize("kind", ["application/x-ndjson", "text/csv"])
async def test_since_when_a_partner_held_is_taken_and_a_day_to_come_refuses_its_line(
    platform: httpx2.AsyncClient, house: House, tenant: str, kind: str
) -> None:
    names = ("person", "name", "email", "partner", "partner_since")
    people = [
        ("ben", "Ben Okoro", "ben@example.com", None, None),
        ("ana", "Ana Silva", "ana@example.com", "ben", "2024-03-01T00:00:00Z"),
        ("eve", "Eve Stone", "eve@example.com", "ben", "2199-01-01T00:00:00Z"),
    ]
    content = ndjson(*(dict(zip(names, each, strict=True)) for each in people))
    if kind == "text/csv":
        lines = [names, *people]
        content = "\n".join(",".join(cell or "" for cell in line) for line in lines).encode()
    found = await results(platform, content, kind)
    assert [line["status"] for line in found] == ["created", "created", "refused"]
    assert found[2]["problem"]["type"] == "/problems/partner-from-the-future"
    ana = await house.record.vault.subject_of(tenant, "ana")
    assert ana is not None
    known = await house.record.load(Person, tenant, ana)
    assert known is not None
    assert known.relations[-1].valid_from == datetime(2024, 3, 1, tzinfo=UTC)


async def test_an_erased_person_is_refused_and_everybody_else_taken(
    platform: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    await results(platform, ndjson(*ROSTER))
    dpo = Command(Principal(tenant, frozenset({"dpo"}), "dpo"), house.record.clock.now())
    await house.people.erase_person(dpo, "ben")
    ben, ana = await results(platform, ndjson(ROSTER[1], ROSTER[0]))
    assert ben["status"] == "refused"
    assert ben["problem"]["type"] == "/problems/person-erased"
    assert ana["status"] == "unchanged"


CSV = (
    "Person,Name,Email,Partner,Start_Date\r\n"
    'ana,"Silva, Ana",ana@example.com,ben,2020-02-29\r\n'
    "\r\n"
    'ben,"Ben ""the"" Okoro",ben@example.com,,\r\n'
)


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.replace("\r\n", "\n").encode(),
        CSV.replace("Silva, Ana", "Silva\t Ana").replace(",", ";").replace("\t", ",").encode(),
        CSV.replace("Silva, Ana", "Silva; Ana").replace(",", "\t").replace(";", ",").encode(),
    ],
    ids=["as RFC 4180 has it", "with a mark", "with bare line ends", "semicolons", "tabs"],
)
async def test_csv_as_spreadsheets_write_it(platform: httpx2.AsyncClient, content: bytes) -> None:
    assert await results(platform, content, "text/csv; charset=utf-8") == [
        {"line": 2, "person": "ana", "status": "created", "version": 2},
        {"line": 4, "person": "ben", "status": "created", "version": 1},
    ]
    ana = await person(platform, "ana")
    assert (ana["name"], ana["start_date"]) == ("Silva, Ana", "2020-02-29")
    assert (await person(platform, "ben"))["name"] == 'Ben "the" Okoro'


async def test_an_empty_cell_of_partner_releases_and_a_missing_one_does_not(
    platform: httpx2.AsyncClient,
) -> None:
    await results(platform, CSV.encode(), "text/csv")
    short = b"person,name,email,start_date,partner\nana,'A',ana@example.com,2020-02-29\n"
    await results(platform, short, "text/csv")
    assert (await person(platform, "ana"))["partner"] == "ben"
    empty = b"person,name,email,start_date,partner\nana,'A',ana@example.com,2020-02-29,\n"
    await results(platform, empty, "text/csv")
    assert (await person(platform, "ana"))["partner"] is None


BAD_FILES = {
    "a column nobody knows": b"person,name,email,salary\nana,Ana,ana@example.com,5\n",
    "no header": b"ana,Ana Silva,ana@example.com\n",
    "no person": b"name,email\nAna,ana@example.com\n",
    "a column twice": b"person,name,name,email\nana,Ana,Ana,ana@example.com\n",
    "a quote that never ends": b'person,name,email\nana,"Ana,ana@example.com\n',
    "a quote in the header": b'person,"name,email\n',
    "text after a quote": b'person,name,email\nana,"Ana"x,ana@example.com\n',
    "Latin-1": "person,name,email\nzoe,Zoë,zoe@example.com\n".encode("latin-1"),
    "UTF-16": "person,name,email\nana,Ana,ana@example.com\n".encode("utf-16"),
    "nothing": b"",
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES.keys())
async def test_a_csv_file_that_cannot_be_read_is_refused_whole(
    platform: httpx2.AsyncClient, content: bytes
) -> None:
    answer = await send(platform, content, "text/csv")
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "/problems/file-unreadable"
    assert "Ana" not in answer.text
    assert "Silva" not in answer.text
    assert (await platform.get("/v1/people/ana")).status_code == 404


async def test_a_csv_line_with_too_many_cells_is_refused_alone(
    platform: httpx2.AsyncClient,
) -> None:
    content = b"person,name,email\nana,Silva, Ana,ana@example.com\nben,Ben,ben@example.com\n"
    found = await results(platform, content, "text/csv")
    assert [each["status"] for each in found] == ["refused", "created"]
    assert found[0]["problem"]["detail"] == "The line has 4 cells for 3 columns."


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/form-data"])
async def test_another_kind_of_file_is_told_which_there_are(
    platform: httpx2.AsyncClient, kind: str
) -> None:
    answer = await send(platform, ndjson(*ROSTER), kind)
    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.json()["detail"]


async def test_more_than_may_be_in_one_file_is_refused(
    platform: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_file, "MOST_LINES", 3)
    four = [ROSTER[1] | {"person": f"p{n}"} for n in range(4)]
    answer = await send(platform, ndjson(*four))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-many-lines")
    rows = b"".join(b"p%d,P,p@example.com\n" % n for n in range(4))
    answer = await send(platform, b"person,name,email\n" + rows, "text/csv")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-many-lines")
    assert (await platform.get("/v1/people/p0")).status_code == 404


async def test_33_megabytes_are_too_many(platform: httpx2.AsyncClient) -> None:
    answer = await send(platform, b"\n" * (33 * 1024 * 1024))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("role", ["employee", "partner", "auditor", "hr"])
async def test_only_who_keeps_the_roster_may_import(door: Door, role: str) -> None:
    allowed = role == "hr"
    answer = await send(door(role, "ben"), ndjson(ROSTER[1]))
    assert answer.status_code == (200 if allowed else 403)


async def test_a_platform_needs_a_key(platform: httpx2.AsyncClient) -> None:
    platform.event_hooks = {}
    kind = {"Content-Type": "application/x-ndjson"}
    answer = await platform.post(PATH, content=ndjson(*ROSTER), headers=kind)
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/idempotency-key-required"


async def test_a_roster_has_no_version_that_could_be_expected(platform: httpx2.AsyncClient) -> None:
    """It is said before the first line is taken, not in the middle of the answer."""
    platform.headers["If-Match"] = '"1"'
    answer = await send(platform, ndjson(*ROSTER))
    assert (answer.status_code, answer.json()["type"]) == (412, "/problems/stale")
    del platform.headers["If-Match"]
    assert (await platform.get("/v1/people/ana")).status_code == 404


@pytest.mark.parametrize(
    ("more", "status"),
    [({"If-Match": '"0"'}, 200), ({"Content-Type": "image/png"}, 415)],
)
async def test_a_key_that_was_used_is_answered_in_lines_or_refused(
    platform: httpx2.AsyncClient, more: dict[str, str], status: int
) -> None:
    """A receipt as it lies in the record is no answer to an import."""
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": uuid4().hex}
    content = ndjson(*ROSTER)
    first = await platform.post(PATH, content=content, headers=headers)
    again = await platform.post(PATH, content=content, headers=headers | more)
    assert again.status_code == status
    if status == 200:
        assert again.text == first.text
    else:
        assert again.headers["Content-Type"] == "application/problem+json"


async def test_the_import_itself_is_on_record(
    platform: httpx2.AsyncClient, door: Door, house: House
) -> None:
    await results(platform, ndjson(*ROSTER, b"{"))
    follower = house.readmodels()
    while await follower.catch_up():
        pass
    shown = (await door("auditor").get("/v1/audit/timeline")).json()["items"]
    taken = [item for item in shown if item["type"] == "imports.completed"]
    assert [item["facts"] for item in taken] == [
        {"lines": 3, "created": 2, "updated": 0, "unchanged": 0, "refused": 1}
    ]


async def test_three_imports_of_one_roster_at_once_register_everybody_once(
    platform: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    roster = [
        {"person": f"p{n}", "name": f"P {n}", "email": f"p{n}@example.com", "partner": f"p{n // 9}"}
        for n in range(1, 500)
    ]
    found = await asyncio.gather(*(results(platform, ndjson(*roster)) for _ in range(3)))
    for lines in zip(*found, strict=True):
        assert sorted(line["status"] for line in lines) == ["created", "unchanged", "unchanged"]
    async with within(house.record.pool, tenant) as connection:
        registered = await connection.fetchval(
            "SELECT count(*) FROM record.event WHERE tenant = $1 AND type = 'people.registered'",
            tenant,
        )
    assert registered == 499


async def test_an_import_that_is_cut_off_can_be_sent_again(
    platform: httpx2.AsyncClient, house: House, tenant: str
) -> None:
    roster = [
        {"person": f"p{n}", "name": f"P {n}", "email": f"p{n}@example.com"} for n in range(600)
    ]
    content = ndjson(*roster)
    sending = asyncio.create_task(send(platform, content, key="cut"))
    while not await _registered(house, tenant):
        await asyncio.sleep(0.005)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    found = await results(platform, content, key="cut")
    assert {each["status"] for each in found} <= {"created", "unchanged"}
    assert len(found) == 600
    assert await _registered(house, tenant) == 600


async def _registered(house: House, tenant: str) -> int:
    async with within(house.record.pool, tenant) as connection:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM record.event WHERE tenant = $1 AND type = 'people.registered'",
            tenant,
        )
    return count


async def test_of_many_imports_at_once_some_wait(platform: httpx2.AsyncClient) -> None:
    roster = [
        {"person": f"{uuid4().hex}", "name": "P", "email": "p@example.com"} for _ in range(400)
    ]
    answers = await asyncio.gather(*(send(platform, ndjson(*roster)) for _ in range(7)))
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 1 <= len(refused) <= 3
    for answer in refused:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["type"] == "/problems/unavailable"
