"""Verifiable-reward environments as plugins, and a trainer that learns from them.

    import rlvr
    environment = rlvr.make("sort", length=3)

Importing this imports no framework: torch, sympy, docker and datasets stay where they are used.
"""

from rlvr.advantage import group_advantages
from rlvr.errors import RLVRError
from rlvr.evaluate import Report, evaluate
from rlvr.hookspecs import Spec, hookimpl
from rlvr.registry import make, make_bench, make_verifier
from rlvr.scoring import score
from rlvr.types import (
    Completion,
    Environment,
    Explanation,
    Labelled,
    LabelledSet,
    LazyTasks,
    Message,
    Rollout,
    Score,
    Task,
    TaskStream,
    Verifier,
)
from rlvr.workers import WorkerPool

__all__ = [
    "Completion",
    "Environment",
    "Explanation",
    "Labelled",
    "LabelledSet",
    "LazyTasks",
    "Message",
    "RLVRError",
    "Report",
    "Rollout",
    "Score",
    "Spec",
    "Task",
    "TaskStream",
    "Verifier",
    "WorkerPool",
    "evaluate",
    "group_advantages",
    "hookimpl",
    "make",
    "make_bench",
    "make_verifier",
    "score",
]
