"""`cairn backup` and `cairn restore` at the terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from console.commands.kept import read_checkpoint
from console.keeping.backup import back_up, read_manifest
from console.keeping.erasures import extend_list, read_list, require_as_far
from console.keeping.restore import Damaged, Outcome, bring_back, finish
from shared.errors import Invalid, NotFound
from shared.settings import Settings

_DONE, _FAILED = 0, 1


async def make_backup(
    settings: Settings, to: Path | None, keys_to: Path | None, erasures_to: Path | None
) -> None:
    """Write what was asked for, and say what it holds."""
    if to is None and keys_to is None and erasures_to is None:
        raise Invalid("say where to: --to, --keys-to, --erasures-to or several of them")
    url = settings.required_database_url()
    for manifest in await back_up(url, to, keys_to) if to or keys_to else []:
        rows = sum(kept.rows for kept in manifest.files.values())
        _say(f"{manifest.half}: {rows} rows of {len(manifest.sizes)} tenants, as of {manifest.at}")
    if erasures_to is not None:
        _say(f"erasures: {await extend_list(url, erasures_to)} in {erasures_to}")


async def restore_backup(
    settings: Settings,
    record: Path | None,
    keys: Path | None,
    erasures: list[Path],
    checkpoints: list[Path],
    *,
    without_erasures: bool = False,
) -> int:
    """Bring a backup back, or finish a copy that came back by other means; answers the exit code.

    Refuses where no list can name who was erased after the copy, unless `without_erasures` is said.
    """
    if (record is None) != (keys is None):
        raise Invalid("a restore takes both halves: --from and --keys")
    if not erasures and not without_erasures:
        raise Invalid(
            "without a list of erasures (--erasures) whoever was erased after the copy can be read"
            " again; say --without-erasures if that is meant"
        )
    try:
        lists = [read_list(file) for file in erasures]
        listed = [erasure for named, _ in lists for erasure in named]
        notes = [read_checkpoint(file) for file in checkpoints]
        if record is not None and keys is not None:
            manifest = read_manifest(record)
            if not without_erasures:
                require_as_far((reached for _, reached in lists), manifest.sizes)
            notes += manifest.heads.values()
            await bring_back(settings, record, keys, _say)
        outcome = await finish(settings, listed, notes, _say)
    except FileNotFoundError as missing:
        raise NotFound(f"there is no {missing.filename}") from None
    except Damaged as damaged:
        _say(f"NOT RESTORED: {damaged}")
        return _FAILED
    return _tell(outcome)


def _tell(outcome: Outcome) -> int:
    for tenant, (size, longest) in outcome.shorter.items():
        _say(
            f"{tenant}: the copy ends at position {size}; a checkpoint that was kept is of {longest}."
            f" What was recorded after {size} is lost: tell those who follow the feed to read again"
            f" from {size}"
        )
    for tenant, reason in outcome.altered.items():
        _say(f"{tenant}: NOT WHAT WAS RECORDED: {reason}")
    for note in outcome.unknown:
        _say(f"NOT COMPARED: no key of this copy has signed the checkpoint {_named(note)}")
    if outcome.altered:
        _say("Nothing is served from this database; keep it, and look for who altered it")
    elif outcome.unknown:
        _say(
            "Nothing is served from this database yet. It is another record's checkpoint, or its key"
            " is newer than this copy (`cairn keys rotate`, a new tenant): then what was recorded from"
            " the copy's end to the checkpoint's size is lost. Run `cairn restore` again into an empty"
            " database with newer keys; or without --from, --keys and that checkpoint, to go on as it"
            " is, and tell those who follow the feed to read again from the copy's end"
        )
    if not outcome.is_sound:
        return _FAILED
    _say("Every log verifies. Next: start the roles, then `cairn rebuild workflows`")
    return _DONE


def _named(note: str) -> str:
    """A checkpoint's origin and size, or the beginning of whatever it is instead."""
    return repr(" ".join(note.split()[:2])[:100])


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
