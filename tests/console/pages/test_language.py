"""The pages in every language: nothing untranslated or lost, dates as they are written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import grimp
import pytest

from console.pages.language import LANGUAGES, accepted, catalogue, in_language, manner
from console.words import sentences
from shared.errors import NotAllowed, NotFound, Refusal, Unavailable
from tests.conftest import Story
from tests.console.pages.conftest import Visitor
from tests.console.test_roster import on_one_day

_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def texts(message: Any) -> list[str]:
    parts = message if isinstance(message, tuple | list) else [message]
    return [str(part or "") for part in parts]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_nothing_is_untranslated(language: str) -> None:
    known = catalogue(language)
    for message in sentences():
        if message.id:
            found = known.get(message.id)
            assert found is not None, f"run `make words` and translate: {message.id!r}"
            assert all(texts(found.string)), f"translate: {message.id!r}"
            assert not found.fuzzy, message.id


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_translation_keeps_every_place_for_a_name_or_a_number(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            wanted = set(_PLACES.findall(" ".join(texts(message.id))))
            found = set(_PLACES.findall(" ".join(texts(message.string))))
            assert wanted == found, message.id


def test_every_refusal_of_what_the_pages_call_is_translated() -> None:
    graph = grimp.build_graph("console", "services", "shared", cache_dir=None)
    pages = graph.find_descendants("console.pages")
    direct = {each for page in pages for each in graph.find_modules_directly_imported_by(page)}
    services = {each for each in direct if each.startswith("services.")}
    called = services.union(*(graph.find_upstream_modules(each) for each in services))
    told = [kind().detail for kind in shown(Refusal) if kind.__module__ in called]
    assert len(told) > 50
    untranslated = [each for each in told if not catalogue("de").get(each)]
    assert untranslated == [], "run `make words` and translate"


def shown(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """All kinds below one whose sentence is shown; the pages say the others in their own words."""
    for each in kind.__subclasses__():
        if not issubclass(each, NotFound | NotAllowed | Unavailable):
            yield each
            yield from shown(each)


def test_dates_and_numbers_are_written_in_the_readers_manner() -> None:
    day, moment = date(2026, 3, 1), datetime(2026, 7, 1, 13, 5, tzinfo=UTC)
    british, german = manner("en", "Europe/London"), manner("de-DE", "Europe/Berlin")
    assert british.day(day) == "1 March 2026"
    assert german.day(day) == "1. März 2026"
    assert (british.clock(moment), german.clock(moment)) == ("14:05", "15:05")
    assert (british.number(1234.5), german.number(1234.5)) == ("1,234.5", "1.234,5")
    assert manner("en-US").day(day) == "March 1, 2026"
    assert british.moment(moment) == "1 July 2026, 14:05"
    assert german.moment(moment) == "1. Juli 2026, 15:05"
    assert (british.span("PT90M"), german.span("PT1H")) == ("1 hour, 30 minutes", "1 Stunde")


def test_a_chosen_language_goes_before_that_of_the_roster() -> None:
    assert manner("de", chosen="en").language == "en"
    assert manner("de", chosen="xx").language == "de"
    assert manner("fr").language == "en"
    assert manner("no-such-thing").language == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-CH,de;q=0.9,en;q=0.8", "de-CH"), ("fr,en;q=0.5", "en"), ("", "en"), ("*", "en")],
)
def test_a_browser_says_which_language_it_would_like(header: str, language: str) -> None:
    assert accepted(header) == language


def test_a_guide_without_the_readers_language_is_read_in_english() -> None:
    assert in_language({"en": "Why?", "fr": "Pourquoi?"}, "de") == "Why?"
    assert in_language({"fr": "Pourquoi?"}, "de") == "Pourquoi?"


async def test_the_language_of_the_roster_is_spoken_and_another_can_be_chosen(
    story: Story, visitor: Visitor
) -> None:
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "ben", "locale": "de"}
    await story.platform.put("/v1/people/ana", json=ana)
    visit = await visitor("ana")
    await visit.go("/")
    assert "Ihr Karrieregespräch" in await visit.text()
    await visit.press("English")
    assert "Your career conversation" in await visit.text()


async def test_german_sentences_hold_where_nobody_is_named_as_the_partner(
    story: Story, visitor: Visitor
) -> None:
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": None, "locale": "de"}
    await story.platform.put("/v1/people/ana", json=ana)
    await story.read_models()
    visit = await visitor("ana")
    at = story.conversation.removeprefix("/v1")
    for path in ("/", f"{at}/meeting", f"{at}/notes", f"{at}/share"):
        await visit.go(path)
        told = await visit.text()
        assert "Ihr Gegenüber" in told, path
        assert not re.search(r"\b(mit|von|bei|zu|Sie ihn) Ihr Gegenüber", told, re.I), told


async def test_a_rest_that_is_too_long_is_told_its_last_day_in_german(
    story: Story, visitor: Visitor
) -> None:
    await on_one_day()
    at = story.conversation
    refused = await story.ana.post(f"{at}:pause", json={"until": "2098-03-01T09:00:00Z"})
    latest = datetime.fromisoformat(refused.json()["latest"])
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "ben", "locale": "de"}
    await story.platform.put("/v1/people/ana", json=ana)
    visit = await visitor("ana")
    await visit.go(f"{at.removeprefix('/v1')}/rest")
    await visit.page.fill("#until", "2098-03-01")
    await visit.press("Ruhen")
    told = await visit.text()
    assert "So lange darf eine Pause in dieser Runde nicht sein" in told
    assert f"Bis {manner('de').day(latest)} ist jetzt möglich." in told
    assert await visit.problems_by_axe() == []


async def test_a_film_tells_in_german_who_did_what_when(story: Story, visitor: Visitor) -> None:
    meeting = {"starts_at": "2099-03-01T13:30:00Z", "duration": "PT1H"}
    await story.ben.post(f"{story.conversation}:schedule", json=meeting)
    await story.ana.put(f"{story.conversation}/answers/energy", json={"text": "words"})
    auditor = await visitor(None, "auditor", locale="de-DE")
    await auditor.go(f"/film{story.conversation.removeprefix('/v1')}")
    told = await auditor.text()
    assert "(ein Mensch)" in told
    assert "(der Gesprächspartner)" in told
    assert "für 1. März 2099, 13:30 (1 Stunde, durch: Gegenüber)" in told
    assert not re.search(r"durch (ein|der|die|niemand)", told)
