"""A good body for every route that takes one, so that only what is tested is bad."""

from __future__ import annotations

from typing import Any

BODIES: dict[str, Any] = {
    "put_person": {"name": "Zoe", "email": "zoe@example.com"},
    "choose_handover": {"choice": "plan"},
    "offer_mentoring": {"skills": ["leading"], "capacity": 2},
    "request_case": {"cycle": "01900000-0000-7000-8000-000000000001", "reason": "audit"},
    "state_correction": {"about": "profile", "text": "x"},
    "review_note": {
        "conversation": "01900000-0000-7000-8000-000000000001",
        "note": 1,
        "decision": "release",
        "reason": "no_third_party",
    },
    "start_leave": {"from": "2026-01-05"},
    "place_hold": {"reason": "lawsuit"},
    "propose_partner": {"partner": "ben"},
    "start_cycle": {"person": "ana"},
    "register_client": {"name": "workday", "roles": ["platform"]},
    "register_webhook": {"url": "https://hooks.example.com/"},
    "change_webhook": {"url": "https://hooks.example.com/"},
    "replay_webhook": {"after": 0},
    "request_batch": {"people": ["ana"]},
    "record_answer": {"text": "x"},
    "save_draft": {"text": "x"},
    "note_facet": {"kind": "value", "text": "x"},
    "state_direction": {"direction": "deepen"},
    "write_note": {"text": "x", "shared": True},
    "schedule": {"starts_at": "2199-01-02T09:00:00Z", "duration": "PT1H", "place": "here"},
    "claim_held": {"held_on": "2026-01-01"},
    "conclude": {"meeting": "waived"},
    "publish_guide": {
        "title": "Ours",
        "kind": "conversation",
        "questions": [{"id": "why", "purpose": "x", "text": {"en": "Why?", "de": "Warum?"}}],
        "needs_approval": True,
    },
    "approve_guide": {"legal_entity": "acme"},
    "withdraw_approval": {"legal_entity": "acme"},
    "set_goal": {"text": "x"},
    "plan_action": {
        "method": "coaching",
        "title": "x",
        "serves": "lead",
        "success": "x",
        "owner": "employee",
    },
    "block_action": {"blocked_by": "partner"},
    "check_in": {"state": "on_track"},
}


def body_for(route: Any) -> Any:
    """The body of a route, None where it takes none."""
    return None if route.body_field is None else BODIES.get(route.operation_id, {})
