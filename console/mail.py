"""Pages that mail needs: the link that ends reminders, and a mailbox where no server is configured."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import escape
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from console.pages.frame import Frame, show
from console.pages.language import manner
from console.pages.reader import LANGUAGE_COOKIE
from console.pages.reminders import RemindersPage
from console.pages.security import HEADERS
from services.notices.application import LinkUnknown, Notices
from services.people.application import People
from shared.errors import NotFound
from shared.eventstore.record import Command, Record
from shared.http import given
from shared.mail import FolderMail
from shared.principal import Principal

links = APIRouter(include_in_schema=False)
mailbox = APIRouter(include_in_schema=False)
Letters = Annotated[Notices, given(Notices)]
Service = Annotated[People, given(People)]
Log = Annotated[Record, given(Record)]
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:18px/1.5 Georgia,serif;max-width:44em;margin:3em auto;padding:0 1em}}pre{{white-space:
pre-wrap;font:16px/1.5 Georgia,serif}}button{{font:inherit;padding:.4em 1em}}</style>
<main><h1>{title}</h1>{body}</main></html>"""


class MailUnknown(NotFound):
    """There is no such mail here."""


@links.get("/mail/unsubscribe/{link}")
async def ask(link: str, request: Request, notices: Letters, people: Service) -> HTMLResponse:
    """Ask before reminders end: mail programs open links by themselves."""
    return await _reminders(link, request, notices, people)


@links.post("/mail/unsubscribe/{link}")
async def unsubscribe(
    link: str, request: Request, notices: Letters, people: Service, record: Log
) -> HTMLResponse:
    """End reminders: one click in the mail program, or the page above."""
    await _set(link, False, notices, people, record)
    return await _reminders(link, request, notices, people, "noted")


@links.post("/mail/subscribe/{link}")
async def subscribe(
    link: str, request: Request, notices: Letters, people: Service, record: Log
) -> HTMLResponse:
    """Take reminders again."""
    await _set(link, True, notices, people, record)
    return await _reminders(link, request, notices, people, "noted")


@mailbox.get("/mailbox")
async def list_mail(mail: Annotated[FolderMail, given(FolderMail)]) -> HTMLResponse:
    """All mail that was sent on this machine, the newest first."""
    rows = [
        f'<li><a href="/mailbox/{escape(file.stem)}">{escape(str(message["Subject"]))}</a>'
        f" to {escape(str(message['To']))}</li>"
        for file in mail.letters()[:200]
        for message in [_read(file)]
    ]
    return _page("Mailbox", f"<ol>{''.join(rows)}</ol>" if rows else "<p>No mail was sent yet.</p>")


@mailbox.get("/mailbox/{name}")
async def read_mail(name: str, mail: Annotated[FolderMail, given(FolderMail)]) -> HTMLResponse:
    """One mail, with its headers as they were sent."""
    file = next((file for file in mail.letters() if file.stem == name), None)
    if file is None:
        raise MailUnknown
    message = _read(file)
    text = message.get_body(preferencelist=("plain",))
    heads = "".join(f"{escape(k)}: {escape(v)}\n" for k, v in message.items())
    content = escape(str(text.get_content()) if text else "")
    entry = "".join(
        f"<h2>{escape(part.get_content_type())}</h2><pre>{escape(str(part.get_content()))}</pre>"
        for part in message.walk()
        if part.get_content_type() == "text/calendar"
    )
    body = f"<pre>{content}</pre>{entry}<h2>Headers</h2><pre>{heads}</pre>"
    return _page(str(message["Subject"]), body)


async def _reminders(
    link: str, request: Request, notices: Notices, people: People, done: str = ""
) -> HTMLResponse:
    """The page of whoever a link stands for, in their language; no address of it goes elsewhere."""
    person = await people.person_of(*notices.reader_of(link))
    if person is None or person.erased:
        raise LinkUnknown
    profile, chosen = person.profile, request.cookies.get(LANGUAGE_COOKIE)
    own, path = manner(profile.locale, profile.timezone, chosen), f"/mail/unsubscribe/{link}"
    page = RemindersPage(
        frame=Frame(manner=own, path=path, done=done),
        wanted=person.wants_reminders,
        to_end=path,
        to_begin=f"/mail/subscribe/{link}",
    )
    answer = show("reminders.html", page)
    answer.headers.update(HEADERS | {"Referrer-Policy": "no-referrer"})
    return answer


async def _set(link: str, wanted: bool, notices: Notices, people: People, record: Record) -> None:
    tenant, subject = notices.reader_of(link)
    by = Principal(tenant, frozenset({"employee"}), "mail", subject)
    await people.set_reminders(Command(by=by, at=record.clock.now()), subject, wanted)


def _read(file: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes())


def _page(title: str, body: str) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), headers=_HEADERS)
