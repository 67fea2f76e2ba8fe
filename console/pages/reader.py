"""Who reads a page: found by the session's cookie, with their own language, time zone and places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from console.login.sessions import Session, Sessions
from console.pages.frame import Frame
from console.pages.keys import FormKeys
from console.pages.language import Manner, accepted, manner
from services.people.domain import Person
from shared.eventstore.record import Record
from shared.http import given
from shared.principal import Principal
from shared.settings import Settings

_RECORD = ("timeline", "verification", "exports", "years")
_KEEPING = ("coverage", "waiting", "people", "batches", "guides")
_OF_ROLES = {
    "partner": ("partner",),
    "hr": _KEEPING,
    "admin": _KEEPING,
    "dpo": ("waiting", "people", "cases", "holds", "retention", "erasures", *_RECORD),
    "auditor": (*_RECORD, "cases", "erasures"),
}
LANGUAGE_COOKIE = "cairn-language"
_BY_ITSELF = "a#look-again"
"""Whence htmx says that a request comes which nobody has made: of a page that looks again."""


class NotLoggedIn(Exception):
    """Nobody is logged in, or no longer; `was` is the session that has ended."""

    def __init__(self, was: Session | None) -> None:
        super().__init__()
        self.was = was


@dataclass(frozen=True)
class Reader:
    """Somebody who is logged in, and the frame of the pages that they are shown."""

    by: Principal
    session: Session
    person: Person | None
    frame: Frame
    now: datetime

    @property
    def manner(self) -> Manner:
        return self.frame.manner


def cookie_name(settings: Settings) -> str:
    """The session cookie; only on loopback without TLS it can't have the prefix that browsers guard."""
    return "__Host-cairn" if settings.pages_are_secure else "cairn"


async def session_of(
    request: Request,
    sessions: Annotated[Sessions, given(Sessions)],
    settings: Annotated[Settings, given(Settings)],
) -> Session | None:
    """The session that the browser tells of, whether it lasts or not."""
    secret = request.cookies.get(cookie_name(settings))
    if not secret or not secret.isprintable():
        return None
    by_itself = request.headers.get("hx-source") == _BY_ITSELF
    return await sessions.find(secret, is_sign_of_life=not by_itself)


InSession = Annotated[Session | None, Depends(session_of)]


async def reading(
    request: Request, session: InSession, record: Annotated[Record, given(Record)]
) -> Reader:
    """Who reads; raises `NotLoggedIn`."""
    if session is None or not session.lasts:
        raise NotLoggedIn(session)
    if request.method == "POST":
        request.state.form = await request.form()
    by = session.by
    person = await record.load(Person, by.tenant, by.subject) if by.subject else None
    if person is not None and person.erased:
        raise NotLoggedIn(None)
    now = record.clock.now()
    reader = Reader(by, session, person, _frame(request, session, person, now), now)
    request.state.frame = reader.frame
    return reader


Reading = Annotated[Reader, Depends(reading)]


def stranger(request: Request) -> Frame:
    """The frame for somebody who isn't logged in, or of whom nothing can be known at the moment."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    own = manner(accepted(request.headers.get("accept-language", "")), chosen=chosen)
    return Frame(
        manner=own,
        path=_path(request),
        done=request.query_params.get("done", ""),
        development=_development(request),
        kept=_kept(request),
        sent_to=request.url.path,
    )


def frame_of(request: Request) -> Frame:
    """The reader's frame as far as it is known."""
    frame: Frame = getattr(request.state, "frame", None) or stranger(request)
    return frame


def leads_to(path: str, done: str = "") -> RedirectResponse:
    """Go on to another page; `done` names what it may say there."""
    return RedirectResponse(f"{path}?done={done}" if done else path, 303)


def inward(path: str) -> str:
    """A path of this site; anything that could lead elsewhere becomes the home page."""
    leads_elsewhere = (
        not path.startswith("/") or path[1:2] in {"/", "\\"} or path.startswith("/login")
    )
    return "/" if leads_elsewhere or not path.isprintable() else path


def login_path(next_: str) -> str:
    return f"/login?next={quote(next_)}"


def _frame(request: Request, session: Session, person: Person | None, now: datetime) -> Frame:
    keys: FormKeys = request.app.state.given[FormKeys]
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if person is not None:
        own = manner(person.profile.locale, person.profile.timezone, chosen)
    else:
        own = manner(accepted(request.headers.get("accept-language", "")), chosen=chosen)
    return Frame(
        manner=own,
        path=_path(request),
        name=person.profile.name if person else session.by.name,
        partner=str(person.partner or "") if person else "",
        places=_places(session.by, person),
        key=lambda: keys.fresh(session.id),
        done=request.query_params.get("done", ""),
        development=_development(request),
        now=now,
        kept=_kept(request),
        sent_to=request.url.path,
    )


def _places(by: Principal, person: Person | None) -> tuple[str, ...]:
    """Where somebody may go from everywhere."""
    own = ["home", "history"] if person is not None and by.has("employee") else []
    more = [place for role, places in _OF_ROLES.items() if by.has(role) for place in places]
    return tuple(dict.fromkeys([*own, *more]))


def _path(request: Request) -> str:
    """Where the page is found again: what a form is answered with, at the page that the form was on."""
    if request.method == "POST":
        return inward(str(_form(request).get("page", "/")))
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _kept(request: Request) -> str:
    """Which kept form was sent, if it was one."""
    return str(_form(request).get("kept", ""))


def _form(request: Request) -> FormData:
    return getattr(request.state, "form", None) or FormData()


def _development(request: Request) -> bool:
    settings: Settings = request.app.state.given[Settings]
    return settings.may_log_in_by_itself
