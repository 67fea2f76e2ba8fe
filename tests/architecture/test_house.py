"""What keeps the house beautiful: sizes, names, packaging, no host names, no paths of a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("services", "workflows", "shared", "console")
SOURCES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
LONGER = {
    "services/people/domain.py": "one aggregate: eighteen events and the rule above each",
    "services/people/application.py": "one class: what may be done with a person, some lines each",
    "services/cycles/domain.py": "one aggregate: twenty-four events and the rule above each",
    "services/cycles/fold.py": "one fold: a line or two for each kind of event",
    "services/conversation/api.py": "thirty-one routes of five lines",
    "shared/eventstore/record.py": "the one way to read and write",
    "shared/eventstore/verify.py": "one file on purpose: it imports nothing of ours",
    "console/cli.py": "every command with its words, and nothing else",
    "console/up.py": "one run from start to stop",
}
FORBIDDEN = r"(helper|util|common|handler|processor|manager)s?$"
DOMAIN_WORDS = r"\b(conversation|employee|career|coach|mentor)\w*"


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_no_file_is_longer_than_300_lines_without_a_reason() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCES
        if (count := len(path.read_text().splitlines())) > 300
    }
    assert set(long) <= set(LONGER), long


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short_and_modules_say_their_role(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "a module says its role"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 45, (node.name, lines)
            assert not re.search(FORBIDDEN, node.name), node.name
        if isinstance(node, ast.ClassDef):
            assert not re.search(FORBIDDEN, node.name, re.IGNORECASE), node.name


def test_shared_has_no_word_of_the_domain() -> None:
    for path in (ROOT / "shared").rglob("*.py"):
        found = re.findall(DOMAIN_WORDS, path.read_text().lower())
        allowed = {"employee"} if path.name in {"principal.py"} else set()
        assert set(found) <= allowed, (path.name, found)


def test_each_package_name_is_ours_alone() -> None:
    owners = packages_distributions()
    for folder in FOLDERS:
        assert set(owners.get(folder, ["cairn"])) == {"cairn"}
        assert (ROOT / folder / "__init__.py").exists()


def test_the_lock_names_no_host_and_every_requirement_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"https?://|--index-url|--find-links|file:", lock)
    entries = re.findall(r"^[a-z0-9].*==", lock, re.MULTILINE)
    assert len(entries) > 40
    for block in re.split(r"\n(?=[a-z0-9])", lock.strip()):
        assert "--hash=sha256:" in block, block[:60]


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    lock = (ROOT / "requirements.lock").read_text()
    for requirement in wanted:
        name = re.split(r"[<>=;\[ ]", requirement)[0].lower().replace("_", "-")
        assert re.search(rf"^{re.escape(name)}==", lock, re.MULTILINE), name


def test_no_file_names_a_registry_or_a_machine() -> None:
    registries = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "debian" + ".org"]
    for path in tracked():
        if path.suffix in {".png", ".lock"}:
            continue
        text = path.read_text(errors="ignore")
        assert not any(host in text for host in registries), path
        assert "/ro" + "ot/" not in text, path


def test_the_readmes_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), (page.name, link)


def test_every_topic_is_in_the_glossary() -> None:
    from console.registry import REGISTRY

    glossary = (ROOT / "docs" / "glossary.md").read_text()
    missing = [topic for topic in REGISTRY.types if f"`{topic}`" not in glossary]
    assert missing == []
