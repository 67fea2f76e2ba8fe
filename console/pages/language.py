"""The languages of the pages, and how dates and numbers are written for a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit

from shared.periods import exact_period

LANGUAGES = ("en", "de")
"""What the pages are written in; the source is English."""
Texts = dict[str, str]
"""The same in several languages, by language."""


@dataclass(frozen=True)
class Manner:
    """How somebody reads: the language of the pages, and their own way with dates and numbers."""

    language: str
    locale: Locale
    zone: ZoneInfo

    def day(self, moment: date) -> str:
        """A day, such as 3 March 2026."""
        return format_date(self._local(moment), "long", locale=self.locale)

    def weekday(self, moment: date) -> str:
        """A day with its weekday, such as Tuesday, 3 March 2026."""
        return format_date(self._local(moment), "full", locale=self.locale)

    def month(self, moment: date) -> str:
        """A month, such as March 2026."""
        return format_skeleton("yMMMM", self._at_noon(moment), locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """A day and a time, in the reader's zone."""
        clock = format_time(moment, "HH:mm", tzinfo=self.zone, locale=self.locale)
        return f"{self.day(moment)}, {clock}"

    def clock(self, moment: datetime) -> str:
        """A time of day, in the reader's zone."""
        return format_time(moment, "short", tzinfo=self.zone, locale=self.locale)

    def span(self, period: str) -> str:
        """An ISO 8601 length of time without months and years, such as 1 hour, 30 minutes."""
        length = exact_period(period)
        if length is None:
            return period
        seconds = round(length.total_seconds())
        parts = (seconds // 3600, "hour"), (seconds // 60 % 60, "minute"), (seconds % 60, "second")
        found = [format_unit(n, f"duration-{unit}", locale=self.locale) for n, unit in parts if n]
        return format_list(found, style="unit", locale=self.locale)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.locale)

    def _local(self, moment: date) -> date:
        return moment.astimezone(self.zone).date() if isinstance(moment, datetime) else moment

    def _at_noon(self, moment: date) -> datetime:
        local = self._local(moment)
        return datetime(local.year, local.month, local.day, 12, tzinfo=self.zone)


def manner(wanted: str, zone: str = "UTC", chosen: str | None = None) -> Manner:
    """The manner of somebody of a locale (as `de-AT`), who may have `chosen` another language."""
    locale = _locale(wanted)
    language = chosen if chosen in LANGUAGES else locale.language
    if language not in LANGUAGES:
        language = LANGUAGES[0]
    if locale.language != language:
        locale = Locale.parse("en_GB" if language == "en" else language)
    return Manner(language, locale, ZoneInfo(zone))


def accepted(header: str) -> str:
    """The first language of an Accept-Language header that the pages have."""
    for part in header.split(","):
        tag = part.partition(";")[0].strip()
        if tag.partition("-")[0].lower() in LANGUAGES:
            return tag
    return LANGUAGES[0]


@cache
def translations(language: str) -> NullTranslations:
    """The sentences of a language, compiled from its catalogue."""
    if language == LANGUAGES[0]:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def wording(header: str) -> Callable[[str], str]:
    """What translates sentences for whoever accepts these languages."""
    return translations(manner(accepted(header)).language).gettext


def catalogue(language: str) -> Catalog:
    """A language's catalogue, as its translators keep it."""
    file = resources.files("console") / "locale" / language / "console.po"
    with file.open("rb") as opened:
        return read_po(opened, language)


def sentence(text: str) -> str:
    """Mark a sentence for the catalogues; it is translated where it is shown."""
    return text


def in_language(texts: Texts, language: str) -> str:
    """A guide's text in the reader's language, or in English, or in whichever there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def _locale(tag: str) -> Locale:
    for candidate in (tag, tag.partition("-")[0]):
        try:
            known = Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        return Locale.parse("en_GB") if str(known) == "en" else known
    return Locale.parse("en_GB")
