"""Mail on its way, in a real SMTP conversation: taken, refused for good, or to be tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from console.embedded.children import free_port
from shared.mail import FolderMail, RefusedForGood, SmtpMail, TriedInVain


class Sink:
    """A mail server that answers what it is told to."""

    def __init__(self) -> None:
        self.recipient = "250 OK"
        self.data = "250 OK"
        self.taken: list[bytes] = []

    async def handle_RCPT(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        envelope, address = arguments[2], arguments[3]
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - the same
        if self.data.startswith("250"):
            self.taken.append(arguments[2].content)
        return self.data


@pytest.fixture
async def sink() -> AsyncIterator[tuple[Sink, SmtpMail]]:
    made, port = Sink(), free_port()
    controller = Controller(made, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(controller.start)
    yield made, SmtpMail("127.0.0.1", port, "none", None, None)
    await asyncio.to_thread(controller.stop)


def message(to: str = "ana@example.com") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "cairn@example.com"
    made["To"] = to
    made["Subject"] = "Whenever it suits you"
    made["Message-ID"] = "<one@example.com>"
    made.set_content("Hello")
    return made


async def test_a_mail_is_taken(sink: tuple[Sink, SmtpMail]) -> None:
    server, mail = sink
    await mail.send(message())
    assert b"Message-ID: <one@example.com>" in server.taken[0]


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user ana@example.com", "553 bad"])
async def test_an_address_that_is_refused_for_good_isnt_tried_again(
    sink: tuple[Sink, SmtpMail], answer: str
) -> None:
    server, mail = sink
    server.recipient = answer
    with pytest.raises(RefusedForGood) as refused:
        await mail.send(message())
    assert refused.value.code == f"smtp_{answer[:3]}"
    assert "ana" not in str(refused.value)


async def test_a_message_that_is_refused_for_good_isnt_tried_again(
    sink: tuple[Sink, SmtpMail],
) -> None:
    server, mail = sink
    server.data = "554 looks like spam"
    with pytest.raises(RefusedForGood):
        await mail.send(message())


async def test_greylisting_and_a_full_mailbox_are_tried_again_without_a_word_of_the_server(
    sink: tuple[Sink, SmtpMail],
) -> None:
    server, mail = sink
    server.recipient = "451 4.7.1 try ana@example.com later"
    with pytest.raises(TriedInVain) as failed:
        await mail.send(message())
    assert "ana" not in str(failed.value)
    assert failed.value.__cause__ is None
    server.recipient, server.data = "250 OK", "452 full"
    with pytest.raises(TriedInVain, match="452"):
        await mail.send(message())


async def test_no_server_is_tried_again() -> None:
    with pytest.raises(TriedInVain):
        await SmtpMail("127.0.0.1", free_port(), "none", None, None).send(message())


async def test_a_server_without_tls_is_a_setting_to_mend_not_a_refusal(
    sink: tuple[Sink, SmtpMail],
) -> None:
    _, mail = sink
    wants_tls = SmtpMail("127.0.0.1", mail._how["port"], "starttls", None, None)
    with pytest.raises(TriedInVain):
        await wants_tls.send(message())


async def test_without_a_server_the_same_mail_is_the_same_file(tmp_path: Path) -> None:
    mail = FolderMail(tmp_path / "mail")
    await mail.send(message())
    await mail.send(message())
    assert [file.name for file in mail.letters()] == ["one_example.com.eml"]
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700


ENTRY = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
ORGANIZER;CN="Ana Maria da Silva e Souza von und zu Hohenlohe":mailto:ana.ma\r
 ria@example.com\r
LOCATION:The café at the station\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.mark.parametrize(
    "named",
    [
        {"to": "Ana <ana.maria@example.com>"},
        {"text": "Write to ana.maria@example.com."},
        {"text": "Schöne Grüße\n" * 40 + "Ana.Maria@Example.com"},
        {"page": "<p>ana.maria&#64;example.com</p>"},
        {"entry": ENTRY},
    ],
)
async def test_whoever_is_forgotten_is_in_no_mail_to_others_either(
    tmp_path: Path, named: dict[str, str]
) -> None:
    mail = FolderMail(tmp_path)
    for number, told in enumerate([named, {"text": "Write to diana.maria@example.com, or"}]):
        made = message(told.get("to", "ben@example.com"))
        made.replace_header("Message-ID", f"<{number}@example.com>")
        made.set_content(told.get("text", "Hello"))
        made.add_alternative(told.get("page", "<p>Hello</p>"), subtype="html")
        entry = told.get("entry", ENTRY.replace("ana.ma\r\n ria", "x.ana.maria"))
        made.add_attachment(entry.encode(), maintype="text", subtype="calendar")
        await mail.send(made)
    await mail.forget("ana.maria@example.com")
    assert [file.name for file in mail.letters()] == ["1_example.com.eml"]
    await mail.forget("ana.maria@example.co")
    assert [file.name for file in mail.letters()] == ["1_example.com.eml"]
