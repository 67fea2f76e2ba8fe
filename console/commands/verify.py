"""`cairn audit verify`: what was checked, against what, and where it fails."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from console.commands.certificate import Certified, check_certificate, is_certificate
from console.commands.kept import read_checkpoint, read_text
from console.commands.progress import progress
from shared.errors import Invalid
from shared.eventstore.package import Checked, check_package, is_package
from shared.eventstore.verify import Failed, Report, verify

_DONE, _FAILED, _NOT_FOUND = 0, 1, 3


def verify_bundle(
    bundle: Path, public_keys: Sequence[Path], checkpoint: Path | None, as_json: bool
) -> int:
    """Check a bundle, an access package or a certificate and say the result; answers the exit code.

    `Invalid` for a key or a checkpoint that is none, or with which nothing can be compared.
    """
    try:
        key = "\n".join(read_text(file) for file in public_keys) if public_keys else None
        kept = read_checkpoint(checkpoint) if checkpoint else None
        if kept and (is_certificate(bundle) or is_package(bundle)):
            raise Invalid("a checkpoint is compared with a bundle; this is none")
        if is_certificate(bundle):
            certified = check_certificate(bundle, key)
            return _say(certified, _of_certificate(certified), as_json)
        if is_package(bundle):
            checked = check_package(bundle, key)
            return _say(checked, _of_package(checked), as_json)
        with bundle.open("rb") as lines, progress("verifies", "events") as show:
            report = verify(_counted(lines, show), public_key=key, checkpoint=kept)
    except OSError as missing:
        sys.stderr.write(f"{missing.filename} can't be read: {missing.strerror}\n")
        return _NOT_FOUND
    except Failed as failed:
        _say_failed(failed, as_json)
        return _FAILED
    return _say(report, _of_bundle(report), as_json)


def _counted(lines: Iterable[bytes], show: Callable[[int, int | None], None]) -> Iterator[bytes]:
    """The same lines, while it is shown how many events went by, of as many as the first line says."""
    source = iter(lines)
    manifest = next(source, b"")
    announced = re.search(rb'"events":(\d+)', manifest)
    yield manifest
    count = 0
    for line in source:
        yield line
        count += line.startswith(b'{"position":')
        show(count, int(announced[1]) if announced else None)


def _say_failed(failed: Failed, as_json: bool) -> None:
    if as_json:
        document = {"verified": False, "position": failed.position, "reason": failed.reason}
        sys.stdout.write(json.dumps(document) + "\n")
    where = f" at position {failed.position}" if failed.position is not None else ""
    sys.stderr.write(f"NOT VERIFIED{where}: {failed.reason}\n")


def _say(found: Certified | Checked | Report, told: str, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(json.dumps({"verified": True, **vars(found)}) + "\n")
    else:
        sys.stderr.write(f"Verified: {told}")
    return _DONE


def _of_package(checked: Checked) -> str:
    return (
        f"a package of {checked.origin}, made at {checked.at}\n"
        f"  files      {', '.join(checked.files)}\n"
        f"  trusted    {checked.trusted}\n"
    )


def _of_certificate(certified: Certified) -> str:
    copies = "".join(f"  {copy}\n" for copy in certified.copies)
    return (
        f"a certificate of {certified.origin}, by the key that was given\n"
        f"  erased     {certified.subject} at {certified.erased_at}, {certified.depth}\n{copies}"
    )


def _of_bundle(report: Report) -> str:
    extent = "the whole log" if report.whole else f"a selection of a log of {report.size}"
    return (
        f"{report.events} events of {report.tenant}, {extent}\n"
        f"  root       {report.root}\n"
        f"  erased     {report.erased} bodies, each covered by an erasure on the record\n"
        f"  trusted    {report.trusted}\n"
    )
