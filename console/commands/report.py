"""`cairn audit report`: a company's year as one file."""

from __future__ import annotations

import sys
from pathlib import Path

from console.bootstrap import build
from console.commands.audit import auditor
from console.commands.progress import progress
from shared.errors import Invalid, NotFound
from shared.settings import Settings

_FIRST, _LAST = 2000, 9998


async def write_report(
    settings: Settings, tenant: str, year: int, output: Path, language: str
) -> None:
    """Write the page next to its final place, then move it there."""
    if not _FIRST <= year <= _LAST:
        raise Invalid(f"{year} is no year of a record; take one such as 2026")
    house = await build(settings)
    fresh = output.with_name(f"{output.name}.part")
    try:
        if not await house.record.vault.has_tenant(tenant):
            raise NotFound(f"there is no tenant {tenant!r}")
        await house.oversight.audit.require(auditor(tenant))
        head = await house.ledger.checkpoint(tenant)
        with fresh.open("w", encoding="utf-8") as file, progress("reads", "events") as show:
            async for part in house.oversight.reports.year(tenant, year, head, language, show):
                file.write(part)
    finally:
        await house.close()
    fresh.replace(output)
    sys.stderr.write(f"{year} of {tenant} in {output}\n")
