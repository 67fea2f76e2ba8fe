"""What commands have in common: where the files are, and which servers run there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from shared.settings import Settings

DataDir = Annotated[Path | None, Parameter(name="--data-dir", help="default .cairn")]


def settings_of(data_dir: Path | None) -> Settings:
    """The settings, from the environment and the command line."""
    return Settings(data_dir=data_dir) if data_dir else Settings()


def running(settings: Settings) -> Settings:
    """The settings with the database of the `cairn up` that runs on this data directory."""
    from console.state import with_running_servers

    return with_running_servers(settings)
