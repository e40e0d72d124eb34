"""The advantage of each completion within its group, by the field's seven conventions; plain floats.

"GRPO" is not one formula. With r the reward, m the mean of the group's scored rewards, n their number:

| name | advantage | who |
|---|---|---|
| `unbiased_std` | (r - m) / (s + eps), s with n - 1 | DeepSeekMath (arXiv 2402.03300) as in verl, TRL, OpenRLHF |
| `population_std` | (r - m) / (s + eps), s with n | GRPO-Zero, open-instruct "standard" |
| `leave_one_out` | (r - m') / s', mean and n - 2 deviation of the others | NeMo-RL |
| `centred` | r - m | Dr. GRPO (arXiv 2503.20783), prime-rl, nanochat |
| `rloo` | r - m' = n / (n - 1) * (r - m) | RLOO (arXiv 2402.14740) |
| `mean_normalised` | (r - m) / m | MaxRL (arXiv 2602.02710) |
| `none` | r | REINFORCE without a baseline |

The same in all of them: an unscored completion (None) gets 0.0 and does not move its siblings; a group with
one scored completion, or with equal rewards, teaches nothing and gets 0.0 (but for `none`, which has no
baseline). In `leave_one_out`, where the others are all equal the difference stays unscaled, as in NeMo-RL.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

__all__ = ["CONVENTIONS", "Convention", "group_advantages", "is_informative"]

Convention = Literal[
    "unbiased_std", "population_std", "leave_one_out", "centred", "rloo", "mean_normalised", "none"
]
CONVENTIONS: tuple[str, ...] = get_args(Convention)


def group_advantages(
    rewards: Sequence[float | None], *, convention: Convention = "unbiased_std", eps: float = 1e-6
) -> list[float]:
    """Return one advantage for each reward of a group, in order; 0.0 for an unscored one.

    `eps` is added to the deviation of `unbiased_std` and `population_std` (TRL uses 1e-4, verl 1e-6).

    >>> group_advantages([1.0, 0.0, None], convention="centred")
    [0.5, -0.5, 0.0]
    """
    scored = [reward for reward in rewards if reward is not None]
    if convention != "none" and not is_informative(rewards):
        return [0.0] * len(rewards)
    formula = _FORMULAS[convention]
    return [0.0 if reward is None else formula(reward, scored, eps) for reward in rewards]


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


def _unbiased_std(reward: float, scored: Sequence[float], eps: float) -> float:
    return (reward - _mean(scored)) / (_deviation(scored, degrees=len(scored) - 1) + eps)


def _population_std(reward: float, scored: Sequence[float], eps: float) -> float:
    return (reward - _mean(scored)) / (_deviation(scored, degrees=len(scored)) + eps)


def _leave_one_out(reward: float, scored: Sequence[float], eps: float) -> float:
    others = _without(reward, scored)
    difference = reward - _mean(others)
    spread = _deviation(others, degrees=len(others) - 1) if len(others) > 1 else 0.0
    return difference / spread if spread > 0 else difference


def _centred(reward: float, scored: Sequence[float], eps: float) -> float:
    return reward - _mean(scored)


def _rloo(reward: float, scored: Sequence[float], eps: float) -> float:
    return reward - _mean(_without(reward, scored))


def _mean_normalised(reward: float, scored: Sequence[float], eps: float) -> float:
    mean = _mean(scored)
    return (reward - mean) / mean if mean else 0.0


def _raw(reward: float, scored: Sequence[float], eps: float) -> float:
    return reward


def _without(reward: float, scored: Sequence[float]) -> list[float]:
    others = list(scored)
    others.remove(reward)
    return others


_FORMULAS: Mapping[str, Callable[[float, Sequence[float], float], float]] = {
    "unbiased_std": _unbiased_std,
    "population_std": _population_std,
    "leave_one_out": _leave_one_out,
    "centred": _centred,
    "rloo": _rloo,
    "mean_normalised": _mean_normalised,
    "none": _raw,
}
