"""A verifier in, a score out: where every failure gets its blame."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import SandboxUnavailable
from rlvr.types import Completion, Environment, Rollout, Score, Task, Verifier

__all__ = ["InProcess", "judged", "score", "verdict_of"]


def score(verifier: Verifier, task: Task, completion: Completion) -> Score:
    """Judge one completion; never raises.

    The model's fault is the verifier's to say: 0.0 with a reason. A sandbox that cannot be had is nobody's
    fault: unscored. A verifier that raises, or returns what is not a finite score, is our fault:
    unscored, with `error` set, so that runs can count it.
    """
    verdict = attempt(lambda: _checked(verifier(task, completion)))
    if not isinstance(verdict, Failure):
        return verdict
    if isinstance(verdict.exception, SandboxUnavailable):
        return Score.unscored("sandbox_unavailable", error=None)
    return Score.unscored("verifier_error", error=verdict.summary)


def judged(verifier: Verifier, task: Task, completion: Completion) -> Rollout:
    """Judge one completion and say how long it took; never raises."""
    started = time.perf_counter()
    verdict = score(verifier, task, completion)
    elapsed_ms = (time.perf_counter() - started) * 1e3
    return Rollout(task=task, completion=completion, score=verdict, ms=elapsed_ms)


def verdict_of(score: Score, *, right_from: float) -> bool | None:
    """Return whether a verdict is positive (its reward is at least `right_from`); None where it is unscored.

    >>> verdict_of(Score(reward=0.5), right_from=0.5), verdict_of(Score(reward=None), right_from=0.5)
    (True, None)
    """
    return None if score.reward is None else score.reward >= right_from


class InProcess:
    """A scorer in this process: no deadline, no isolation; for tests and for verifiers you trust."""

    def __init__(self, environment: Environment) -> None:
        self._verifier = environment.verifier

    def __call__(self, task: Task, completions: Sequence[Completion]) -> list[Rollout]:
        """Judge the completions of one task, in order."""
        return [judged(self._verifier, task, completion) for completion in completions]


def _checked(returned: Score) -> Score:
    fault = _fault_of(returned)
    return Score.unscored("verifier_error", error=fault) if fault else _plain(returned)


def _fault_of(returned: object) -> str:
    if not isinstance(returned, Score):
        return f"the verifier returned {type(returned).__name__}, expected a Score"
    verdict: Any = returned  # its fields hold whatever a stranger's code put there
    for name, text in (("answer", verdict.answer), ("reason", verdict.reason), ("error", verdict.error)):
        if not isinstance(text, str | None):
            return f"the verifier returned {name} = {text!r:.80}, expected text"
    if not isinstance(verdict.parts, Mapping):
        return f"the verifier returned parts = {verdict.parts!r:.80}, expected names with numbers"
    for name, value in (("reward", verdict.reward), *verdict.parts.items()):
        unscored = value is None and name == "reward"
        if not unscored and not (isinstance(value, Real) and math.isfinite(value)):
            return f"the verifier returned {name} = {value!r:.80}, expected a finite number"
    return ""


def _plain(verdict: Score) -> Score:
    # Numbers of other libraries, and True, cross no process boundary: floats do.
    return replace(
        verdict,
        reward=None if verdict.reward is None else float(verdict.reward),
        parts={str(name): float(value) for name, value in verdict.parts.items()},
    )
