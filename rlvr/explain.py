"""How a verdict came to be, across processes: made in a worker, told in its place, read where it arrives."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import SandboxUnavailable
from rlvr.protocols import Explains
from rlvr.scoring import score
from rlvr.types import Completion, Explanation, Score, Task, Verifier

__all__ = ["as_json", "explained", "explaining", "explanation_of", "from_json"]

_MOST_CHARS = 20_000
_MOST_ITEMS = 256


@dataclass(frozen=True, slots=True)
class _Explaining:
    judge: Verifier
    explain: Callable[[Task, Completion], Explanation]

    def __call__(self, task: Task, completion: Completion) -> Score:
        return self.judge(task, completion)


def explaining(judge: Verifier, explain: Callable[[Task, Completion], Explanation]) -> Verifier:
    """Return a verifier that is `judge`, and that explains itself by `explain`.

    >>> def judge(task, completion): return Score(reward=1.0)
    >>> verifier = explaining(judge, lambda task, completion: Explanation(score=judge(task, completion)))
    >>> isinstance(verifier, Explains), verifier(Task(id="t", prompt=()), Completion(text="")).reward
    (True, 1.0)
    """
    return _Explaining(judge, explain)


def explained(verifier: Verifier) -> Verifier:
    """Return a verifier whose scores carry in `answer` how they came to be, for `explanation_of` to read.

    One that cannot explain itself is timed as a whole. One that can, and fails at it, is asked for its
    verdict alone, and a note says so.
    """

    def judge(task: Task, completion: Completion) -> Score:
        explanation = _explanation(verifier, task, completion)
        return replace(explanation.score, answer=json.dumps(as_json(explanation)))

    return judge


def explanation_of(verdict: Score) -> Explanation:
    """Return the explanation that the score of an `explained` verifier carries.

    A score that was given in its place, where the verifier hung or died, explains itself no further.
    """
    told = attempt(lambda: json.loads(verdict.answer or ""))
    if not isinstance(told, dict):
        return Explanation(score=verdict, read=verdict.answer or "")
    return from_json(told)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as plain data, cut where it is long: its fields, and those of its score.

    >>> list(as_json(Explanation(score=Score(reward=1.0), spans=((3, 5),))))[:6]
    ['read', 'rule', 'spans', 'forms', 'stage', 'ms']
    """
    verdict = explanation.score
    return {
        "read": _short(explanation.read),
        "rule": _short(explanation.rule),
        "spans": [[int(start), int(end)] for start, end in _few(explanation.spans)],
        "forms": {_short(name): _short(form) for name, form in _few(tuple(explanation.forms.items()))},
        "stage": _short(explanation.stage),
        "ms": {
            _short(step): float(ms)
            for step, ms in _few(tuple(explanation.ms.items()))
            if math.isfinite(float(ms))
        },
        "notes": [_short(note) for note in _few(explanation.notes)],
        "reward": verdict.reward,
        "answer": verdict.answer,
        "reason": verdict.reason,
        "parts": dict(verdict.parts),
        "error": verdict.error,
    }


def from_json(told: Mapping[str, Any]) -> Explanation:
    """Read what `as_json` wrote.

    >>> said = Explanation(score=Score(reward=0.5, answer="4"), read="4", ms={"total": 0.25})
    >>> from_json(as_json(said)) == said
    True
    """
    fields = ("reward", "answer", "reason", "parts", "error")
    return Explanation(
        score=Score(**{name: told[name] for name in fields}),
        read=told["read"],
        rule=told["rule"],
        spans=tuple((start, end) for start, end in told["spans"]),
        forms=told["forms"],
        stage=told["stage"],
        ms=told["ms"],
        notes=tuple(told["notes"]),
    )


def _explanation(verifier: Verifier, task: Task, completion: Completion) -> Explanation:
    if not isinstance(verifier, Explains):
        return _plain(verifier, task, completion)
    explanation = attempt(lambda: _checked(verifier.explain(task, completion), task, completion))
    if not isinstance(explanation, Failure):
        return explanation
    if isinstance(explanation.exception, SandboxUnavailable):
        said = str(explanation.exception)
        return Explanation(score=Score.unscored("sandbox_unavailable"), notes=(said,) if said else ())
    note = f"The verifier could not explain itself ({explanation.summary}): this is its verdict alone."
    return replace(_plain(verifier, task, completion), notes=(note,))


def _plain(verifier: Verifier, task: Task, completion: Completion) -> Explanation:
    started = time.perf_counter()
    verdict = score(verifier, task, completion)
    elapsed_ms = (time.perf_counter() - started) * 1e3
    return Explanation(score=verdict, read=verdict.answer or "", ms={"total": elapsed_ms})


def _checked(explanation: Explanation, task: Task, completion: Completion) -> Explanation:
    """Return an explanation whose score is one, and that can be told; raise what is wrong with it."""
    if not isinstance(explanation, Explanation):
        raise TypeError(f"it returned {type(explanation).__name__}, expected an Explanation")
    length = len(completion.text)
    spans = [(int(start), int(end)) for start, end in explanation.spans]
    within = tuple((start, end) for start, end in spans if 0 <= start < end <= length)
    verdict = score(lambda _task, _completion: explanation.score, task, completion)
    checked = replace(explanation, score=verdict, spans=within)
    json.dumps(as_json(checked))
    return checked


def _short(text: object) -> str:
    shown = str(text)
    left = len(shown) - _MOST_CHARS
    return shown if left <= 0 else f"{shown[:_MOST_CHARS]}... ({left:,} more characters)"


def _few(items: Sequence[Any]) -> Sequence[Any]:
    return items[:_MOST_ITEMS]
