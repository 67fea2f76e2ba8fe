"""Logs as JSON lines of codes and ids. What failed is told by its kind and place, never its text."""

from __future__ import annotations

import logging
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog


def set_up(role: str, level: str) -> None:
    """Send all logs of this process to standard error, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_texts,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
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


class _Foreign(logging.Formatter):
    """Other libraries' lines: their logger, level and kind of failure, but no text of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("cairn"):
            return record.getMessage()
        failure = _failure(record.exc_info)
        line: dict[str, Any] = {"logger": record.name, "level": record.levelname.lower()}
        if failure is None:
            line["event"] = record.msg if isinstance(record.msg, str) else "unreadable"
        else:
            line |= {"failure": type(failure).__name__, "frames": frames(failure)}
        return str(structlog.processors.JSONRenderer()(None, "", line))


def _failure(
    info: tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
    | None,
) -> BaseException | None:
    return info[1] if info else None
