"""`make mutate`: changes one rule after the other and asks whether a test notices; writes the figures.

    python -m tests.mutation [part of a module's path …]

Survivors are printed. What is explained of them stands in docs/mutation.md, whose table this writes
when it has looked at all modules.
"""

from __future__ import annotations

import ast
import sys
from datetime import UTC, datetime

from tests.mutation.mutants import mutants
from tests.mutation.running import ROOT, passes, preload
from tests.mutation.table import TESTS

PAGE = ROOT / "docs" / "mutation.md"
_BEFORE, _AFTER = "<!-- figures -->\n", "<!-- end -->\n"


def main(wanted: list[str]) -> None:
    """Look at the modules that are wanted, or at all."""
    preload()
    chosen = {path: tests for path, tests in TESTS.items() if not wanted or _is_in(path, wanted)}
    rows = []
    for path, tests in chosen.items():
        source = (ROOT / path).read_text()
        if not passes(path, ast.parse(source), tests):
            sys.exit(f"{path}: the tests fail without any change")
        found = list(mutants(source))
        left = []
        for each in found:
            if passes(path, each.tree, tests):
                left.append(each)
                say(f"{path}:{each.line}: {_short(each.before)}  ->  {_short(each.after)}")
        rows.append((path, len(found), len(left)))
        say(f"{path}: {len(found)} mutants, {len(left)} survive")
    if not wanted:
        write(rows)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _is_in(path: str, wanted: list[str]) -> bool:
    return any(each in path for each in wanted)


def _short(text: str) -> str:
    return " ".join(text.split())[:90]


def write(rows: list[tuple[str, int, int]]) -> None:
    """Put the figures into the page."""
    made, left = sum(row[1] for row in rows), sum(row[2] for row in rows)
    lines = [
        f"`make mutate`, {datetime.now(UTC):%Y-%m-%d}: {made:,} mutants, {made - left:,} noticed"
        f" ({1 - left / made:.1%}).\n",
        "| module | mutants | survive | noticed |\n|---|---|---|---|",
        *(f"| {path} | {of} | {alive} | {1 - alive / of:.1%} |" for path, of, alive in rows),
    ]
    before, _, rest = PAGE.read_text().partition(_BEFORE)
    _, _, after = rest.partition(_AFTER)
    PAGE.write_text(before + _BEFORE + "\n".join(lines) + "\n" + _AFTER + after)


if __name__ == "__main__":
    main(sys.argv[1:])
