"""Gathers every sentence of the pages for the catalogues: `make words` brings them up to date."""

from __future__ import annotations

import re
from importlib import import_module, resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from console.pages.language import LANGUAGES, catalogue
from services.audit.sentences import TEMPLATES
from shared.errors import NotAllowed, NotFound, Refusal, Unavailable

_HERE = Path(str(resources.files("console")))
_SOURCES = [("templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "trimmed": "true"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "sentence": None,
}
_IN_OTHER_WORDS = (NotFound, NotAllowed, Unavailable)
"""Refusals that the pages tell in words of their own."""


def sentences() -> Catalog:
    """Every sentence that a page may show: of templates and modules, refusals, and the timeline's."""
    found = Catalog(project="Cairn", charset="utf-8")
    for file, line, message, comments, context in extract_from_dir(
        _HERE, _SOURCES, _OPTIONS, _KEYWORDS
    ):
        found.add(
            message, None, [(f"console/{file}", line)], auto_comments=comments, context=context
        )
    for refused in sorted(_refusals()):
        found.add(refused, auto_comments=["a refusal"])
    for template in TEMPLATES.values():
        found.add(template, auto_comments=["the timeline"], flags=["python-brace-format"])
    return found


def update(language: str) -> Catalog:
    """A language's catalogue with every sentence of today, and none of yesterday."""
    known = catalogue(language)
    known.update(sentences(), no_fuzzy_matching=True)
    known.obsolete.clear()
    return known


def main() -> None:
    """Write the catalogues of all languages but the source's own."""
    for language in LANGUAGES[1:]:
        known = update(language)
        with (_HERE / "locale" / language / "console.po").open("wb") as file:
            write_po(file, known, width=100, sort_output=True, no_location=True, omit_header=True)


def _refusals() -> set[str]:
    """What the services that the pages call may refuse, as it is told."""
    import_module("console.app")
    pages = "".join(page.read_text() for page in (_HERE / "pages").glob("*.py"))
    called = tuple(re.findall(r"^from (services\.\w+)", pages, re.MULTILINE))
    return {
        kind().detail
        for kind in _below(Refusal)
        if kind.__module__.startswith((*called, "shared.errors", "shared.eventstore"))
        and not issubclass(kind, _IN_OTHER_WORDS)
    }


def _below(kind: type[Refusal]) -> list[type[Refusal]]:
    return [each for sub in kind.__subclasses__() for each in (sub, *_below(sub))]


if __name__ == "__main__":
    main()
