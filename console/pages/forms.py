"""A form that was sent: whether it is one of ours, what it says, and doing it once.

Each form holds a key made when it was rendered. It shows that the form is this session's, and
together with what was filled in it is the command's Idempotency-Key: a double click is one command.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Request
from pydantic_core import PydanticCustomError
from starlette.datastructures import FormData

from console.login.kept import Form, KeptForms
from console.pages.frame import Problem
from console.pages.keys import FormKeys
from console.pages.language import sentence
from console.pages.names import Names
from console.pages.reader import Reader, Reading
from shared.errors import Invalid, RuleBroken, Stale
from shared.eventstore.record import Answer, Asked, Command, KeyUsed, Record
from shared.http import given, near
from shared.texts import LONGEST, without_control

KEY, WHOM = "key", "whom"
_OWN = frozenset({KEY, "page", "kept"})
_BESIDE_SAVING = re.compile(r"/draft$|(?<=/facets)/[^/]+/withdraw$")
"""What an address ends with where a form does something else than saving the words in it."""
_AT_ONCE = sentence(
    "Something was changed at the same moment. Nothing is lost; please try once more."
)
CHANGED = sentence(
    "This was changed while you were writing. How it stands now is below your text; put together what"
    " you want to keep, then save."
)
_NOW_WITH = sentence("Your conversation partner is now %(name)s; look once more.")
_NOW_WITHOUT = sentence("You have no conversation partner at the moment; look once more.")


class NotOurForm(Exception):
    """The form was rendered for another session, or its key is missing."""


@dataclass
class Posted:
    """A form of the reader's own, and what is wrong with it."""

    record: Record
    kept: KeptForms
    reader: Reader
    path: str
    data: FormData
    problems: list[Problem] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    """What the rule that refused it says besides."""

    def text(self, name: str) -> str:
        """What was written in a field, with the newlines that we use."""
        return str(self.data.get(name, "")).replace("\r\n", "\n").strip()

    def verbatim(self, name: str) -> str:
        """The same to the letter, with its spaces and newlines at both ends."""
        return str(self.data.get(name, "")).replace("\r\n", "\n")

    def number(self, name: str) -> int | None:
        """A whole number that one of our pages has put there; None where there is none."""
        written = self.text(name)
        return int(written) if written.isdecimal() and len(written) < 10 else None

    def texts(self, name: str) -> list[str]:
        return [str(value) for value in self.data.getlist(name)]

    def day(self, name: str) -> date | None:
        """A day, None where none was given; what is no day becomes a problem."""
        written = self.text(name)
        try:
            return near(date.fromisoformat(written)) if written else None
        except ValueError:
            self.refuse(name, sentence("Write the day as year, month and day: 2026-03-31."))
            return None

    def words(self, name: str, missing: str, longest: int = LONGEST) -> str:
        """Somebody's words; a problem where there are none (`missing` says so), or too many."""
        written = self.text(name)
        if not written:
            self.refuse(name, missing)
        else:
            self.is_clean(name, longest)
        return written

    def is_clean(self, name: str, longest: int = LONGEST) -> bool:
        """Whether the record takes what was written; what it doesn't take becomes a problem."""
        written = self.text(name)
        try:
            without_control(written)
        except PydanticCustomError:
            self.refuse(name, sentence("There is a character in it that can't be kept; remove it."))
        if len(written) > longest:
            self.refuse(name, sentence("That is longer than Cairn keeps in one piece; shorten it."))
        return self.is_good

    def one_of(self, name: str, known: tuple[str, ...], missing: str) -> str:
        """One of the choices; a problem where none was made."""
        chosen = self.text(name)
        if chosen not in known:
            self.refuse(name, missing)
        return chosen

    def refuse(self, name: str, why: str, named: str | None = None) -> None:
        self.problems.append(Problem(name, why, named))

    def is_as_begun(self, now: Mapping[str, str], written: Mapping[str, str]) -> bool:
        """Whether it may take the place of what stands now: of what it began with, or of the same."""
        if self.text("seen") == print_of(now) or written == now:
            return True
        self.refuse("now", CHANGED)
        return False

    async def look_for_whom(self, names: Names) -> None:
        """Refuse what was meant for a conversation partner who isn't that of today."""
        today = self.reader.frame.partner
        if self.data.get(WHOM, today) != today:
            tenant = self.reader.by.tenant
            name = await names.of(tenant, UUID(today)) if today else None
            self.refuse("", _NOW_WITH if name else _NOW_WITHOUT, name)

    @property
    def is_good(self) -> bool:
        return not self.problems

    async def once(
        self,
        act: Callable[[Command], Awaitable[Answer]],
        *,
        is_whole: bool = True,
    ) -> bool:
        """Do it, unless this very form has done it; False where there is a problem, or a rule refused.

        `is_whole` says that its words are saved by it.
        """
        if not self.is_good:
            return False
        command = self.command()
        try:
            if await self.record.answered(command) is None:
                await act(command)
        except KeyUsed:
            pass  # the other click of two was faster
        except (RuleBroken, Invalid, Stale) as refused:
            if await self.record.answered(command) is None:  # here too it may have been
                self.refuse("", _AT_ONCE if isinstance(refused, Stale) else refused.detail)
                self.more = refused.more
                return False
        if is_whole:
            await self._let_go_of_kept()
        return True

    async def _let_go_of_kept(self) -> None:
        """Forget the form that was kept, where this is that form."""
        with contextlib.suppress(ValueError):
            if written := self.text("kept"):
                await self.kept.let_go(self.reader.by, UUID(written))

    def command(self) -> Command:
        """What the form asks for, in the reader's name."""
        by = self.reader.by
        filled = "\0".join(f"{name}\0{value}" for name, value in self.data.multi_items())
        print_ = self.record.vault.fingerprint(self.path.encode(), filled.encode())
        key = f"form-{self.text(KEY).partition('.')[0]}-{print_.hex()[:24]}"
        return Command(by=by, at=self.record.clock.now(), asked=Asked(by.actor, key, print_))


async def posted(
    request: Request,
    reader: Reading,
    record: Annotated[Record, given(Record)],
    kept: Annotated[KeptForms, given(KeptForms)],
    keys: Annotated[FormKeys, given(FormKeys)],
    names: Annotated[Names, given(Names)],
) -> Posted:
    """The form that was sent; `NotOurForm` where its key doesn't belong to this session."""
    data: FormData = request.state.form
    if not keys.is_good(reader.session.id, str(data.get(KEY, ""))):
        raise NotOurForm
    form = Posted(record, kept, reader, request.url.path, data)
    await form.look_for_whom(names)
    return form


def print_of(written: Mapping[str, str]) -> str:
    """What a form began with, short enough to go along with it."""
    return sha256(msgspec.json.encode(written)).hexdigest()[:32]


Sent = Annotated[Posted, Depends(posted)]


def as_kept(request: Request, data: FormData) -> Form:
    """The form as it is kept for its author."""
    path = _BESIDE_SAVING.sub("", request.url.path)
    fields = [(k, str(v)) for k, v in data.multi_items() if k not in _OWN]
    page = str(data.get("page", "")) or path
    return Form(path, page, fields, window=str(data.get(KEY, "")))
