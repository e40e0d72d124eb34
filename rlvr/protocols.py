"""The verbs: what a policy and a scorer can do, whoever provides them."""

from collections.abc import Sequence
from typing import Protocol

from rlvr.types import Completion, Rollout, Task

__all__ = ["Policy", "Scorer"]


class Policy(Protocol):
    """Whatever writes completions: a local model, a served one, a script."""

    def generate(self, tasks: Sequence[Task], *, samples: int) -> list[list[Completion]]:
        """Return `samples` completions for each task, in the order of the tasks."""
        ...


class Scorer(Protocol):
    """Whatever judges completions: in this process, in killable workers, on a cluster."""

    def __call__(self, task: Task, completions: Sequence[Completion]) -> list[Rollout]:
        """Return one rollout for each completion, in their order. Never raises for a bad completion."""
        ...
