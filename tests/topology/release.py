"""The release before this one, as a wheel in a virtual environment of its own."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("services", "workflows", "shared", "console")


def previous() -> str:
    """The newest tag, or the last change of the sources before the newest one."""
    tags = _git("tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD").splitlines()
    if tags:
        return tags[0]
    changes = _git("rev-list", "--first-parent", "-n", "2", "HEAD", "--", *SOURCES).splitlines()
    assert len(changes) == 2, "the history is cut short: git fetch --unshallow"
    return changes[1]


def install(revision: str, folder: Path) -> Path:
    """Build that revision's wheel and install it; answers the Python that runs it.

    The libraries are those of this environment, which holds both releases' requirements.
    """
    source = folder / "source"
    source.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "archive", revision], cwd=ROOT, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", source], input=archive, check=True)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    packages = next((folder / "venv" / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(packages)
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "venv" / "bin" / "python"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout
