"""`cairn demo`: fills a small company, once, and says how to look at it as each kind of user."""

from __future__ import annotations

import asyncio
import textwrap
from typing import NamedTuple

import httpx2

from console.bootstrap import House, build
from console.exits import say
from console.login.sessions import Limits, Sessions
from console.state import with_running_servers
from console.tales import (
    DEPARTMENTS,
    FOLLOWED_UP,
    STORIES,
    TENANT,
    Company,
    develops,
    partner_of,
)
from shared.principal import Principal
from shared.settings import Settings
from shared.tokens import Issuer

POLICY = {
    "cadence": "PT20M",
    "follow_up_after": "PT10M",
    "check_in_every": "PT4M",
    "answer_nudges": ["PT3M", "PT6M", "PT9M"],
    "partner_nudges": ["PT3M", "PT6M"],
    "plan_within": "PT15M",
    "partner_wanted_after": "PT2S",
    "min_group": 4,
}
AT_ONCE = POLICY | {"follow_up_after": "PT1S", "check_in_every": "PT1H"}


class Visitor(NamedTuple):
    """A kind of user, as whom somebody may come in, and what there is to see in five minutes."""

    kind: str
    person: str | None
    roles: tuple[str, ...]
    story: str


VISITORS = (
    Visitor(
        "Employee",
        "paul",
        ("employee", "partner"),
        "Paul has just been asked. Answer a question, take your time with the next one, say where"
        " you would like to go, and choose what Mira may read of it.",
    ),
    Visitor(
        "Partner",
        "ines",
        ("employee", "partner"),
        "Ines talks with three people. Tomas has shared something: read it, see what helps a good"
        " conversation, and choose a time. Yuki rests; you aren't told why. Mira has a plan, and"
        " a promise of yours in it.",
    ),
    Visitor(
        "HR",
        None,
        ("hr",),
        "See how far the offer reaches and what waits for you (Ines has nobody to talk with), try"
        " a batch without starting it, and look for anybody's words: there are none.",
    ),
    Visitor(
        "Auditor",
        None,
        ("auditor",),
        "Follow `mira` on the timeline, and step through her conversation and her plan, version by"
        " version. Where words were, you see their hash. You have asked to read what she shared;"
        " once Protection and HR agree, you may, for four hours.",
    ),
    Visitor(
        "Protection",
        None,
        ("dpo",),
        "Data protection: decide on the auditor's case about Mira, hold somebody's record, or erase"
        " somebody's words for ever and print the certificate.",
    ),
)


async def seed(settings: Settings, api_url: str) -> None:
    """Fill the company, once; then say how to look at it."""
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
    for people in DEPARTMENTS.values():
        for person in people:
            partner = partner_of(person)
            await company.put(person, **({"partner": partner} if partner else {}))
    await company.call("admin", None, "PUT", "/v1/policy", AT_ONCE)
    await asyncio.gather(*(company.tell(person, develops) for person in FOLLOWED_UP))
    await company.call("admin", None, "PUT", "/v1/policy", POLICY)
    await asyncio.gather(*(company.tell(person, tale) for person, tale in STORIES.items()))
    await company.ask_to_read("mira")


async def _links(house: House, settings: Settings) -> dict[str, str]:
    """A link for each kind of user, good for one visit."""
    limits = Limits.of(settings.session_idle, settings.session_longest)
    sessions = Sessions(house.record, limits)
    found = {}
    for kind, person, roles, _ in VISITORS:
        subject = await house.record.vault.subject_of(TENANT, person) if person else None
        by = Principal(TENANT, frozenset(roles), person or roles[0], subject)
        found[kind] = await sessions.make_link(by)
    return found


def _say_how_to_look(api_url: str, links: dict[str, str]) -> None:
    for kind, _, _, story in VISITORS:
        say(f"  {kind.ljust(12)} {api_url}/login/link/{links[kind]}")
        say(textwrap.indent(textwrap.fill(story, 85), " " * 15) + "\n")
    say(
        "  Each link is good once; the follow-ups and check-ins of this company come within minutes.\n"
        f"  Whoever you are, {api_url}/login lets you be somebody else.\n"
    )
