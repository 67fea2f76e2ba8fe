"""`cairn keys rotate`."""

from __future__ import annotations

import sys

from console.bootstrap import build
from shared.settings import Settings


async def rotate_keys(settings: Settings, tenant: str) -> None:
    """Begin new epochs; print the new public key of the ledger, for those who keep it."""
    house = await build(settings)
    try:
        epoch = await house.record.vault.rotate(tenant)
        await house.ledger.rotate(tenant)
        newest = (await house.ledger.verifier_keys(tenant))[-1]
    finally:
        await house.close()
    sys.stderr.write(f"epoch {epoch} of the keys of {tenant} has begun; the ledger is signed by\n")
    sys.stdout.write(f"{newest}\n")
