"""P1: an answer that we said was saved is never lost, whatever happens around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.campaign import Campaign
from tests.proving import LONG, Proof, told

FAULTS, ACKNOWLEDGED, FREEZES = (500, 1_000_000, 5) if LONG else (31, 20_000, 1)


@pytest.mark.timeout(3600 if LONG else 600)
async def test_no_acknowledged_write_is_lost_under_faults(tmp_path: Path, proof: Proof) -> None:
    campaign = Campaign(tmp_path / "campaign", seed=1)
    outcome = await campaign.run(FAULTS, ACKNOWLEDGED, FREEZES)
    faults = sum(outcome.faults.values())
    proof(
        "P1 nothing acknowledged is lost",
        f"{faults} faults in {outcome.seconds:.0f} s ({told(dict(outcome.faults))})",
        told(vars(outcome.verdict)),
    )
    assert faults >= FAULTS
    assert outcome.verdict.acknowledged >= ACKNOWLEDGED
    assert outcome.verdict.faults == {}
