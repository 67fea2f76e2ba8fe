"""The secrets that one machine makes for itself: root key and development issuer."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

from joserfc.jwk import OKPKey

from shared.settings import Settings


def ensure_secrets(settings: Settings) -> None:
    """Make what is missing, readable for this user only; what is there stays as it is."""
    folder = settings.data_dir / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if settings.root_key_file is None:
        _write_once(settings.root_key_path, lambda: secrets.token_hex(32))
    _write_once(settings.issuer_path, _new_issuer)


def _new_issuer() -> str:
    key = OKPKey.generate_key("Ed25519", private=True, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _write_once(path: Path, make: Callable[[], str]) -> None:
    if path.exists():
        return
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(make())
    fresh.replace(path)
