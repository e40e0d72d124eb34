"""`[alarms]` of a training config: from where on each alarm rings."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["KINDS", "RANGES", "AlarmsTable"]

KINDS = (
    "reward_hacking",
    "reward_alone",
    "format",
    "repetition",
    "length",
    "entropy",
    "zero_variance",
    "mismatch",
    "unscored",
    "slow_verifier",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsTable:
    """`[alarms]`: from where on each alarm rings. Shares and rewards are 0 to 1.

    Attributes:
        off: Kinds that never ring.
        window: Steps looked at together, 1 to 100000.
        hacking_share: Wrong ones among the completions paid like right ones, above which it rings ...
        hacking_reward: ... once the mean reward is at least this.
        climb: How far the reward must have risen for `reward_alone` ...
        follow: ... of which the true measure (in `format`: what is right) has followed less than this share.
        format_climb: How far the reward must have risen for `format`.
        repetition_share: Completions paid in full that are one text, among those paid in full, 0.05 to 1 ...
        repetition_tasks: ... for at least so many tasks with different references, 2 to 1000000.
        length_growth: Times the first window's mean length, 1 to 1000 ...
        length_tokens: ... and at least so many tokens on average ...
        length_correlation: ... while length and reward correlate by at least this within groups, 0 to 1.
        length_truncated: Completions cut off at the limit of tokens.
        entropy_left: Of the first window's entropy, below which it rings ...
        entropy_reward: ... while the mean reward is below this ...
        entropy_alike: ... and more than this share of the groups that are not full are paid alike.
        zero_variance: Groups whose completions are all paid in full, or all nothing.
        mismatch_start: KL divergence of sampler and trainer at the first step, nats a token, 0 to 100.
        mismatch: The same over a window.
        unscored: Completions that got no reward.
        verifier_deadline: Of `rollout.timeout_s`, what the slowest percent of the verdicts may take.
        verifier_timeouts: Completions whose verdict hit a deadline.
        verifier_wait: What the trainer may wait for verdicts in proportion to generation, 0.01 to 1000 ...
        verifier_wait_s: ... where it waits at least so many seconds a step, 0 to 1000000.
    """

    off: tuple[str, ...] = ()
    window: int = 20
    hacking_share: float = 0.2
    hacking_reward: float = 0.5
    climb: float = 0.3
    follow: float = 0.1
    format_climb: float = 0.1
    repetition_share: float = 0.2
    repetition_tasks: int = 10
    length_growth: float = 2.0
    length_tokens: float = 32.0
    length_correlation: float = 0.3
    length_truncated: float = 0.5
    entropy_left: float = 0.1
    entropy_reward: float = 0.8
    entropy_alike: float = 0.75
    zero_variance: float = 0.95
    mismatch_start: float = 0.01
    mismatch: float = 0.05
    unscored: float = 0.05
    verifier_deadline: float = 0.5
    verifier_timeouts: float = 0.2
    verifier_wait: float = 1.0
    verifier_wait_s: float = 1.0


_OTHER: Mapping[str, tuple[float, float]] = {
    "window": (1, 100_000),
    "repetition_share": (0.05, 1.0),
    "repetition_tasks": (2, 1_000_000),
    "length_growth": (1.0, 1000.0),
    "length_tokens": (0.0, float(1 << 24)),
    "mismatch_start": (0.0, 100.0),
    "mismatch": (0.0, 100.0),
    "verifier_wait": (0.01, 1000.0),
    "verifier_wait_s": (0.0, 1e6),
}
RANGES: Mapping[str, tuple[float, float]] = {
    name: _OTHER.get(name, (0.0, 1.0)) for name in AlarmsTable.__annotations__ if name != "off"
}
"""The lowest and the highest value of each limit."""
