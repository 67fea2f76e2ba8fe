"""Which tests hold the rules of which module: those that need no server."""

from __future__ import annotations

_PERMISSION = tuple(
    f"tests/services/test_{name}.py"
    for name in ("permission", "sight", "who_may", "relation_graphs")
)
_CYCLES = (
    "tests/services/cycles/test_fold.py",
    "tests/services/cycles/test_domain.py",
    "tests/services/cycles/test_steps.py",
    "tests/services/cycles/test_course.py",
    "tests/services/cycles/test_what_is_due.py",
    "tests/services/cycles/test_clocks.py",
    "tests/services/cycles/test_progress.py",
    "tests/services/cycles/test_policy.py",
)
_CONVERSATION = tuple(
    f"tests/services/conversation/test_{name}.py"
    for name in ("domain", "answering", "meeting", "notes", "patience", "sharing", "whole_person")
)
_PLANNING = tuple(
    f"tests/services/planning/test_{name}.py"
    for name in ("domain", "drafting", "agreeing", "following")
)

TESTS: dict[str, tuple[str, ...]] = {
    "services/permission.py": _PERMISSION,
    "services/access.py": _PERMISSION,
    "services/showing.py": _PERMISSION,
    **{
        f"services/cycles/{name}.py": _CYCLES
        for name in ("domain", "course", "fold", "progress", "policy")
    },
    **{
        f"services/conversation/{name}.py": _CONVERSATION
        for name in (
            "domain", "opening", "answering", "meeting", "notes", "patience", "sharing", "whole_person",
        )
    },
    **{
        f"services/planning/{name}.py": _PLANNING
        for name in ("domain", "drafting", "agreeing", "following")
    },
    "services/people/domain.py": ("tests/services/people/test_domain.py",),
    "services/people/roster_feed.py": ("tests/services/people/test_roster_feed.py",),
    "services/batches/domain.py": ("tests/services/batches/test_domain.py",),
    "services/clients/domain.py": ("tests/services/clients/test_domain.py",),
    "services/integration/domain.py": ("tests/services/integration/test_domain.py",),
    "services/notices/domain.py": ("tests/services/notices/test_domain.py",),
}  # fmt: skip
