"""How a command ends: a failure is one sentence on standard error, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

from cyclopts import CycloptsError
from pydantic import ValidationError

DONE, FAILED, USAGE, NOT_FOUND, REFUSED, UNREACHABLE = range(6)


def say(text: str) -> None:
    """Talk to whoever sits at the terminal."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the talk


def guarded(run: Callable[[], object]) -> int:
    """Run a command and answer its exit code."""
    from shared.errors import Invalid, NotFound, Refusal

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
    except NotFound as refused:
        say(refused.detail)
        return NOT_FOUND
    except Invalid as refused:
        say(refused.detail)
        return USAGE
    except Refusal as refused:
        say(refused.detail)
        return REFUSED
    except Exception as failure:
        return _failed(failure)
    return DONE


def _failed(failure: Exception) -> int:
    """The sentence and the exit code of a failure that isn't a refusal."""
    import asyncpg

    from console.embedded.children import CannotStart
    from shared.eventstore.durability import Unsafe
    from shared.telemetry import frames

    if isinstance(failure, CannotStart):
        say(str(failure))
        return failure.code
    if isinstance(failure, Unsafe):
        say(f"Nothing is served: {failure}.")
        return REFUSED
    if isinstance(failure, LookupError):
        say(str(failure.args[0]) if failure.args else "not found")
        return NOT_FOUND
    if isinstance(failure, OSError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError):
        say(f"A server can't be reached ({type(failure).__name__}); is `cairn up` running?")
        return UNREACHABLE
    say(f"Failed: {type(failure).__name__} at {frames(failure)[-1]}")
    return FAILED
