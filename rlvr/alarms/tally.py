"""A step's rollouts into what is kept of them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from rlvr.alarms.seen import Groups, Paid, Part, Pay, Seen, Sizes, Text, Verdicts
from rlvr.types import RIGHT, Rollout, Task

__all__ = ["NUMBERS", "seen_of"]

NUMBERS = ("entropy", "mismatch_kl", "generate_s", "score_s")
"""The numbers of a step's log that alarms look at."""

_Number = TypeVar("_Number", int, float)
_KEPT = 5
_COMMON = 0.05  # of a step's completions paid in full: a rarer text is nobody's one answer
_EXCERPT = 60
# Parts that say whether a completion is right, where the environment names no true measure.
_STANDARDS = ("correct", "correctness", "accuracy", "exact", "solved", "right", "answer")


def seen_of(
    step: int,
    rollouts: Sequence[Rollout],
    numbers: Mapping[str, float | None],
    *,
    measure: str | None = None,
    weights: Mapping[str, float] | None = None,
) -> Seen:
    """Return what is kept of a step.

    `rollouts` stand group by group; of the step's `numbers` only `NUMBERS` are kept; `weights` are those of
    parts whose sum is learned from in place of the reward.
    """
    groups = [list(group) for _, group in groupby(rollouts, key=lambda rollout: rollout.task.id)]
    full = [r for r in rollouts if r.score.reward is not None and r.score.reward >= RIGHT]
    return Seen(
        step=step,
        pay=_pay(rollouts, measure, weights or {}),
        sizes=_sizes(groups, measure),
        verdicts=_verdicts(rollouts),
        groups=_groups(groups, measure),
        full=len(full),
        texts=_texts(full),
        numbers={name: numbers.get(name) for name in NUMBERS},
    )


def _pay(rollouts: Sequence[Rollout], measure: str | None, weights: Mapping[str, float]) -> Pay:
    scored = [(r, r.score.reward) for r in rollouts if r.score.reward is not None]
    names = {name for r, _ in scored for name in r.score.parts}
    standard = measure or next((name for name in _STANDARDS if name in names), "")
    rights = [_rightness(r, standard) for r, _ in scored]
    parts: dict[str, list[float]] = defaultdict(list)
    wrong: dict[float, dict[str, int]] = defaultdict(dict)
    counts: Counter[tuple[float, bool]] = Counter()
    for place, ((rollout, reward), right) in enumerate(zip(scored, rights, strict=True)):
        counts[reward, right >= RIGHT] += 1
        if right < RIGHT:
            wrong[reward][rollout.task.id] = place
        for name, value in rollout.score.parts.items():
            parts[name].append(value)
    return Pay(
        scored=len(scored),
        reward=sum(reward for _, reward in scored),
        learned=sum(_learned(r, weights) for r, _ in scored),
        right=sum(rights),
        standard=standard,
        levels={
            level: Paid(
                right=counts[level, True], wrong=counts[level, False], wrong_ids=_latest(wrong[level])
            )
            for level in {reward for _, reward in scored}
        },
        parts={n: Part(total=sum(v), n=len(v), least=min(v), most=max(v)) for n, v in parts.items()},
    )


def _rightness(rollout: Rollout, standard: str) -> float:
    if standard:
        return rollout.score.parts.get(standard, 0.0)
    return float((rollout.score.reward or 0.0) >= RIGHT)


def _learned(rollout: Rollout, weights: Mapping[str, float]) -> float:
    if not weights:
        return rollout.score.reward or 0.0
    return sum(weight * rollout.score.parts.get(name, 0.0) for name, weight in weights.items())


def _latest(places: Mapping[str, int]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(((place, name) for name, place in places.items()), reverse=True)[:_KEPT])


def _sizes(groups: Sequence[Sequence[Rollout]], measure: str | None) -> Sizes:
    rollouts = [rollout for group in groups for rollout in group]
    cut = [r for r in rollouts if r.completion.finish_reason == "length"]
    paid = [r.score.reward for r in cut if r.score.reward is not None]
    alike: dict[tuple[int, bool], list[tuple[float, float]]] = defaultdict(list)
    for number, group in enumerate(groups):
        for r in group:
            if r.score.reward is not None:
                right = measure is not None and r.score.parts.get(measure, 0.0) >= RIGHT
                alike[number, right].append((_tokens(r), r.score.reward))
    products = [_products(pairs) for pairs in alike.values()]
    return Sizes(
        n=len(rollouts),
        tokens=sum(map(_tokens, rollouts)),
        xx=sum(p[0] for p in products),
        xy=sum(p[1] for p in products),
        yy=sum(p[2] for p in products),
        cut=len(cut),
        cut_reward=sum(paid),
        cut_scored=len(paid),
        longest=_most((_tokens(r), r.task.id) for r in rollouts),
    )


def _tokens(rollout: Rollout) -> int:
    return len(rollout.completion.token_ids) or len(rollout.completion.text.split())


def _products(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    n = len(pairs)
    mean_x, mean_y = sum(x for x, _ in pairs) / n, sum(y for _, y in pairs) / n
    moved = [(x - mean_x, y - mean_y) for x, y in pairs]
    return sum(x * x for x, _ in moved), sum(x * y for x, y in moved), sum(y * y for _, y in moved)


def _most(values: Iterable[tuple[_Number, str]]) -> tuple[tuple[_Number, str], ...]:
    return tuple(sorted(values, reverse=True)[:_KEPT])


def _verdicts(rollouts: Sequence[Rollout]) -> Verdicts:
    unscored = [r for r in rollouts if r.score.reward is None]
    late = [r for r in rollouts if r.score.reason == "timeout"]
    on_time = [r for r in rollouts if r.score.reason != "timeout"]
    return Verdicts(
        n=len(rollouts),
        unscored=Counter(r.score.reason or "no reason given" for r in unscored),
        unscored_ids=_first(r.task.id for r in unscored),
        timeouts=len(late),
        timeout_ids=_first(r.task.id for r in late),
        times_ms=tuple(sorted(round(r.ms, 3) for r in on_time)),
        slowest=_most((round(r.ms, 3), r.task.id) for r in on_time),
    )


def _groups(groups: Sequence[Sequence[Rollout]], measure: str | None) -> Groups:
    scored = [[r for r in group if r.score.reward is not None] for group in groups]
    several = [group for group in scored if len(group) > 1]
    full = [group for group in several if all(_is_full(r, measure) for r in group)]
    nothing = [group for group in several if not any(r.score.reward for r in group)]
    same = [group for group in several if len({r.score.reward for r in group}) == 1]
    alike = [group for group in same if (group[0].score.reward or 0.0) < RIGHT]
    return Groups(
        n=len(several),
        full=len(full),
        nothing=len(nothing),
        alike=len(alike),
        full_ids=_first(group[0].task.id for group in full),
        nothing_ids=_first(group[0].task.id for group in nothing),
        alike_ids=_first(group[0].task.id for group in alike),
    )


def _is_full(rollout: Rollout, measure: str | None) -> bool:
    right = measure is None or rollout.score.parts.get(measure, 0.0) >= RIGHT
    return right and (rollout.score.reward or 0.0) >= RIGHT


def _first(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:_KEPT]


def _texts(full: Sequence[Rollout]) -> dict[int, Text]:
    said: dict[str, list[Task]] = defaultdict(list)
    for rollout in full:
        said[" ".join(rollout.completion.text.split())].append(rollout.task)
    return {
        hash(text): Text(
            n=len(tasks),
            excerpt=text if len(text) <= _EXCERPT else text[: _EXCERPT - 3] + "...",
            references=frozenset(map(_reference, {task.id: task for task in tasks}.values())),
            ids=_first(task.id for task in tasks),
        )
        for text, tasks in said.items()
        if len(tasks) >= _COMMON * len(full)
    }


def _reference(task: Task) -> int:
    """Stand for what the task wants: its reference, else what else its verifier knows, else its prompt."""
    wanted = task.answer
    if wanted is None:
        wanted = dict(task.metadata) or [turn.content for turn in task.prompt]
    return hash(json.dumps(wanted, default=str, sort_keys=True))
