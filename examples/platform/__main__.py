"""An HR platform, small and complete: roster in, a batch started, webhooks taken, the feed behind them.

    CAIRN_WEBHOOKS_ON_LOOPBACK=true cairn up   # in one terminal
    python examples/platform                   # in another one

The second run goes on where the first one stopped: nothing is imported, started or told twice.
With --deaf the platform takes no webhooks for once, as when it is down, and the feed makes up for it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import time
from pathlib import Path

from cairn_client import Cairn
from cairn_client.schemas import Batch, BatchBody, ImportedLine
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
        batch = start_cycles(cairn, people)
        follow(cairn, store, batch, seconds=0 if wanted.deaf else 20)
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


def import_roster(cairn: Cairn) -> list[str]:
    """Send the roster whole, as every night; answer who has a conversation partner in it."""
    content = (HERE / "roster.csv").read_bytes()
    taken = 0
    for line in sent_whole(cairn, content):
        if line["status"] != "refused":
            taken += 1
        else:
            errors = "; ".join(error["detail"] for error in line["problem"].get("errors", []))
            say(f"line {line['line']} is refused: {errors or line['problem']['detail']}")
    say(f"{taken} people are in the roster")
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [row["person"] for row in rows if row["partner"]]


def sent_whole(cairn: Cairn, content: bytes) -> list[ImportedLine]:
    """What became of each line; sent again as long as the service goes away on the way."""
    while (lines := cairn.people.import_people(content, "text/csv"))[-1:]:
        if lines[-1]["status"] != "stopped":
            break
        say("the service went away meanwhile: the roster is sent again")
        time.sleep(1)
    return lines


def start_cycles(cairn: Cairn, people: list[str]) -> Batch:
    """Start a cycle for each of them, after a dry run; there is one where there was.

    The keys are of the list, so that the same list again is the same batch, however often it is sent.
    """
    key = hashlib.sha256("\n".join(people).encode()).hexdigest()
    trial = batch_of(cairn, {"people": people, "dry_run": True}, f"trial-{key}")
    say(f"of {trial['total']}, {trial['started']} would get a cycle, {trial['existing']} have one")
    for left_out in trial["exclusions"]:
        index = left_out["index"]
        who = left_out["person"] if index is None else people[index]
        say(f"{who!r} would be left out: {left_out['reason']}")
    done = batch_of(cairn, {"people": people}, f"start-{key}")
    say(f"{done['started'] + done['existing']} cycles are under way")
    return done


def batch_of(cairn: Cairn, body: BatchBody, key: str) -> Batch:
    """Request a batch, and follow it until everybody in it was dealt with."""
    made = cairn.batches.request_batch(body, idempotency_key=key)
    while (batch := cairn.batches.get_batch(made["id"]))["state"] == "running":
        time.sleep(0.2)
    return batch


def follow(cairn: Cairn, store: Store, batch: Batch, seconds: float) -> None:
    """Leave it to the webhooks for a while, then ask the feed for whatever is missing."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not is_known(store, batch):
        time.sleep(0.1)
    until = time.monotonic() + 60
    while time.monotonic() < until and not is_known(store, batch):
        page = cairn.events.list_events(after=store.last_without_gap(), limit=200, wait="PT5S")
        for event in page["items"]:
            store.keep(event, "feed")


def is_known(store: Store, batch: Batch) -> bool:
    """Whether the platform was told of the batch's end, and of every conversation in it."""
    told = store.events()
    ended = {e["subject"] for e in told if e["type"] == "batches.finished"}
    opened = [e for e in told if e["type"] == "cycles.conversation_opened"]
    return f"batches/{batch['id']}" in ended and len(opened) >= batch["started"]


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
