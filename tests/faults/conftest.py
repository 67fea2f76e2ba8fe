"""The faults need a C compiler, for a disk that fails on demand."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="session", autouse=True)
def _compiler() -> None:
    if shutil.which("cc") is None:
        pytest.skip("a disk that fails is made with a C compiler: apt-get install gcc libc6-dev")
