"""`cairn rebuild readmodels`, with its progress."""

from __future__ import annotations

import sys

from console.commands.progress import progress
from console.rebuild import rebuild_read_models
from shared.settings import Settings


async def show_rebuild(settings: Settings) -> None:
    """Rebuild, and show how far it is."""
    with progress("rebuilds", "events") as show:
        read = await rebuild_read_models(settings, show)
    sys.stderr.write(f"{read} events were read; the new lists are served\n")
