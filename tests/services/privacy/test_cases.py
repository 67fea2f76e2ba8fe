"""An auditor's one way to anybody's words: a case with a reason, two who agree, at most four hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from services.access import Resource
from services.exhibits import Exhibit
from services.privacy.cases import Case, CaseDecided, TwoOthersNeeded
from tests.conftest import Story
from tests.given import given

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "What I only told Ben"
DPO, HR, BOTH = frozenset({"dpo"}), frozenset({"hr"}), frozenset({"dpo", "hr"})


def case() -> Case:
    asked = {"person": uuid4(), "cycle": uuid4(), "reason": "audit"}
    return Case.request(uuid4(), AT, **asked, auditor="client:audit", hours=4)


def test_two_others_grant_it_for_its_hours() -> None:
    given(case()).when(lambda c: c.approve("a", DPO), lambda c: c.approve("b", HR)).then(
        ("cases.approved", {"by": "a", "role": "dpo"}),
        ("cases.approved", {"by": "b", "role": "hr"}),
        ("cases.granted", {"until": AT + timedelta(hours=4)}),
    )


@pytest.mark.parametrize(
    ("by", "roles"),
    [
        ("a", BOTH),  # the same person again
        ("b", DPO),  # another one of data protection
        ("client:audit", HR),  # who asked for it
        ("c", frozenset({"auditor"})),
    ],
)
def test_nobody_is_two_people(by: str, roles: frozenset[str]) -> None:
    given(case(), lambda c: c.approve("a", DPO)).when(lambda c: c.approve(by, roles)).refused(
        TwoOthersNeeded
    )


def test_whoever_asked_does_not_agree_first_either() -> None:
    given(case()).when(lambda c: c.approve("client:audit", BOTH)).refused(TwoOthersNeeded)


def granted() -> Case:
    known = case()
    known.approve("a", DPO)
    known.approve("b", frozenset({"admin"}))
    return known


def test_it_ends_by_itself_and_before_its_time() -> None:
    assert granted().exemption().to == "client:audit"
    late = granted()
    late.at = AT + timedelta(hours=4)
    with pytest.raises(CaseDecided):
        late.exemption()
    ended = granted()
    ended.revoke()
    with pytest.raises(CaseDecided):
        ended.exemption()
    given(ended).when(Case.revoke).refused(CaseDecided)


def test_it_is_about_what_was_said_in_its_own_cycle() -> None:
    known = granted()
    [opening] = known.openings()
    for cycle, kind, covered in (
        (known.cycle, "answer", True),
        (known.cycle, "note", False),
        (uuid4(), "answer", False),
    ):
        thing = Resource(kind, known.person)  # type: ignore[arg-type]
        assert opening.covers(Exhibit("conversation", uuid4(), "any", thing, cycle)) is covered


def test_what_was_refused_stays_refused() -> None:
    refused = given(case(), Case.refuse)
    refused.when(lambda c: c.approve("a", DPO)).refused(CaseDecided)


async def shared(story: Story) -> Story:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": SECRET})
    await story.ana.put(f"{story.conversation}/direction", json={"direction": "deepen"})
    await story.ana.post(f"{story.conversation}:share", json={"questions": ["impact"]})
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "mine alone"})
    return story


async def asked(story: Story) -> str:
    body = {"cycle": story.cycle, "reason": "complaint"}
    answer = await story.auditor.post("/v1/audit/cases", json=body)
    assert answer.status_code == 201, answer.text
    return f"/v1/audit/cases/{answer.json()['id']}"


async def agreed(story: Story, case: str) -> dict[str, Any]:
    for client in (story.dpo, story.hr):
        answer = await client.post(f"{case}:approve")
        assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_granted_case_opens_what_was_shared_and_nothing_else(story: Story) -> None:
    case = await asked(await shared(story))
    assert (await story.auditor.get(f"{case}/words")).status_code == 409
    assert (await agreed(story, case))["state"] == "granted"
    answer = await story.auditor.get(f"{case}/words")
    [one] = answer.json()["items"]
    assert one["answers"] == {"impact": SECRET}
    assert (one["direction"], one["facets"]) == (None, {})
    assert "mine alone" not in answer.text


async def test_the_person_is_shown_the_case_and_each_reading(story: Story) -> None:
    case = await asked(await shared(story))
    await agreed(story, case)
    await story.auditor.get(f"{case}/words")
    await story.read_models()
    [told] = (await story.ana.get("/v1/people/ana/cases")).json()["items"]
    assert (told["reason"], told["open"], told["approved_as"]) == ("complaint", True, ["dpo", "hr"])
    [read] = (await story.ana.get("/v1/people/ana/disclosures")).json()["items"]
    assert (read["reader"], read["ground"]) == ("client:auditor", "case")
    assert (await story.ben.get("/v1/people/ana/cases")).status_code in {403, 404}


async def test_it_is_open_to_the_auditor_who_asked_alone_and_until_it_is_ended(
    story: Story, door: Any
) -> None:
    case = await asked(await shared(story))
    await agreed(story, case)
    other = door("auditor", "eve")
    assert (await other.get(f"{case}/words")).status_code == 404
    assert (await story.dpo.get(f"{case}/words")).status_code == 403
    assert (await story.dpo.post(f"{case}:revoke")).status_code == 200
    ended = await story.auditor.get(f"{case}/words")
    assert (ended.status_code, ended.json()["type"]) == (409, "/problems/case-decided")


async def test_those_who_decide_find_the_cases_that_wait_for_them(story: Story) -> None:
    cases = [await asked(story) for _ in range(3)]
    await agreed(story, cases[0])
    await story.hr.post(f"{cases[1]}:refuse")
    await story.read_models()
    for decider in (story.dpo, story.hr, story.admin):
        waiting = {"undecided": "true"}
        [one] = (await decider.get("/v1/audit/cases", params=waiting)).json()["items"]
        assert f"/v1/audit/cases/{one['id']}" == cases[2]
        assert (one["person"], one["asked_by"]) == ("ana", "client:auditor")
    for nobody in (story.ana, story.ben, story.platform):
        assert (await nobody.get("/v1/audit/cases")).status_code == 403


async def test_all_cases_are_listed_page_by_page_the_newest_first(story: Story) -> None:
    cases = [await asked(story) for _ in range(3)]
    await story.read_models()
    found: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while params:
        page = (await story.auditor.get("/v1/audit/cases", params=params)).json()
        found += [f"/v1/audit/cases/{each['id']}" for each in page["items"]]
        params = {"limit": 2, "cursor": page["next"]} if page["next"] else {}
    assert found == cases[::-1]


async def keyed(story: Story, role: str, name: str) -> httpx2.AsyncClient:
    """A machine with one role, by its key."""
    body = {"name": name, "roles": [role]}
    made = await story.admin.post("/v1/clients", json=body)
    machine = story.door()
    machine.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return machine


async def test_a_machine_is_none_of_the_people_whom_a_case_takes(story: Story) -> None:
    """Whoever asked would agree by a key of their own making, and read by one of the asker's name."""
    case = await asked(await shared(story))
    machine, auditor = await keyed(story, "hr", "robot"), await keyed(story, "auditor", "auditor")
    body = {"cycle": story.cycle, "reason": "complaint"}
    answers = [
        await machine.post(f"{case}:approve"),
        await auditor.post("/v1/audit/cases", json=body),
    ]
    assert (await agreed(story, case))["state"] == "granted"
    answers.append(await auditor.get(f"{case}/words"))
    told = {(answer.status_code, answer.json()["type"]) for answer in answers}
    assert told == {(403, "/problems/not-for-machines")}
    assert (await story.auditor.get(f"{case}/words")).status_code == 200


async def test_a_granted_case_opens_no_other_door(story: Story) -> None:
    case = await asked(await shared(story))
    await agreed(story, case)
    for path in (story.conversation, f"{story.conversation}/notes"):
        answer = await story.auditor.get(path)
        assert answer.status_code in {403, 404}
        assert SECRET not in answer.text


async def test_of_something_that_is_no_cycle_nothing_can_be_asked(story: Story) -> None:
    stream = story.conversation.rpartition("/")[2]
    for cycle in (str(uuid4()), stream):
        body = {"cycle": cycle, "reason": "audit"}
        assert (await story.auditor.post("/v1/audit/cases", json=body)).status_code == 404
    body = {"cycle": story.cycle, "reason": "audit", "hours": 5}
    assert (await story.auditor.post("/v1/audit/cases", json=body)).status_code == 422
