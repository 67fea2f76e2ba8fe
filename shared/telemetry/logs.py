"""Logs as JSON lines of codes and ids, by a closed list of fields. What failed is told by its kind and
place, never by its text.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog
from opentelemetry import trace

from shared.telemetry.metrics import LOG_FIELDS_DROPPED

_ID = re.compile(r"[A-Za-z0-9._@+:/-]{1,128}")
_CODE = re.compile(r"[A-Za-z0-9_.:/{}-]{1,128}")
_NUMBER = re.compile(r"-?[0-9.]{1,20}")
_PLACE = re.compile(r"[\w.-]+:\d+ [\w<>]+")

FIELDS = {
    "address": _CODE,  # host:port of a server of ours
    "after": _NUMBER,  # a position in a tenant's log
    "count": _NUMBER,
    "event": re.compile(r"[A-Za-z][\w ,.:'%()-]{1,199}"),
    "failure": _CODE,  # the class of an exception
    "follower": _CODE,
    "frames": _PLACE,
    "issuer": _ID,
    "kind": _CODE,
    "level": _CODE,
    "logger": _CODE,
    "method": _CODE,
    "ms": _NUMBER,
    "place": _PLACE,
    "position": _NUMBER,
    "request": _ID,
    "role": _CODE,
    "request_id": _ID,
    "route": _CODE,  # as it is declared, never as it was called
    "span": _CODE,
    "status": _CODE,
    "tenant": _ID,
    "timestamp": re.compile(r"[0-9T:.Z+-]{10,40}"),
    "trace": _CODE,
    "version": _CODE,
    "why": _CODE,
}
"""Everything that a line may tell, and the shape of its value. What doesn't fit is left out."""


class Unlisted(Exception):
    """A field isn't on the list of what logs may tell, or its value has another shape than that."""


def set_up(role: str, level: str, *, strict: bool = False) -> None:
    """Send all logs of this process to standard error, one JSON object a line.

    What isn't on the list is left out and counted; with `strict`, as in tests, it raises `Unlisted`.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_texts,
            _with_trace,
            Listed(strict),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    structlog.contextvars.bind_contextvars(role=role)
    handler = logging.StreamHandler()
    handler.setFormatter(_Foreign())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn.access", "httpx2", "asyncio"):
        logging.getLogger(name).setLevel(logging.ERROR)


def frames(failure: BaseException) -> list[str]:
    """Where a failure came from: `file:line function`, without its text."""
    found = traceback.extract_tb(failure.__traceback__)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in found]


def _without_texts(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    failure = event.pop("exc_info", None)
    if isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event["failure"] = type(failure).__name__
        event["frames"] = frames(failure)
    return event


def _with_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event["trace"] = f"{span.trace_id:032x}"
        event["span"] = f"{span.span_id:016x}"
    return event


class Listed:
    """Keeps the fields that are listed; names those that were left out, without their values."""

    def __init__(self, strict: bool) -> None:
        self._strict = strict

    def __call__(
        self, _: Any, __: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        unlisted = sorted(name for name, value in event.items() if not _may_be_told(name, value))
        if unlisted and self._strict:
            raise Unlisted(", ".join(unlisted))
        for name in [*unlisted, *(name for name, value in event.items() if value is None)]:
            del event[name]
        if unlisted:
            LOG_FIELDS_DROPPED.inc(len(unlisted))
            event["dropped"] = unlisted
        return event


def _may_be_told(name: str, value: Any) -> bool:
    shape = FIELDS.get(name)
    if shape is None:
        return False
    values = value if isinstance(value, list) else [value]
    return all(each is None or shape.fullmatch(str(each)) for each in values)


class _Foreign(logging.Formatter):
    """Other libraries' lines: their logger, level and place, and of what they say only the beginning
    that stands in their source; an exception's text may follow it."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("cairn"):
            return record.getMessage()
        failure = _failure(record.exc_info)
        line: dict[str, Any] = {
            "timestamp": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
            "logger": record.name,
            "level": record.levelname.lower(),
            "place": f"{record.filename}:{record.lineno} {record.funcName}",
        }
        if failure is None:
            line["event"] = _beginning(record)
        else:
            line |= {"failure": type(failure).__name__, "frames": frames(failure)}
        return str(structlog.processors.JSONRenderer()(None, "", line))


def _beginning(record: logging.LogRecord) -> str:
    said = record.msg if isinstance(record.msg, str) else ""
    return said[:200] if record.args else re.split(r"[:(\[{'\"]", said)[0][:80].strip()


def _failure(
    info: tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
    | None,
) -> BaseException | None:
    return info[1] if info else None
