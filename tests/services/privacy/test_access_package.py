"""What a person gets who asks what is held: everything, of others what was shared or released."""

from __future__ import annotations

import asyncio
import io
import json
import random
import zipfile
from pathlib import Path
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest

from console.registry import REGISTRY
from services.naming import NAMES
from services.privacy.readable import texts_of
from services.privacy.requests import AccessRequest
from shared.eventstore.package import check_package
from shared.eventstore.record import Command
from shared.eventstore.verify import Failed
from shared.principal import Principal, workflow
from tests.conftest import Client, Story

OWN, SHARED = "What I wrote", "What Ben told me <b>openly</b>"
HIDDEN = "What Ben noted for himself"
HALF, BEGUN = "Half a thought", "What Ben began to note"


@pytest.fixture
async def told(story: Story) -> Story:
    """Ana has answered and begun a draft; Ben has noted something for both and something for himself."""
    at = story.conversation
    for text in ("an earlier wording", OWN):
        await story.ana.put(f"{at}/answers/impact", json={"text": text})
    await story.ana.put(f"{at}/drafts/energy", json={"text": HALF})
    for text, shared in ((SHARED, True), (HIDDEN, False)):
        assert (
            await story.ben.post(f"{at}/notes", json={"text": text, "shared": shared})
        ).is_success
    await story.conclude()
    await story.ana.put(f"{story.plan}/goals/lead", json={"text": "Lead a small team"})
    await story.read_models()
    return story


async def taken(client: Client, person: str = "ana", **headers: str) -> dict[str, str]:
    answer = await client.get(f"/v1/people/{person}/access-package", headers=headers)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def asked(story: Story) -> list[dict[str, Any]]:
    assert (await story.ana.post("/v1/people/ana/access-package:request")).status_code == 201
    answer = await story.dpo.get("/v1/people/ana/access-package/notes")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def review(note: dict[str, Any], decision: str, reason: str) -> dict[str, Any]:
    place = {"conversation": note["conversation"], "note": note["note"]}
    return place | {"decision": decision, "reason": reason}


async def test_whoever_asked_first_waits_on_the_list_however_many_have_asked_since(
    told: Story,
) -> None:
    await asked(told)
    record, dpo = told.house.record, Principal(told.tenant, frozenset({"dpo"}), "dpo")
    command = Command(by=dpo, at=record.clock.now())
    others = [AccessRequest.request(uuid4(), command.at, "data_protection") for _ in range(201)]
    await asyncio.gather(*(record.save(other, command) for other in others))
    await told.read_models()
    found = await told.house.oversight.packages.requests_to_review(dpo)
    assert [each["person"] for each in found] == ["ana"]


async def test_it_holds_everything_that_is_ones_own_and_what_others_shared(told: Story) -> None:
    files = await taken(told.ana)
    data = json.loads(files["data.json"])
    for text in (OWN, "an earlier wording", SHARED, HALF, "Lead a small team"):
        assert json.dumps(text) in files["data.json"], text
    assert (data["profile"]["name"], data["profile"]["email"]) == ("Ana Silva", "ana@example.com")
    assert [tie["partner"] for tie in data["partners"]] == ["ben"]
    assert len(data["purposes"]) > 8
    happened = await told.happened("people.", "cycles.", "conversation.", "plan.")
    assert len(data["events"]) >= len(happened) - 1  # Ben's own registration is his


async def test_what_others_noted_for_themselves_is_in_it_only_once_it_was_released(
    told: Story,
) -> None:
    assert HIDDEN not in "".join((await taken(told.ana)).values())
    (note,) = await asked(told)
    assert note["text"] == HIDDEN
    path = "/v1/people/ana/access-package:review"
    body = review(note, "withhold", "third_party")
    assert (await told.dpo.post(path, json=body)).status_code == 200
    files = await taken(told.ana)
    assert HIDDEN not in "".join(files.values())
    (held,) = json.loads(files["data.json"])["notes_of_others"]
    assert (held["review"], held["words"]) == ("third_party", None)
    assert "withheld; it says something about somebody else" in files["readable.html"]
    body = review(note, "release", "outweighs")
    assert (await told.dpo.post(path, json=body)).status_code == 200
    files = await taken(told.ana)
    assert HIDDEN in files["readable.html"]
    assert HIDDEN in files["data.json"]
    shown = (await told.ana.get("/v1/people/ana/access-package/request")).json()
    assert [(n["decision"], n["reason"]) for n in shown["notes"]] == [("release", "outweighs")]


async def test_what_one_wrote_about_others_is_theirs(told: Story) -> None:
    """Ben gets nothing of what he wrote beside Ana's conversation, shared or not; it is Ana's."""
    answer = await told.ben.get("/v1/people/ana/access-package")
    assert answer.status_code == 404
    own = told.door("employee", "ben")
    answer = await own.get("/v1/people/ben/access-package")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        everything = "".join(archive.read(name).decode() for name in archive.namelist())
        acts = archive.read("activity.csv").decode()
    assert "Ben Okoro" in everything
    assert SHARED not in everything
    assert HIDDEN not in everything
    assert "Ana Silva" not in everything
    assert acts.count("conversation.note_written") == 2


async def batch_without(story: Story, person: str) -> None:
    """A batch that names somebody, leaves them out, and says why."""
    wanted = {"people": ["ana", person], "exclude": [person]}
    id_ = UUID((await story.platform.post("/v1/cycles:batch", json=wanted)).json()["id"])
    subject = await story.house.record.vault.subject_of(story.tenant, person)
    assert subject is not None
    command = Command(by=workflow(story.tenant, "Batch"), at=story.house.record.clock.now())
    excluded = [(subject, "left_out"), (uuid4(), "left")]
    await story.house.batches.progress(command, id_, 1, 0, 1, excluded)


async def test_what_names_one_in_what_is_about_others_is_in_it_by_ones_own_line_alone(
    told: Story,
) -> None:
    """Whose plan, wish or hold it was is theirs; with whom one talks both know."""
    action = {"method": "mentoring", "title": "Meet", "serves": "lead", "success": "We met"}
    path = f"{told.plan}/actions/meet"
    body = action | {"owner": "employee", "mentor": "ben"}
    assert (await told.ana.put(path, json=body)).is_success
    assert (await told.ana.post(f"{told.plan}:propose")).is_success
    alone = {"name": "Ana Silva", "email": "ana@example.com", "partner": None}
    assert (await told.platform.put("/v1/people/ana", json=alone)).is_success
    wish = {"partner": "ben"}
    assert (await told.ana.post("/v1/people/ana:propose-partner", json=wish)).is_success
    assert (await told.platform.put("/v1/people/ana", json=alone | wish)).is_success
    await batch_without(told, "ben")
    gone = {"name": "Ben Okoro", "email": "ben@example.com", "end_date": "2026-01-31"}
    assert (await told.platform.put("/v1/people/ben", json=gone)).is_success
    await told.read_models()
    files = await taken(told.door("employee", "ben"), "ben", **{"Accept-Language": "de"})
    lines = json.loads(files["data.json"])["named_elsewhere"]
    assert [(line["type"], line["as"], line["reason"], line["with"]) for line in lines] == [
        ("people.partner_assigned", "partner", None, "ana"),
        ("plan.action_planned", "mentored_by", None, None),
        ("people.partner_released", "partner", None, "ana"),
        ("people.partner_proposed", "partner", None, None),
        ("people.partner_assigned", "partner", None, "ana"),
        ("batches.requested", "people", None, None),
        ("batches.requested", "left_out", None, None),
        ("batches.progressed", "excluded", "left_out", None),
        ("feed.closing_counted", "person", None, None),
        ("people.partner_released", "partner", None, "ana"),
    ]
    assert lines[-2]["facts"].keys() == {"day"}
    assert (
        "Ihr Zyklus begann nicht mit denen vieler anderer (ausgenommen)" in files["readable.html"]
    )
    ana = await told.house.record.vault.subject_of(told.tenant, "ana")
    assert str(ana) not in "".join(files.values())


async def named(story: Story, person: str) -> list[str]:
    """By what events somebody is told that they are named in what is about others."""
    await story.read_models()
    data = json.loads((await taken(story.door("employee", person), person))["data.json"])
    return [line["type"] for line in data["named_elsewhere"]]


async def test_in_whose_plan_one_is_a_mentor_is_in_it_only_as_it_was_put_before_somebody(
    told: Story,
) -> None:
    """What is a draft, or was worded otherwise before, is its author's alone."""
    cleo = {"name": "Cleo Park", "email": "cleo@example.com"}
    assert (await told.platform.put("/v1/people/cleo", json=cleo)).is_success

    async def plan(title: str, name: str = "meet", mentor: str = "cleo") -> None:
        action = {"method": "mentoring", "serves": "lead", "success": "We met", "title": title}
        body = action | {"owner": "employee", "mentor": mentor}
        assert (await told.ana.put(f"{told.plan}/actions/{name}", json=body)).is_success

    await plan("Meet", "dropped")
    await plan("Meet")
    await plan("Meet often")
    assert (await told.ana.post(f"{told.plan}/actions/dropped:drop")).is_success
    assert await named(told, "cleo") == []
    assert (await told.ana.post(f"{told.plan}:propose")).is_success
    assert await named(told, "cleo") == ["plan.action_revised"]
    await plan("Meet more often")
    await plan("Ask", "ask")
    assert await named(told, "cleo") == ["plan.action_revised"]
    await plan("Ask", "ask", mentor="ben")
    assert (await told.ben.post(f"{told.plan}:agree")).is_success
    assert await named(told, "cleo") == ["plan.action_revised"] * 2


async def test_a_wish_for_a_partner_is_in_it_only_once_it_came_true(story: Story) -> None:
    cleo = {"name": "Cleo Park", "email": "cleo@example.com"}
    assert (await story.platform.put("/v1/people/cleo", json=cleo)).is_success
    wish = {"partner": "cleo"}
    assert (await story.ana.post("/v1/people/ana:propose-partner", json=wish)).is_success
    assert await named(story, "cleo") == []
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "cleo"}
    assert (await story.platform.put("/v1/people/ana", json=ana)).is_success
    assert await named(story, "cleo") == ["people.partner_proposed", "people.partner_assigned"]


async def test_that_one_gets_nothing_of_what_was_before_is_for_the_other_to_say(
    story: Story,
) -> None:
    for choice, lines in (("nothing", []), ("plan", ["people.handover_chosen"])):
        chosen = await story.ana.post("/v1/people/ana/handover", json={"choice": choice})
        assert chosen.is_success
        assert await named(story, "ben") == ["people.partner_assigned", *lines]


def test_no_kind_of_event_names_a_person_unnoticed() -> None:
    """An id in the facts is a thing's, or whose the event is, or in the package of whoever it names."""
    things = {"conversation", "plan", "cycle", "previous", "carried_from", "about"}
    things |= {"artefact_id", "notice"}
    acting = {("conversation.note_written", "author")}  # in activity.csv, as all that somebody did
    found = {
        (topic, fact)
        for topic, kind in REGISTRY.types.items()
        for fact in kind.facts
        if "UUID" in str(get_type_hints(kind.cls)[fact]) and fact not in things
    }
    own = {(topic, fact) for topic, fact in found if fact == "person" and topic not in NAMES}
    named = {(topic, fact) for topic, facts in NAMES.items() for fact in facts}
    assert found - own - acting == named
    for language in ("en", "de"):
        texts = texts_of(language)["named"]
        assert set(texts) == {f"{topic}/{fact}" for topic, fact in named}


async def test_what_one_has_begun_to_note_about_others_is_ones_own_alone(told: Story) -> None:
    await told.ben.put(f"{told.conversation}/drafts/note", json={"text": BEGUN})
    own = told.door("employee", "ben")
    files = await taken(own, "ben")
    (draft,) = json.loads(files["data.json"])["drafts"]
    assert (draft["question"], draft["text"]) == ("note", BEGUN)
    assert draft["conversation"] == told.conversation.rpartition("/")[2]
    assert BEGUN in files["readable.html"]
    assert HALF not in "".join(files.values())
    hers = await taken(told.ana)
    assert BEGUN not in "".join(hers.values())
    assert [draft["text"] for draft in json.loads(hers["data.json"])["drafts"]] == [HALF]
    assert (await told.dpo.post("/v1/people/ana:erase")).status_code == 200
    assert json.loads((await taken(own, "ben"))["data.json"])["drafts"] == []


async def test_the_page_escapes_what_people_wrote_and_speaks_their_language(told: Story) -> None:
    english = (await taken(told.ana))["readable.html"]
    assert "<b>openly</b>" not in english
    assert "&lt;b&gt;openly&lt;/b&gt;" in english
    assert "What is held about you" in english
    german = (await taken(told.ana, **{"Accept-Language": "de-CH, en;q=0.8"}))["readable.html"]
    assert '<html lang="de">' in german
    assert "Was über Sie gespeichert ist" in german
    assert "to have a career conversation" not in german
    assert "@media print" in german


async def test_data_protection_gets_it_for_whoever_has_asked_and_is_on_record(told: Story) -> None:
    refused = await told.dpo.get("/v1/people/ana/access-package")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-asked-for")
    assert (await told.dpo.get("/v1/people/ana/access-package/notes")).status_code == 409
    answer = await told.dpo.post("/v1/people/ana/access-package:request")
    assert answer.status_code == 201, answer.text
    assert OWN in (await taken(told.dpo))["data.json"]
    await told.read_models()
    read = (await told.ana.get("/v1/people/ana/disclosures")).json()["items"]
    assert [(r["artefact"], r["ground"]) for r in read] == [("package", "access_request")]
    shown = (await told.ana.get("/v1/people/ana/access-package/request")).json()
    assert (shown["through"], shown["open"]) == ("data_protection", True)


@pytest.mark.parametrize("who", ["ben", "hr", "auditor", "admin", "platform"])
async def test_nobody_else_gets_it(told: Story, who: str) -> None:
    client: Client = getattr(told, who)
    for method, path in (("GET", ""), ("GET", "/request"), ("GET", "/notes"), ("POST", ":request")):
        answer = await client.request(method, f"/v1/people/ana/access-package{path}")
        assert answer.status_code in {403, 404}, path


async def test_whoever_is_of_data_protection_decides_on_no_note_about_themselves(
    told: Story,
) -> None:
    (note,) = await asked(told)
    await told.read_models()
    own, at = told.door("dpo", "ana"), "/v1/people/ana/access-package"
    assert (await own.get(f"{at}/notes")).status_code in {403, 404}
    refused = await own.post(f"{at}:review", json=review(note, "release", "outweighs"))
    assert refused.status_code in {403, 404}
    assert (await own.get(f"{told.conversation}/notes")).json().get("items", []) == []
    subject = await told.house.record.vault.subject_of(told.tenant, "ana")
    for who, waiting in ((subject, []), (None, ["ana"])):
        by = Principal(told.tenant, frozenset({"dpo"}), "dpo", who)
        found = await told.house.oversight.packages.requests_to_review(by)
        assert [each["person"] for each in found] == waiting


async def test_only_notes_of_others_are_decided_on_and_reasons_fit(told: Story) -> None:
    (note,) = await asked(told)
    path = "/v1/people/ana/access-package:review"
    for number in (1, 99):
        body = review(note | {"note": number}, "release", "no_third_party")
        answer = await told.dpo.post(path, json=body)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-such-note")
    answer = await told.dpo.post(path, json=review(note, "release", "third_party"))
    assert answer.status_code == 422


@pytest.fixture
async def package(told: Story, tmp_path: Path) -> Path:
    answer = await told.ana.get("/v1/people/ana/access-package")
    file = tmp_path / "package.zip"
    file.write_bytes(answer.content)
    return file


async def test_a_copy_can_be_checked_anywhere(package: Path, told: Story) -> None:
    checked = check_package(package)
    assert checked.origin == f"cairn/{told.tenant}"
    assert checked.files == ("data.json", "readable.html", "activity.csv")
    (key,) = await told.house.ledger.verifier_keys(told.tenant)
    assert check_package(package, key).trusted == "the key that was given"


async def test_a_copy_that_was_altered_is_noticed(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    head = files["manifest.txt"]
    alterations: list[dict[str, bytes]] = [
        files | {"data.json": files["data.json"].replace(b"Ana", b"Eva")},
        files | {"more.txt": b"and more"},
        {name: content for name, content in files.items() if name != "activity.csv"},
        files | {"manifest.txt": head.replace(b"2026", b"2025", 1)},
        files | {"manifest.txt": head.replace(b"cairn-package/1", b"cairn-package/2", 1)},
        {name: content for name, content in files.items() if name != "manifest.txt"},
    ]
    for number, altered in enumerate(alterations):
        other = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(other, "w") as archive:
            for name, content in altered.items():
                archive.writestr(name, content)
        with pytest.raises(Failed):
            check_package(other)


async def test_no_byte_of_a_copy_can_be_another(package: Path, tmp_path: Path) -> None:
    """Whatever is read of the zip was signed; what isn't read of it are dates and the like."""
    whole, chance = package.read_bytes(), random.Random(20261124)
    before = check_package(package)
    for _ in range(200):
        place = chance.randrange(len(whole))
        other = tmp_path / "other.zip"
        other.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            assert check_package(other) == before
        except Failed:
            continue
        with zipfile.ZipFile(package) as one, zipfile.ZipFile(other) as two:
            assert all(one.read(name) == two.read(name) for name in one.namelist()), place


async def test_a_checkpoint_is_no_package_and_a_package_no_checkpoint(
    package: Path, told: Story
) -> None:
    from shared.eventstore.verify import open_checkpoint

    with zipfile.ZipFile(package) as archive:
        note, keys = archive.read("manifest.txt").decode(), archive.read("keys.txt").decode()
    with pytest.raises(Failed):
        open_checkpoint(note, keys.splitlines())
    head = (await told.house.ledger.checkpoint(told.tenant)).note
    forged = package.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w") as archive:
        archive.writestr("manifest.txt", head)
        archive.writestr("keys.txt", keys)
    with pytest.raises(Failed):
        check_package(forged)


async def test_whoever_has_left_still_gets_it(told: Story) -> None:
    profile = {"name": "Ana Silva", "email": "ana@example.com", "end_date": "2026-01-31"}
    assert (await told.platform.put("/v1/people/ana", json=profile)).is_success
    assert OWN in (await taken(told.ana))["data.json"]


async def test_after_an_erasure_it_holds_no_word(told: Story) -> None:
    assert (await told.dpo.post("/v1/people/ana:erase")).is_success
    everything = "".join((await taken(told.ana)).values())
    for text in (OWN, SHARED, HALF, "Ana Silva", "Lead a small team"):
        assert text not in everything
