"""An HR platform, small and complete: roster in, cycles started, webhooks taken, the feed behind them.

    CAIRN_WEBHOOKS_ON_LOOPBACK=true cairn up   # in one terminal
    python examples/platform                   # in another one

The second run goes on where the first one stopped: nothing is imported, started or told twice.
With --deaf the platform takes no webhooks for once, as when it is down, and the feed makes up for it.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from pathlib import Path

from cairn_client import Cairn
from receiver import Receiver
from store import Store

HERE = Path(__file__).parent


def main() -> None:
    """Play an evening of a platform's life."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data-dir", type=Path, default=Path(".cairn"))
    arguments.add_argument("--tenant", default="example-platform")
    arguments.add_argument("--store", type=Path, default=Path("platform.db"))
    arguments.add_argument("--deaf", action="store_true", help="take no webhooks")
    wanted = arguments.parse_args()
    store = Store(wanted.store)
    api = json.loads((wanted.data_dir / "cairn.json").read_text())["api_url"]
    with Cairn(api, let_in(api, store, wanted.data_dir, wanted.tenant)) as cairn:
        receiver = Receiver([], lambda event: store.keep(event, "webhook"))
        if not wanted.deaf:
            receiver.start()
        subscribe(cairn, store, receiver)
        people = import_roster(cairn)
        start_cycles(cairn, people)
        follow(cairn, store, people, seconds=0 if wanted.deaf else 20)
    show(store)


def let_in(api: str, store: Store, data_dir: Path, tenant: str) -> str:
    """The platform's own key, which an admin gives it once."""
    if (key := store.noted("key")) is not None:
        return key
    command = [sys.executable, "-m", "console.cli", "token", "--tenant", tenant, "--role", "admin"]
    token = subprocess.check_output([*command, "--data-dir", str(data_dir)], text=True).strip()
    with Cairn(api, token) as admin:
        name = f"platform-{int(time.time())}"
        made = admin.clients.register_client({"name": name, "roles": ["platform"]})
    store.note("key", made["key"])
    return made["key"]


def subscribe(cairn: Cairn, store: Store, receiver: Receiver) -> None:
    """Have everything delivered to this receiver, whose address is another one each time."""
    webhook, secret = store.noted("webhook"), store.noted("secret")
    if webhook is None or secret is None:
        made = cairn.webhooks.register_webhook({"url": receiver.url, "types": []})
        webhook, secret = made["id"], made["secret"]
        store.note("webhook", webhook)
        store.note("secret", secret)
    else:
        cairn.webhooks.change_webhook(webhook, {"url": receiver.url, "types": []})
    receiver.secrets.append(secret)


def import_roster(cairn: Cairn) -> set[str]:
    """Send the roster whole, as every night; answer who of it has a conversation partner."""
    content = (HERE / "roster.csv").read_bytes()
    taken = set()
    for line in cairn.people.import_people(content, "text/csv"):
        if line["status"] != "refused":
            taken.add(line["person"])
        else:
            errors = "; ".join(error["detail"] for error in line["problem"].get("errors", []))
            say(f"line {line['line']} is refused: {errors or line['problem']['detail']}")
    say(f"{len(taken)} people are in the roster")
    rows = csv.DictReader(content.decode().splitlines())
    return {row["person"] for row in rows if row["partner"] and row["person"] in taken}


def start_cycles(cairn: Cairn, people: set[str]) -> None:
    """Start a cycle for each of them; there is one where there was."""
    for person in sorted(people):
        cairn.cycles.start_cycle({"person": person})
    say(f"{len(people)} cycles are under way")


def follow(cairn: Cairn, store: Store, people: set[str], seconds: float) -> None:
    """Leave it to the webhooks for a while, then ask the feed for whatever is missing."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not people <= invited(store):
        time.sleep(0.1)
    until = time.monotonic() + 60
    while time.monotonic() < until and not people <= invited(store):
        page = cairn.events.list_events(after=store.last_without_gap(), limit=200, wait="PT5S")
        for event in page["items"]:
            store.keep(event, "feed")


def invited(store: Store) -> set[str]:
    """Whose conversation is open, as far as the platform was told."""
    opened = (e for e in store.events() if e["type"] == "cycles.conversation_opened")
    return {event["data"]["person"] for event in opened}


def show(store: Store) -> None:
    """Say what the platform knows now."""
    for event in store.events():
        print(f"{event['position']:>4}  {event['type']:<28} {event['data'].get('person')}")
    told = ", ".join(f"{count} by {way}" for way, count in sorted(store.counts().items()))
    say(f"knows {len(store.events())} events: {told}")


def say(text: str) -> None:
    """Tell what is happening."""
    print(f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
