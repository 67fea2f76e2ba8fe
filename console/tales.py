"""The small company of `cairn demo`: who is in it, and the tale that each of them is in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from shared.tokens import Issuer

TENANT = "demo"
DEPARTMENTS = {
    "research": ["ines", "mira", "tomas", "yuki", "paul", "leila"],
    "design": ["jonas", "aiko", "sofia", "marek", "ruth", "dario"],
    "finance": ["helga", "omar", "nina", "viktor", "amara", "luca"],
    "support": ["pedro", "freya", "kofi", "elif", "stan", "wanda"],
}
LOCATIONS = {"research": "Basel", "design": "Basel", "finance": "Porto", "support": "Porto"}
SURNAMES = {
    "ines": "Duarte", "mira": "Halvorsen", "tomas": "Novák", "yuki": "Mori", "paul": "Weiss",
    "leila": "Haddad", "jonas": "Lindqvist", "aiko": "Tanaka", "sofia": "Rossi", "marek": "Zieliński",
    "ruth": "Adler", "dario": "Conti", "helga": "Brandt", "omar": "Farouk", "nina": "Petrova",
    "viktor": "Sandberg", "amara": "Okafor", "luca": "Moreau", "pedro": "Alves", "freya": "Jensen",
    "kofi": "Mensah", "elif": "Yıldız", "stan": "Kowalski", "wanda": "Novak",
}  # fmt: skip
_DAY = 86_400


def partner_of(person: str) -> str | None:
    """The first of a department talks with four of it, the second with the last two."""
    people = next(people for people in DEPARTMENTS.values() if person in people)
    place = people.index(person)
    return None if place == 0 else people[1 if place > 3 else 0]


@dataclass
class Company:
    """The API, and tokens for whoever acts in a tale."""

    http: httpx2.AsyncClient
    issuer: Issuer

    async def call(
        self, role: str, person: str | None, method: str, path: str, body: Any = None
    ) -> Any:
        token = self.issuer.issue(TENANT, [role], person, _DAY)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
        answer = await self.http.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    async def until(self, cycle: str, so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Wait until the cycle stands where it should."""
        for _ in range(600):
            found: dict[str, Any] = await self.call("hr", None, "GET", f"/v1/cycles/{cycle}")
            if so(found):
                return found
            await asyncio.sleep(0.1)
        raise TimeoutError("the demo's cycles don't move; see the worker's log")

    async def put(self, person: str, **changes: Any) -> None:
        """Write somebody's profile anew, with a change."""
        department = next(name for name, people in DEPARTMENTS.items() if person in people)
        profile = {
            "name": f"{person.title()} {SURNAMES[person]}",
            "email": f"{person}@demo.example",
            "department": department,
            "location": LOCATIONS[department],
        }
        await self.call("hr", None, "PUT", f"/v1/people/{person}", profile | changes)

    async def ask_to_read(self, person: str) -> None:
        """An auditor asks to read what somebody has shared; two others have yet to decide."""
        # There is one already, and no list may know of it yet.
        cycle = await self.call("hr", None, "POST", "/v1/cycles", {"person": person})
        asked = {"cycle": cycle["id"], "reason": "works_council"}
        await self.call("auditor", None, "POST", "/v1/audit/cases", asked)

    async def tell(self, person: str, tale: Tale) -> None:
        """Start somebody's cycle, and let their tale happen."""
        started = await self.call("hr", None, "POST", "/v1/cycles", {"person": person})
        cycle = await self.until(started["id"], lambda c: c["conversation"])
        at = f"/v1/conversations/{cycle['conversation']}"
        await tale(Story(self, person, cycle["id"], at))


@dataclass
class Story:
    """One employee with a cycle whose conversation is open."""

    company: Company
    person: str
    cycle: str
    conversation: str

    async def does(self, method: str, path: str, body: Any = None) -> Any:
        return await self.company.call("employee", self.person, method, path, body)

    async def partner_does(self, method: str, path: str, body: Any = None) -> Any:
        partner = partner_of(self.person)
        return await self.company.call("partner", partner, method, path, body)

    async def answers(self) -> None:
        texts = {
            "impact": "A teacher who let me try, and a year abroad that went wrong in good ways.",
            "energy": "The quiet hour with a hard problem, and explaining it afterwards.",
            "challenge": "Saying no early enough.",
        }
        for question, text in texts.items():
            await self.does("PUT", f"{self.conversation}/answers/{question}", {"text": text})
        await self.does("PUT", f"{self.conversation}/direction", {"direction": "deepen"})

    async def concludes(self, **meeting: Any) -> str:
        await self.answers()
        await self.does("POST", f"{self.conversation}:share")
        await self.does("POST", f"{self.conversation}:conclude", meeting or {"meeting": "waived"})
        return f"/v1/plans/{(await self.company.until(self.cycle, lambda c: c['plan']))['plan']}"

    async def plans(self) -> str:
        today = datetime.now(UTC).date().isoformat()
        plan = await self.concludes(meeting="held", held_on=today)
        goals = {
            "depth": {
                "text": "Be the one to ask about measuring things",
                "horizon": "in two years",
            },
            "voice": {"text": "Say what I think while it still helps"},
        }
        for goal, body in goals.items():
            await self.does("PUT", f"{plan}/goals/{goal}", body)
        for action, body in ACTIONS.items():
            await self.does("PUT", f"{plan}/actions/{action}", body)
        await self.does("POST", f"{plan}:propose")
        return plan


async def silent(_: Story) -> None:
    """Has been asked, and hasn't said anything yet."""


async def sets_aside(story: Story) -> None:
    await story.answers()
    await story.does("POST", f"{story.conversation}/answers/ideal:set-aside")


async def pauses(story: Story) -> None:
    await story.does("POST", f"{story.conversation}:pause")


async def shares(story: Story) -> None:
    await story.answers()
    await story.does("POST", f"{story.conversation}:share")


async def meets(story: Story) -> None:
    await shares(story)
    in_two_days = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    meeting = {"starts_at": in_two_days.isoformat(), "duration": "PT1H", "place": "The small room"}
    await story.partner_does("POST", f"{story.conversation}:schedule", meeting)


async def declines(story: Story) -> None:
    await story.does("POST", f"{story.conversation}:decline")


async def drafts(story: Story) -> None:
    await story.concludes()


async def proposes(story: Story) -> None:
    await story.plans()


async def develops(story: Story) -> None:
    await story.partner_does("POST", f"{await story.plans()}:agree")


async def keeps_promises(story: Story) -> None:
    plan = await story.plans()
    await story.partner_does("POST", f"{plan}:agree")
    await story.partner_does("POST", f"{plan}/actions/mentor:done")


async def does_without_a_plan(story: Story) -> None:
    await story.does("POST", f"{await story.concludes()}:close")


async def is_on_leave(story: Story) -> None:
    today = datetime.now(UTC).date().isoformat()
    path = f"/v1/people/{story.person}:leave"
    await story.company.call("hr", None, "POST", path, {"from": today})


async def gets_a_new_partner(story: Story) -> None:
    """And hasn't chosen yet what comes along."""
    await develops(story)
    await story.company.put(story.person, partner=NEW_PARTNERS[story.person])


async def hands_over(story: Story) -> None:
    await gets_a_new_partner(story)
    await story.does("POST", f"/v1/people/{story.person}/handover", {"choice": "plan"})


async def leaves(story: Story) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    await story.answers()
    await story.company.put(story.person, end_date=yesterday)


async def has_nobody_to_talk_with(_: Story) -> None:
    """No partner is named: HR finds it among what waits."""


Tale = Callable[[Story], Awaitable[None]]
STORIES: dict[str, Tale] = {
    "ines": has_nobody_to_talk_with,
    "mira": develops,
    "tomas": shares,
    "yuki": sets_aside,
    "paul": silent,
    "leila": is_on_leave,
    "aiko": proposes,
    "sofia": drafts,
    "marek": pauses,
    "ruth": does_without_a_plan,
    "omar": develops,
    "nina": declines,
    "viktor": meets,
    "luca": hands_over,
    "freya": silent,
    "kofi": keeps_promises,
    "elif": gets_a_new_partner,
    "wanda": leaves,
}
FOLLOWED_UP = ("dario", "amara", "stan")
NEW_PARTNERS = {"luca": "helga", "elif": "freya"}
ACTIONS: dict[str, dict[str, Any]] = {
    "mentor": {
        "method": "mentoring",
        "title": "Two hours a month with somebody who has done it for long",
        "serves": "depth",
        "success": "I answer what I asked before",
        "owner": "partner",
        "rhythm": "two hours a month",
    },
    "bench": {
        "method": "job_enrichment",
        "title": "Take over the measuring bench",
        "serves": "depth",
        "success": "Others come and ask how it was measured",
        "owner": "employee",
        "adds": "the care of the instruments",
    },
    "coach": {
        "method": "coaching",
        "title": "Six talks with a coach of my own choice",
        "serves": "voice",
        "success": "I have said it in the meeting, not after it",
        "owner": "organisation",
        "sessions": 6,
    },
}
