"""How a mail leaves the house: by an SMTP server, or into files where none is configured."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import SMTP
from html import unescape
from pathlib import Path
from typing import Any, Literal, Protocol

import aiosmtplib
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

Tls = Literal["starttls", "tls", "none"]
_SECONDS = 60
_FOR_GOOD = range(500, 600)


class RefusedForGood(Exception):
    """A mail server will never take this mail; `code` says why, without its text or the address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TriedInVain(Exception):
    """No mail server took it this time; the text is a code, never what a server said of an address."""


class Mail(Protocol):
    """What takes a mail on its way."""

    async def send(self, message: EmailMessage) -> None:
        """Raise `RefusedForGood` or `TriedInVain` where that didn't work."""
        ...


class SmtpMail:
    """Sends by an SMTP server, one connection a mail."""

    def __init__(
        self, host: str, port: int, tls: Tls, user: str | None, password: str | None
    ) -> None:
        self._how: dict[str, Any] = {
            "hostname": host,
            "port": port,
            "use_tls": tls == "tls",
            "start_tls": tls == "starttls",
            "username": user,
            "password": password,
            "timeout": _SECONDS,
        }

    async def send(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(message, **self._how)
        except (SMTPException, OSError) as failure:
            raise _judged(failure, message) from None

    async def reach(self) -> None:
        """Connect, encrypt and sign in as for a mail, and send none; raises `TriedInVain`."""
        try:
            async with aiosmtplib.SMTP(**self._how) as server:
                await server.noop()
        except (SMTPException, OSError) as failure:
            raise _in_vain(failure) from None


def _judged(failure: Exception, message: EmailMessage) -> Exception:
    """Whether there is any use in trying again. What concerns the sender or the server may be mended."""
    match failure:
        case SMTPRecipientsRefused():
            codes = [refused.code for refused in failure.recipients]
        case SMTPRecipientRefused() | SMTPDataError():
            codes = [failure.code]
        case SMTPNotSupported() if not _address(message).isascii():
            return RefusedForGood("address_not_supported")
        case _:
            codes = []
    for_good = [code for code in codes if code in _FOR_GOOD]
    if for_good:
        return RefusedForGood(f"smtp_{for_good[0]}")
    return _in_vain(failure, *codes)


def _in_vain(failure: Exception, *codes: int) -> TriedInVain:
    code = failure.code if isinstance(failure, SMTPResponseException) else next(iter(codes), "")
    return TriedInVain(f"{type(failure).__name__} {code}".strip())


def _address(message: EmailMessage) -> str:
    return str(message["To"].addresses[0].addr_spec)


class FolderMail:
    """Keeps each mail as a file; the same mail again is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = re.sub(r"[^A-Za-z0-9.-]", "_", str(message["Message-ID"]).strip("<>"))
        fresh = self._folder / f".{name}.new"
        fresh.write_bytes(message.as_bytes(policy=SMTP))
        fresh.replace(self._folder / f"{name}.eml")

    async def forget(self, address: str) -> None:
        """Delete the mails to an address, and those that name it in a text or a calendar entry."""
        await asyncio.to_thread(self._forget, address)

    def _forget(self, address: str) -> None:
        for file in self.letters():
            with suppress(FileNotFoundError):  # somebody else forgets the same person
                message = BytesParser(policy=SMTP).parsebytes(file.read_bytes())
                if _names(message, address):
                    file.unlink()

    def letters(self) -> list[Path]:
        """The files, the newest first."""
        found = []
        for file in self._folder.glob("*.eml"):
            with suppress(FileNotFoundError):
                found.append((-file.stat().st_mtime, file))
        return [file for _, file in sorted(found)]


def _names(message: EmailMessage, address: str) -> bool:
    """Whether an address stands anywhere in a mail."""
    wanted = address.casefold()
    return any(_holds(text.casefold(), wanted) for part in message.walk() for text in _texts(part))


def _holds(text: str, address: str) -> bool:
    """Whether it stands there by itself, not as a piece of a longer one."""
    before, found, after = text.partition(address)
    while found:
        goes_on = after[:1].isalnum() or (after[:1] in {".", "-"} and after[1:2].isalnum())
        if not goes_on and not (before[-1:].isalnum() or before[-1:] in {".", "_", "+", "-"}):
            return True
        before, found, after = after.partition(address)
    return False


def _texts(part: Message) -> Iterator[str]:
    """The headers of a part and what it holds: decoded, and with the long lines of calendars joined."""
    yield from (str(value) for value in part.values())
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        text = content.decode(errors="replace")
        yield from (text, unescape(text), re.sub(r"\r?\n[ \t]", "", text))
