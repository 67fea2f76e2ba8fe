"""Forgetting somebody: at once and everywhere, with a certificate, and not while a hold keeps it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.commands.verify import verify_bundle
from console.login.sessions import Limits, Sessions
from services.notices.letters import Letter, Reader
from services.notices.letters import write as write_letter
from services.people.certificate import lines_of
from shared.database import within
from shared.errors import Invalid
from shared.eventstore.notes import verifier_key
from shared.eventstore.verify import open_note
from shared.mail import FolderMail
from shared.principal import Principal
from shared.settings import Settings
from tests.clock import MovableClock
from tests.conftest import Story
from tests.services.audit.test_exports import asked, write

SECRET = "What nobody shall read again"


async def spoken(story: Story) -> Story:
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": SECRET})
    await story.ana.put(f"{story.conversation}/drafts/energy", json={"text": SECRET})
    await story.ana.post(f"{story.conversation}:share")
    return story


async def erase(story: Story, **body: str) -> dict[str, Any]:
    answer = await story.dpo.post("/v1/people/ana:erase", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_in_the_middle_of_a_cycle_it_is_unreadable_at_once(story: Story) -> None:
    await spoken(story)
    assert SECRET in (await story.ben.get(story.conversation)).text
    await erase(story)
    for client in (story.ana, story.ben):
        for path in (story.conversation, f"{story.conversation}/drafts", "/v1/people/ana"):
            answer = await client.get(path)
            assert SECRET not in answer.text
            assert "Ana Silva" not in answer.text
    found = await story.house.record.pool.fetchval(
        "SELECT count(*) FROM record.read_log($1, 0, 100000)"
        " WHERE words IS NOT NULL AND convert_from(meta, 'UTF8')::jsonb ->> 'subject' = $2",
        story.tenant,
        str(await story.house.record.vault.subject_of(story.tenant, "ana")),
    )
    assert found == 0


async def test_a_bundle_that_is_written_later_holds_nothing_of_it(story: Story) -> None:
    await spoken(story)
    await erase(story)
    export = await asked(story)
    await write(story, export)
    bundle = (await story.auditor.get(f"/v1/audit/exports/{export}/bundle")).text
    lines = [line for line in bundle.splitlines() if '"type":"conversation.answer' in line]
    assert len(lines) == 1
    assert '"words":' not in lines[0]


async def test_the_certificate_says_where_copies_were_and_when_the_last_backup_goes(
    story: Story,
) -> None:
    told = await erase(await spoken(story))
    assert told["depth"] == "words"
    backup = told["copies"][-1]
    expires = datetime.fromisoformat(backup["until"])
    assert expires - datetime.fromisoformat(told["erased_at"]) >= timedelta(days=30)
    assert {each["where"] for each in told["copies"]} >= {"data_key", "record", "drafts", "bundles"}
    assert SECRET not in str(told)


async def test_the_certificate_names_the_bundles_that_were_written_before(story: Story) -> None:
    export = await asked(story)
    await write(story, export)
    await story.read_models()
    told = await erase(await spoken(story))
    (bundles,) = [copy for copy in told["copies"] if copy["where"] == "bundles"]
    assert bundles["ids"] == [export]


async def test_the_certificate_is_signed_and_says_the_same_when_it_is_asked_for_again(
    story: Story, clock: MovableClock
) -> None:
    told = await erase(await spoken(story))
    (key,) = await story.house.ledger.verifier_keys(story.tenant)
    clock.move(timedelta(hours=1))
    text = open_note(told["note"], [key], "the certificate")
    kind, origin, *lines = text.splitlines()
    assert (kind, origin) == ("cairn-certificate/1", f"cairn/{story.tenant}")
    assert lines == lines_of(told)
    assert lines[0] == f"{told['subject']} words {told['erased_at']}"
    again = await erase(story)
    first, second = (datetime.fromisoformat(each["erased_at"]) for each in (told, again))
    assert abs(second - first) < timedelta(minutes=30)  # not the moment at which it was asked again


async def certified(story: Story, folder: Path) -> tuple[dict[str, Any], Path]:
    """A certificate as it was answered, and the file of the key that was kept."""
    told = await erase(await spoken(story))
    (key,) = await story.house.ledger.verifier_keys(story.tenant)
    (folder / "key").write_text(f"{key}\n")
    return told, folder / "key"


async def test_the_certificate_is_checked_without_a_server(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, key = await certified(story, tmp_path)
    (tmp_path / "answer").write_text(json.dumps(told, indent=1))
    (tmp_path / "note").write_text(told["note"])
    for name in ("answer", "note"):
        assert verify_bundle(tmp_path / name, [key], None, as_json=True) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["verified"], said["subject"]) == (True, told["subject"])
    with pytest.raises(Invalid, match="--public-key"):
        verify_bundle(tmp_path / "note", [], None, as_json=False)


@pytest.mark.parametrize(
    "alter",
    [
        lambda told: told | {"depth": "link"},
        lambda told: told | {"erased_at": "2020-01-01T00:00:00Z"},
        lambda told: told | {"copies": told["copies"][1:]},
        lambda told: told | {"copies": None},
        lambda told: told | {"note": told["note"].replace(" words ", " link ", 1)},
        lambda told: told | {"note": told["note"].partition("— ")[0]},
        lambda told: told | {"note": told["note"].replace("/1", "/2", 1)},
        lambda told: told["note"].replace("destroyed", "kept", 1),
        lambda told: told["note"] + told["note"],
    ],
)
async def test_a_certificate_that_was_altered_is_refused(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str], alter: Callable[..., Any]
) -> None:
    told, key = await certified(story, tmp_path)
    altered = alter(told)
    text = altered if isinstance(altered, str) else json.dumps(altered)
    (tmp_path / "altered").write_text(text)
    assert text not in {told["note"], json.dumps(told)}
    assert verify_bundle(tmp_path / "altered", [key], None, as_json=False) == 1
    assert "NOT VERIFIED" in capsys.readouterr().err


async def test_a_certificate_of_another_house_is_refused(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, _ = await certified(story, tmp_path)
    own = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    (tmp_path / "other").write_text(verifier_key(f"cairn/{story.tenant}", own))
    (tmp_path / "note").write_text(told["note"])
    assert verify_bundle(tmp_path / "note", [tmp_path / "other"], None, as_json=False) == 1
    assert "no key that is trusted" in capsys.readouterr().err


async def test_mail_that_is_kept_in_files_goes_too_and_so_do_sessions(
    story: Story, settings: Settings
) -> None:
    mailbox = FolderMail(settings.mail_dir)
    for person in ("ana", "ben"):
        message = EmailMessage()
        message["To"] = f"{person} <{person}@example.com>"
        message["Message-ID"] = f"<{story.tenant}.{person}@localhost>"
        message.set_content("A conversation has been opened")
        await mailbox.send(message)
    house = story.house
    subject = await house.record.vault.subject_of(story.tenant, "ana")
    sessions = Sessions(house.record, Limits.of("PT1H", "PT1H"))
    secret = await sessions.begin(
        Principal(story.tenant, frozenset({"employee"}), "ana@example.com", subject)
    )
    await erase(story)
    left = [file.name for file in mailbox.letters() if story.tenant in file.name]
    assert left == [f"{story.tenant}.ben_localhost.eml"]
    assert await sessions.find(secret) is None


async def test_mail_to_others_that_names_them_goes_too(story: Story, settings: Settings) -> None:
    meeting = {"starts_at": "2199-03-04T10:00:00+01:00", "duration": "PT1H", "place": "At Ana's"}
    assert (await story.ana.post(f"{story.conversation}:schedule", json=meeting)).is_success
    entry = (await story.ben.get(f"{story.conversation}/invite.ics")).content
    mailbox, ben = FolderMail(settings.mail_dir), uuid4()
    reader, now = Reader(story.tenant, ben, "Ben", "ben@example.com", "en"), datetime.now(UTC)
    for kind, invitation in (("meeting_announced", entry), ("follow_up_opened", None)):
        letter = Letter(uuid4(), kind, "partner", now, 1, invitation)
        message = write_letter(reader, letter, "cairn@example.com", "http://c/x", "http://c/y")
        message.replace_header("Message-ID", f"<{story.tenant}.{kind}@localhost>")
        await mailbox.send(message)
    await erase(story)
    left = [file.name for file in mailbox.letters() if story.tenant in file.name]
    assert left == [f"{story.tenant}.follow_up_opened_localhost.eml"]


async def test_a_hold_keeps_it_until_it_is_released(story: Story) -> None:
    await spoken(story)
    assert (await story.dpo.post("/v1/people/ana:hold", json={"reason": "lawsuit"})).is_success
    refused = await story.dpo.post("/v1/people/ana:erase")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/on-hold")
    assert SECRET in (await story.ana.get(story.conversation)).text
    assert (await story.dpo.post("/v1/people/ana:release")).is_success
    await erase(story)
    assert SECRET not in (await story.ana.get(story.conversation)).text


async def test_with_the_link_nobody_knows_any_more_whose_it_was(story: Story) -> None:
    await spoken(story)
    await erase(story)
    assert (await story.dpo.get("/v1/people/ana")).status_code == 200
    assert (await erase(story, depth="link"))["depth"] == "link"
    assert (await story.dpo.get("/v1/people/ana")).status_code == 404
    assert (await story.dpo.post("/v1/people/ana:erase")).status_code == 404
    await story.read_models()
    params = {"cycle": story.cycle, "limit": 200}
    items = (await story.auditor.get("/v1/audit/timeline", params=params)).json()["items"]
    assert {item["person"] for item in items} == {None}
    tombstones = [t for t in await story.happened("people.") if t == "people.erased"]
    assert len(tombstones) == 2


async def test_a_key_that_is_used_again_gets_its_answer_without_whom_nobody_knows_any_more(
    story: Story,
) -> None:
    key = {"Idempotency-Key": "first"}
    first = await story.platform.post("/v1/cycles", json={"person": "ana"}, headers=key)
    again = await story.platform.post("/v1/cycles", json={"person": "ana"}, headers=key)
    assert (first.status_code, first.json()["person"]) == (200, "ana")
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    await spoken(story)
    await story.conclude()
    await erase(story, depth="link")
    after = await story.platform.post("/v1/cycles", json={"person": "ana"}, headers=key)
    assert (after.status_code, after.headers["Idempotency-Replayed"]) == (200, "true")
    assert after.json() == first.json() | {"person": None}
    other = await story.platform.post("/v1/cycles", json={"person": "ben"}, headers=key)
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    async with within(story.house.record.pool, story.tenant) as connection:
        kept = await connection.fetch("SELECT answer FROM record.receipt")
    assert len(kept) > 3
    assert [row["answer"] for row in kept if b'"ana"' in row["answer"]] == []


async def test_only_data_protection_forgets_anybody(story: Story) -> None:
    for client in (story.hr, story.platform, story.ben):
        assert (await client.post("/v1/people/ana:erase")).status_code in {403, 404}
    assert "people.erased" not in await story.happened("people.")
