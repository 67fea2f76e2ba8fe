"""A `cairn up` with a mail server of the test's own, whose processes are killed by name."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from console.embedded.children import free_port
from tests.console.test_up import Running, until
from tests.shared.test_mail import Sink


class FlakySink(Sink):
    """Takes most mail, and answers "later" now and then."""

    def __init__(self, later: float = 0.0) -> None:
        super().__init__()
        self._later = later
        self._chance = random.Random(1)

    async def handle_DATA(self, *arguments: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self._chance.random() < self._later:
            return "451 later"
        return await super().handle_DATA(*arguments)

    def message_ids(self) -> list[str]:
        parser = BytesParser(policy=policy.default)
        return [str(parser.parsebytes(each, headersonly=True)["Message-ID"]) for each in self.taken]


@contextmanager
def town(folder: Path, sink: Sink) -> Iterator[Running]:
    """Everything started, with mail going to the sink."""
    port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    running = Running(folder)
    running.settings = {
        "CAIRN_SMTP_HOST": "127.0.0.1",
        "CAIRN_SMTP_PORT": str(port),
        "CAIRN_SMTP_TLS": "none",
        "CAIRN_MAIL_FROM": "cairn@acme.example",
    }
    try:
        yield running.start()
    finally:
        running.stop()
        controller.stop()


def kill(running: Running, name: str) -> None:
    """kill -9 of one process; `cairn up` starts it again."""
    before = running.state["pids"][name]
    os.kill(before, signal.SIGKILL)
    until(lambda: running.state["pids"][name] != before)
