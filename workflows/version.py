"""Which code the workflows run on: another one only where their own modules, or the SDK, changed."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import metadata, resources

_MODULES = (
    "messages.py",
    "career_cycle.py",
    "verbs.py",
    "first_release.py",
    "batch_start.py",
    "reconcile.py",
    "tenants.py",
)


@cache
def build_id() -> str:
    """A short hash of the workflows' modules and of the SDK's version; activities don't count."""
    folder = resources.files("workflows")
    digest = sha256(metadata.version("temporalio").encode())
    for name in _MODULES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:12]
