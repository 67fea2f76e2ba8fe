"""Writes a mail in the reader's language: text and HTML, one link, nobody's words."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import msgspec
from jinja2 import Environment, PackageLoader

from shared.texts import one_line

GENTLE = frozenset({"nudged", "partner_nudged", "check_in_asked", "escalated", "suspended"})
"""Kinds that one may decline altogether."""

_FALLBACK = "en"
_ENVIRONMENT = Environment(
    loader=PackageLoader("services.notices", "texts"), autoescape=True, trim_blocks=True
)


class Reader(msgspec.Struct, frozen=True):
    """To whom it goes; read from the record at the moment of sending."""

    tenant: str
    subject: UUID
    name: str
    email: str
    locale: str


class Letter(msgspec.Struct, frozen=True):
    """What is to be said: which event's notice, to which side, and how much waits for the reader."""

    event: UUID
    kind: str
    to: str
    at: datetime
    waiting: int
    invitation: bytes | None = None


class BadAddress(Exception):
    """The address is none that a mail can be sent to."""


def write(reader: Reader, letter: Letter, sender: str, link: str, unsubscribe: str) -> EmailMessage:
    """Compose the mail. Raises `BadAddress` where the reader's isn't one."""
    texts = texts_of(reader.locale)
    text = texts[f"{letter.kind}.{letter.to}"]
    layout, name = texts["layout"], one_line(reader.name)
    message = EmailMessage()
    message["Subject"] = text["subject"]
    message["From"] = sender
    message["To"] = _address(name, reader.email)
    message["Date"] = letter.at
    domain = sender.rpartition("@")[2].strip("<> ")
    message["Message-ID"] = f"<{letter.event}.{letter.to}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.kind in GENTLE:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    paragraphs = [*text["body"]]
    if letter.waiting > 1:
        paragraphs.append(layout["waiting"].format(waiting=letter.waiting))
    if letter.kind in GENTLE:
        paragraphs.append(layout["rests"])
    greeting = layout["greeting"].format_map({"name": name})
    message.set_content(
        "\n\n".join([greeting, *paragraphs, f"{text['action']}: {link}", layout["close"]])
    )
    page = _ENVIRONMENT.get_template("letter.html").render(
        language=texts["locale"], subject=text["subject"], greeting=greeting,
        paragraphs=paragraphs, action=text["action"], link=link, close=layout["close"],
    )  # fmt: skip
    message.add_alternative(page, subtype="html")
    if letter.invitation is not None:
        _invite(message, letter.invitation)
    message["Content-Language"] = texts["locale"]  # content headers move with every part
    return message


def texts_of(locale: str) -> dict[str, Any]:
    """What is said in a language, or in English where there is no text in it."""
    language = locale.partition("-")[0].lower()
    return _texts(language if language in languages() else _FALLBACK)


@cache
def languages() -> frozenset[str]:
    """The languages that there are texts in."""
    files = (resources.files("services.notices") / "texts").iterdir()
    return frozenset(
        file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")
    )


@cache
def _texts(language: str) -> dict[str, Any]:
    file = resources.files("services.notices") / "texts" / f"{language}.toml"
    return {**tomllib.loads(file.read_text()), "locale": language}


def _invite(message: EmailMessage, invitation: bytes) -> None:
    """Say it to calendars too: what is attached is a file to them, and no meeting (RFC 6047)."""
    found = re.search(rb"^METHOD:(\w+)", invitation, re.MULTILINE)
    method = found[1].decode() if found else "REQUEST"
    message.add_alternative(
        invitation,
        maintype="text",
        subtype="calendar",
        params={"method": method, "charset": "utf-8"},
    )


def _address(name: str, email: str) -> Address:
    try:
        return Address(display_name=name, addr_spec=email)
    except (ValueError, IndexError, MessageError):
        raise BadAddress from None
