"""A verifier in, a score out: where every failure gets its blame."""

import math
import time
from collections.abc import Sequence
from numbers import Real

from rlvr.boundary import Failure, attempt
from rlvr.errors import SandboxUnavailable
from rlvr.types import Completion, Environment, Rollout, Score, Task, Verifier

__all__ = ["InProcess", "score"]


def score(verifier: Verifier, task: Task, completion: Completion) -> Score:
    """Judge one completion; never raises.

    The model's fault is the verifier's to say: 0.0 with a reason. A sandbox that cannot be had is nobody's
    fault: unscored. A verifier that raises, or returns what is not a finite score, is our fault:
    unscored, with `error` set, so that runs can count it.
    """
    verdict = attempt(lambda: verifier(task, completion))
    if not isinstance(verdict, Failure):
        fault = _fault_of(verdict)
        return Score.unscored("verifier_error", error=fault) if fault else verdict
    if isinstance(verdict.exception, SandboxUnavailable):
        return Score.unscored("sandbox_unavailable", error=None)
    return Score.unscored("verifier_error", error=verdict.summary)


class InProcess:
    """A scorer in this process: no deadline, no isolation; for tests and for verifiers you trust."""

    def __init__(self, environment: Environment) -> None:
        self._verifier = environment.verifier

    def __call__(self, task: Task, completions: Sequence[Completion]) -> list[Rollout]:
        """Judge the completions of one task, in order."""
        return [self._one(task, completion) for completion in completions]

    def _one(self, task: Task, completion: Completion) -> Rollout:
        started = time.perf_counter()
        verdict = score(self._verifier, task, completion)
        elapsed_ms = (time.perf_counter() - started) * 1e3
        return Rollout(task=task, completion=completion, score=verdict, ms=elapsed_ms)


def _fault_of(verdict: object) -> str:
    if not isinstance(verdict, Score):
        return f"the verifier returned {type(verdict).__name__}, expected a Score"
    numbers = {"reward": verdict.reward, **dict(verdict.parts)}
    for name, value in numbers.items():
        if value is None and name == "reward":
            continue
        if not isinstance(value, Real) or not math.isfinite(value):
            return f"the verifier returned {name} = {value!r}, expected a finite number"
    return ""
