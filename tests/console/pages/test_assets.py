"""The pages' own files: small, unchanged where they are others', and nothing inline."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib import resources
from pathlib import Path

import httpx2
import pytest

from console.pages.assets import assets
from tests.console.pages.conftest import Site

CONSOLE = Path(str(resources.files("console")))
TEMPLATES = sorted((CONSOLE / "templates").rglob("*.html"))


def test_the_stylesheet_has_twelve_kilobytes_at_most() -> None:
    assert len(assets()["cairn.css"].plain) <= 12 * 1024


def test_what_is_vendored_is_unchanged() -> None:
    readme = (CONSOLE / "static" / "README.md").read_text()
    assert sha256(assets()["htmx.min.js"].plain).hexdigest() in readme
    assert "Zero-Clause BSD" in (CONSOLE / "static" / "LICENSE.htmx").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", text)
    assert all(" src=" in script for script in re.findall(r"<script[^>]*>", text))
    assert "| safe" not in text


def test_no_word_hurries_anybody() -> None:
    hurried = re.compile(r"overdue|deadline|hurry up|only \d+ days? left|late\b", re.IGNORECASE)
    for path in TEMPLATES:
        words = re.sub(r"{#.*?#}|<[^>]+>", " ", path.read_text())
        assert not hurried.search(words), path.name
        assert not re.search(r"\w!(?!=)", words), path.name


async def test_files_are_kept_for_ever_and_named_by_their_content(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.url) as client:
        for asset in assets().values():
            answer = await client.get(asset.path)
            assert answer.content == asset.plain
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-encoding"] == "gzip"
        assert (await client.get("/static/000000000000/cairn.css")).status_code == 404
