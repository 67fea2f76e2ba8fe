"""What people see when something can't be done: one calm page, and what they wrote is still there."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.login.kept import Form, KeptForms
from console.login.oidc import LoginFailed
from console.pages.forms import KEY, NotOurForm, as_kept
from console.pages.frame import Page, show
from console.pages.reader import NotLoggedIn, frame_of, leads_to, login_path
from shared.database import LOST
from shared.errors import NotAllowed, NotFound, Refusal, Unavailable

log = structlog.get_logger("cairn.pages")
_STATUS: tuple[tuple[type[Refusal], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Unavailable, 503),
    (Refusal, 409),
)


@dataclass(frozen=True, kw_only=True)
class FailurePage(Page):
    """What couldn't be done; `form` is what was sent, to be sent again."""

    kind: str
    detail: str = ""
    form: Form | None = None
    key: str = ""

    @property
    def unsaved(self) -> bool:
        return self.form is not None


def install(site: FastAPI) -> None:
    """Give the site its one table of failures."""
    site.add_exception_handler(NotLoggedIn, _not_logged_in)
    site.add_exception_handler(NotOurForm, _not_our_form)
    site.add_exception_handler(Refusal, _refused)
    site.add_exception_handler(LoginFailed, _login_failed)
    site.add_exception_handler(RequestValidationError, _no_such_page)
    site.add_exception_handler(HTTPException, _no_such_page)
    site.add_exception_handler(asyncpg.DataError, _no_such_page)  # nothing has such a name
    for lost in LOST:
        site.add_exception_handler(lost, _database_away)
    site.add_middleware(Calm)


class Calm:
    """Answers what nobody expected with a page too, and raises it no further: it is in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except ClientDisconnect:
            return  # a second click took the first one's place, or somebody went away
        except Exception as failure:
            if begun:
                raise
            answer = await _unexpected(Request(scope, receive), failure)
            await answer(scope, receive, send)


async def _not_logged_in(request: Request, failure: Exception) -> Response:
    """Ask to log in; a form that was just sent is kept for whoever the session was."""
    assert isinstance(failure, NotLoggedIn)
    if request.method == "GET":
        login = login_path(request.url.path)
        there = Response(status_code=401, headers={"HX-Redirect": login})
        return there if _is_partial(request) else leads_to(login)
    form = as_kept(request, await _sent(request))
    store: KeptForms = request.app.state.given[KeptForms]
    was = failure.was
    if form.has_words and not (was is not None and await store.keep(was.by, form)):
        return await _failed(request, "logged_out", 401, fresh=True)
    if _is_partial(request):
        return _gone(request)
    return leads_to(login_path(form.page))


async def _not_our_form(request: Request, _: Exception) -> Response:
    """The form was rendered before the last login: show what it says, to be sent from here."""
    return await _failed(request, "old_form", 409, fresh=True)


async def _refused(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, Refusal)
    status = next(status for kind, status in _STATUS if isinstance(failure, kind))
    kind = {404: "not_found", 403: "not_allowed", 503: "unavailable"}.get(status, "refused")
    return await _failed(request, kind, status, failure.detail)


async def _login_failed(_: Request, __: Exception) -> Response:
    return leads_to("/login?problem=failed")


async def _no_such_page(request: Request, _: Exception) -> Response:
    return await _failed(request, "not_found", 404)


async def _database_away(request: Request, _: Exception) -> Response:
    return await _failed(request, "unavailable", 503)


async def _unexpected(request: Request, failure: Exception) -> Response:
    route = str(getattr(request.scope.get("route"), "path", "unknown"))
    log.error("unexpected", kind=type(failure).__name__, route=route, exc_info=failure)
    return await _failed(request, "unexpected", 500)


async def _failed(
    request: Request, kind: str, status: int, detail: str = "", *, fresh: bool = False
) -> HTMLResponse:
    """One failure as everybody gets it; what was written comes back with it, under the same key.

    The same key, since it isn't known whether it was saved: sent again, it has one effect.
    """
    data = await _sent(request)
    frame = frame_of(request)
    if _is_partial(request):
        page = FailurePage(frame=frame, kind=kind, detail=detail)
        return show("failure_line.html", page, status)
    form = as_kept(request, data)
    page = FailurePage(
        frame=frame,
        kind=kind,
        detail=detail,
        form=form if form.has_words else None,
        key=frame.key() if fresh else str(data.get(KEY, "")),
    )
    return show("failure.html", page, status)


async def _sent(request: Request) -> FormData:
    """The form that was sent, also where it failed before anybody had read it."""
    known: FormData | None = getattr(request.state, "form", None)
    if known is not None or request.method != "POST":
        return known or FormData()
    try:
        request.state.form = await request.form()
    except (RuntimeError, HTTPException):  # it was read in part, or is no form
        request.state.form = FormData()
    return request.state.form  # type: ignore[no-any-return]


def _is_partial(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _gone(request: Request) -> Response:
    """What a script that keeps what is typed is told when the session has ended."""
    return show("failure_line.html", FailurePage(frame=frame_of(request), kind="gone"), 401)
