"""A small company to look at: 24 people in 4 departments, cycles at every stage, minutes for months."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from console.bootstrap import House
from console.login.sessions import Limits, Sessions
from console.up import say
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer

TENANT = "demo"
POLICY = {
    "cadence": "PT20M",
    "follow_up_after": "PT10M",
    "check_in_every": "PT4M",
    "answer_nudges": ["PT3M", "PT6M", "PT9M"],
    "partner_nudges": ["PT3M", "PT6M"],
    "plan_within": "PT15M",
}
AT_ONCE = POLICY | {"follow_up_after": "PT1S", "check_in_every": "PT1H"}
DEPARTMENTS = {
    "research": ["ines", "mira", "tomas", "yuki", "paul", "leila"],
    "design": ["jonas", "aiko", "sofia", "marek", "ruth", "dario"],
    "finance": ["helga", "omar", "nina", "viktor", "amara", "luca"],
    "support": ["pedro", "freya", "kofi", "elif", "stan", "wanda"],
}
SURNAMES = {
    "ines": "Duarte", "mira": "Halvorsen", "tomas": "Novák", "yuki": "Mori", "paul": "Weiss",
    "leila": "Haddad", "jonas": "Lindqvist", "aiko": "Tanaka", "sofia": "Rossi", "marek": "Zieliński",
    "ruth": "Adler", "dario": "Conti", "helga": "Brandt", "omar": "Farouk", "nina": "Petrova",
    "viktor": "Sandberg", "amara": "Okafor", "luca": "Moreau", "pedro": "Alves", "freya": "Jensen",
    "kofi": "Mensah", "elif": "Yıldız", "stan": "Kowalski", "wanda": "Novak",
}  # fmt: skip
DAY = 86_400


@dataclass
class Company:
    """The API, and tokens for whoever acts in a story."""

    http: httpx2.AsyncClient
    issuer: Issuer

    async def call(
        self, role: str, person: str | None, method: str, path: str, body: Any = None
    ) -> Any:
        token = self.issuer.issue(TENANT, [role], person, DAY)
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


@dataclass
class Story:
    """One employee with a cycle whose conversation is open."""

    company: Company
    person: str
    partner: str
    cycle: str
    conversation: str

    async def does(self, method: str, path: str, body: Any = None) -> Any:
        return await self.company.call("employee", self.person, method, path, body)

    async def answers(self) -> None:
        texts = {
            "impact": "A teacher who let me try, and a year abroad that went wrong in good ways.",
            "energy": "The quiet hour with a hard problem, and explaining it afterwards.",
            "challenge": "Saying no early enough.",
        }
        for question, text in texts.items():
            await self.does("PUT", f"{self.conversation}/answers/{question}", {"text": text})
        await self.does("PUT", f"{self.conversation}/direction", {"direction": "deepen"})

    async def concludes(self) -> str:
        await self.answers()
        await self.does("POST", f"{self.conversation}:share")
        await self.does("POST", f"{self.conversation}:conclude", {"meeting": "waived"})
        return f"/v1/plans/{(await self.company.until(self.cycle, lambda c: c['plan']))['plan']}"

    async def plans(self) -> str:
        plan = await self.concludes()
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


async def declines(story: Story) -> None:
    await story.does("POST", f"{story.conversation}:decline")


async def drafts(story: Story) -> None:
    await story.concludes()


async def proposes(story: Story) -> None:
    await story.plans()


async def develops(story: Story) -> None:
    plan = await story.plans()
    await story.company.call("partner", story.partner, "POST", f"{plan}:agree")


async def does_without_a_plan(story: Story) -> None:
    await story.does("POST", f"{await story.concludes()}:close")


async def is_on_leave(story: Story) -> None:
    path = f"/v1/cycles/{story.cycle}:suspend"
    await story.company.call("hr", None, "POST", path, {"reason": "leave"})


Tale = Callable[[Story], Awaitable[None]]
STORIES: dict[str, Tale] = {
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
    "viktor": shares,
    "freya": silent,
    "kofi": sets_aside,
    "elif": proposes,
}
VISITORS = (
    ("Employee", "paul", ("employee", "partner")),
    ("Partner", "ines", ("employee", "partner")),
    ("HR", None, ("hr",)),
    ("Auditor", None, ("auditor",)),
)
STORIES_TO_FOLLOW = {
    "Employee": "Paul, who has just been asked and hasn't said anything yet",
    "Partner": "Ines, with whom five people talk",
    "HR": "who sees the people, and never their words",
    "Auditor": "who sees what happened when, and never the words",
}
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
FOLLOWED_UP = ("dario", "amara", "stan")


async def seed(settings: Settings, api_url: str) -> None:
    """Fill the company, once; then say how to look at it."""
    from console.bootstrap import build
    from console.state import with_running_servers

    house = await build(with_running_servers(settings))
    await house.record.vault.create_tenant(TENANT)
    issuer = Issuer.of_file(settings.issuer_path)
    async with httpx2.AsyncClient(base_url=api_url, timeout=60) as http:
        company = Company(http, issuer)
        if (await company.call("hr", None, "GET", "/v1/policy"))["version"] == 0:
            await _fill(company)
    links = await _links(house, settings)
    await house.close()
    _say_how_to_look(api_url, links)


async def _fill(company: Company) -> None:
    say("  demo         filling a company of 24 people")
    for department, people in DEPARTMENTS.items():
        for person in people:
            await _register(company, department, person, people[0])
    await company.call("admin", None, "PUT", "/v1/policy", AT_ONCE)
    await asyncio.gather(*(_tell(company, person, develops) for person in FOLLOWED_UP))
    await company.call("admin", None, "PUT", "/v1/policy", POLICY)
    await asyncio.gather(*(_tell(company, person, tale) for person, tale in STORIES.items()))


async def _register(company: Company, department: str, person: str, partner: str) -> None:
    name = f"{person.title()} {SURNAMES[person]}"
    body = {"name": name, "email": f"{person}@demo.example", "department": department}
    named = {"partner": partner} if person != partner else {}
    await company.call("hr", None, "PUT", f"/v1/people/{person}", body | named)


async def _tell(company: Company, person: str, tale: Tale) -> None:
    partner = next(people[0] for people in DEPARTMENTS.values() if person in people)
    started = await company.call("hr", None, "POST", "/v1/cycles", {"person": person})
    cycle = await company.until(started["id"], lambda c: c["conversation"])
    at = f"/v1/conversations/{cycle['conversation']}"
    await tale(Story(company, person, partner, cycle["id"], at))


async def _links(house: House, settings: Settings) -> dict[str, str]:
    """A link for each kind of user, good for one visit."""
    limits = Limits.of(settings.session_idle, settings.session_longest)
    sessions = Sessions(house.record, limits)
    found = {}
    for said, person, roles in VISITORS:
        subject = await house.record.vault.subject_of(TENANT, person) if person else None
        by = Principal(TENANT, frozenset(roles), person or roles[0], subject)
        found[said] = await sessions.make_link(by)
    return found


def _say_how_to_look(api_url: str, links: dict[str, str]) -> None:
    lines = "\n".join(
        f"  {said.ljust(12)} {what}\n               {api_url}/login/link/{links[said]}"
        for said, what in STORIES_TO_FOLLOW.items()
    )
    say(f"""{lines}

  Each link is good once. Whoever you are, {api_url}/login lets you be somebody else.
""")
