"""A whole career cycle over HTTP, in seconds: HR platform, employee, partner and auditor.

    cairn up                                   # in one terminal
    python examples/whole_cycle.py             # in another one

It uses the public API only. Months are seconds here, by the policy that the platform sets.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

POLICY = {
    "cadence": "PT4S",
    "follow_up_after": "PT5S",
    "check_in_every": "PT2S",
    "answer_nudges": ["PT20S", "PT40S", "PT60S"],
    "partner_nudges": ["PT20S", "PT40S"],
    "plan_within": "PT60S",
}
ACTIONS = {
    "enrich": ("job_enrichment", "Own the release notes", "employee"),
    "stretch": ("stretch_assignment", "Lead the migration of one service", "organisation"),
    "mentor": ("mentoring", "An hour a month with a principal engineer", "partner"),
    "coach": ("coaching", "Six sessions on leading without a title", "organisation"),
}


class Caller:
    """Somebody with a token: each write has an Idempotency-Key of its own."""

    def __init__(self, api: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx2.Client(base_url=api, headers=headers, timeout=30)

    def __call__(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid4())}
        answer = self._http.request(method, path, json=body, params=params, headers=headers)
        if answer.is_error:
            sys.exit(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json()


def main() -> None:
    """Play the whole cycle, then print the auditor's timeline of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path, default=Path(".cairn"))
    arguments.add_argument("--tenant", default=f"example-{uuid4().hex[:8]}")
    wanted = arguments.parse_args()
    api = json.loads((wanted.data_dir / "cairn.json").read_text())["api_url"]

    def caller(role: str, person: str | None = None) -> Caller:
        return Caller(api, token(wanted.data_dir, wanted.tenant, role, person))

    platform = caller("platform")
    say("The HR platform sets a policy in seconds and registers two people")
    platform("PUT", "/v1/policy", POLICY)
    platform("PUT", "/v1/people/ben", {"name": "Ben Okoro", "email": "ben@example.com"})
    ana = {"name": "Ana Silva", "email": "ana@example.com", "partner": "ben"}
    platform("PUT", "/v1/people/ana", ana)

    say("It starts Ana's cycle, twice: there is one")
    cycle = platform("POST", "/v1/cycles", {"person": "ana"})["id"]
    assert platform("POST", "/v1/cycles", {"person": "ana"})["id"] == cycle

    employee, partner = caller("employee", "ana"), caller("partner", "ben")
    first_conversation(employee, partner, cycle)
    agree_on_a_plan(employee, partner, cycle)
    come_back_to_it(employee, cycle)

    say("The second round begins by itself")
    wait(lambda: platform("GET", f"/v1/cycles/{cycle}"), lambda c: c["round"] == 2)
    print_timeline(caller("auditor"), cycle)


def first_conversation(employee: Caller, partner: Caller, cycle: str) -> None:
    """Answer the six questions: one is set aside and given later, one revised, one declined."""
    opened = wait(lambda: employee("GET", f"/v1/cycles/{cycle}"), lambda c: c["conversation"])
    at = f"/v1/conversations/{opened['conversation']}"
    say("Ana answers, sets one question aside, declines one, and revises another")
    employee("PUT", f"{at}/answers/impact", {"text": "Two teachers, and a team that trusted me."})
    employee("POST", f"{at}/answers/energy:set-aside")
    employee("PUT", f"{at}/answers/challenge", {"text": "Too many meetings."})
    employee("PUT", f"{at}/answers/challenge", {"text": "Meetings without a decision."})
    employee("PUT", f"{at}/answers/learning", {"text": "To lead without a title."})
    employee("POST", f"{at}/answers/ideal:decline")
    employee("PUT", f"{at}/answers/peak", {"text": "Untangling something nobody understood."})
    employee("PUT", f"{at}/facets/craft", {"kind": "value", "text": "Doing it properly"})
    employee("PUT", f"{at}/answers/energy", {"text": "The quiet mornings with a hard problem."})
    employee("PUT", f"{at}/direction", {"direction": "expand", "comment": "Step by step."})

    say("Nothing is visible to Ben before she shares it")
    assert all(q["answer"] is None for q in partner("GET", at)["questions"])
    employee("POST", f"{at}:share")
    assert any(q["answer"] for q in partner("GET", at)["questions"])

    say("They meet; Ben says so, and Ana's word makes it so")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    partner("POST", f"{at}:claim-held", {"held_on": today})
    employee("POST", f"{at}:conclude", {"meeting": "held"})


def agree_on_a_plan(employee: Caller, partner: Caller, cycle: str) -> None:
    """Plan goals and actions of all four methods, and agree on the same revision."""
    planning = wait(lambda: employee("GET", f"/v1/cycles/{cycle}"), lambda c: c["plan"])
    at = f"/v1/plans/{planning['plan']}"
    say("Ana plans, and proposes; Ben agrees")
    employee("PUT", f"{at}/goals/lead", {"text": "Lead a piece of work from start to end"})
    for name, (method, title, owner) in ACTIONS.items():
        action = {"method": method, "title": title, "owner": owner, "serves": "lead"}
        employee("PUT", f"{at}/actions/{name}", {**action, "success": "We would both say so"})
    employee("POST", f"{at}:propose")
    partner("POST", f"{at}:agree")
    wait(lambda: employee("GET", f"/v1/cycles/{cycle}"), lambda c: c["state"] == "developing")
    employee("POST", f"{at}/actions/enrich:start")
    employee("POST", f"{at}:check-in", {"state": "on_track"})


def come_back_to_it(employee: Caller, cycle: str) -> None:
    """The follow-up opens by itself; Ana concludes it."""
    say("Half a year later (five seconds) the follow-up opens by itself")
    opened = wait(
        lambda: employee("GET", f"/v1/cycles/{cycle}"), lambda c: c["state"] == "follow_up"
    )
    at = f"/v1/conversations/{opened['conversation']}"
    employee("PUT", f"{at}/answers/happened", {"text": "The migration is done."})
    employee("POST", f"{at}:conclude", {"meeting": "waived"})


def print_timeline(auditor: Caller, cycle: str) -> None:
    """Print who did what when, as the auditor sees it: no names, no words."""
    say("The auditor's timeline:")
    cursor = None
    while True:
        page = auditor("GET", "/v1/audit/timeline", cycle=cycle, limit=200, cursor=cursor or "")
        for item in page["items"]:
            print(f"{item['position']:>5}  {item['recorded_at'][:19]}  {item['sentence']}")
        if (cursor := page["next"]) is None:
            return


def wait(read: Callable[[], Any], until: Callable[[Any], Any], seconds: float = 60) -> Any:
    """Read until it is so."""
    deadline = time.monotonic() + seconds
    while not until(found := read()):
        if time.monotonic() > deadline:
            sys.exit(f"waited {seconds} s in vain; it stands at {found}")
        time.sleep(0.1)
    return found


def token(data_dir: Path, tenant: str, role: str, person: str | None) -> str:
    """A development token, from the command line."""
    command = [sys.executable, "-m", "console.cli", "token", "--data-dir", str(data_dir)]
    command += ["--tenant", tenant, "--role", role] + (["--person", person] if person else [])
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def say(text: str) -> None:
    """Tell what is happening."""
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
