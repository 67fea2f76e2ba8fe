"""`cairn rebuild readmodels` and `cairn rebuild workflows`, with their progress."""

from __future__ import annotations

import sys

from console.bootstrap import build
from console.commands.progress import progress
from console.rebuild import rebuild_read_models
from shared.settings import Settings
from workflows.rebuild import rebuild_workflows
from workflows.worker import connect, prepare


async def show_rebuild(settings: Settings) -> None:
    """Rebuild the lists, and show how far it is."""
    with progress("rebuilds", "events") as show:
        read = await rebuild_read_models(settings, show)
    sys.stderr.write(f"{read} events were read; the new lists are served\n")


async def show_workflows(settings: Settings) -> None:
    """Start every open cycle and batch again, and show how far it is."""
    house = await build(settings)
    try:
        client = await connect(settings, house.record.vault.root)
        await prepare(client)
        with progress("starts", "workflows") as show:
            started = await rebuild_workflows(house.reconciler(client), show)
    finally:
        await house.close()
    sys.stderr.write(f"{started} workflows run\n")
