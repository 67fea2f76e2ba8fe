"""P5: bundles of logs and of parts of them, before both verifiers, altered in every way we know."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.bootstrap import House
from console.commands.verify import verify_bundle
from shared.errors import Invalid
from shared.eventstore.bundle import Bundler, Earlier, Manifest, Selection
from shared.eventstore.ledger import name_of
from shared.eventstore.notes import Signer, checkpoint, verifier_key
from shared.eventstore.verify import Failed, verify
from shared.principal import Principal
from tests.conftest import Story
from tests.proving import LONG, Proof, told
from tests.shared.eventstore.tampering import (
    ALL,
    Lines,
    add_field,
    add_head_ahead,
    announced,
    drop_field,
    edit,
    encode,
    event,
    events_in,
    first_bad,
    flip,
    misspell,
    misspelled,
    text,
    with_line,
)
from tests.shared.eventstore.test_ledger import bundle, fill, signer
from tests.shared.eventstore.test_record import command, open_one

SCRIPT = Path(__file__).parents[3] / "verifiers" / "cairn_verify.py"
TAMPERINGS = 10_000 if LONG else 1_000


def _script() -> ModuleType:
    spec = spec_from_file_location("cairn_verify", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECOND = _script()
Verdict = tuple[bool, int | None, str]


def ours(lines: Lines, key: str | None = None, kept: str | None = None) -> Verdict:
    try:
        verify(lines, public_key=key, checkpoint=kept)
    except Failed as failed:
        return False, failed.position, failed.reason
    return True, None, ""


def theirs(lines: Lines, key: str | None = None, kept: str | None = None) -> Verdict:
    try:
        SECOND.verify(lines, key, kept)
    except SECOND.NotVerified as failed:
        reason, position = failed.args
        return False, position, reason
    return True, None, ""


BOTH = pytest.mark.parametrize("judge", [ours, theirs])
Judge = Callable[..., Verdict]


async def keys_of(house: House, tenant: str) -> list[str]:
    return await house.ledger.verifier_keys(tenant)


def manifest_of(lines: Lines) -> Manifest:
    return msgspec.json.decode(lines[0], type=Manifest)


def with_manifest(lines: Lines, **fields: Any) -> Lines:
    return [encode(msgspec.structs.replace(manifest_of(lines), **fields)), *lines[1:]]


@pytest.mark.timeout(1800 if LONG else 600)
async def test_every_tampering_is_found_and_the_first_bad_position_named(
    house: House, tenant: str, proof: Proof
) -> None:
    await fill(house, tenant, 80)
    lines = await bundle(house, tenant)
    [key] = await keys_of(house, tenant)
    assert ours(lines, key)[0]
    assert theirs(lines, key)[0]
    chance = random.Random(20261123)
    unnoticed, misplaced = [], []
    for number in range(TAMPERINGS):
        how = ALL[number % len(ALL)]
        altered = how(lines, chance)
        for judge in (ours, theirs):
            passed, position, reason = judge(altered, key)
            if passed:
                unnoticed.append((number, how.__name__, judge.__name__))
            elif position not in first_bad(lines, altered):
                misplaced.append((number, how.__name__, judge.__name__, position, reason))
    kinds = ", ".join(how.__name__.replace("_", " ") for how in ALL)
    came = {"unnoticed": len(unnoticed), "wrong_position_named": len(misplaced)}
    what = f"{TAMPERINGS:,} of a bundle before both verifiers: {kinds}"
    proof("P5 every alteration is found", what, told(came))
    assert unnoticed == []
    assert misplaced == []


async def test_every_tampering_with_a_selection_is_found(house: House, tenant: str) -> None:
    opened = await fill(house, tenant, 90)  # 360 events: stored nodes are used
    await house.ledger.checkpoint(tenant)
    await fill(house, tenant, 2)
    lines = await bundle(house, tenant, Selection(subject=opened[7].person))
    [key] = await keys_of(house, tenant)
    assert ours(lines, key) == theirs(lines, key) == (True, None, "")
    chance = random.Random(7)
    ways = (flip, edit(proof=None), edit(facts="{}"), edit(previous=""), edit(event_id=uuid4()))
    ways += (add_field, drop_field, add_head_ahead, misspell)
    for number in range(280):
        altered = ways[number % len(ways)](lines, chance)
        for judge in (ours, theirs):
            assert not judge(altered, key)[0], (number, judge.__name__)


async def test_no_field_is_read_in_another_kind_size_or_spelling(house: House, tenant: str) -> None:
    """Of a selection of one event, each line: an alteration gets a verdict, whatever it is."""
    one = await open_one(house, tenant)
    [row] = await house.record.rows(tenant, one.id)
    lines = await bundle(house, tenant, Selection(subject=one.person, since=row.recorded_at))
    assert ours(lines) == theirs(lines) == (True, None, "")
    chance = random.Random(11)
    for number in range(len(lines)):
        for _ in range(200):
            altered = misspelled(lines, number, chance)
            for judge in (ours, theirs):
                assert not judge(altered)[0], (judge.__name__, altered[number][:600])


@BOTH
async def test_a_selection_tells_itself_as_it_was_written(
    house: House, tenant: str, judge: Judge
) -> None:
    one = await open_one(house, tenant)
    [row] = await house.record.rows(tenant, one.id)
    chosen = Selection(streams=(one.id,), since=row.recorded_at, until=house.record.clock.now())
    lines = await bundle(house, tenant, chosen)
    assert judge(lines) == (True, None, "")
    for name, there in msgspec.to_builtins(chosen).items():
        for other in (0, "", [], "nothing", [*there, 0], there[:-1], f"{there[:-1]}+00:00"):
            selection = msgspec.to_builtins(chosen) | {name: other}
            manifest = msgspec.to_builtins(manifest_of(lines)) | {"selection": selection}
            assert not judge([encode(manifest), *lines[1:]])[0], (name, other)


def swap(number: int, old: str, new: str) -> Callable[[Lines], Lines]:
    """Write something else into a line, wherever it is found by this pattern first."""

    def alter(lines: Lines) -> Lines:
        there = lines[number].decode()
        assert re.search(old, there), (old, there[:400])
        return [*lines[:number], re.sub(old, new, there, count=1).encode(), *lines[number:][1:]]

    return alter


def put(line: bytes, before: int) -> Callable[[Lines], Lines]:
    """Put a line of one's own in, so many lines before the end of a bundle of one event."""
    return lambda lines: [*lines[: len(lines) - before], line, *lines[len(lines) - before :]]


LEAVES = b'{"tile":0,"leaves":"' + text(bytes(32)).encode() + b'"}\n'
ANYWHERE = {
    "an unknown field of the manifest": swap(0, r"}\n", ',"more":0}\n'),
    "an unknown field of a head": swap(1, r"}\n", ',"more":0}\n'),
    "a number that isn't whole": swap(0, '"events":1,', '"events":1.0,'),
    "a truth for a number": swap(-1, '"version":1,', '"version":true,'),
    "a truth for another number": swap(-1, '"schema_version":1,', '"schema_version":true,'),
    "a number for a key": swap(0, r'"keys":\[(".*?")\]', r'"keys":[\1,0]'),
    "keys of another kind": swap(0, r'"keys":\[(".*")\]', r'"keys":{\1:0}'),
    "a head twice": lambda lines: [*lines[:2], *lines[1:]],
    "a line that is no signature": swap(0, r'\\n","keys"', r'\\nmore\\n","keys"'),
    "a signature of nobody's": swap(1, r'\\n("[,}])', r"\\n— other AAAAAAAA\\n\1"),
    "a head that ends elsewhere": swap(1, r'\\n("[,}])', r"\1"),
    "a head behind the events": lambda lines: [lines[0], *lines[2:], lines[1]],
}
WHOLE = ANYWHERE | {
    "a proof of a head": swap(1, r"}\n", ',"proof":[]}\n'),
    "a proof": swap(-1, r"}\n", ',"proof":[]}\n'),
    "a selection of another kind": swap(0, '"selection":{}', '"selection":[]'),
    "leaves of nothing before the leaves": put(LEAVES, 2),
    "leaves behind the events": put(b'{"tile":1,"leaves":""}\n', 0),
    "a leaf too much": swap(-2, r'"leaves":"(.{43})="', r'"leaves":"\1A' + "A" * 42 + '=="'),
    "a truth for the leaves' number": swap(-2, '"tile":0,', '"tile":false,'),
    "a head among the leaves": lambda lines: [lines[0], lines[2], lines[1], lines[3]],
}
PART = ANYWHERE | {
    "no proof": swap(-1, r',"proof":\[\]', ""),
    "a proof of another kind": swap(-1, r'"proof":\[\]', '"proof":{}'),
    "no proof of a head": swap(1, r',"proof":\[\]', ""),
    "a proof of a head of another kind": swap(1, r'"proof":\[\]', '"proof":""'),
    "a selection of nothing": swap(0, '"selection":{', '"selection":{"cycle":null,'),
    "leaves": put(LEAVES, 1),
}


@pytest.mark.parametrize("name", WHOLE | PART)
async def test_what_nobody_has_signed_stands_in_no_line(
    house: House, tenant: str, name: str
) -> None:
    """A log of one event, of which all proofs are empty."""
    one = await open_one(house, tenant)
    chosen = {"whole": (Selection(), WHOLE), "part": (Selection(subject=one.person), PART)}
    for selection, ways in chosen.values():
        if name in ways:
            lines = await bundle(house, tenant, selection)
            assert ours(lines) == theirs(lines) == (True, None, "")
            altered = ways[name](lines)
            assert altered != lines
            assert [ours(altered)[0], theirs(altered)[0]] == [False, False]


async def test_every_signature_under_a_head_of_two_epochs_is_looked_at(
    house: House, tenant: str
) -> None:
    await fill(house, tenant, 2)
    await house.ledger.checkpoint(tenant)
    await house.ledger.rotate(tenant)
    lines = await bundle(house, tenant)
    assert ours(lines) == theirs(lines) == (True, None, "")
    by_both = [n for n, line in enumerate(lines) if line.count("—".encode()) == 2]
    assert by_both == [0, 2]  # the checkpoint, which is the newest of the heads
    for number in by_both:
        there = lines[number].decode()
        for found in re.finditer(r"— [^ ]+ ([^\\]+)", there):
            for place in range(*found.span(1), 7):
                other = "A" if there[place] != "A" else "B"
                changed = f"{there[:place]}{other}{there[place + 1 :]}".encode()
                altered = [*lines[:number], changed, *lines[number + 1 :]]
                assert [ours(altered)[0], theirs(altered)[0]] == [False, False], place


@BOTH
async def test_no_byte_moves_from_one_hash_into_the_next(story: Story, judge: Judge) -> None:
    """Where words were erased, the leaf is made of two hashes that the bundle tells itself."""
    house, tenant = story.house, story.tenant
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    dpo = Principal(tenant, frozenset({"dpo"}), "dpo")
    await house.people.erase_person(command(house, tenant, by=dpo), "ana")
    rows = await house.record.rows(tenant, UUID(story.conversation.rpartition("/")[2]))
    answered = next(row for row in rows if row.type == "conversation.answer_recorded")
    lines = await bundle(house, tenant, Selection(since=answered.recorded_at))
    assert judge(lines)[0], judge(lines)
    number = next(n for n in events_in(lines) if event(lines[n]).position == answered.position)
    there = event(lines[number])
    previous = b64decode(there.previous or "")
    words_hash = b64decode(there.words_hash or "")
    moved = msgspec.structs.replace(
        there, previous=text(previous[:-1]), words_hash=text(previous[-1:] + words_hash)
    )
    assert not judge(with_line(lines, number, moved))[0]


@BOTH
async def test_a_checkpoint_outlives_the_key_that_has_signed_it(
    house: House, tenant: str, judge: Judge
) -> None:
    opened = await fill(house, tenant, 3)
    kept = await house.ledger.checkpoint(tenant)
    await house.ledger.rotate(tenant)
    await fill(house, tenant, 1)
    old, new = await keys_of(house, tenant)
    rewritten = kept.note.replace(kept.root, text(bytes(32)))
    other = checkpoint(name_of(tenant), kept.size, bytes(32), [await signer(house, tenant)])
    for chosen in (Selection(), Selection(subject=opened[0].person)):
        lines = await bundle(house, tenant, chosen)
        assert judge(lines, new, kept.note) == (True, None, "")
        assert judge(lines, f"{old}\n{new}\n", kept.note) == (True, None, "")
        assert not judge(lines, old, kept.note)[0]  # whoever has the old key only asks for the new
        for forged in ("", rewritten, other):
            assert not judge(lines, new, forged)[0]
        for none in ("", "\n", old.replace("+", "-")):
            assert not judge(lines, none)[0]


@BOTH
async def test_a_second_signature_under_a_head_makes_nobodys_key_a_trusted_one(
    house: House, tenant: str, judge: Judge
) -> None:
    """Anybody can sign a head again; so only keys that were given are trusted, however they came."""
    await fill(house, tenant, 3)
    lines = await bundle(house, tenant)
    [key] = await keys_of(house, tenant)
    own = Signer(name_of(tenant), Ed25519PrivateKey.generate())
    signed = manifest_of(lines).checkpoint
    again = signed + own.line(signed.partition("\n\n")[0] + "\n")
    keys = [key, verifier_key(own.name, own.public)]
    ahead = checkpoint(own.name, 12, b64decode(signed.split("\n")[2]), [own])
    forged = [*with_manifest(lines, checkpoint=ahead, keys=keys)[:1], encode(Earlier(again))]
    assert not judge([*forged, *lines[2:]], key)[0]


@BOTH
async def test_a_bundle_is_shortened(house: House, tenant: str, judge: Judge) -> None:
    await fill(house, tenant, 3)
    lines = await bundle(house, tenant)
    assert not judge(lines[:-1])[0]
    assert judge(announced(lines[:-1]))[1] == 12
    assert not judge(lines[:1])[0]
    assert not judge([])[0]


@BOTH
async def test_a_bundle_goes_on_after_its_checkpoint(
    house: House, tenant: str, judge: Judge
) -> None:
    await fill(house, tenant, 3)
    before = manifest_of(await bundle(house, tenant))
    await fill(house, tenant, 1)
    lines = await bundle(house, tenant)
    assert judge(lines)[0]
    longer = with_manifest(lines, checkpoint=before.checkpoint)
    without = [line for line in longer if manifest_of(lines).checkpoint.encode() not in line]
    heads = [n for n, line in enumerate(without) if line.startswith(b'{"head":')]
    without.pop(heads[-1])
    passed, position, _ = judge(without)
    assert (passed, position) == (False, 13)


@BOTH
async def test_a_bundle_is_put_together_from_two(house: House, tenant: str, judge: Judge) -> None:
    other = f"u-{uuid4().hex[:12]}"
    await house.record.vault.create_tenant(other)
    await fill(house, tenant, 3)
    await fill(house, other, 3)
    one, two = await bundle(house, tenant), await bundle(house, other)
    assert judge(one)[0]
    assert judge(two)[0]
    for mixed in (
        [one[0], *two[1:]],  # one's head over the other's events
        [*one[:8], *two[8:]],  # the other's events from some point on
        [*one[:-1], two[-1]],
        with_manifest(one, tenant=other),
        with_manifest(two, keys=manifest_of(one).keys),
    ):
        assert not judge(mixed)[0]


@BOTH
async def test_a_bundle_without_events_is_passed_as_another_tenants(
    house: House, tenant: str, judge: Judge
) -> None:
    await fill(house, tenant, 1)
    lines = await bundle(house, tenant, Selection(cycle=uuid4()))
    [key] = await keys_of(house, tenant)
    assert events_in(lines) == []
    assert judge(lines, key) == (True, None, "")
    for other in ("other", tenant.upper(), ""):
        assert not judge(with_manifest(lines, tenant=other), key)[0]


@BOTH
async def test_a_tenants_name_is_escaped_in_the_name_of_its_log(house: House, judge: Judge) -> None:
    tenant = f"A.b_c@d+{uuid4().hex[:6]}-e"
    await house.record.vault.create_tenant(tenant)
    await fill(house, tenant, 1)
    assert judge(await bundle(house, tenant)) == (True, None, "")


@BOTH
async def test_two_states_of_one_log_are_put_together(
    house: House, tenant: str, judge: Judge
) -> None:
    opened = await fill(house, tenant, 3)
    chosen = Selection(subject=opened[0].person)
    early = await bundle(house, tenant, chosen)
    await fill(house, tenant, 2)
    late = await bundle(house, tenant, chosen)
    assert judge(early)[0]
    assert judge(late)[0]
    mixed = [late[0], *(line for line in late[1:] if b'"head"' in line[:8])]
    events = [early[n] for n in events_in(early)]
    assert not judge([*mixed, *events])[0]


@BOTH
async def test_another_tenants_checkpoint_is_shown(house: House, tenant: str, judge: Judge) -> None:
    other = f"u-{uuid4().hex[:12]}"
    await house.record.vault.create_tenant(other)
    await fill(house, tenant, 3)
    await fill(house, other, 3)
    lines, foreign = await bundle(house, tenant), manifest_of(await bundle(house, other))
    borrowed = {"checkpoint": foreign.checkpoint, "keys": foreign.keys}
    for forged in (borrowed, borrowed | {"origin": foreign.origin}):
        assert not judge(with_manifest(lines, **forged))[0]
    assert not judge(lines, None, foreign.checkpoint)[0]
    both = with_manifest(lines, keys=[*manifest_of(lines).keys, *foreign.keys])
    assert not judge(both, None, foreign.checkpoint)[0]


@BOTH
async def test_an_older_checkpoint_is_passed_as_the_newest(
    house: House, tenant: str, judge: Judge
) -> None:
    opened = await fill(house, tenant, 3)
    chosen = Selection(subject=opened[0].person)
    early, early_part = await bundle(house, tenant), await bundle(house, tenant, chosen)
    await fill(house, tenant, 2)
    kept = await house.ledger.checkpoint(tenant)
    [key] = await keys_of(house, tenant)
    assert judge(early, key)[0]  # by itself nothing is wrong with it
    assert not judge(early, key, kept.note)[0]
    assert judge(early_part, key)[0]
    assert not judge(early_part, key, kept.note)[0]


@BOTH
async def test_a_kept_checkpoint_proves_that_nothing_before_it_was_rewritten(
    house: House, tenant: str, judge: Judge
) -> None:
    opened = await fill(house, tenant, 3)
    kept = await house.ledger.checkpoint(tenant)
    await fill(house, tenant, 3)
    lines = await bundle(house, tenant)
    part = await bundle(house, tenant, Selection(subject=opened[0].person))
    [key] = await keys_of(house, tenant)
    rewritten = checkpoint(name_of(tenant), kept.size, bytes(32), [await signer(house, tenant)])
    unknown = checkpoint(name_of(tenant), 5, bytes(32), [await signer(house, tenant)])
    for each in (lines, part):
        assert judge(each, key, kept.note)[0]
        assert judge(each, key, manifest_of(each).checkpoint)[0]
        assert not judge(each, key, rewritten)[0]
        assert not judge(each, key, unknown)[0]


@BOTH
async def test_a_kept_checkpoint_of_a_new_log_goes_with_everything_and_another_root_with_nothing(
    house: House, tenant: str, judge: Judge
) -> None:
    kept = await house.ledger.checkpoint(tenant)
    assert kept.size == 0
    own = await signer(house, tenant)
    other = checkpoint(name_of(tenant), 0, bytes(32), [own])
    empty = await bundle(house, tenant), await bundle(house, tenant, Selection(cycle=uuid4()))
    opened = await fill(house, tenant, 1)
    whole = await bundle(house, tenant)
    part = await bundle(house, tenant, Selection(subject=opened[0].person))
    [key] = await keys_of(house, tenant)
    for lines in (*empty, whole, part):
        assert judge(lines, key, kept.note) == (True, None, "")
        assert not judge(lines, key, other)[0]
    for lines in empty:
        assert not judge(with_manifest(lines, checkpoint=other), key)[0]


@BOTH
async def test_after_an_erasure_old_bundles_verify_and_so_do_new_ones(
    story: Story, judge: Judge
) -> None:
    house, tenant = story.house, story.tenant
    await story.ana.put(f"{story.conversation}/answers/impact", json={"text": "a secret"})
    early = await bundle(house, tenant)
    dpo = Principal(tenant, frozenset({"dpo"}), "dpo")
    await house.people.erase_person(command(house, tenant, by=dpo), "ana")
    [key] = await keys_of(house, tenant)
    kept = manifest_of(early).checkpoint
    subject = await house.record.vault.subject_of(tenant, "ana")
    for chosen in (
        Selection(),
        Selection(subject=subject),
        Selection(cycle=UUID(story.cycle)),
        Selection(until=house.record.clock.now()),
    ):
        lines = await bundle(house, tenant, chosen)
        assert judge(lines, key, kept)[0], (chosen, judge(lines, key, kept))
        tombstones = [n for n in events_in(lines) if event(lines[n]).type == "people.erased"]
        assert len(tombstones) == 1
    assert judge(early, key)[0]


async def test_a_cycle_is_a_selection_of_its_own(story: Story) -> None:
    chosen = Selection(cycle=UUID(story.cycle))
    lines = [
        line
        async for line in Bundler(story.house.record, story.house.ledger).lines(
            story.tenant, chosen
        )
    ]
    kinds = {event(lines[n]).type.partition(".")[0] for n in events_in(lines)}
    assert kinds == {"cycles", "conversation"}
    assert ours(lines)[0]
    assert theirs(lines)[0]


async def test_the_script_runs_by_itself(house: House, tenant: str, tmp_path: Path) -> None:
    await fill(house, tenant, 2)
    lines = await bundle(house, tenant)
    good, bad, key = tmp_path / "good", tmp_path / "bad", tmp_path / "key"
    good.write_bytes(b"".join(lines))
    bad.write_bytes(b"".join(edit(facts="{}")(lines, random.Random(3))))
    key.write_text((await keys_of(house, tenant))[0])

    def run(*arguments: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(SCRIPT), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    other, kept, answer = tmp_path / "other", tmp_path / "kept", tmp_path / "answer"
    other.write_text("")
    kept.write_text(manifest_of(lines).checkpoint)
    answer.write_text(json.dumps({"note": kept.read_text(), "keys": []}))
    assert run(good, "--checkpoint", answer).returncode == 0
    both = run(good, "--public-key", key, "--public-key", other, "--checkpoint", kept)
    assert (both.returncode, both.stderr) == (0, "")
    assert run(good, "--public-key", other).returncode == 1
    assert "is no checkpoint" in run(good, "--checkpoint", other).stderr
    found = run(good, "--public-key", key)
    assert (found.returncode, found.stderr) == (0, "")
    assert "8 events" in found.stdout
    assert "the key that was given" in found.stdout
    failed = run(bad)
    assert failed.returncode == 1
    assert failed.stderr.startswith("NOT VERIFIED at position ")
    assert run().returncode == 2


async def test_the_command_takes_keys_of_several_epochs(
    house: House, tenant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await fill(house, tenant, 2)
    kept = await house.ledger.checkpoint(tenant)
    await house.ledger.rotate(tenant)
    files = {"kept": kept.note, "none": "", "answer": json.dumps(vars(kept))} | dict(
        zip(("old", "new"), await keys_of(house, tenant), strict=True)
    )
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "bundle").write_bytes(b"".join(await bundle(house, tenant)))

    def run(*keys: str, head: str = "kept") -> int:
        there = [tmp_path / key for key in keys]
        return verify_bundle(tmp_path / "bundle", there, tmp_path / head, as_json=False)

    assert [run("new"), run("old", "new"), run("new", "none")] == [0, 0, 0]
    assert "the key that was given" in capsys.readouterr().err
    assert run("none") == 1
    assert run("new", head="answer") == 0
    with pytest.raises(Invalid, match="none is no checkpoint"):
        run("new", head="none")


async def test_what_is_no_key_or_cant_be_compared_is_wrong_usage(
    house: House, tenant: str, tmp_path: Path
) -> None:
    """Neither says that the record was altered, nor that it was compared."""
    await fill(house, tenant, 1)
    files = {
        name: tmp_path / name for name in ("bundle", "binary", "kept", "package", "certificate")
    }
    files["bundle"].write_bytes(b"".join(await bundle(house, tenant)))
    files["binary"].write_bytes(bytes(range(128, 160)))
    files["kept"].write_text((await house.ledger.checkpoint(tenant)).note)
    files["certificate"].write_text("cairn-certificate/1\n")
    with zipfile.ZipFile(files["package"], "w") as archive:
        archive.writestr("manifest.txt", "")
    with pytest.raises(Invalid, match="binary is no text"):
        verify_bundle(files["bundle"], [files["binary"]], None, as_json=False)
    for name in ("package", "certificate"):
        with pytest.raises(Invalid, match="compared with a bundle"):
            verify_bundle(files[name], [], files["kept"], as_json=False)


def test_the_script_is_read_in_one_sitting_and_needs_nothing_of_ours() -> None:
    text = SCRIPT.read_text()
    assert len(text.splitlines()) < 300
    imported = {
        line.split()[1].partition(".")[0]
        for line in text.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
