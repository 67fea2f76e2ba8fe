"""For ops on one machine: lets the Temporal UI read encrypted payloads, and shows the runbook."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from google.protobuf import json_format
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload, Payloads

from shared.errors import Invalid
from shared.http import given
from workflows.codec import Codec, for_reading

codec_server = APIRouter(include_in_schema=False)
runbook = APIRouter(include_in_schema=False)
_AT = "/temporal/"


class NotPayloads(Invalid):
    """Send payloads as the Temporal UI does: {"payloads": […]}."""


@codec_server.post("/temporal/decode")
async def decode(request: Request, codec: Annotated[Codec, given(Codec)]) -> Response:
    """Open payloads, which hold ids, codes and dates."""
    sent = await _payloads(request)
    return _answer(await for_reading(codec, sent.payloads))


@codec_server.post("/temporal/encode")
async def encode(request: Request, codec: Annotated[Codec, given(Codec)]) -> Response:
    """Seal what ops type into the UI or the command line, such as the input of an Update."""
    sent = await _payloads(request)
    return _answer(await codec.encode(sent.payloads))


async def _payloads(request: Request) -> Payloads:
    try:
        return json_format.Parse(await request.body(), Payloads())
    except json_format.ParseError:
        raise NotPayloads from None


def _answer(payloads: Sequence[Payload]) -> Response:
    shown = json_format.MessageToJson(Payloads(payloads=payloads))
    return Response(shown, media_type="application/json")


@runbook.get("/runbook")
async def show_runbook() -> HTMLResponse:
    """What to do about what ops see in the Temporal UI."""
    return HTMLResponse((resources.files("console") / "runbook.html").read_text())


class FromTheUi:
    """Lets pages of the Temporal UI, and of nobody else, call the codec server."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._cors = CORSMiddleware(
            app, allow_origins=[origin], allow_methods=["POST"], allow_headers=["*"]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"].startswith(_AT)
        await (self._cors if ours else self._app)(scope, receive, send)
