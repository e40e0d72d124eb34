"""An environment and a policy into a report: pass@k, avg@k, and how sure we are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rlvr.protocols import Policy, Scorer
from rlvr.stats import mean, pass_at_k, wilson
from rlvr.types import RIGHT, Completion, Environment, Rollout, Task

__all__ = [
    "Report",
    "evaluate",
    "is_right",
    "judged_also",
    "mean_parts",
    "report_of",
    "row_of_report",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How well a policy does on an environment.

    Attributes:
        tasks: How many tasks had a scored completion; the others join no figure.
        samples: Completions asked for each task.
        avg: Mean reward, the mean over tasks of each task's mean (avg@k); None where nothing was scored.
        passed: k -> pass@k, the unbiased estimate (Chen et al. 2021).
        interval: k -> Wilson 95% interval of pass@k, taking each task as one trial.
        parts: Mean of each part of the scores.
        reasons: How often each reason was given.
        unscored: Completions without a verdict; `errors` of them by our fault.
        also: Name -> (pass@1, its Wilson 95% interval) of the same completions by other rules, as a strict
            and a lenient way to read the answer.
    """

    tasks: int
    samples: int
    avg: float | None
    passed: dict[int, float]
    interval: dict[int, tuple[float, float]]
    parts: dict[str, float]
    reasons: dict[str, int]
    completions: int
    unscored: int
    errors: int
    also: Mapping[str, tuple[float, tuple[float, float]]] = field(default_factory=dict)


def evaluate(
    environment: Environment, policy: Policy, scorer: Scorer, *, tasks: Sequence[Task], samples: int = 1
) -> tuple[Report, list[list[Rollout]]]:
    """Sample completions of each task, judge them, and return the report with the rollouts by task."""
    completions = policy.generate(tasks, samples=samples)
    groups = judge_all(tasks, completions, scorer)
    return report_of(environment, groups, samples=samples), groups


def judged_also(
    report: Report,
    groups: Sequence[Sequence[Rollout]],
    others: Mapping[str, tuple[Environment, Scorer]],
) -> Report:
    """Return the report with what other rules say of the same completions."""
    found = {}
    for name, (environment, scorer) in others.items():
        again = [scorer(group[0].task, [rollout.completion for rollout in group]) for group in groups]
        theirs = report_of(environment, again, samples=report.samples)
        found[name] = (theirs.passed.get(1, 0.0), theirs.interval.get(1, (0.0, 1.0)))
    return replace(report, also=found)


def judge_all(
    tasks: Sequence[Task], completions: Sequence[Sequence[Completion]], scorer: Scorer
) -> list[list[Rollout]]:
    """Judge each task's completions."""
    return [scorer(task, group) for task, group in zip(tasks, completions, strict=True)]


def is_right(environment: Environment, rollout: Rollout) -> bool:
    """Say whether a rollout counts as solved: by the environment's true measure, else by full reward."""
    if environment.true_measure is not None:
        return rollout.score.parts.get(environment.true_measure, 0.0) >= RIGHT
    return rollout.score.reward is not None and rollout.score.reward >= RIGHT


def report_of(environment: Environment, groups: Sequence[Sequence[Rollout]], *, samples: int) -> Report:
    """Sum up the rollouts of each task."""
    scored = [[r for r in group if r.score.reward is not None] for group in groups]
    scored = [group for group in scored if group]
    right = [(len(group), sum(is_right(environment, r) for r in group)) for group in scored]
    fewest = min((n for n, _ in right), default=0)
    passed = {k: mean([pass_at_k(n, c, k) for n, c in right]) or 0.0 for k in _ks(fewest)}
    everything = [rollout for group in groups for rollout in group]
    return Report(
        tasks=len(scored),
        samples=samples,
        avg=mean([mean([r.score.reward or 0.0 for r in group]) or 0.0 for group in scored]),
        passed=passed,
        interval={k: wilson(p * len(right), len(right)) for k, p in passed.items()},
        parts=mean_parts([rollout for group in scored for rollout in group]),
        reasons=dict(Counter(r.score.reason or "none" for r in everything).most_common()),
        completions=len(everything),
        unscored=sum(r.score.reward is None for r in everything),
        errors=sum(r.score.error is not None for r in everything),
    )


def row_of_report(report: Report) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "tasks": report.tasks,
        "samples": report.samples,
        "avg": report.avg,
        "pass": {str(k): p for k, p in report.passed.items()},
        "interval95": {str(k): list(interval) for k, interval in report.interval.items()},
        "parts": report.parts,
        "reasons": report.reasons,
        "completions": report.completions,
        "unscored": report.unscored,
        "errors": report.errors,
        "also": {name: {"pass@1": p, "interval95": list(i)} for name, (p, i) in report.also.items()},
    }


def _ks(most: int) -> list[int]:
    """1, and the doublings up to `most`, and `most` itself.

    >>> _ks(6), _ks(0)
    ([1, 2, 4, 6], [])
    """
    doublings = [2**i for i in range(most.bit_length()) if 2**i <= most]
    return sorted({*doublings, most} - {0})


def mean_parts(rollouts: Sequence[Rollout]) -> dict[str, float]:
    """Return the mean of each part over the rollouts that have it."""
    names = sorted({name for rollout in rollouts for name in rollout.score.parts})
    return {
        name: mean([r.score.parts[name] for r in rollouts if name in r.score.parts]) or 0.0 for name in names
    }
