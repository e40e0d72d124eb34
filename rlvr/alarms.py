"""Notice that a reward and what it stands for have parted ways; pure.

An environment may name its *true measure*, a part of its scores. Two things are looked at over a window of
steps, both for runs whose reward is a proxy:

1. *Paid like the right ones*: of the completions that earn at least what the right ones earn on average,
   how many are wrong? A reward that is full only for right answers has none, however far training is.
2. *Climbing alone*: the reward has risen clearly since the start, and the true measure has not followed.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from rlvr.types import RIGHT

__all__ = ["Alarm", "DivergenceWatch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something in a run that a person should look at.

    Attributes:
        kind: A stable name.
        step: The last step of the window that it was seen in.
        words: What was seen, with its numbers, in a sentence.
        examples: Ids of tasks whose completions show it.
    """

    kind: str
    step: int
    words: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    rewards: tuple[float, ...]
    measures: tuple[float, ...]
    ids: tuple[str, ...]


class DivergenceWatch:
    """Watches reward against true measure, step by step; raises each kind of alarm once.

    Args:
        measure: What the true measure is called.
        window: Steps looked at together.
        share: Alarm 1 rings above this share of wrong completions among those paid like right ones...
        level: ... once the mean reward of the window is at least this.
        climb: Alarm 2 rings where the reward has risen by this much since the first window ...
        follow: ... and the measure by less than this fraction of it.
    """

    def __init__(
        self,
        measure: str,
        *,
        window: int = 20,
        share: float = 0.2,
        level: float = 0.5,
        climb: float = 0.3,
        follow: float = 0.1,
    ) -> None:
        self._measure = measure
        self._limits = (share, level, climb, follow)
        self._first: list[_Step] = []
        self._recent: deque[_Step] = deque(maxlen=window)
        self._rung: set[str] = set()

    def step(
        self, step: int, rewards: Sequence[float], measures: Sequence[float], ids: Sequence[str]
    ) -> list[Alarm]:
        """Take a step's scored completions into account; return the alarms that ring now."""
        seen = _Step(rewards=tuple(rewards), measures=tuple(measures), ids=tuple(ids))
        if not seen.rewards:
            return []
        window = self._recent.maxlen or 1
        if len(self._first) < window:
            self._first.append(seen)
        self._recent.append(seen)
        if len(self._recent) < window:
            return []
        found = [self._paid_like_right(step), self._climbing_alone(step)]
        alarms = [alarm for alarm in found if alarm is not None and alarm.kind not in self._rung]
        self._rung |= {alarm.kind for alarm in alarms}
        return alarms

    def _paid_like_right(self, step: int) -> Alarm | None:
        share, level, _, _ = self._limits
        all_rewards, all_measures, all_ids = _joined(self._recent)
        right = [r for r, m in zip(all_rewards, all_measures, strict=True) if m >= RIGHT]
        reward = _mean(all_rewards)
        if not right or reward < level:
            return None
        worth = _mean(right) - 1e-9
        everyone = zip(all_rewards, all_measures, all_ids, strict=True)
        paid = [(m, i) for r, m, i in everyone if r >= worth]
        wrong = [name for m, name in paid if m < RIGHT]
        if len(wrong) <= share * len(paid):
            return None
        return Alarm(
            kind="reward_hacking",
            step=step,
            words=(
                "the reward is being gamed: of the completions paid like a right answer in the last "
                f"{len(self._recent)} steps, {len(wrong) / len(paid):.0%} are not {self._measure!r} "
                f"(mean reward {reward:.2f}, mean {self._measure} {_mean(all_measures):.2f})"
            ),
            examples=tuple(dict.fromkeys(reversed(wrong)))[:5],
        )

    def _climbing_alone(self, step: int) -> Alarm | None:
        _, _, climb, follow = self._limits
        old_rewards, old_measures, _ = _joined(self._first)
        new_rewards, new_measures, new_ids = _joined(self._recent)
        risen = _mean(new_rewards) - _mean(old_rewards)
        followed = _mean(new_measures) - _mean(old_measures)
        if risen < climb or followed >= follow * risen:
            return None
        wrong = [name for name, m in zip(new_ids, new_measures, strict=True) if m < RIGHT]
        return Alarm(
            kind="reward_alone",
            step=step,
            words=(
                f"the reward climbs and {self._measure!r} does not: since the start the reward rose by "
                f"{risen:.2f} to {_mean(new_rewards):.2f}, {self._measure} by {followed:+.2f} to "
                f"{_mean(new_measures):.2f}"
            ),
            examples=tuple(dict.fromkeys(reversed(wrong)))[:5],
        )


def _joined(steps: Sequence[_Step] | deque[_Step]) -> tuple[list[float], list[float], list[str]]:
    rewards = [value for step in steps for value in step.rewards]
    measures = [value for step in steps for value in step.measures]
    return rewards, measures, [name for step in steps for name in step.ids]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
