"""What a reviewer would look for in the sources, looked for each time."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from console.app import create_app
from shared.http import command
from shared.settings import Settings
from tests.architecture.test_house import tracked

ROOT = Path(__file__).parents[2]
FOLDERS = ("services", "workflows", "shared", "console")
SOURCES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
SQL = {"execute", "executemany", "fetch", "fetchrow", "fetchval", "cursor", "copy_from_query"}
OWN_NAMES = {"console/generations.py"}
"""Where a statement names a schema that is derived from our own sources."""

SECRETS = {
    "AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "GitHubTokenDetector",
    "GitLabTokenDetector", "JwtTokenDetector", "NpmDetector", "PrivateKeyDetector",
    "PypiTokenDetector", "SlackDetector", "StripeDetector", "TwilioKeyDetector",
}  # fmt: skip


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            function = node.func
            yield getattr(function, "attr", getattr(function, "id", "")), node


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(*suffixes: str) -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in suffixes:
                yield path, path.read_text()


def test_no_shell_is_ever_called() -> None:
    for path in SOURCES:
        for name, call in calls(path):
            assert name not in {"system", "popen", "create_subprocess_shell"}, names(path)
            shell = [keyword for keyword in call.keywords if keyword.arg == "shell"]
            assert not shell, names(path)


def test_nothing_is_executed_that_is_no_source() -> None:
    for path in SOURCES:
        text = path.read_text()
        assert not re.search(r"^\s*(import|from) (pickle|marshal|shelve|dill)\b", text, re.M), path
        assert "yaml.load(" not in text
        for name, call in calls(path):
            if name in {"eval", "exec", "compile", "import_module", "__import__"}:
                known = bool(call.args) and isinstance(call.args[0], ast.Constant)
                assert known, (names(path), name)
                assert name in {"compile", "import_module"}, (names(path), name)


def test_sql_is_never_put_together_from_what_somebody_sent() -> None:
    for path in SOURCES:
        for name, call in calls(path):
            if name in SQL and call.args and isinstance(call.args[0], ast.JoinedStr):
                parts = [
                    each for each in call.args[0].values if isinstance(each, ast.FormattedValue)
                ]
                constant = all(getattr(each.value, "id", "a").isupper() for each in parts)
                assert constant or names(path) in OWN_NAMES, f"{names(path)}:{call.lineno}"
            if name in SQL and call.args:
                assert not isinstance(call.args[0], ast.BinOp), f"{names(path)}:{call.lineno}"


def test_regular_expressions_are_written_in_the_source() -> None:
    functions = {"match", "fullmatch", "search", "findall", "sub", "split", "compile", "finditer"}
    for path in SOURCES:
        for name, call in calls(path):
            on = getattr(getattr(call.func, "value", None), "id", "")
            if on == "re" and name in functions:
                pattern = call.args[0]
                constant = isinstance(pattern, ast.Constant) or (
                    isinstance(pattern, ast.Name) and pattern.id.isupper()
                )
                assert constant, f"{names(path)}:{call.lineno}"


def test_templates_are_files_and_escape_by_themselves() -> None:
    for path in SOURCES:
        text = path.read_text()
        assert "from_string(" not in text, path
        assert not re.search(r"\bMarkup\(f?[\"']?.*\{", text), path
        if re.search(r"\bEnvironment\(", text):
            assert re.search(r"autoescape=(True|select_autoescape)", text), path
    for path, text in text_of(".html", ".jinja"):
        assert "|safe" not in text.replace(" ", ""), path


def test_no_path_is_made_of_what_somebody_sent() -> None:
    reads_certificates = ROOT / "workflows" / "worker.py"
    for folder in ("services", "workflows"):
        for path in set((ROOT / folder).rglob("*.py")) - {reads_certificates}:
            assert not re.search(
                r"^(import|from) (pathlib|shutil)\b|\bos\.(?!urandom\b)", path.read_text(), re.M
            ), path
            opened = [call for _, call in calls(path) if getattr(call.func, "id", "") == "open"]
            assert not opened, path


def test_no_header_of_a_proxy_is_believed() -> None:
    for path in SOURCES:
        assert not re.search(r"x-forwarded|x-real-ip|forwarded_allow", path.read_text(), re.I), path
    assert "proxy_headers=False" in (ROOT / "console" / "serving.py").read_text()


def test_there_is_no_debug_mode() -> None:
    for path in SOURCES:
        for name, call in calls(path):
            switched = {k.arg for k in call.keywords if k.arg in {"debug", "reload"}}
            assert not (name in {"FastAPI", "Starlette", "Config", "run"} and switched), names(path)


def test_what_may_not_be_guessed_comes_from_the_systems_generator() -> None:
    for path in SOURCES:
        assert not re.search(r"^\s*(import random|from random)\b", path.read_text(), re.M), path


def test_cryptography_comes_from_one_library() -> None:
    known = {"cryptography", "joserfc"}
    others = {"Crypto", "Cryptodome", "nacl", "jwt", "ecdsa", "rsa", "pyaes", "passlib"}
    imported: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
    assert known <= imported
    assert not imported & others


def test_only_strong_algorithms_are_named() -> None:
    weak = r"\b(md5|sha1|MD5|SHA1|RC4|ARC4|TripleDES|Blowfish|ECB|PKCS1v15|HS256|none_algorithm)\b"
    for path in SOURCES:
        assert not re.search(weak, path.read_text()), path


def test_nothing_is_kept_in_the_browser() -> None:
    for path, text in text_of(".js"):
        if "vendor" not in path.parts and not path.name.startswith("htmx"):
            assert not re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", text), (
                path
            )


def test_types_are_checked_strictly() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["mypy"]["strict"] is True
    assert set(project["tool"]["mypy"]["packages"]) >= set(FOLDERS)
    assert "S" in project["tool"]["ruff"]["lint"]["select"]


@pytest.fixture(scope="module")
def application() -> Any:
    return create_app(Settings())


def routes(application: Any) -> Iterator[APIRoute]:
    waiting = list(application.routes)
    while waiting:
        route = waiting.pop()
        waiting += list(getattr(getattr(route, "original_router", None), "routes", []))
        if isinstance(route, APIRoute):
            yield route


def depends_on(dependant: Any, function: object) -> bool:
    return any(
        each.call is function or depends_on(each, function) for each in dependant.dependencies
    )


def test_no_route_that_reads_changes_anything(application: Any) -> None:
    seen = 0
    for route in routes(application):
        if route.methods and route.methods <= {"GET", "HEAD"}:
            seen += 1
            assert not depends_on(route.dependant, command), route.path
    assert seen >= 15


def test_a_body_with_a_field_too_many_is_refused(application: Any) -> None:
    document = application.openapi()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            for reference in re.findall(r"schemas/(\w+)", str(schema)):
                found = document["components"]["schemas"][reference]
                assert found.get("additionalProperties") is False, (method, path, reference)


def test_no_secret_lies_in_a_file() -> None:
    trials = {"docs/operations.md"}  # passwords of a trial on loopback, for everybody to read
    found = [(names(path), kind) for path in tracked() for kind in secrets_in(path)]
    assert [each for each in found if each[0] not in trials and "tests/" not in each[0]] == []


def test_a_secret_in_a_file_would_be_found(tmp_path: Path) -> None:
    key = "AKIA" + "IOSFODNN7EXAMPL" + "Q"
    for content, kind in (
        (f"key = '{key}'", "AWS Access Key"),
        ("-----BEGIN " + "RSA PRIVATE KEY-----", "Private Key"),
        ("url = 'postgresql://owner:" + "hunter2@db/cairn'", "Basic Auth Credentials"),
    ):
        file = tmp_path / "settings.py"
        file.write_text(content + "\n")
        assert kind in secrets_in(file)


def secrets_in(path: Path) -> list[str]:
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import transient_settings

    with transient_settings({"plugins_used": [{"name": name} for name in SECRETS]}):
        return [found.type for found in scan_file(str(path))]
