"""What is kept of a step once it has been looked at: sums and a few names, never a text or a token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = [
    "Groups",
    "Paid",
    "Part",
    "Pay",
    "Seen",
    "Sizes",
    "Text",
    "Verdicts",
    "Window",
    "mean_reward",
    "still_rising",
]

_STILL = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The completions of a step that got one reward.

    Attributes:
        wrong_ids: Of the last different wrong ones: place in the step, id of the task.
    """

    right: int
    wrong: int
    wrong_ids: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the scores of a step: sum, number, and the least and the most of it."""

    total: float
    n: int
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """What was paid in a step.

    Attributes:
        reward: Sum over the scored completions; `learned` of what is learned from, `right` of how right.
        standard: What says how right a completion is: the true measure, a part, or full reward ("").
        levels: By reward.
    """

    scored: int
    reward: float
    learned: float
    right: float
    standard: str
    levels: Mapping[float, Paid]
    parts: Mapping[str, Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How long the completions of a step are.

    Attributes:
        xx, xy, yy: Sums of products of length (x) and reward (y), each less its mean over the completions of
            its task that are as right.
        cut: Completions that ended at the limit of tokens; `cut_reward`, `cut_scored` of the scored ones.
        longest: (tokens, id of the task), the longest first.
    """

    n: int
    tokens: int
    xx: float
    xy: float
    yy: float
    cut: int
    cut_reward: float
    cut_scored: int
    longest: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """How judging went.

    Attributes:
        unscored: How often each reason was given for no reward.
        times_ms: Of the completions that hit no deadline, rising.
        slowest: (milliseconds, id of the task), the slowest first.
    """

    n: int
    unscored: Mapping[str, int]
    unscored_ids: tuple[str, ...]
    timeouts: int
    timeout_ids: tuple[str, ...]
    times_ms: tuple[float, ...]
    slowest: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """What groups of two or more scored completions teach.

    Attributes:
        full, nothing: How many are paid in full and right throughout, or paid nothing; then some of them.
        alike: How many others are paid alike throughout, nothing included.
    """

    n: int
    full: int
    nothing: int
    alike: int
    full_ids: tuple[str, ...]
    nothing_ids: tuple[str, ...]
    alike_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that is common among the completions paid in full.

    Attributes:
        references: One number for each different reference of the tasks that it was paid for.
    """

    n: int
    excerpt: str
    references: frozenset[int]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is kept of a step; `texts` by a number that stands for the text."""

    step: int
    pay: Pay
    sizes: Sizes
    verdicts: Verdicts
    groups: Groups
    full: int
    texts: Mapping[int, Text]
    numbers: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The first steps of a run and the last ones, as many of each; they may overlap.

    Attributes:
        measure: What the true measure is called, if there is one.
        deadline_s: What a verdict may take.
    """

    first: Sequence[Seen]
    recent: Sequence[Seen]
    measure: str | None = None
    deadline_s: float = 10.0


def mean_reward(steps: Sequence[Seen]) -> float:
    """Return the mean over the scored completions; 0.0 of nothing."""
    return sum(seen.pay.reward for seen in steps) / max(1, sum(seen.pay.scored for seen in steps))


def still_rising(window: Window) -> bool:
    """Say whether the reward still rises in the last window, at a quarter of its pace so far or faster."""
    half, steps = len(window.recent) // 2, window.recent[-1].step - window.first[-1].step
    if not half or steps <= 0:
        return False
    risen = mean_reward(window.recent[half:]) - mean_reward(window.recent[:half])
    pace = (mean_reward(window.recent) - mean_reward(window.first)) / steps
    return risen > max(0.0, _STILL * pace * half)
