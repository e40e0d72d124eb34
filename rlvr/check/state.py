"""The state that a process shares with all its code: looked at before and after, and compared."""

import builtins
import contextlib
import decimal
import gc
import hashlib
import locale
import os
import random
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

__all__ = ["Counts", "changes", "counts", "grown", "snapshot"]

Counts = Mapping[str, int]
_REPLACEABLE = ("print", "open", "input", "exit", "__import__")


def snapshot() -> dict[str, str]:
    """Return what code may change for everybody, by name, each in words that can be compared."""
    return {
        "the working directory": os.getcwd(),  # noqa: PTH109 - as a text
        "os.environ": _digest(repr(sorted(os.environ.items()))),
        **_signals(),
        "the timer of signals": str(bool(signal.getitimer(signal.ITIMER_REAL)[0])),
        "sys.stdout": str(id(sys.stdout)),
        "sys.stderr": str(id(sys.stderr)),
        **{f"builtins.{name}": str(id(vars(builtins).get(name))) for name in _REPLACEABLE},
        "the locale": locale.setlocale(locale.LC_ALL),
        "the state of `random`": _digest(repr(random.getstate())),
        "the warnings filters": repr([(f[0], str(f[2])) for f in warnings.filters]),
        "sys.path": repr(sys.path),
        "the recursion limit": str(sys.getrecursionlimit()),
        "the limit of digits": str(sys.get_int_max_str_digits()),
        "the decimal precision": str(decimal.getcontext().prec),
        "the timeout of sockets": str(socket.getdefaulttimeout()),
        "the switch interval": str(sys.getswitchinterval()),
        "the trace function": str(sys.gettrace()),
        "the umask": _umask(),
        "the files of the working directory": repr(_files()),
    }


def changes(
    before: Mapping[str, str], after: Mapping[str, str], *, ignore: tuple[str, ...] = ()
) -> list[str]:
    """Return one sentence for each thing that changed."""
    changed = [name for name in before if name not in ignore and before[name] != after.get(name)]
    return [_told(name, before[name], after.get(name, "")) for name in changed]


def counts() -> dict[str, int]:
    """Return how many threads, child processes and open files this process has."""
    gc.collect()
    return {
        "threads": max(threading.active_count(), _entries("/proc/self/task")),
        "child processes": _children(),
        "open files": _entries("/proc/self/fd"),
    }


def grown(rounds: Sequence[Counts]) -> list[str]:
    """Return what grew in every round after the first, which may start what stays.

    >>> grown([{"threads": 1}, {"threads": 2}, {"threads": 2}]), grown([{"threads": n} for n in (1, 2, 3, 4)])
    ([], ['threads: 2, 3, 4 after each round of the same texts'])
    """
    later = rounds[1:]
    found = []
    for name in later[0] if len(later) > 1 else ():
        seen = [one[name] for one in later]
        if all(first < second for first, second in pairwise(seen)):
            found.append(f"{name}: {', '.join(map(str, seen))} after each round of the same texts")
    return found


def _signals() -> dict[str, str]:
    numbers = sorted(signal.valid_signals())
    return {f"the handler of {_name(number)}": _handler(number) for number in numbers}


def _name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def _handler(number: int) -> str:
    with contextlib.suppress(ValueError, OSError):
        handler = signal.getsignal(number)
        return handler.name if isinstance(handler, signal.Handlers) else f"a function ({id(handler)})"
    return ""


def _umask() -> str:
    mask = os.umask(0o022)
    os.umask(mask)
    return oct(mask)


def _files() -> list[str]:
    with contextlib.suppress(OSError):
        return sorted(path.name for path in Path.cwd().iterdir())
    return []


def _entries(folder: str) -> int:
    with contextlib.suppress(OSError):
        return len(os.listdir(folder))  # noqa: PTH208 - names are enough
    return 0


def _children() -> int:
    found = 0
    for task in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += len(task.read_text().split())
    return found


def _told(name: str, before: str, after: str) -> str:
    short = max(len(before), len(after)) <= 60 and not before.isdigit()
    return f"{name} changed: {before} before, {after} after" if short else f"{name} changed"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
