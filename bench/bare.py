"""What an answer's route is compared with: one Starlette route that does one asyncpg INSERT."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

INSERT = "INSERT INTO bench.answer (question, text) VALUES ($1, $2) RETURNING id"
TABLE = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.answer
  (id bigserial PRIMARY KEY, question text NOT NULL, text text NOT NULL)
"""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    url = os.environ["CAIRN_DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=8, max_size=8) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


async def record(request: Request) -> JSONResponse:
    body = await request.json()
    question = request.path_params["question"]
    return JSONResponse(
        {"id": await request.app.state.pool.fetchval(INSERT, question, body["text"])}
    )


app = Starlette(routes=[Route("/{question}", record, methods=["PUT"])], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", loop="uvloop", http="httptools")
