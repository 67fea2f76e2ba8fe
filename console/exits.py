"""How a command ends: a failure is one sentence on standard error, and an exit code."""

from __future__ import annotations

import errno
import ssl
import sys
from collections.abc import Callable
from typing import TypeGuard

from cyclopts import CycloptsError
from pydantic import ValidationError

_OF_DISKS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""Failures of a file that is open already, which name none."""
_REFUSED_LOGIN = "The database refuses this login: look at name and password in CAIRN_DATABASE_URL."
_OTHER_LOGIN = "This login may not do that in the database; the owner's may (CAIRN_DATABASE_URL)."
DONE, FAILED, USAGE, NOT_FOUND, REFUSED, UNREACHABLE = range(6)


class GaveUp(Exception):
    """A command can't bring what it has begun to an end; the sentence says why."""


def say(text: str) -> None:
    """Talk to whoever sits at the terminal."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the talk


def guarded(run: Callable[[], object]) -> int:
    """Run a command and answer its exit code."""
    from shared.errors import Invalid, NotFound, Refusal, Unavailable

    try:
        run()
    except CycloptsError:
        return USAGE
    except ValidationError as unusable:
        for error in unusable.errors(include_input=False, include_url=False):
            say(f"CAIRN_{'_'.join(map(str, error['loc'])).upper()} can't be used: {error['msg']}")
        return USAGE
    except KeyboardInterrupt:
        return 130
    except Refusal as refused:
        say(refused.detail)
        codes = {NotFound: NOT_FOUND, Invalid: USAGE, Unavailable: UNREACHABLE}
        return next((code for kind, code in codes.items() if isinstance(refused, kind)), REFUSED)
    except Exception as failure:
        return _failed(failure)
    return DONE


def _failed(failure: Exception) -> int:
    """The sentence and the exit code of a failure that isn't a refusal."""
    import asyncpg

    from console.embedded.children import CannotStart
    from shared.database import LOST
    from shared.eventstore.durability import Unsafe
    from shared.telemetry import frames

    if isinstance(failure, CannotStart):
        say(str(failure))
        return failure.code
    refusals = {
        Unsafe: f"Nothing is served: {failure}.",
        asyncpg.InvalidAuthorizationSpecificationError: _REFUSED_LOGIN,
        asyncpg.InsufficientPrivilegeError: _OTHER_LOGIN,
    }
    if told := next((text for kind, text in refusals.items() if isinstance(failure, kind)), None):
        say(told)
        return REFUSED
    if isinstance(failure, LookupError):
        say(str(failure.args[0]) if failure.args else "not found")
        return NOT_FOUND
    if isinstance(failure, GaveUp):
        say(str(failure))
        return FAILED
    if _is_of_a_file(failure):
        say(": ".join(str(each) for each in (failure.filename, failure.strerror) if each))
        return NOT_FOUND if isinstance(failure, FileNotFoundError) else FAILED
    if isinstance(failure, LOST):
        say(f"A server can't be reached ({type(failure).__name__}); is `cairn up` running?")
        return UNREACHABLE
    say(f"Failed: {type(failure).__name__} at {frames(failure)[-1]}")
    return FAILED


def _is_of_a_file(failure: Exception) -> TypeGuard[OSError]:
    """Whether a file can't be used; what a broken connection says in TLS has numbers of its own."""
    if not isinstance(failure, OSError) or isinstance(failure, ssl.SSLError):
        return False
    return bool(failure.filename) or failure.errno in _OF_DISKS
