"""The beginning of a cycle as one would write it with DBOS: durable workflows in PostgreSQL alone.

Each opens a conversation, notes and writes a mail, and sleeps until it is woken or a fortnight is
over. `python dbos_cycles.py FEW MANY FOLDER` prints, as JSON, how many a second have fallen asleep,
and how many MB the process takes up while few and while many sleep.
"""

import asyncio
import json
import os
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

from dbos import DBOS, SetWorkflowID
from psycopg_pool import AsyncConnectionPool

AT_ONCE = 50
LONGEST = 1_200
"""Seconds that a step may wait for its turn, and all of them for their sleep."""

FORTNIGHT = 14 * 24 * 3600
TABLES = """
CREATE TABLE conversation (id uuid PRIMARY KEY, person text UNIQUE NOT NULL, opened timestamptz);
CREATE TABLE event (id uuid PRIMARY KEY, person text NOT NULL, kind text NOT NULL, at timestamptz)
"""
URL = os.environ["CAIRN_DATABASE_URL"].rpartition("/")[0] + "/dbos_cycles"
DBOS(
    config={
        "name": "cycles",
        "system_database_url": URL.replace("postgresql://", "postgresql+psycopg://"),
        "sys_db_pool_size": 20,
        "log_level": "ERROR",
    }
)
pool = AsyncConnectionPool(URL, min_size=4, max_size=20, open=False, timeout=LONGEST)
folder = Path(sys.argv[3])
asleep: set[str] = set()


@DBOS.step()
async def open_conversation(person: str) -> str:
    """The conversation and its event, in one commit, once."""
    made = str(uuid4())
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO conversation VALUES (%s, %s, now()) ON CONFLICT DO NOTHING", (made, person)
        )
        await note(connection, person, "opened")
    return made


@DBOS.step()
async def post(person: str) -> None:
    """The mail as a file, as ours is on one machine, and that it was sent."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Cairn <cairn@localhost>", f"{person}@mail.example"
    mail["Subject"] = "Your conversation"
    mail.set_content("Your conversation is open. Take your time.")
    (folder / f"{uuid4()}.eml").write_bytes(mail.as_bytes())
    async with pool.connection() as connection:
        await note(connection, person, "mail_sent")


async def note(connection, person: str, kind: str) -> None:
    await connection.execute(
        "INSERT INTO event VALUES (%s, %s, %s, now())", (uuid4(), person, kind)
    )


@DBOS.workflow()
async def cycle(person: str) -> None:
    """What is due at once, then sleep."""
    await open_conversation(person)
    await post(person)
    asleep.add(person)
    await DBOS.recv_async("wake", timeout_seconds=FORTNIGHT)


async def begin(people: range) -> float:
    """Start a cycle for each; seconds until all sleep."""
    places, began, until = asyncio.Semaphore(AT_ONCE), time.monotonic(), people.stop

    async def one(number: int) -> None:
        async with places:
            with SetWorkflowID(f"cycle/{number}"):
                await DBOS.start_workflow_async(cycle, f"p{number}")

    await asyncio.gather(*map(one, people))
    async with asyncio.timeout(LONGEST):
        while len(asleep) < until:
            await asyncio.sleep(0.05)
    return time.monotonic() - began


def resident() -> float:
    """MB that this process takes up."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def main() -> None:
    few, many = map(int, sys.argv[1:3])
    await pool.open()
    async with pool.connection() as connection:
        await connection.execute(TABLES)
    DBOS.launch()
    weights = []
    for people in (range(few), range(few, many)):
        took = await begin(people)
        await asyncio.sleep(10)
        weights.append(resident())
    print(
        json.dumps({"rate": (many - few) / took, "few": weights[0], "many": weights[1]}), flush=True
    )
    os._exit(0)  # thousands sleep; nobody waits for them


if __name__ == "__main__":
    asyncio.run(main())
