"""What a mail looks like: two languages, one link, a way out, and nobody's words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import cast
from uuid import UUID

import pytest

from services.notices.letters import (
    GENTLE,
    BadAddress,
    Letter,
    Reader,
    _texts,
    languages,
    write,
)

SUBJECT = UUID("01900000-0000-7000-8000-00000000000a")
EVENT = UUID("01900000-0000-7000-8000-0000000000e1")
AT = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
INVITATION = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"
KINDS = sorted(name for name in _texts("en") if "." in name)


def reader(**changes: str) -> Reader:
    fields = {"name": "Ana Silva", "email": "ana@example.com", "locale": "en"} | changes
    return Reader("acme", SUBJECT, **fields)


def sent(to: Reader, letter: Letter) -> EmailMessage:
    """The mail as it arrives: written, put on the wire, and parsed again."""
    message = write(to, letter, "Cairn <cairn@acme.example>", "https://c/", "https://c/mail/x")
    wire = message.as_bytes(policy=policy.SMTP)
    return cast("EmailMessage", BytesParser(EmailMessage, policy=policy.default).parsebytes(wire))


def parts(message: EmailMessage) -> tuple[str, str]:
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    return text.get_content(), page.get_content()


@pytest.mark.parametrize("language", ["en", "de"])
def test_hr_hears_of_no_reminders_which_a_policy_may_not_have_or_which_were_withheld(
    language: str,
) -> None:
    said = " ".join(_texts(language)["escalated.hr"]["body"])
    assert re.search(r"reminder|erinner", said, re.IGNORECASE) is None


@pytest.mark.parametrize("locale", ["en", "de", "de-CH", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_says_the_same_in_text_and_html_with_one_link(kind: str, locale: str) -> None:
    what, _, to = kind.partition(".")
    letter = Letter(EVENT, what, to, AT, 1)
    text, page = parts(sent(reader(locale=locale), letter))
    assert "Ana Silva," in text
    assert "Ana Silva," in page
    assert re.findall(r"https?://[^\s\"<]+", text) == ["https://c/"]
    assert re.findall(r"https?://[^\s\"<]+", page) == ["https://c/"]
    assert "{" not in text + page.replace("{font", "")
    assert not re.search(r"!", text)


def test_both_languages_say_everything() -> None:
    english, german = _texts("en"), _texts("de")
    assert english.keys() == german.keys()
    assert languages() == {"en", "de"}
    for kind in english:
        if kind != "locale":
            assert english[kind].keys() == german[kind].keys()


def test_the_readers_language_decides_and_english_is_the_fallback() -> None:
    letter = Letter(EVENT, "nudged", "employee", AT, 1)
    assert sent(reader(locale="de-AT"), letter)["Subject"] == "Wann immer es Ihnen passt"
    assert sent(reader(locale="fr"), letter)["Content-Language"] == "en"


def test_the_same_notice_has_the_same_message_id_and_each_side_its_own() -> None:
    one = sent(reader(), Letter(EVENT, "conversation_opened", "employee", AT, 1))
    again = sent(reader(), Letter(EVENT, "conversation_opened", "employee", AT, 9))
    other = sent(reader(), Letter(EVENT, "conversation_opened", "partner", AT, 1))
    assert one["Message-ID"] == again["Message-ID"] == f"<{EVENT}.employee@acme.example>"
    assert other["Message-ID"] == f"<{EVENT}.partner@acme.example>"
    assert one["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("kind", KINDS)
def test_reminders_can_be_ended_with_one_click_and_what_concerns_oneself_cannot(kind: str) -> None:
    what, _, to = kind.partition(".")
    message = sent(reader(), Letter(EVENT, what, to, AT, 1))
    if what in GENTLE:
        assert message["List-Unsubscribe"] == "<https://c/mail/x>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    else:
        assert message["List-Unsubscribe"] is None


def test_it_says_how_many_conversations_wait() -> None:
    text, page = parts(sent(reader(), Letter(EVENT, "partner_nudged", "partner", AT, 7)))
    assert "7 conversations wait for you." in text
    assert "7 conversations wait for you." in page
    alone, _ = parts(sent(reader(), Letter(EVENT, "partner_nudged", "partner", AT, 1)))
    assert "wait for you" not in alone.replace("waits for you", "")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_is_an_alternative_so_that_calendars_take_it_as_a_meeting(
    method: str,
) -> None:
    invitation = INVITATION.replace(b"REQUEST", method.encode())
    letter = Letter(EVENT, "meeting_announced", "partner", AT, 0, invitation)
    message = sent(reader(), letter)
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    kinds = [part.get_content_type() for part in parts]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    told = parts[-1]["Content-Type"].params
    assert (told["method"], told["charset"]) == (method, "utf-8")
    assert parts[-1].get_content_disposition() is None
    assert parts[-1].get_payload(decode=True) == invitation


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "Ana\r\nBcc: everybody@example.com",
        "{{7*7}} {name} %s",
        '"Ana" <eve@example.com>',
        "שלום 🪨",
        "A" * 200,
    ],
)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    message = sent(reader(name=name), Letter(EVENT, "nudged", "employee", AT, 1))
    assert [str(address.addr_spec) for address in message["To"].addresses] == ["ana@example.com"]
    assert message["Bcc"] is None
    _, page = parts(message)
    assert "<script>" not in page


@pytest.mark.parametrize("email", ["a,b@example.com", "@", "a@b@c", "ana@", "<ana@example.com>"])
def test_an_address_that_is_none_is_found_before_anything_is_sent(email: str) -> None:
    letter = Letter(EVENT, "nudged", "employee", AT, 1)
    with pytest.raises(BadAddress):
        write(reader(email=email), letter, "cairn@acme.example", "https://c/", "https://c/x")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_time_to_choose_what_a_new_partner_gets_is_the_policys_and_no_mail_tells_another(
    language: str,
) -> None:
    said = " ".join(_texts(language)["handover_asked.employee"]["body"])
    assert re.findall(r"\b\w+ (?:days?|weeks?|months?|Tage\w*|Wochen?|Monate\w*)\b", said) == []
