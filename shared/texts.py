"""What people may write: any text of a bearable length, but for control characters.

Everything else is kept and given back to the letter: right-to-left text, emoji, zero-width characters,
and text that looks like HTML, a formula or a template.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

LONGEST = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def without_control(text: str) -> str:
    """The text itself; a control character other than newline and tab is refused, with its place."""
    if found := _CONTROL.search(text):
        raise PydanticCustomError(
            "control_character",
            "The text holds the control character {name} at place {place}; take it out and send the"
            " rest as it is. Newlines and tabs are welcome.",
            {"name": f"U+{ord(found[0]):04X}", "place": found.start() + 1},
        )
    return text


def one_line(text: str) -> str:
    """A name or an address for a header: what can't be printed there is a space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


Text = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(without_control)]
"""Somebody's words."""

Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(without_control)]
"""A title, a name or a place."""
