"""The learning signal: groups of judged completions into examples with advantages, or into pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlvr.advantage import batch_advantages, is_informative
from rlvr.runlog import rollout_of, row_of
from rlvr.train.forward import Example
from rlvr.train.losses import Totals
from rlvr.train.stages import TrainerTable
from rlvr.types import Rollout

__all__ = [
    "Group",
    "Signal",
    "advantages_of",
    "demonstrations_of",
    "group_of",
    "merged",
    "pairs_of",
    "plain_group",
    "reward_of",
    "signal_of",
    "teaches",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The judged completions of one task, and what the model was asked in tokens."""

    rollouts: tuple[Rollout, ...]
    prompt_ids: tuple[int, ...]
    place: int = 0


def merged(parts: Sequence[Sequence[Group]]) -> list[Group]:
    """Return the groups of several processes by place, each put together again where it was cut."""
    found: dict[int, Group] = {}
    for group in (group for part in parts for group in part):
        before = found[group.place].rollouts if group.place in found else ()
        found[group.place] = Group(
            rollouts=(*before, *group.rollouts), prompt_ids=group.prompt_ids, place=group.place
        )
    return [found[place] for place in sorted(found)]


def plain_group(group: Group) -> dict[str, Any]:
    """Return a group as plain data, to the last bit of its log-probabilities."""
    rollouts = [{**row_of(r), "logprobs": list(r.completion.logprobs)} for r in group.rollouts]
    return {"place": group.place, "prompt_ids": list(group.prompt_ids), "rollouts": rollouts}


def group_of(row: Mapping[str, Any]) -> Group:
    """Return the group that `plain_group` made plain."""
    rollouts = tuple(rollout_of(rollout) for rollout in row["rollouts"])
    return Group(rollouts=rollouts, prompt_ids=tuple(row["prompt_ids"]), place=row["place"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a step learns from, those without an advantage left out, and what a mean divides by.

    `units` are what a batch must not be cut through: single examples, or pairs, the chosen one first.
    """

    units: list[tuple[Example, ...]]
    totals: Totals


def reward_of(rollout: Rollout, table: TrainerTable) -> float | None:
    """Return the reward that is learned from; None, as ever, for what was not scored.

    That is the score's own, or the weighted sum of its parts, less the penalty for being overlong.
    """
    score = rollout.score
    if score.reward is None:
        return None
    reward = score.reward
    if table.reward_weights:
        reward = sum(weight * score.parts.get(name, 0.0) for name, weight in table.reward_weights.items())
    return reward - _overlong(len(rollout.completion.token_ids), table)


def _overlong(length: int, table: TrainerTable) -> float:
    # DAPO, arXiv 2503.14476, eq. 13, with the sign turned.
    buffer = table.overlong_buffer_len
    if not buffer:
        return 0.0
    over = max(0, length - (table.max_completion_length - buffer))
    return table.overlong_penalty_factor * over / buffer


def advantages_of(groups: Sequence[Group], table: TrainerTable) -> list[list[float]]:
    """Return the advantage of each completion, group by group; 0.0 where it teaches nothing.

    With `advantage = "gae"` it is the reward less the mean over the batch, for the log: the critic decides.
    """
    rewards = [[reward_of(rollout, table) for rollout in group.rollouts] for group in groups]
    if table.advantage == "gae":
        scored = [reward for group in rewards for reward in group if reward is not None]
        mean = sum(scored) / max(len(scored), 1)
        return [[0.0 if reward is None else reward - mean for reward in group] for group in rewards]
    return batch_advantages(rewards, convention=table.advantage, eps=table.advantage_eps)


def teaches(group: Group, table: TrainerTable) -> bool:
    """Say whether a group has two rewards that differ."""
    return is_informative([reward_of(rollout, table) for rollout in group.rollouts])


def signal_of(groups: Sequence[Group], table: TrainerTable) -> Signal:
    """Return the examples of a batch.

    Unscored and masked completions are in no sum and no denominator. Those without an advantage are in the
    denominators, and in the sums only where `skip_zero_variance` is off or a critic learns from them.
    """
    keep_all = table.advantage == "gae" or not table.skip_zero_variance
    units: list[tuple[Example, ...]] = []
    rows = tokens = 0
    for group, advantages in zip(groups, advantages_of(groups, table), strict=True):
        for rollout, advantage in zip(group.rollouts, advantages, strict=True):
            reward = reward_of(rollout, table)
            if reward is None or _masked(rollout, table):
                continue
            rows += 1
            tokens += len(rollout.completion.token_ids)
            if advantage or keep_all:
                units.append((_example(group, rollout, advantage=advantage, reward=reward),))
    totals = Totals(rows=rows, tokens=tokens, length=table.max_completion_length)
    if table.advantage == "verified":  # the mean is over what was kept, as over any data set
        totals = _totals(units, table)
    return Signal(units=units, totals=totals)


def demonstrations_of(examples: Sequence[Example], table: TrainerTable) -> Signal:
    """Return references to learn from, all of them alike."""
    units: list[tuple[Example, ...]] = [(example,) for example in examples]
    return Signal(units=units, totals=_totals(units, table))


def _totals(units: Sequence[tuple[Example, ...]], table: TrainerTable) -> Totals:
    tokens = sum(len(example.completion_ids) for unit in units for example in unit)
    return Totals(rows=len(units), tokens=tokens, length=table.max_completion_length)


def pairs_of(groups: Sequence[Group], table: TrainerTable) -> Signal:
    """Return the best and the worst completion of each group whose rewards differ; the first of equals."""
    pairs: list[tuple[Example, ...]] = []
    for group in groups:
        rewards = {i: r for i, r in enumerate(reward_of(x, table) for x in group.rollouts) if r is not None}
        if teaches(group, table):
            best, worst = max(rewards, key=lambda i: rewards[i]), min(rewards, key=lambda i: rewards[i])
            pairs.append((_pair_side(group, best, rewards), _pair_side(group, worst, rewards)))
    return Signal(units=pairs, totals=_totals(pairs, table))


def _pair_side(group: Group, index: int, rewards: Mapping[int, float]) -> Example:
    return _example(group, group.rollouts[index], advantage=1.0, reward=rewards[index])


def _masked(rollout: Rollout, table: TrainerTable) -> bool:
    return table.mask_truncated_completions and rollout.completion.finish_reason == "length"


def _example(group: Group, rollout: Rollout, *, advantage: float, reward: float) -> Example:
    completion = rollout.completion
    return Example(
        prompt_ids=group.prompt_ids,
        completion_ids=completion.token_ids,
        logprobs=completion.logprobs,
        advantage=advantage,
        reward=reward,
    )
