"""The one place that catches everything a stranger's code can raise, and turns it into data."""

import contextlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Failure", "attempt", "prints_are_words", "quietly"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a call raised: one line for a table, and the traceback for the log."""

    summary: str
    traceback: str
    exception: BaseException


def attempt(call: Callable[[], T]) -> T | Failure:
    """Call `call` and return its value, or a `Failure` if it raised anything but Ctrl-C.

    Plugins do raise SystemExit (a missing dependency, a failed log-in) and subclass BaseException
    for their own time-outs: none of it may end the program that loaded them.

    >>> attempt(lambda: 1 + 1)
    2
    >>> attempt(lambda: [][0]).summary
    'IndexError: list index out of range'
    """
    try:
        return call()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - this is the boundary
        first = next(iter(str(error).strip().splitlines()), "")
        summary = f"{type(error).__name__}: {first}" if first else type(error).__name__
        return Failure(summary=summary, traceback=traceback.format_exc(), exception=error)


def prints_are_words() -> contextlib.AbstractContextManager[object]:
    """Send what is printed within to stderr: what a plugin prints is words, and stdout is for our data."""
    return contextlib.redirect_stdout(sys.stderr)


def quietly(call: Callable[[], T]) -> T | Failure:
    """Do as `attempt` does, with what the call prints sent to stderr."""
    with prints_are_words():
        return attempt(call)
