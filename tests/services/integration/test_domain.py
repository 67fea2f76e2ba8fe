"""What may happen to a webhook, and what people ask of its deliveries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.integration.domain import TypeUnknown, Webhook, WebhookDisabled, WebhookRemoved
from tests.examples import LATER, MONDAY
from tests.given import given

ID = UUID(int=5)
DAY = timedelta(days=1)


def webhook() -> Webhook:
    return Webhook.register(
        ID, MONDAY, host="hr.example", types=("cycle.started",), after=7, address="a1", secret="s1"
    )


def off(w: Webhook) -> None:
    w.disable("by_hand")


def test_it_is_active_from_the_start() -> None:
    w = webhook()
    assert (w.host, w.types, w.address) == ("hr.example", ("cycle.started",), "a1")
    assert (w.is_active, w.live_secrets(), w.asked, w.subject) == (True, ["s1"], [], None)
    assert w.receipt() == {"id": str(ID), "version": 1, "state": "active"}


def test_address_and_types_can_be_changed() -> None:
    w = webhook()
    w.change("other.example", (), "a2")
    assert (w.host, w.types, w.address) == ("other.example", (), "a2")


def test_another_address_is_tried_afresh_and_other_types_at_the_same_one_are_not() -> None:
    w = webhook()
    w.change("hr.example", (), "a1")
    assert w.asked == []
    w.change("other.example", (), "a2")
    assert w.asked == [(3, "move", 0)]


def test_two_secrets_sign_for_a_while_and_never_three() -> None:
    w = webhook()
    w.rotate_secret("s2", LATER)
    assert w.live_secrets() == ["s1", "s2"]
    w.at = LATER
    assert w.live_secrets() == ["s2"]
    w.rotate_secret("s3", LATER + DAY)
    assert w.live_secrets() == ["s2", "s3"]


def test_a_secret_whose_answer_was_lost_is_replaced_and_the_one_from_before_goes_on() -> None:
    w = webhook()
    w.rotate_secret("lost", MONDAY + 2 * DAY)
    given(w).at(MONDAY + DAY).when(lambda w: w.rotate_secret("s3", MONDAY + 3 * DAY)).then(
        (
            "webhooks.secret_rotated",
            {"secret": "s3", "before": "s1", "before_until": MONDAY + 2 * DAY},
        )
    )
    assert w.live_secrets() == ["s1", "s3"]
    w.at = MONDAY + 2 * DAY
    assert w.live_secrets() == ["s3"]


def test_the_secret_from_before_goes_on_no_longer_than_was_asked_for() -> None:
    w = webhook()
    w.rotate_secret("lost", MONDAY + DAY)
    w.rotate_secret("s3", MONDAY)
    assert w.live_secrets() == ["s3"]


def test_a_rotation_of_an_earlier_release_kept_the_newest() -> None:
    w = webhook()
    for secret in ("s2", "s3"):
        w._rotate_secret(secret=secret, before_until=LATER, before=None)
    assert w.live_secrets() == ["s2", "s3"]


def test_what_people_ask_is_kept_in_order_with_the_version_at_which_they_did() -> None:
    w = webhook()
    w.replay(3)
    w.retry(4)
    w.skip(5)
    assert w.asked == [(2, "replay", 3), (3, "retry", 4), (4, "skip", 5)]


def test_switched_off_it_is_switched_off_once_and_goes_on_where_it_stopped() -> None:
    w = webhook()
    given(w).when(off, lambda w: w.disable("gone")).then(("webhooks.disabled", {"why": "by_hand"}))
    assert (w.is_active, w.disabled, w.receipt()["state"]) == (False, "by_hand", "disabled")
    given(w).when(Webhook.enable, Webhook.enable).then(("webhooks.enabled", {}))
    assert (w.is_active, w.asked) == (True, [(3, "enable", 0)])


@pytest.mark.parametrize("ask", [lambda w: w.replay(1), lambda w: w.retry(1)])
def test_what_is_switched_off_delivers_nothing_again(ask: object) -> None:
    given(webhook(), off).when(ask).refused(WebhookDisabled)  # type: ignore[arg-type]


def test_what_is_switched_off_can_still_be_changed_and_skipped() -> None:
    w = webhook()
    given(w, off).when(lambda w: w.skip(1), lambda w: w.change("b.example", (), "a2"))
    assert (w.asked, w.host) == ([(3, "skip", 1), (4, "move", 0)], "b.example")


@pytest.mark.parametrize(
    "ask",
    [
        lambda w: w.change("b.example", (), "a2"),
        lambda w: w.rotate_secret("s2", LATER),
        lambda w: w.replay(1),
        lambda w: w.retry(1),
        lambda w: w.skip(1),
        lambda w: w.disable("failing"),
        lambda w: w.enable(),
    ],
)
def test_a_removed_webhook_takes_nothing(ask: object) -> None:
    given(webhook(), Webhook.remove).when(ask).refused(WebhookRemoved)  # type: ignore[arg-type]


def test_removing_it_again_is_nothing_new() -> None:
    w = webhook()
    given(w).when(Webhook.remove, Webhook.remove).then(("webhooks.removed", {}))
    assert (w.is_active, w.receipt()["state"]) == (False, "removed")


def test_a_type_that_there_is_not_is_named() -> None:
    told = str(TypeUnknown.of("cycle.flown"))
    assert "'cycle.flown'" in told
    assert "GET /v1/events/types" in told
