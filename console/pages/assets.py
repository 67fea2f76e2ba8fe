"""The pages' own files: stylesheet, scripts, mark. Kept in memory, named by their content."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from fastapi import APIRouter, Request
from fastapi.responses import Response

from shared.errors import NotFound

router = APIRouter()
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """One file, plain and compressed."""

    name: str
    digest: str
    kind: str
    plain: bytes
    small: bytes

    @property
    def path(self) -> str:
        return f"/static/{self.digest}/{self.name}"


@cache
def assets() -> dict[str, Asset]:
    """Every file that pages may use, by its name."""
    folder = resources.files("console") / "static"
    found = [each for each in folder.iterdir() if each.name.rpartition(".")[2] in _TYPES]
    return {each.name: _asset(each.name, each.read_bytes()) for each in found}


@router.get("/static/{digest}/{name}", name="static")
async def static(digest: str, name: str, request: Request) -> Response:
    """One file; its address changes with its content, so that it may be kept for ever."""
    asset = assets().get(name)
    if asset is None or asset.digest != digest:
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(asset.plain, headers=headers, media_type=asset.kind)
    headers["Content-Encoding"] = "gzip"
    return Response(asset.small, headers=headers, media_type=asset.kind)


def _asset(name: str, plain: bytes) -> Asset:
    kind = _TYPES[name.rpartition(".")[2]]
    if name.endswith(".css"):
        plain = _dense(plain)
    digest = sha256(plain).hexdigest()[:12]
    return Asset(name, digest, kind, plain, gzip.compress(plain, 9, mtime=0))


def _dense(sheet: bytes) -> bytes:
    """A stylesheet without its comments, and the white space that is for those who write it."""
    bare = re.sub(rb"/\*.*?\*/", b"", sheet, flags=re.DOTALL)
    return re.sub(rb"\s*([{};,])\s*", rb"\1", bare).replace(b";}", b"}").strip()
