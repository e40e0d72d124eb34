"""The worker side: answers one row at a time, in the interpreter of the checker's virtual environment.

`python -P serve.py SETTINGS`, where SETTINGS is JSON. Requests come as JSON lines on what was standard input
and replies go to what was standard output: both are moved to other descriptors before the checker is
imported, so that whatever it prints ends on standard error. Only the standard library is imported here.
"""

import ctypes
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, TextIO

PR_SET_PDEATHSIG = 1

Check = Callable[[str, str], bool | None]
"""From a reference and a completion to a verdict; None where the checker declines to judge."""


class Stub(ModuleType):
    """A module of which every name is an empty class: for imports that the checker never uses."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


class StubFinder(MetaPathFinder, Loader):
    """Finds a stub for the modules that were named, and for all that is in them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return where a stub comes from, or None for a module that is no stub."""
        parts = fullname.split(".")
        if not any(".".join(parts[:end]) in self._names for end in range(1, len(parts) + 1)):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stub."""
        return Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing."""


def open_package(name: str) -> None:
    """Make the modules of a package importable without running its `__init__`, which imports a framework."""
    parent = name.rpartition(".")[0]
    spec = PathFinder.find_spec(name, list(sys.modules[parent].__path__) if parent else None)
    if spec is None:
        raise ModuleNotFoundError(f"no package named {name!r} in {sys.prefix}")
    sys.modules[name] = importlib.util.module_from_spec(spec)


def load_checker(settings: dict[str, Any]) -> Check:
    """Import the adapters' file and return what its function of the checker's name returns."""
    sys.meta_path.insert(0, StubFinder(settings["stubs"]))
    for name in settings["opened"]:
        open_package(name)
    spec = importlib.util.spec_from_file_location("rival_adapters", settings["adapters"])
    if spec is None or spec.loader is None:
        raise ImportError(f"{settings['adapters']} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    check: Check = vars(module)[settings["checker"]]()
    return check


def judge(check: Check, references: Sequence[str], completion: str) -> dict[str, Any]:
    """Return the verdict (the best over the references), the milliseconds it took and what was raised."""
    started = time.perf_counter()
    verdict: bool | None = None
    error = None
    try:
        for reference in references:
            said = check(reference, completion)
            verdict = verdict if said is None else said
            if said:
                break
    except BaseException as raised:  # noqa: BLE001 - whatever a checker raises is a row without a verdict
        error = f"{type(raised).__name__}: {raised}"[:200]
    ms = 1000 * (time.perf_counter() - started)
    return {"verdict": verdict, "ms": ms, "error": error}


def peak_mb() -> float:
    """Return the peak resident memory of this process, or of the largest child that it waited for."""
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(peaks) / (1024 if sys.platform == "linux" else 1024 * 1024)


def private_streams() -> tuple[TextIO, TextIO]:
    """Move the protocol off descriptors 0 and 1, which a checker may read and print to."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return requests, replies


def main() -> None:
    """Answer requests until they end."""
    settings = json.loads(sys.argv[1])
    if sys.platform == "linux":
        limit = settings["memory_mb"] * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        os.sched_setaffinity(0, {settings["core"]})
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # stopped, it would outlive a killed parent
    requests, replies = private_streams()
    check = load_checker(settings)
    judge(check, ["1"], r"The answer is $\boxed{1}$.")  # some import half of sympy at their first row
    print(json.dumps({"id": -1, "rss_mb": peak_mb()}), file=replies, flush=True)
    for line in requests:
        row = json.loads(line)
        reply = judge(check, row["references"], row["completion"])
        print(json.dumps({"id": row["id"], "rss_mb": peak_mb(), **reply}), file=replies, flush=True)


if __name__ == "__main__":
    main()
