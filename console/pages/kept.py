"""What was being written when the session had ended: shown to its author, to be saved or let go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from console.login.kept import KeptForm, KeptForms
from console.pages.forms import Sent
from console.pages.frame import Page, show
from console.pages.reader import Reading, leads_to
from shared.http import Id, given

router = APIRouter()
Kept = Annotated[KeptForms, given(KeptForms)]


@dataclass(frozen=True, kw_only=True)
class KeptPage(Page):
    """Every form that waits for its author."""

    forms: tuple[KeptForm, ...]


@router.get("/kept", name="kept")
async def kept(reader: Reading, store: Kept) -> HTMLResponse:
    """Read what was being written."""
    forms = tuple(await store.kept_for(reader.by))
    return show("kept.html", KeptPage(frame=reader.frame, forms=forms))


@router.post("/kept/{id}/let-go", name="let_go")
async def let_go(reader: Reading, id_: Id, form: Sent, store: Kept) -> Response:
    """Throw it away."""
    await store.let_go(reader.by, id_)
    return leads_to("/kept" if await store.kept_for(reader.by) else "/")
