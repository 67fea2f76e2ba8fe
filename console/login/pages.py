"""The pages of coming and going."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from console.login.development import OwnLogins, Somebody
from console.login.kept import KeptForms
from console.login.oidc import LoginFailed, NotAsked, Providers
from console.login.sessions import Sessions
from console.pages.frame import Page, Problem, show
from console.pages.language import LANGUAGES, sentence
from console.pages.reader import (
    LANGUAGE_COOKIE,
    InSession,
    cookie_name,
    inward,
    leads_to,
    stranger,
)
from shared.errors import NotFound
from shared.eventstore.record import Record
from shared.http import given
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import BadToken

router = APIRouter()
Store = Annotated[Sessions, given(Sessions)]
Set = Annotated[Settings, given(Settings)]
Known = Annotated[Providers, given(Providers)]
Own = Annotated[OwnLogins, given(OwnLogins)]
Next = Annotated[str, Query(alias="next", description="where to go on, on this site")]

_FAILED = sentence("That login didn't work. Nothing was changed; please try once more.")
_NOBODY = sentence(
    "You have logged in, but Cairn doesn't know you yet. Ask HR to add you to the roster."
)
_USED = sentence("This link has been used, or is older than a day. Choose somebody here instead.")
_NO_TOKEN = sentence("That isn't a token that is good here. Take a fresh one from `cairn token`.")
_LEFT_FOR = 12 * 3600
"""Seconds for which a browser remembers that somebody has logged out: a working day."""


@dataclass(frozen=True, kw_only=True)
class LoginPage(Page):
    """Where to log in; `people` are there on loopback only.

    `ways_out` lead out of the providers themselves: name and address, just after logging out here.
    """

    next: str
    ended: bool
    providers: tuple[tuple[str, str], ...]
    people: tuple[Somebody, ...]
    tenant: str
    ways_out: tuple[tuple[str, str], ...] = ()


@router.get("/login", name="login")
async def login(
    request: Request,
    session: InSession,
    settings: Set,
    providers: Known,
    own: Own,
    next_: Next = "/",
    problem: str = "",
    tenant: str = "",
) -> Response:
    """Choose where to log in."""
    said = {"failed": _FAILED, "nobody": _NOBODY, "used": _USED, "token": _NO_TOKEN}.get(problem)
    by_itself = settings.may_log_in_by_itself
    page = LoginPage(
        frame=stranger(request),
        problems=(Problem("token" if problem == "token" else "", said),) if said else (),
        next=inward(next_),
        ended=session is not None and not session.lasts,
        providers=tuple((key, p.name) for key, p in providers.known.items()),
        people=await own.people(tenant) if by_itself else (),
        tenant=tenant or own.tenant,
        ways_out=tuple(await _ways_out(request, settings, providers)),
    )
    return show("login.html", page)


@router.get("/login/{provider}/start", name="start_login")
async def start_login(
    request: Request, provider: str, settings: Set, providers: Known, next_: Next = "/"
) -> Response:
    """Go to the identity provider."""
    back_to = f"{settings.pages_url}/login/{provider}/return"
    if provider not in providers.known:
        raise NotFound
    afresh = _left_cookie(settings) in request.cookies
    away, brought = await providers.send_away(
        request, provider, back_to, inward(next_), afresh=afresh
    )
    _remember(away, _journey_cookie(settings), brought, settings, seconds=600)
    return away


@router.get("/login/{provider}/return", name="finish_login")
async def finish_login(
    request: Request,
    provider: str,
    settings: Set,
    providers: Known,
    sessions: Store,
    session: InSession,
    record: Annotated[Record, given(Record)],
    kept: Annotated[KeptForms, given(KeptForms)],
) -> Response:
    """Come back from the identity provider."""
    brought = request.cookies.get(_journey_cookie(settings), "")
    try:
        trust, claims, next_ = await providers.take_back(request, provider, brought)
    except NotAsked:
        return _arrived(leads_to("/login?problem=failed"), settings)
    except LoginFailed:
        return leads_to("/login?problem=failed")
    person = trust.person_of(claims)
    subject = await record.vault.subject_of(trust.tenant, person) if person else None
    if person is None or subject is None:
        return _arrived(leads_to("/login?problem=nobody"), settings)
    by = Principal(trust.tenant, trust.roles_of(claims), person, subject)
    if session is not None:
        await sessions.end(session)
    return _arrived(await _come_in(by, next_, sessions, kept, settings), settings)


@router.get("/login/link/{link}", name="open_link")
async def open_link(link: str, settings: Set, sessions: Store) -> Response:
    """Come in by a link that `cairn demo` has printed; on loopback only, and once."""
    secret = await sessions.open_link(link) if settings.may_log_in_by_itself else None
    if secret is None:
        return leads_to("/login?problem=used")
    answer = leads_to("/")
    _remember(answer, cookie_name(settings), secret, settings)
    return answer


@router.post("/login/person", name="log_in_as")
async def log_in_as(
    request: Request,
    settings: Set,
    own: Own,
    sessions: Store,
    session: InSession,
    kept: Annotated[KeptForms, given(KeptForms)],
) -> Response:
    """Come in as somebody, or with a token, on loopback only."""
    if not settings.may_log_in_by_itself:
        raise NotFound
    form = await request.form()
    said = {name: str(value) for name, value in form.items()}
    try:
        by = await own.principal(said)
    except BadToken:
        return leads_to("/login?problem=token")
    if session is not None:
        await sessions.end(session)
    return await _come_in(by, inward(said.get("next", "/")), sessions, kept, settings)


@router.post("/logout", name="log_out")
async def log_out(sessions: Store, session: InSession, settings: Set) -> Response:
    """End the session; whoever comes next from this browser is asked who they are."""
    answer = leads_to("/login", "logged_out")
    if session is not None:
        await sessions.end(session)
        left = session.by.tenant
        _remember(answer, _left_cookie(settings), left, settings, seconds=_LEFT_FOR)
    answer.delete_cookie(cookie_name(settings), path="/", secure=settings.pages_are_secure)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.post("/language", name="choose_language")
async def choose_language(request: Request, settings: Set) -> Response:
    """Read in another language; it is remembered by this browser."""
    form = await request.form()
    answer = leads_to(inward(str(form.get("next", "/"))))
    chosen = str(form.get("language", ""))
    if chosen in LANGUAGES:
        _remember(answer, LANGUAGE_COOKIE, chosen, settings, seconds=365 * 86_400)
    return answer


async def _come_in(
    by: Principal, next_: str, sessions: Sessions, kept: KeptForms, settings: Settings
) -> RedirectResponse:
    """Begin the session, and show first what was being written when the one before ended."""
    secret = await sessions.begin(by)
    answer = leads_to("/kept" if await kept.kept_for(by) else next_)
    _remember(answer, cookie_name(settings), secret, settings)
    return answer


def _arrived(answer: RedirectResponse, settings: Settings) -> RedirectResponse:
    """Forget the way to the provider, and that it was to ask again: it has done so, or can't."""
    for name in (_journey_cookie(settings), _left_cookie(settings)):
        answer.delete_cookie(name, path="/", secure=settings.pages_are_secure)
    return answer


def _remember(
    answer: Response, name: str, value: str, settings: Settings, seconds: int | None = None
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=settings.pages_are_secure,
        samesite="lax",
    )


async def _ways_out(
    request: Request, settings: Settings, providers: Providers
) -> list[tuple[str, str]]:
    """Those of the company whose session was just ended; our own logging out ends none of theirs."""
    if request.query_params.get("done") != "logged_out":
        return []
    left = request.cookies.get(_left_cookie(settings), "")
    return await providers.ways_out(left, f"{settings.pages_url}/login")


def _journey_cookie(settings: Settings) -> str:
    return f"{cookie_name(settings)}-login"


def _left_cookie(settings: Settings) -> str:
    """Whose session was ended by hand in this browser, until a provider was asked: a tenant's name."""
    return f"{cookie_name(settings)}-left"
