"""The advantage of each completion within its group, by the field's seven conventions; plain floats.

"GRPO" is not one formula. With r the reward, m the mean of the group's scored rewards, n their number:

| name | advantage | who |
|---|---|---|
| `unbiased_std` | (r - m) / (s + eps), s with n - 1 | DeepSeekMath (arXiv 2402.03300) in verl, TRL |
| `population_std` | (r - m) / (s + eps), s with n | GRPO-Zero, open-instruct "standard" |
| `leave_one_out` | (r - m') / (s' + eps), mean and unbiased deviation of the others | NeMo-RL |
| `centred` | r - m | Dr. GRPO (arXiv 2503.20783), prime-rl, nanochat |
| `rloo` | r - m' = n / (n - 1) * (r - m) | RLOO (arXiv 2402.14740) |
| `mean_normalised` | (r - m) / m | MaxRL (arXiv 2602.02710) |
| `none` | r | REINFORCE without a baseline |

The same in all of them: an unscored completion (None) gets 0.0 and does not move its siblings; a group with
one scored completion, or with equal rewards, teaches nothing and gets 0.0 (but for `none`, which has no
baseline). In `leave_one_out`, where the others are all equal the difference stays unscaled, as in NeMo-RL.

Three more look at the whole batch of groups (`batch_advantages`):

| name | advantage | who |
|---|---|---|
| `batch_std` | (r - m) / (s + eps), s over the batch | LitePPO (arXiv 2508.08221), TRL "batch" |
| `whitened` | r - m, made mean 0 and deviation 1 over the batch | REINFORCE++-baseline (arXiv 2501.03262) |
| `verified` | 1 for full reward, else 0 | rejection sampling |
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

from rlvr.types import RIGHT

__all__ = [
    "CONVENTIONS",
    "BatchConvention",
    "Convention",
    "batch_advantages",
    "group_advantages",
    "is_informative",
]

Convention = Literal[
    "unbiased_std", "population_std", "leave_one_out", "centred", "rloo", "mean_normalised", "none"
]
BatchConvention = Literal["batch_std", "whitened", "verified"]
CONVENTIONS: tuple[str, ...] = get_args(Convention)


def group_advantages(
    rewards: Sequence[float | None], *, convention: Convention = "unbiased_std", eps: float = 1e-6
) -> list[float]:
    """Return one advantage for each reward of a group, in order; 0.0 for an unscored one.

    `eps` is added to the deviation of the first three conventions (TRL uses 1e-4, verl and NeMo-RL 1e-6).

    >>> group_advantages([1.0, 0.0, None], convention="centred")
    [0.5, -0.5, 0.0]
    """
    scored = [reward for reward in rewards if reward is not None]
    if convention != "none" and not is_informative(rewards):
        return [0.0] * len(rewards)
    return [0.0 if r is None else _FORMULAS[convention](r, scored, eps) for r in rewards]


def batch_advantages(
    groups: Sequence[Sequence[float | None]],
    *,
    convention: Convention | BatchConvention = "unbiased_std",
    eps: float = 1e-6,
) -> list[list[float]]:
    """Return the advantages of a batch of groups, by any of the ten conventions.

    >>> batch_advantages([[1.0, 0.0], [1.0, None]], convention="verified")
    [[1.0, 0.0], [1.0, 0.0]]
    """
    if convention == "verified":
        return [[float(r is not None and r >= RIGHT) for r in group] for group in groups]
    if convention != "batch_std" and convention != "whitened":
        return [group_advantages(group, convention=convention, eps=eps) for group in groups]
    centred = [group_advantages(group, convention="centred") for group in groups]
    rewards = [r for group in groups for r in group if r is not None]
    if convention == "whitened":
        pairs = [zip(g, c, strict=True) for g, c in zip(groups, centred, strict=True)]
        rewards = [c for pair in pairs for r, c in pair if r is not None]
    spread = _deviation(rewards, degrees=len(rewards) - 1) if len(rewards) > 1 else 0.0
    return [[c / (spread + eps) for c in group] for group in centred]


def is_informative(rewards: Sequence[float | None]) -> bool:
    """Say whether a group has two scored rewards that differ: without that, no baseline teaches.

    >>> is_informative([1.0, 1.0, None]), is_informative([1.0, 0.0, None])
    (False, True)
    """
    return len({reward for reward in rewards if reward is not None}) > 1


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _deviation(values: Sequence[float], *, degrees: int) -> float:
    mean = _mean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / degrees)


def _without(reward: float, scored: Sequence[float]) -> list[float]:
    others = list(scored)
    others.remove(reward)
    return others


def _leave_one_out(reward: float, others: Sequence[float], eps: float) -> float:
    spread = _deviation(others, degrees=len(others) - 1) if len(others) > 1 else 0.0
    return (reward - _mean(others)) / (spread + eps if spread else 1.0)


# Each takes the reward r, the group's scored rewards g, and eps.
_FORMULAS: Mapping[Convention, Callable[[float, Sequence[float], float], float]] = {
    "unbiased_std": lambda r, g, eps: (r - _mean(g)) / (_deviation(g, degrees=len(g) - 1) + eps),
    "population_std": lambda r, g, eps: (r - _mean(g)) / (_deviation(g, degrees=len(g)) + eps),
    "leave_one_out": lambda r, g, eps: _leave_one_out(r, _without(r, g), eps),
    "centred": lambda r, g, _: r - _mean(g),
    "rloo": lambda r, g, _: r - _mean(_without(r, g)),
    "mean_normalised": lambda r, g, _: (r - _mean(g)) / (_mean(g) or math.inf),
    "none": lambda r, _g, _eps: r,
}
