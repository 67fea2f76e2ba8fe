"""`cairn doctor` and `cairn deploy prepare-temporal` at the terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from temporalio.service import RPCError

from console.deploying import prepare_temporal
from console.doctor.database import look_at_database
from console.doctor.findings import Finding
from console.doctor.mail import look_at_mail
from console.doctor.record import look_at_record
from console.doctor.temporal import look_at_temporal
from shared.settings import Settings

_DONE, _FAILED, _UNREACHABLE = 0, 1, 5
_WORDS = {"fine": "ok", "warning": "warning", "wrong": "WRONG", "unreachable": "AWAY"}


async def examine(settings: Settings, as_json: bool) -> int:
    """Print every finding; answers the exit code."""
    findings = await look_at_everything(settings)
    states = {finding.state for finding in findings}
    sound = not states & {"wrong", "unreachable"}
    if as_json:
        document = {"sound": sound, "findings": [asdict(finding) for finding in findings]}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.writelines(map(_line, findings))
    if "unreachable" in states:
        return _UNREACHABLE
    return _DONE if sound else _FAILED


async def look_at_everything(settings: Settings) -> list[Finding]:
    """All findings; what can't be looked at without the database is left out where it is away."""
    url = settings.required_database_url()
    found = [finding async for finding in look_at_database(url)]
    if all(finding.state in {"fine", "warning"} for finding in found):
        found += [finding async for finding in look_at_record(settings)]
    found += [finding async for finding in look_at_mail(settings)]
    found += [finding async for finding in look_at_temporal(settings)]
    return found


async def prepare(settings: Settings, retention: str) -> None:
    """Prepare Temporal, and say what was done."""
    try:
        done = await prepare_temporal(settings, retention)
    except (RuntimeError, RPCError) as away:
        raise ConnectionError(f"{settings.temporal_address} ({type(away).__name__})") from None
    for sentence in done or ["nothing to do"]:
        sys.stderr.write(f"{sentence}\n")


def _line(finding: Finding) -> str:
    told = f"{_WORDS[finding.state]:<8} {finding.about:<11} {finding.what}\n"
    return f"{told}{'':<8} {'':<11} → {finding.mend}\n" if finding.mend else told
