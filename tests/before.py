"""`make fault COMMIT=… TEST=…`: shows a fault of docs/track-record.md on the code before it was mended.

The tests are those of the commit that mended it, the code is what was there before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Exit code 0 when the test fails there, as it should; 1 when it passes."""
    commit, *test = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        git("worktree", "add", "--detach", str(before), f"{commit}^")
        try:
            git("-C", str(before), "checkout", commit, "--", "tests")
            failed = fails(before, test)
        finally:
            git("worktree", "remove", "--force", str(before))
    sys.exit(0 if failed else "It passes there: this test doesn't show the fault.")


def fails(folder: Path, test: list[str]) -> bool:
    """Whether pytest finds a failing test; anything else that goes wrong is an error."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *test],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        check=False,
    )
    if done.returncode not in {0, 1}:
        sys.exit(f"pytest ended with {done.returncode}.")
    return done.returncode == 1


def git(*arguments: str) -> None:
    """Run git in this repository."""
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
