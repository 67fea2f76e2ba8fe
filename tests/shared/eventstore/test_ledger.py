"""Signed heads and proofs over real logs; bundles that verify offline, and alterations that don't."""

from __future__ import annotations

import ast
import asyncio
import random
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from console.bootstrap import House
from shared.database import within
from shared.eventstore import ledger
from shared.eventstore.bundle import Bundler, Selection
from shared.eventstore.events import ERASED
from shared.eventstore.ledger import name_of
from shared.eventstore.notes import Signer, checkpoint
from shared.eventstore.verify import (
    Failed,
    Head,
    is_consistent,
    is_included,
    open_checkpoint,
    verify,
)
from shared.principal import Principal
from shared.settings import Settings
from tests.proving import LONG
from tests.shared.eventstore.tampering import edit, flip
from tests.shared.eventstore.test_follower import forget
from tests.shared.eventstore.test_record import command, load, open_one

Lines = list[bytes]
TAMPERINGS = 10_000 if LONG else 1_000


async def fill(house: House, tenant: str, conversations: int = 8) -> list[Any]:
    opened = [await open_one(house, tenant) for _ in range(conversations)]
    for question in ("impact", "energy", "peak"):
        for one in opened:
            one.record_answer(question, f"{question} of {one.id}")
            await house.record.save(one, command(house, tenant))
    return opened


async def bundle(house: House, tenant: str, selection: Selection | None = None) -> Lines:
    bundler = Bundler(house.record, house.ledger)
    return [line async for line in bundler.lines(tenant, selection or Selection())]


async def test_a_whole_log_verifies_offline(house: House, tenant: str) -> None:
    await fill(house, tenant)
    head = await house.ledger.checkpoint(tenant)
    key = (await house.ledger.verifier_keys(tenant))[0]
    report = verify(await bundle(house, tenant), public_key=key, checkpoint=head.note)
    assert (report.events, report.size, report.whole, report.erased) == (32, 32, True, 0)
    assert report.trusted == "the key that was given"
    assert b64decode(head.root).hex() == report.root


async def test_a_selection_verifies_by_its_proofs(house: House, tenant: str) -> None:
    opened = await fill(house, tenant, 90)  # 360 events: stored nodes are used
    person = await bundle(house, tenant, Selection(subject=opened[7].person))
    stream = await bundle(house, tenant, Selection(streams=(opened[3].id,)))
    rows = await house.record.rows(tenant, opened[3].id)
    period = await bundle(house, tenant, Selection(since=rows[2].recorded_at))
    assert (verify(person).events, verify(stream).events) == (4, 4)
    assert verify(period).events > 90
    for lines in (person, stream, period):
        for alter in (flip, edit(proof=None), edit(facts="{}"), edit(previous="")):
            with pytest.raises(Failed):
                verify(alter(lines, random.Random(1)))


async def test_an_old_checkpoint_proves_that_nothing_before_it_was_rewritten(
    house: House, tenant: str
) -> None:
    await fill(house, tenant)
    old = await house.ledger.checkpoint(tenant)
    await fill(house, tenant, 3)
    new = await house.ledger.checkpoint(tenant)
    keys = await house.ledger.verifier_keys(tenant)
    told = await house.ledger.consistency(tenant, old.size, None)
    proof = [b64decode(each) for each in told.hashes]
    assert is_consistent(open_checkpoint(old.note, keys), open_checkpoint(new.note, keys), proof)
    lines = await bundle(house, tenant)
    assert verify(lines, checkpoint=old.note).size == 44
    other = checkpoint(name_of(tenant), old.size, bytes(32), [await signer(house, tenant)])
    with pytest.raises(Failed, match="rewritten"):
        verify(lines, checkpoint=other)


async def signer(house: House, tenant: str) -> Signer:
    """Whoever holds the key and the database can sign what they like; a kept head tells."""
    async with within(house.record.pool, tenant) as connection:
        wrapped = await connection.fetchval(
            "SELECT wrapped FROM keys.ledger_key WHERE tenant = $1 ORDER BY epoch DESC", tenant
        )
    private = Ed25519PrivateKey.from_private_bytes(house.record.vault.root.unwrap(wrapped))
    return Signer(name_of(tenant), private)


async def test_the_same_head_is_signed_once(house: House, tenant: str) -> None:
    await fill(house, tenant, 1)
    heads = await asyncio.gather(*(house.ledger.checkpoint(tenant) for _ in range(5)))
    assert len({head.note for head in heads}) == 1
    assert len([head async for head in house.ledger.checkpoints(tenant)]) == 1


async def test_the_follower_and_a_checkpoint_extend_the_same_tree(
    house: House, tenant: str
) -> None:
    follower = house.followers()[1]
    await fill(house, tenant, 70)
    await asyncio.gather(follower.catch_up(), house.ledger.checkpoint(tenant))
    await fill(house, tenant, 1)
    while await follower.catch_up():
        pass
    assert verify(await bundle(house, tenant)).size == 284


async def test_a_checkpoint_ends_though_people_go_on_writing(
    house: House, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It signs the log of the moment at which it was asked for, or a little more."""
    monkeypatch.setattr(ledger, "_PAGE", 1)
    extend = house.ledger._extend

    async def extend_while_somebody_writes(*arguments: Any) -> None:
        await extend(*arguments)
        await open_one(house, tenant)

    monkeypatch.setattr(house.ledger, "_extend", extend_while_somebody_writes)
    await fill(house, tenant, 2)
    async with asyncio.timeout(20):
        assert (await house.ledger.checkpoint(tenant)).size == 8


async def test_new_leaves_are_found_by_their_position_whatever_the_size_of_the_log(
    house: House, tenant: str
) -> None:
    """Row-level security lets nothing but plain comparisons be looked up in an index."""
    await fill(house, tenant, 1)
    async with within(house.record.pool, tenant) as connection:
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute(f"PREPARE leaves(text, bigint, bigint) AS {ledger.LEAVES_AFTER}")
        plan = await connection.fetch(f"EXPLAIN EXECUTE leaves('{tenant}', 1, 10)")
        await connection.execute("DEALLOCATE leaves")
    conditions = [line for (line,) in plan if "Cond:" in line]
    assert conditions
    assert all('"position" > ' in line for line in conditions), plan


async def test_a_new_signing_key_is_signed_for_by_the_old_one(house: House, tenant: str) -> None:
    await fill(house, tenant, 1)
    before = await house.ledger.checkpoint(tenant)
    rotated = await house.ledger.rotate(tenant)
    old, new = await house.ledger.verifier_keys(tenant)
    assert open_checkpoint(rotated.note, [old]) == open_checkpoint(rotated.note, [new])
    with pytest.raises(Failed):
        open_checkpoint(before.note, [new])
    async with within(house.record.pool, tenant) as connection:
        left = await connection.fetch("SELECT epoch, wrapped FROM keys.ledger_key ORDER BY epoch")
    assert [(row["epoch"], row["wrapped"] is None) for row in left] == [(1, True), (2, False)]
    assert verify(await bundle(house, tenant), public_key=new).events == 4


async def test_a_rotation_of_the_tenant_key_keeps_all_words_and_kills_old_backups(
    house: House, tenant: str
) -> None:
    opened = await fill(house, tenant, 3)
    async with within(house.record.pool, tenant) as connection:
        backup = await connection.fetch("SELECT subject, wrapped FROM keys.subject_key")
        old = await connection.fetchval("SELECT wrapped FROM keys.tenant_key")
    assert await house.record.vault.rotate(tenant) == 2
    for one in opened:
        house.record.vault.forget(tenant, one.person)
        assert (await load(house, tenant, one.id)).answers["impact"].text.startswith("impact")
    async with within(house.record.pool, tenant) as connection:
        left = await connection.fetch("SELECT epoch, wrapped FROM keys.tenant_key")
    assert [row["epoch"] for row in left] == [2]
    assert left[0]["wrapped"] != old
    now = house.record.vault.root.unwrap(left[0]["wrapped"])
    for row in backup:
        with pytest.raises(InvalidUnwrap):
            aes_key_unwrap(now, row["wrapped"])


async def test_people_who_are_registered_during_a_rotation_keep_their_keys(
    house: House, tenant: str
) -> None:
    vault = house.record.vault
    registered = (vault.assign_subject(tenant, f"p{number}") for number in range(40))
    rotations = (vault.rotate(tenant) for _ in range(3))
    found = await asyncio.gather(*registered, *rotations)
    for subject in found[:40]:
        vault.forget(tenant, subject)
        assert await vault.key_of(tenant, subject) is not None


async def test_after_an_erasure_the_words_are_gone_and_everything_verifies(
    house: House, settings: Settings, tenant: str
) -> None:
    dpo = Principal(tenant, frozenset({"dpo"}), "dpo")
    from services.people.employment import Profile

    platform = Principal(tenant, frozenset({"platform"}), "platform")
    put = house.people.put_person
    await put(command(house, tenant, by=platform), "ana", Profile("Ana", "a@example.com"), None)
    ana = await house.record.vault.assign_subject(tenant, "ana")
    opened = await fill(house, tenant, 2)
    before = await bundle(house, tenant)
    row = (await house.record.rows(tenant, ana))[0]
    key = await house.record.vault.key_of(tenant, ana)
    assert key is not None

    for _ in range(2):  # asked again, it is nothing new
        await house.people.erase_person(command(house, tenant, by=dpo), "ana")
    report = verify(
        await bundle(house, tenant), checkpoint=msgspec.json.decode(before[0])["checkpoint"]
    )
    assert (report.erased, report.events) == (1, 10)
    assert (await house.record.rows(tenant, ana))[0].words is None
    person = await house.record.load(type(await _person(house, tenant, ana)), tenant, ana)
    assert person is not None
    assert person.profile.name == ERASED
    assert (await load(house, tenant, opened[0].id)).answers["impact"].text != ERASED
    with pytest.raises(InvalidTag):  # another person's key opens nothing
        other = await house.record.vault.key_of(tenant, opened[0].person)
        assert other is not None
        assert row.words is not None
        other.aead.decrypt(row.words[:12], row.words[12:], b"")
    assert await house.record.vault.key_of(tenant, ana) is None


async def _person(house: House, tenant: str, subject: Any) -> Any:
    from services.people.domain import Person

    return await house.record.load(Person, tenant, subject)


async def test_a_missing_body_that_no_erasure_covers_is_found(
    house: House, settings: Settings, tenant: str
) -> None:
    await fill(house, tenant, 2)
    admin = await asyncpg.connect(settings.required_database_url())
    await admin.execute("SET ROLE cairn_erase")
    await admin.execute(
        "UPDATE record.event SET words = NULL WHERE tenant = $1 AND position = 5", tenant
    )
    await admin.close()
    with pytest.raises(Failed) as failed:
        verify(await bundle(house, tenant))
    assert failed.value.position == 5


@pytest.mark.parametrize(
    ("change", "position"),
    [
        (
            "UPDATE record.event SET at = at - interval '1 day' WHERE tenant = $1 AND position = 7",
            7,
        ),
        ("DELETE FROM record.event WHERE tenant = $1 AND position = 9", 9),
        ("DELETE FROM record.event WHERE tenant = $1 AND position > 30", 31),
        (
            "UPDATE record.event a SET words = b.words FROM record.event b WHERE a.tenant = $1"
            " AND b.tenant = $1 AND a.position = 12 AND b.position = 13",
            12,
        ),
        ("UPDATE record.event SET key_id = uuidv7() WHERE tenant = $1 AND position = 14", 14),
    ],
)
async def test_whoever_alters_the_database_itself_is_found_out(
    house: House, settings: Settings, tenant: str, change: str, position: int
) -> None:
    await fill(house, tenant)
    key = (await house.ledger.checkpoint(tenant)) and await house.ledger.verifier_keys(tenant)
    admin = await asyncpg.connect(settings.required_database_url())
    async with admin.transaction():
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute(change, tenant)
    await admin.close()
    with pytest.raises(Failed) as failed:
        verify(await bundle(house, tenant), public_key=key[0])
    assert failed.value.position == position
    admin = await asyncpg.connect(settings.required_database_url())
    await forget(admin, tenant)
    await admin.close()


def test_the_verifier_imports_nothing_of_ours() -> None:
    import shared.eventstore.verify as module

    tree = ast.parse(Path(module.__file__ or "").read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name or "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    outside = {str(name).partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert outside <= {"msgspec", "cryptography", "__future__"}


async def test_proofs_over_http_are_for_auditors(door: Any, house: House, tenant: str) -> None:
    await fill(house, tenant, 2)
    auditor = door("auditor")
    head = (await auditor.get("/v1/audit/checkpoint")).json()
    opened = open_checkpoint(head["note"], head["keys"])
    assert opened.size == head["size"] == 8
    proof = await auditor.get("/v1/audit/proofs/inclusion", params={"position": 3})
    assert len(proof.json()["hashes"]) == 3
    both = await auditor.get("/v1/audit/proofs/consistency", params={"from": 3, "to": 8})
    assert both.status_code == 200
    beyond = await auditor.get("/v1/audit/proofs/inclusion", params={"position": 9})
    assert beyond.status_code == 404
    assert "has 8 entries" in beyond.json()["detail"]
    refused = await door("employee", "ana").get("/v1/audit/checkpoint")
    assert refused.status_code == 403


async def test_a_proof_is_checked_with_nothing_but_what_the_api_answers(
    door: Any, house: House, tenant: str
) -> None:
    """The tree has grown meanwhile, of which nobody has signed a head."""
    await fill(house, tenant, 2)
    auditor = door("auditor")
    early = (await auditor.get("/v1/audit/checkpoint")).json()
    await fill(house, tenant, 3)
    kept = (await auditor.get("/v1/audit/checkpoint")).json()
    await fill(house, tenant, 1)
    while any([await follower.catch_up() for follower in house.followers()]):
        pass
    old, head = (open_checkpoint(each["note"], each["keys"]) for each in (early, kept))
    items = (await auditor.get("/v1/audit/timeline")).json()["items"]
    assert [item["position"] for item in items] == [*range(1, 25)]

    async def proof_of(what: str, **params: int) -> tuple[dict[str, Any], Head, list[bytes]]:
        answer = await auditor.get(f"/v1/audit/proofs/{what}", params=params)
        told = answer.json()
        of = Head(head.origin, told["size"], b64decode(told["root"]))
        return told, of, [b64decode(each) for each in told["hashes"]]

    for item in items[: head.size]:
        told, of, hashes = await proof_of("inclusion", position=item["position"])
        assert of == head
        assert told["leaf"] == item["leaf"]
        assert is_included(b64decode(item["leaf"]), item["position"] - 1, head, hashes)
    _, of, hashes = await proof_of("consistency", **{"from": old.size})
    assert of == head
    assert is_consistent(old, head, hashes)
    _, of, hashes = await proof_of("inclusion", position=3, size=old.size)
    assert of == old
    assert is_included(b64decode(items[2]["leaf"]), 2, old, hashes)
    unsigned = await auditor.get("/v1/audit/proofs/inclusion", params={"position": 21})
    assert unsigned.status_code == 404
    assert "newest signed head has 20 entries" in unsigned.json()["detail"]
