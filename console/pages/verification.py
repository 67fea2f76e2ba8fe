"""For auditors: whether the record of today still begins with the one that somebody saw before."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from console.pages.forms import Sent
from console.pages.frame import Page, Problem, show
from console.pages.language import sentence
from console.pages.reader import Reader, Reading
from services.audit.application import Audit
from shared.errors import Invalid, NotFound
from shared.eventstore.ledger import Ledger
from shared.eventstore.verify import Failed, Head, is_consistent, open_checkpoint
from shared.http import given

router = APIRouter()
Auditing = Annotated[Audit, given(Audit)]
Tree = Annotated[Ledger, given(Ledger)]
Outcome = Literal["", "holds", "broken", "unsigned", "unreadable", "ahead"]
_NOTHING = sentence("Paste a checkpoint that you have kept, with its signature.")


@dataclass(frozen=True, kw_only=True)
class VerificationPage(Page):
    """The signed head of today, and what came of comparing it with an earlier one."""

    size: int
    root: str
    note: str
    verifier_keys: tuple[str, ...]
    kept: str = ""
    kept_size: int = 0
    outcome: Outcome = ""


@router.get("/verification", name="verification")
async def verification(reader: Reading, audit: Auditing, ledger: Tree) -> HTMLResponse:
    """Take the head of today along, or compare it with an earlier one."""
    await audit.require(reader.by)
    return show("verification.html", await _page(reader, ledger))


@router.post("/verification", name="compare")
async def compare(reader: Reading, form: Sent, audit: Auditing, ledger: Tree) -> HTMLResponse:
    """Compare the record of today with a checkpoint that somebody has kept."""
    await audit.require(reader.by)
    kept = form.words("kept", _NOTHING, 4_000)
    page = await _page(reader, ledger, kept, tuple(form.problems))
    return show("verification.html", page, 422 if form.problems else 200)


async def _page(
    reader: Reader, ledger: Ledger, kept: str = "", problems: tuple[Problem, ...] = ()
) -> VerificationPage:
    tenant = reader.by.tenant
    head = await ledger.checkpoint(tenant)
    keys = await ledger.verifier_keys(tenant)
    outcome: Outcome = ""
    size = 0
    if kept and not problems:
        outcome, size = await _compared(ledger, tenant, kept, keys, head.note)
    return VerificationPage(
        frame=reader.frame,
        size=head.size,
        root=head.root,
        note=head.note,
        verifier_keys=tuple(keys),
        kept=kept,
        kept_size=size,
        outcome=outcome,
        problems=problems,
    )


async def _compared(
    ledger: Ledger, tenant: str, kept: str, keys: list[str], note: str
) -> tuple[Outcome, int]:
    """What came of it, and how many events the kept one speaks of."""
    try:
        old, new = _opened(kept, keys), open_checkpoint(note, keys)
        if old is None:
            return "unsigned", 0
        if old.size > new.size:
            return "ahead", old.size
        told = (await ledger.consistency(tenant, old.size, new.size)).hashes if old.size else []
        holds = is_consistent(old, new, [b64decode(each) for each in told])
    except (Failed, Invalid, NotFound, ValueError, binascii.Error):
        return "unreadable", 0
    return "holds" if holds else "broken", old.size


def _opened(kept: str, keys: list[str]) -> Head | None:
    """The head that was kept; None where no key of this ledger has signed it."""
    try:
        return open_checkpoint(kept.strip() + "\n", keys)
    except Failed:
        if "\n\n" not in kept:
            raise
        return None
