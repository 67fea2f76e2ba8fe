"""Cairn's API, typed."""

from cairn_client.calling import Refused, Unreachable
from cairn_client.operations import Cairn
from cairn_client.signatures import BadSignature, verified

__all__ = ["BadSignature", "Cairn", "Refused", "Unreachable", "verified"]
