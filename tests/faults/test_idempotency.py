"""P3: one Idempotency-Key has one effect, also when the connection dies after COMMIT."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from pydantic import SecretStr

from console.bootstrap import House, build
from services.conversation.domain import Conversation
from shared.database import within
from shared.errors import Stale
from shared.eventstore.record import Answer, Asked, KeyUsed
from shared.settings import Settings
from tests.faults.proxy import Proxy
from tests.proving import LONG, Proof, told
from tests.shared.eventstore.test_record import command, open_one

KEYS, CUTS = (100_000, 1_000) if LONG else (1_000, 100)
CONVERSATIONS = KEYS // 20
AT_ONCE = 40


class Asking:
    """What every route does with a key; repeated by the caller as long as the answer is unknown."""

    def __init__(self, house: House, tenant: str) -> None:
        self._house = house
        self._tenant = tenant
        self.conflicts = 0

    async def ask(self, conversation: Conversation, key: str, text: str) -> Answer:
        asked = Asked("platform", key, text.encode())
        while True:
            now = command(self._house, self._tenant, asked=asked, cause=key)
            try:
                if (before := await self._house.record.answered(now)) is not None:
                    return before
                return await self._house.record.change(
                    Conversation, conversation.id, now, lambda c: c.record_answer("impact", text)
                )
            except KeyUsed:
                continue
            except Stale:
                self.conflicts += 1


@pytest.mark.timeout(3600 if LONG else 600)
async def test_a_key_has_one_effect_with_three_at_once_and_cuts_after_commit(
    settings: Settings, tenant: str, proof: Proof
) -> None:
    proxy = Proxy(settings.required_database_url())
    url = SecretStr(await proxy.start())
    house = await build(settings.model_copy(update={"database_url": url}))
    asking = Asking(house, tenant)
    places = asyncio.Semaphore(AT_ONCE)
    different: list[str] = []

    async def converse() -> None:
        async with places:
            conversation = await open_one(house, tenant)
            for _ in range(20):
                key = uuid4().hex
                answers = await asyncio.gather(
                    *(asking.ask(conversation, key, f"text of {key}") for _ in range(3))
                )
                if any(answer.body != answers[0].body for answer in answers):
                    different.append(key)

    async def cut() -> None:
        while proxy.made < CUTS:
            if proxy.cuts == 0:
                proxy.cuts = 1
            await asyncio.sleep(0.002)

    cutting = asyncio.create_task(cut())
    await asyncio.gather(*(converse() for _ in range(CONVERSATIONS)))
    cutting.cancel()
    effects, distinct = await effects_of(house, tenant)
    figures = {"doubled": effects - distinct, "false_conflicts": asking.conflicts}
    figures["different_answers"] = len(different)
    done = f"{KEYS:,} keys, each sent by 3 at once; {proxy.made:,} cuts after COMMIT"
    proof("P3 one key, one effect", done, told(figures))
    await house.close()
    await proxy.stop()
    assert proxy.made >= CUTS
    assert distinct == KEYS
    assert set(figures.values()) == {0}


async def effects_of(house: House, tenant: str) -> tuple[int, int]:
    async with within(house.record.pool, tenant) as connection:
        row = await connection.fetchrow(
            "SELECT count(*) AS effects, count(DISTINCT convert_from(meta, 'UTF8')::jsonb ->> 'cause')"
            " AS causes FROM record.event"
            " WHERE tenant = $1 AND type LIKE 'conversation.answer_re%'",
            tenant,
        )
    assert row is not None
    return row["effects"], row["causes"]
