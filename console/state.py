"""Finds the servers of a running `cairn up`, for commands that are called beside it."""

from __future__ import annotations

import json

from pydantic import SecretStr

from shared.settings import Settings


def with_running_servers(settings: Settings) -> Settings:
    """Fill in what `cairn.json` says, where the environment says nothing."""
    if settings.database_url is not None or settings.database_url_file is not None:
        return settings
    try:
        state = json.loads((settings.data_dir / "cairn.json").read_text())
    except (OSError, ValueError):
        raise ConnectionError("nothing runs there") from None
    return settings.model_copy(
        update={
            "database_url": SecretStr(state["database_url"]),
            "temporal_address": state["temporal_address"],
            "temporal_ui_url": state["temporal_ui_url"],
            "public_url": state["api_url"],
        }
    )
