"""Every error that a user can meet, each with one line: what happened, what was expected, the way out.

RLVRError
├── UnknownName        a name that nothing registered, an option or a key that nothing reads
├── AmbiguousName      a short name that two plugins registered
├── InputError         a file, a row, a value that cannot be read
├── PluginError        a plugin's own code raised
├── PoolError          the scoring workers could not be started or kept alive
├── SandboxUnavailable isolation for untrusted code cannot be had (unscored, never 0)
├── ServerError        a server that holds a model cannot be reached, or does not answer as it should
└── RunError           a training run cannot start or go on
"""

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "AmbiguousName",
    "InputError",
    "PluginError",
    "PoolError",
    "RLVRError",
    "RunError",
    "SandboxUnavailable",
    "ServerError",
    "UnknownName",
    "nearest",
]


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list them when they are few.

    >>> nearest("gsm8", ["gsm8k", "math"])
    "Did you mean 'gsm8k'?"
    >>> nearest("zebra", ["exact", "math"])
    'Known: exact, math.'
    >>> nearest("zebra", [])
    'There are none.'
    """
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    if not names:
        return "There are none."
    shown = ", ".join(names[:12])
    return f"Known: {shown}{', ...' if len(names) > 12 else '.'}"


class RLVRError(Exception):
    """The base of all errors that carry a message for the user."""


class UnknownName(RLVRError):
    """A name that nothing answers to."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, hint: str = "") -> None:
        super().__init__(f"no {kind} named {name!r}. {nearest(name, known)}{' ' + hint if hint else ''}")
        self.kind = kind
        self.name = name


class AmbiguousName(RLVRError):
    """A short name that several plugins registered."""

    def __init__(self, kind: str, name: str, full_names: Sequence[str]) -> None:
        several = " and ".join(sorted(full_names))
        super().__init__(f"{kind} {name!r} is registered by {several}: use the full name.")


class InputError(RLVRError):
    """A file, a row or a value that cannot be used as it is."""


class PluginError(RLVRError):
    """A plugin's code raised while we asked it for something."""


class PoolError(RLVRError):
    """The scoring workers could not be started or kept alive."""


class SandboxUnavailable(RLVRError):
    """Isolation for untrusted code cannot be had here: the completion stays unscored."""


class ServerError(RLVRError):
    """A server that holds a model cannot be reached, or does not answer as it should."""


class RunError(RLVRError):
    """A training run cannot start or go on."""
