"""Runs tests against a mutant: in a fork of a process that has loaded everything else already."""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.proving import Proof

ROOT = Path(__file__).parents[2]
CPU_SECONDS, LONGEST = 60, 900
"""Seconds: what a mutant that never ends uses up, and what one that waits is given on a busy machine."""
_PRELOADED = (
    "hypothesis", "hypothesis.strategies", "pytest_asyncio.plugin", "eventsourcing.domain", "isodate",
    "shared.eventstore.record", "shared.periods", "shared.intervals", "shared.eventstore.events",
)  # fmt: skip
_OPTIONS = ("-x", "-q", "--noconftest", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin")


def preload() -> None:
    """Load what no mutant changes; plugins are named, not searched for."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in _PRELOADED:
        importlib.import_module(name)


class Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a tree instead of its file."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self._path = path
        self._tree = tree
        self._name = path.removesuffix(".py").replace("/", ".")

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """Answer for this one module, and for no other."""
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, ROOT / self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._tree, str(ROOT / self._path), "exec"), module.__dict__)


class Fixtures:
    """What these tests ask for of the fixtures of all tests."""

    @pytest.fixture(scope="session")
    def proof(self) -> Proof:
        return lambda *_: None


def passes(path: str, tree: ast.Module, tests: Sequence[str]) -> bool:
    """Whether these tests find nothing wrong; one that doesn't end has found something."""
    child = os.fork()
    if child == 0:
        _run(path, tree, tests)
    _, status = os.waitpid(child, 0)
    return status == 0


def _run(path: str, tree: ast.Module, tests: Sequence[str]) -> None:
    """The child: it ends here, whatever happens."""
    code = 1
    try:
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        signal.alarm(LONGEST)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.meta_path.insert(0, Mutated(path, tree))
        code = int(pytest.main([*_OPTIONS, *tests], plugins=[Fixtures()]))
    finally:
        os._exit(code)
