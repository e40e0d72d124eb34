"""The sandbox of this process, by name: started at the first judgement, shared by all that follow."""

import atexit
import os
from functools import cache

from rlvr.protocols import Sandbox
from rlvr.registry import make_sandbox

__all__ = ["shared"]


def shared(name: str) -> Sandbox:
    """Return the sandbox of this name, the same one throughout this process; it is closed at the end.

    Raises:
        UnknownName: Nothing has this name (also AmbiguousName).
        SandboxUnavailable: It cannot isolate here.
        PluginError: Its factory raised.
    """
    return _of_process(name, os.getpid())


@cache
def _of_process(name: str, _pid: int) -> Sandbox:
    # A process that was forked from one with a sandbox has its own id, so it starts its own.
    sandbox = make_sandbox(name)
    atexit.register(sandbox.close)
    return sandbox
