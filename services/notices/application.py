"""The use cases of notices: take a day for a mail, write it, hand it to whatever sends mail."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import date
from hashlib import sha256
from uuid import UUID

from services.notices.domain import Day, day_stream
from services.notices.letters import BadAddress, Letter, Reader, write
from shared.errors import NotFound, Stale
from shared.eventstore.record import Command, Record
from shared.eventstore.rootkeys import LINKS
from shared.mail import Mail, RefusedForGood

__all__ = ["Letter", "LinkUnknown", "Notices", "Reader"]
_SEAL = 16


class LinkUnknown(NotFound):
    """This link isn't one of ours, or was cut short; copy it whole from the mail."""


class Notices:
    """Writes to people, once a day at most where it isn't about themselves."""

    def __init__(self, record: Record, mail: Mail, sender: str, pages_url: str) -> None:
        self._record = record
        self._mail = mail
        self.sender = sender
        self._pages_url = pages_url
        self._key = record.vault.root.derive(LINKS)

    async def take_day(self, command: Command, subject: UUID, day: date, about: str) -> bool:
        """Whether a day is this one's to write on; the same `about` again finds its own day."""
        for _ in range(2):
            taken = await self._record.load(Day, command.tenant, day_stream(subject, day))
            if taken is not None:
                return taken.about == about
            try:
                await self._record.save(Day.take(subject, day, about, command.at), command)
            except Stale:
                continue
            return True
        return False

    async def send(self, reader: Reader, letter: Letter) -> None:
        """Write and send a mail. Raises `RefusedForGood` and `TriedInVain` as the transport does."""
        unsubscribe = f"{self._pages_url}/mail/unsubscribe/{self.link_of(reader)}"
        try:
            message = write(reader, letter, self.sender, f"{self._pages_url}/", unsubscribe)
        except BadAddress:
            raise RefusedForGood("bad_address") from None
        await self._mail.send(message)

    def link_of(self, reader: Reader) -> str:
        """What stands for a reader in a link: unguessable, and of no use for anything else."""
        return _encode(f"{reader.tenant}/{reader.subject}".encode(), self._key)

    def reader_of(self, link: str) -> tuple[str, UUID]:
        """Whom a link stands for: tenant and random key. Raises `LinkUnknown`."""
        try:
            tenant, _, subject = _decode(link, self._key).decode().partition("/")
            return tenant, UUID(subject)
        except (ValueError, binascii.Error):
            raise LinkUnknown from None


def _encode(what: bytes, key: bytes) -> str:
    return base64.urlsafe_b64encode(_seal(what, key) + what).decode().rstrip("=")


def _decode(link: str, key: bytes) -> bytes:
    raw = base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))
    seal, what = raw[:_SEAL], raw[_SEAL:]
    if not hmac.compare_digest(seal, _seal(what, key)):
        raise ValueError("not sealed by us")
    return what


def _seal(what: bytes, key: bytes) -> bytes:
    return hmac.digest(key, what, sha256)[:_SEAL]
