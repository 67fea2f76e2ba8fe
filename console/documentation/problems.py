"""The page about each kind of problem, and all of them as docs/problems.md."""

from __future__ import annotations

from shared.problems import Kind, kinds, title_of

_AGAIN = {
    400: "Mend the request; sending it again as it is changes nothing.",
    401: "Get a token or a key that is good, then send the request again with the same key.",
    403: "Ask whoever administers Cairn for the role; sending it again changes nothing.",
    404: "Check the id, and whether you may see what it names; sending it again changes nothing.",
    405: "Look the address up in /docs; sending it again changes nothing.",
    409: "Load the resource, see how it stands, and decide anew.",
    412: "Load the resource again, repeat your change on what you see, and send its new `ETag`.",
    413: "Send less in one request.",
    415: "Send the body as one of the kinds that the route takes.",
    422: "Mend what `detail` and `errors` name; sending it again as it is changes nothing.",
    429: "Wait for as long as `Retry-After` says, then send it again with the same key.",
    500: "Send it again with the same `Idempotency-Key`; name the `X-Request-ID` when you ask us.",
    503: "Wait for as long as `Retry-After` says, then send it again with the same key.",
}


def again(status: int) -> str:
    """Whether it is worth sending the request again, and how."""
    return _AGAIN[status]


def page() -> str:
    """docs/problems.md."""
    return _HEAD + "".join(_section(kind) for kind in kinds())


def _section(kind: Kind) -> str:
    sentences = "".join(f"- {sentence}\n" for sentence in kind.sentences)
    head = f"\n## `{kind.code}`\n\n{title_of(kind.code)} · {kind.status}\n\n"
    return f"{head}{sentences}\n{again(kind.status)}\n"


_HEAD = """\
# Problems

Everything that is refused is `application/problem+json` (RFC 9457):

    {"type": "/problems/stale", "title": "Stale", "status": 412, "detail": "It was changed …"}

The code at the end of `type` stays the same for ever: let programs decide by it, and show `detail` to
people. A refusal changes nothing. `/problems/{code}` of a running Cairn says what is said here.

This page is made from the code (`CAIRN_WRITE_GOLDEN=1 pytest tests/console/test_documentation.py`).
"""
