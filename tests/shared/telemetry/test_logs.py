"""Logs tell what is on the list, in the shape that it has there, and nothing else."""

from __future__ import annotations

import ast
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from shared.telemetry.logs import FIELDS, Unlisted, set_up
from shared.telemetry.metrics import LOG_FIELDS_DROPPED

ROOT = Path(__file__).parents[3]
SOURCES = [
    path
    for folder in ("services", "workflows", "shared", "console")
    for path in (ROOT / folder).rglob("*.py")
]
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Answers the last line that was logged."""
    before = structlog.get_config()
    yield lambda: json.loads(capsys.readouterr().err.splitlines()[-1])
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()
    logging.basicConfig(level="WARNING", force=True)


def test_a_line_tells_role_level_time_and_listed_fields(said: Any) -> None:
    set_up("relay", "info", strict=True)
    structlog.get_logger("cairn.test").info("halted", tenant="acme", after=7, why=None)
    line = said()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "halted",
        "level": "info",
        "role": "relay",
        "tenant": "acme",
        "after": 7,
    }


def test_a_field_on_no_list_is_left_out_named_and_counted(said: Any) -> None:
    set_up("api", "info")
    structlog.reset_defaults()
    set_up("api", "info")
    before = LOG_FIELDS_DROPPED._value.get()
    structlog.get_logger("cairn.test.dropping").info(
        "halted", answer="I want to grow", tenant="acme"
    )
    line = said()
    assert line["dropped"] == ["answer"]
    assert "grow" not in json.dumps(line)
    assert LOG_FIELDS_DROPPED._value.get() == before + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tenant", "Ana said: no"),
        ("why", "I do not like\nmy work"),
        ("route", "/v1/people/" + "a" * 200),
        ("after", "seven"),
        ("frames", ["domain.py:7 rule", "somebody's words"]),
    ],
)
def test_a_value_of_another_shape_is_left_out(said: Any, name: str, value: Any) -> None:
    set_up("api", "info", strict=True)
    with pytest.raises(Unlisted, match=name):
        structlog.get_logger("cairn.test").info("halted", **{name: value})


def test_a_failure_is_told_by_its_kind_and_place_not_by_its_text(said: Any) -> None:
    set_up("api", "info", strict=True)
    try:
        raise ValueError("canary")
    except ValueError as failure:
        structlog.get_logger("cairn.test").error("unexpected", exc_info=failure)
    line = said()
    assert line["failure"] == "ValueError"
    assert line["frames"][0].startswith("test_logs.py:")
    assert "canary" not in json.dumps(line)


@pytest.mark.parametrize(
    ("message", "arguments", "told"),
    [
        ("Started server process [%d]", (7,), "Started server process [%d]"),
        (
            "Completing as failure of type ValueError: canary",
            (),
            "Completing as failure of type ValueError",
        ),
        ("Completing activity ({'id': 'canary'})", (), "Completing activity"),
        ('refused "canary"', (), "refused"),
    ],
)
def test_of_other_libraries_only_the_beginning_is_told(
    said: Any, message: str, arguments: tuple[object, ...], told: str
) -> None:
    set_up("worker", "info")
    logging.getLogger("temporalio.worker").warning(message, *arguments)
    line = said()
    assert line["event"] == told
    assert line["logger"] == "temporalio.worker"
    assert line["place"].startswith("test_logs.py:")


def test_other_libraries_failures_keep_their_text_to_themselves(said: Any) -> None:
    set_up("worker", "info")
    try:
        raise KeyError("canary")
    except KeyError:
        logging.getLogger("other").exception("failed for canary")
    line = said()
    assert line["failure"] == "KeyError"
    assert "canary" not in json.dumps(line)


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            name = getattr(on, "attr", getattr(on, "id", ""))
            if node.func.attr in LEVELS and name in {"log", "logger"}:
                yield node


def test_every_line_in_the_sources_says_a_constant_and_names_listed_fields() -> None:
    seen = 0
    for path in SOURCES:
        for call in calls(path):
            seen += 1
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            event = call.args[0]
            assert isinstance(event, ast.Constant), f"{where}: what is said is a constant"
            assert FIELDS["event"].fullmatch(str(event.value)), where
            names = {keyword.arg for keyword in call.keywords} - {"exc_info", "extra"}
            assert names <= set(FIELDS), f"{where}: {names - set(FIELDS)} aren't on the list"
    assert seen >= 8


def test_nothing_is_printed_past_the_logs() -> None:
    allowed = {"console/exits.py", "console/cli.py", "console/up.py", "console/demo.py"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                assert str(path.relative_to(ROOT)) in allowed, path


def test_standard_error_is_where_logs_go() -> None:
    set_up("api", "info")
    assert [handler.stream for handler in logging.getLogger().handlers] == [sys.stderr]  # type: ignore[attr-defined]
