"""Guides: versioned, immutable, in several languages, and approved where they must be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.conversation.guides import BUILT_IN, FIRST_CONVERSATION, FOLLOW_UP, Guide, worded
from services.conversation.shelf import (
    GuideShelf,
    NoApprovalNeeded,
    NoSuchGuide,
    NotApproved,
    OtherKind,
)
from tests.conftest import Story
from tests.examples import LATER, MONDAY
from tests.given import given
from tests.years import Years

OURS = {
    "title": {"en": "Ours", "de": "Unserer"},
    "kind": "conversation",
    "questions": [
        {"id": "why", "purpose": {"en": "Why we ask."}, "text": {"en": "Why?", "de": "Warum?"}},
        {"id": "impact", "purpose": "The same as before.", "text": "What shaped you?"},
    ],
}


def guide(name: str = "ours", kind: str = "conversation", needs_approval: bool = False) -> Guide:
    return Guide(
        guide=name,
        version=0,
        kind=kind,
        title={"en": name},
        questions=FOLLOW_UP.questions,
        needs_approval=needs_approval,
    )


def shelf() -> GuideShelf:
    return GuideShelf.open("acme", MONDAY)


def test_the_built_in_guides_ask_the_six_questions_and_what_became_of_the_plan() -> None:
    assert FIRST_CONVERSATION.asks == (
        "impact", "energy", "challenge", "learning", "ideal", "peak",
    )  # fmt: skip
    assert FOLLOW_UP.asks == ("happened", "changed", "next")


@pytest.mark.parametrize("known", BUILT_IN, ids=lambda known: known.guide)
def test_every_built_in_question_says_why_it_is_asked_in_english_and_german(known: Guide) -> None:
    for texts in (known.title, *(t for q in known.questions for t in (q.text, q.purpose))):
        assert set(texts) == {"en", "de"}
        assert all(texts.values())


@pytest.mark.parametrize(
    ("locale", "text"), [("de", "Hallo"), ("de-AT", "Hallo"), ("fr", "Hello"), ("en-GB", "Hello")]
)
def test_a_text_falls_back_to_the_main_language_and_then_to_english(locale: str, text: str) -> None:
    assert worded({"de": "Hallo", "en": "Hello"}, locale) == text


def test_a_text_without_english_falls_back_to_the_guides_first_language() -> None:
    assert worded({"de": "Hallo", "fr": "Salut"}, "es") == "Hallo"


def test_versions_are_counted_and_go_on_from_the_built_in_ones() -> None:
    known = shelf()
    assert [known.publish(guide()), known.publish(guide())] == [1, 2]
    assert known.publish(guide("first-conversation")) == 2
    assert known.guide_of("first-conversation", 1) == FIRST_CONVERSATION


def test_all_versions_of_a_guide_are_of_one_kind() -> None:
    given(shelf(), lambda s: s.publish(guide())).when(
        lambda s: s.publish(guide(kind="follow_up"))
    ).refused(OtherKind)


def test_a_round_begins_with_the_newest_guide_of_its_kind() -> None:
    known = shelf()
    assert known.choose("conversation", None, LATER) == FIRST_CONVERSATION
    known.publish(guide())
    known.publish(guide("other"))
    assert known.choose("conversation", None, LATER).guide == "other"
    assert known.choose("follow_up", None, LATER) == FOLLOW_UP


def test_a_round_keeps_the_guides_of_the_day_on_which_it_began() -> None:
    known = shelf()
    known.publish(guide("early", "follow_up"))
    known.at = LATER
    known.publish(guide("late", "follow_up"))
    assert known.choose("follow_up", None, MONDAY).guide == "early"
    assert known.choose("follow_up", None, LATER).guide == "late"


def test_a_guide_that_needs_an_approval_waits_for_it_in_each_legal_entity() -> None:
    known = shelf()
    known.publish(guide(needs_approval=True))
    assert known.choose("conversation", "berlin", LATER) == FIRST_CONVERSATION
    known.approve("ours", 1, "berlin", "works-agreement-7")
    assert known.choose("conversation", "berlin", LATER).guide == "ours"
    assert known.choose("conversation", "paris", LATER) == FIRST_CONVERSATION
    assert known.choose("conversation", None, LATER) == FIRST_CONVERSATION


def test_an_approval_counts_from_its_own_day_on() -> None:
    known = shelf()
    known.publish(guide(needs_approval=True))
    known.at = LATER
    known.approve("ours", 1, "berlin", None)
    assert known.choose("conversation", "berlin", LATER - timedelta(days=1)) == FIRST_CONVERSATION


def test_an_approval_that_was_withdrawn_opens_no_more_rounds() -> None:
    known = shelf()
    known.publish(guide(needs_approval=True))
    known.approve("ours", 1, "berlin", None)
    known.withdraw_approval("ours", 1, "berlin")
    assert known.choose("conversation", "berlin", LATER) == FIRST_CONVERSATION


def test_a_newer_version_needs_an_approval_of_its_own_and_the_older_one_serves_till_then() -> None:
    known = shelf()
    known.publish(guide(needs_approval=True))
    known.approve("ours", 1, "berlin", None)
    known.publish(guide(needs_approval=True))
    assert known.choose("conversation", "berlin", LATER).version == 1


def test_approving_again_is_nothing_new() -> None:
    given(
        shelf(),
        lambda s: s.publish(guide(needs_approval=True)),
        lambda s: s.approve("ours", 1, "berlin", None),
    ).when(lambda s: s.approve("ours", 1, "berlin", "again")).then()


def test_only_what_needs_an_approval_is_approved() -> None:
    given(shelf(), lambda s: s.publish(guide())).when(
        lambda s: s.approve("ours", 1, "berlin", None)
    ).refused(NoApprovalNeeded)
    given(shelf()).when(lambda s: s.approve("ours", 1, "berlin", None)).refused(NoSuchGuide)
    given(shelf(), lambda s: s.publish(guide(needs_approval=True))).when(
        lambda s: s.withdraw_approval("ours", 1, "berlin")
    ).refused(NotApproved)


async def publish(story: Story, name: str, **changes: Any) -> Any:
    return await story.platform.post(f"/v1/guides/{name}", json=OURS | changes)


async def test_hr_publishes_a_guide_and_everybody_may_read_it(years: Years) -> None:
    hr = years.door("hr")
    first = await hr.post("/v1/guides/ours", json=OURS)
    assert (first.status_code, first.json()) == (
        201,
        {"guide": "ours", "version": 1, "kind": "conversation"},
    )
    second = await hr.post("/v1/guides/ours", json=OURS | {"title": "Ours, better"})
    assert (second.status_code, second.json()["version"]) == (201, 2)
    read = (await years.ana.get("/v1/guides/ours/1")).json()
    assert read["title"] == {"en": "Ours", "de": "Unserer"}
    assert read["questions"][1]["text"] == {"en": "What shaped you?"}
    listed = (await years.ben.get("/v1/guides")).json()["items"]
    assert [(known["guide"], known["version"]) for known in listed] == [
        ("first-conversation", 1),
        ("follow-up", 1),
        ("ours", 1),
        ("ours", 2),
    ]


async def test_a_published_version_never_changes(years: Years) -> None:
    await publish(years, "ours")
    before = (await years.ana.get("/v1/guides/ours/1")).json()
    await publish(years, "ours", title="Another")
    assert (await years.ana.get("/v1/guides/ours/1")).json() == before
    for method in ("PUT", "PATCH", "DELETE"):
        answer = await years.platform.request(method, "/v1/guides/ours/1", json=OURS)
        assert answer.status_code == 405


async def test_two_who_publish_at_once_get_two_versions(years: Years) -> None:
    import asyncio

    answers = await asyncio.gather(*(publish(years, "ours") for _ in range(4)))
    assert sorted(answer.json()["version"] for answer in answers) == [1, 2, 3, 4]


async def test_the_etag_of_a_guide_is_what_its_next_version_is_written_after(years: Years) -> None:
    first = await publish(years, "ours", needs_approval=True)
    await publish(years, "theirs")
    seen = {"If-Match": first.headers["etag"]}
    assert (await years.ana.get("/v1/guides/ours/1")).headers["etag"] == seen["If-Match"]
    approval = {"legal_entity": "Berlin GmbH"}
    path = "/v1/guides/ours/1:approve"
    assert (await years.hr.post(path, json=approval, headers=seen)).status_code == 200
    written = [
        await years.hr.post("/v1/guides/ours", json=OURS, headers=seen),
        await years.hr.post("/v1/guides/ours", json=OURS, headers=seen),
    ]
    assert [answer.status_code for answer in written] == [201, 412]
    assert written[0].json()["version"] == 2


BAD = {
    "no questions": {"questions": []},
    "a question twice": {"questions": [OURS["questions"][0]] * 2},  # type: ignore[index]
    "no text": {"questions": [{"id": "why", "purpose": "x", "text": {}}]},
    "not a language": {"title": {"english please": "x"}},
    "a reserved id": {"questions": [{"id": "note", "purpose": "x", "text": "x"}]},
    "another kind": {"kind": "appraisal"},
    "a control character": {"title": "a\x07"},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
async def test_a_guide_that_can_not_be_used_is_refused(
    years: Years, changes: dict[str, Any]
) -> None:
    refused = await publish(years, "ours", **changes)
    assert refused.status_code == 422, refused.text
    assert len((await years.ana.get("/v1/guides")).json()["items"]) == 2


async def test_employees_and_partners_publish_and_approve_nothing(years: Years) -> None:
    await publish(years, "ours", needs_approval=True)
    for client in (years.ana, years.ben, years.door("auditor"), years.door("ops")):
        assert (await client.post("/v1/guides/ours", json=OURS)).status_code == 403
        for verb in ("approve", "withdraw-approval"):
            path = f"/v1/guides/ours/1:{verb}"
            assert (await client.post(path, json={"legal_entity": "x"})).status_code == 403


async def test_a_conversation_keeps_the_version_that_it_was_opened_with(years: Years) -> None:
    await publish(years, "first-conversation")
    shown = (await years.ana.get(years.conversation)).json()
    assert (shown["guide"], shown["guide_version"]) == ("first-conversation", 1)
    assert len(shown["questions"]) == 6
    await years.conclude()
    second = (await years.ana.get(await years.next_round())).json()
    assert (second["guide"], second["guide_version"]) == ("first-conversation", 2)
    assert [q["id"] for q in second["questions"]] == ["why", "impact"]
    assert second["questions"][0]["text"]["de"] == "Warum?"


async def test_a_follow_up_keeps_the_guides_of_the_day_on_which_its_round_began(
    years: Years,
) -> None:
    await publish(years, "our-follow-up", kind="follow_up")
    await years.conclude()
    follow_up = (await years.ana.get(await years.follow_up())).json()
    assert (follow_up["guide"], follow_up["guide_version"]) == ("follow-up", 1)


async def test_a_works_councils_approval_opens_a_guide_in_its_legal_entity(years: Years) -> None:
    await publish(years, "ours", needs_approval=True)
    approved = await years.door("hr").post(
        "/v1/guides/ours/1:approve", json={"legal_entity": "Berlin GmbH", "reference": "ba-7"}
    )
    assert approved.json() == {"guide": "ours", "version": 1, "approved_for": ["Berlin GmbH"]}
    listed = (await years.ana.get("/v1/guides")).json()["items"]
    assert listed[-1]["approved_for"] == ["Berlin GmbH"]
    for person, entity, chosen in (("zoe", "Berlin GmbH", "ours"), ("max", "Paris SA", None)):
        profile = {"name": person, "email": f"{person}@example.com", "legal_entity": entity}
        await years.platform.put(f"/v1/people/{person}", json=profile | {"partner": "ben"})
        cycle = (await years.platform.post("/v1/cycles", json={"person": person})).json()["id"]
        conversation = await _opened(years, person, cycle)
        assert conversation["guide"] == (chosen or "first-conversation")


async def _opened(years: Years, person: str, cycle: str) -> dict[str, Any]:
    from workflows.messages import CycleRun

    subject = await years.house.record.vault.subject_of(years.tenant, person)
    await years.house.activities().advance(CycleRun(years.tenant, str(subject)))
    own = years.door("employee", person)
    state = (await own.get(f"/v1/cycles/{cycle}")).json()
    found: dict[str, Any] = (await own.get(f"/v1/conversations/{state['conversation']}")).json()
    return found
