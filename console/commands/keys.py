"""`cairn keys rotate` and `cairn keys replace-root`."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from console.bootstrap import build
from shared.errors import RuleBroken
from shared.eventstore.epochs import replace_root
from shared.eventstore.rootkeys import FileRootKey, next_of
from shared.settings import Settings


class NotItsNext(RuleBroken):
    """The root key that waits wasn't made to replace the one that is there; see docs/operations.md."""


async def rotate_keys(settings: Settings, tenant: str) -> None:
    """Begin new epochs; print the new public key of the ledger, for those who keep it."""
    house = await build(settings)
    try:
        epoch = await house.record.vault.rotate(tenant)
        await house.ledger.rotate(tenant)
        newest = (await house.ledger.verifier_keys(tenant))[-1]
    finally:
        await house.close()
    sys.stderr.write(f"epoch {epoch} of the keys of {tenant} has begun; the ledger is signed by\n")
    sys.stdout.write(f"{newest}\n")


async def replace_root_key(settings: Settings, *, prepare: bool = False) -> None:
    """Make the next root key, or take the one that waits; wrap everything anew; put it in place.

    It waits beside the one in force until everything is under it, so that a run that broke off at any
    point is finished by the next one.
    """
    file = settings.root_key_path
    old, new = FileRootKey.of_file(file), _next(file)
    if prepare:
        _say(f"{next_of(file)} waits; keep a copy of it apart, then run this without --prepare")
        return
    if new.name != old.name:
        if not new.succeeds(old):
            raise NotItsNext
        house = await build(settings)
        try:
            async with house.record.pool.acquire() as connection:
                wrapped = await replace_root(connection, old, new)
        finally:
            await house.close()
        _say(f"{wrapped} keys are under the next root key")
    _put_in_place(file)


def _next(file: Path) -> FileRootKey:
    """The root key that waits; made where there is none."""
    waiting = next_of(file)
    if not waiting.exists():
        try:
            _write(waiting, FileRootKey.of_file(file).successor(secrets.token_bytes(32)), like=file)
        except OSError as refused:
            raise RuleBroken(
                f"{waiting} can't be written ({refused.strerror}); prepare it elsewhere, as"
                " docs/operations.md says, and put it there"
            ) from None
    return FileRootKey.of_file(waiting)


def _write(place: Path, root: FileRootKey, like: Path) -> None:
    """Write a root key for those who may read the one before, whole or not at all."""
    fresh, there = place.with_name(f"{place.name}.part"), like.stat()
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as written:
        written.write(root.text)
        written.flush()
        os.chown(fresh, there.st_uid, there.st_gid)
        fresh.chmod(there.st_mode & 0o777)
        os.fsync(written.fileno())
    _rename(fresh, place)


def _put_in_place(file: Path) -> None:
    try:
        _rename(next_of(file), file)
    except OSError as refused:
        _say(f"{file} can't be written ({refused.strerror}): put {next_of(file)} in its place")
    else:
        _say(f"{file} is the next one now; keep a copy of it apart")
    _say("destroy every copy of the one before, and back up the keys: older ones open no more")


def _rename(source: Path, target: Path) -> None:
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
