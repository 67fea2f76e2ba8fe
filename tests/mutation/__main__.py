"""`make mutate`: changes one rule after the other and asks whether a test notices; writes the figures.

    python -m tests.mutation [part of a module's path …]

Survivors are printed, and the figures of each module written into docs/mutation.md, where survivors are
explained.
"""

from __future__ import annotations

import ast
import sys
from datetime import UTC, datetime

from tests.mutation.mutants import mutants
from tests.mutation.running import ROOT, passes, preload
from tests.mutation.table import TESTS

PAGE = ROOT / "docs" / "mutation.md"
Row = tuple[str, int, int, str]
_BEFORE, _AFTER = "<!-- figures -->\n", "<!-- end -->\n"


def main(wanted: list[str]) -> None:
    """Look at the modules that are wanted, or at all."""
    preload()
    chosen = {path: tests for path, tests in TESTS.items() if not wanted or _is_in(path, wanted)}
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
        say(f"{path}: {len(found)} mutants, {len(left)} survive")
        write(path, len(found), len(left))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _is_in(path: str, wanted: list[str]) -> bool:
    return any(each in path for each in wanted)


def _short(text: str) -> str:
    return " ".join(text.split())[:90]


def write(path: str, made: int, left: int) -> None:
    """Put a module's figures into the page, in place of what they were before."""
    before, _, rest = PAGE.read_text().partition(_BEFORE)
    table, _, after = rest.partition(_AFTER)
    rows = {found[0]: found for line in table.splitlines() if (found := _read(line))}
    rows[path] = (path, made, left, f"{datetime.now(UTC):%Y-%m-%d}")
    of, alive = (sum(row[n] for row in rows.values()) for n in (1, 2))  # type: ignore[misc]
    lines = [
        f"{of:,} mutants, of which {of - alive:,} are noticed ({1 - alive / of:.1%}).\n",
        "| module | mutants | survive | noticed | on |\n|---|---|---|---|---|",
        *(
            f"| {path} | {made} | {left} | {1 - left / made:.1%} | {day} |"
            for path, made, left, day in (rows[path] for path in TESTS if path in rows)
        ),
    ]
    PAGE.write_text(before + _BEFORE + "\n".join(lines) + "\n" + _AFTER + after)


def _read(line: str) -> Row | None:
    parts = [part.strip() for part in line.strip("|").split("|")]
    return (parts[0], int(parts[1]), int(parts[2]), parts[4]) if parts[0] in TESTS else None


if __name__ == "__main__":
    main(sys.argv[1:])
