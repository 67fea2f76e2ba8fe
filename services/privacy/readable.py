"""What is held of a person as one page by itself, in English or German, to read and to print."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib import resources
from io import StringIO
from typing import Any

from jinja2 import Environment, PackageLoader

_LANGUAGES = ("en", "de")
_ENVIRONMENT = Environment(
    loader=PackageLoader("services.privacy", "texts"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def readable(held: dict[str, Any], languages: str) -> str:
    """The page, for whoever accepts these languages (`de-CH, en;q=0.8`)."""
    language = language_of(languages)
    texts = texts_of(language)
    return _ENVIRONMENT.get_template("package.html").render(
        held=held,
        t=texts["page"],
        codes=texts["codes"],
        named=texts["named"],
        purposes=texts.get("purposes", {}),
        language=language,
    )


def language_of(accepted: str) -> str:
    """The first language of an Accept-Language header that there is a page in."""
    tags = [part.partition(";")[0].strip().lower()[:2] for part in accepted.split(",")]
    return next((tag for tag in tags if tag in _LANGUAGES), _LANGUAGES[0])


@cache
def texts_of(language: str) -> dict[str, Any]:
    """What the page says in a language."""
    file = resources.files("services.privacy") / "texts" / f"{language}.toml"
    return tomllib.loads(file.read_text())


def activity_row(*cells: str | None) -> bytes:
    """A line of a sheet (RFC 4180)."""
    written = StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
