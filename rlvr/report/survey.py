"""All rollouts of a run, seen once: how many, what was paid for what, which groups are worth keeping."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from rlvr.report.difficulty import Difficulty
from rlvr.report.folder import Group, Row, Run, groups, number, table, text, torn_lines_noted
from rlvr.types import RIGHT

__all__ = ["LONGEST", "Budget", "Survey", "Suspects", "chosen", "length_of", "survey", "suspects"]

LONGEST = 16_000
"""Characters of a text that the page keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of the rollouts a page holds."""

    rollouts: int = 20_000
    characters: int = 24_000_000


@dataclass(slots=True, kw_only=True)
class Survey:
    """What is known of every group, in the order of the log; a number a group in each array.

    Attributes:
        best: The highest reward of the group; -inf where nothing was scored.
        length: Of the completions with that reward the shortest, those that are not right first ...
        wrong: ... whether it is not right by the run's measure ...
        said: ... and the hash of its text.
        named: (place of an alarm, task id) -> the group that the alarm means.
    """

    rollouts: int = 0
    unscored: int = 0
    low: float = float("inf")
    sizes: "array[int]" = field(default_factory=lambda: array("q"))
    characters: "array[int]" = field(default_factory=lambda: array("q"))
    best: "array[float]" = field(default_factory=lambda: array("d"))
    length: "array[int]" = field(default_factory=lambda: array("q"))
    wrong: bytearray = field(default_factory=bytearray)
    said: "array[int]" = field(default_factory=lambda: array("q"))
    named: dict[tuple[int, str], int] = field(default_factory=dict)
    difficulty: Difficulty

    def add(self, group: Group, measure: str | None) -> None:
        """Take a group into account."""
        rewards = [number(row.get("reward")) for row in group]
        scored = [(reward, row) for reward, row in zip(rewards, group, strict=True) if reward is not None]
        self.rollouts += len(group)
        self.unscored += len(group) - len(scored)
        self.sizes.append(len(group))
        self.characters.append(_characters(group))
        best = max((reward for reward, _ in scored), default=float("-inf"))
        paid = [row for reward, row in scored if reward == best] or group[:1]
        right, length, row = min(((_right(r, measure), length_of(r), r) for r in paid), key=lambda t: t[:2])
        self.best.append(best)
        self.low = min([self.low, *(reward for reward, _ in scored)])
        self.length.append(length)
        self.wrong.append(not right)
        self.said.append(hash(row["completion"]))
        self.difficulty.add(group[0], [reward for reward, _ in scored])


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """The groups with a highly paid completion that is short beside others that are paid as much.

    Attributes:
        groups: Their places in the log, the most suspicious first; no two for the same text.
        seen: For each, how many groups have that text as theirs.
        from_reward: What counts as highly paid: the upper tenth of the range of rewards.
        median_length: Of the completions looked at, one a group.
    """

    groups: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    from_reward: float = 0.0
    median_length: float = 0.0


def survey(run: Run) -> Survey:
    """Look at every rollout of a run once."""
    last = max((row["step"] for row in run.metrics), default=0)
    found = Survey(difficulty=Difficulty(last_step=last))
    wanted: dict[str, list[int]] = {}
    for place, alarm in enumerate(run.alarms):
        for name in alarm.get("examples") or ():
            wanted.setdefault(text(name), []).append(place)
    with torn_lines_noted(run.notes):
        for index, group in enumerate(groups(run.rollouts)):
            found.add(group, run.measure)
            name = text(group[0].get("id"))
            for place in wanted.get(name, ()):
                if group[0]["step"] <= run.alarms[place]["step"]:
                    found.named[place, name] = index
    return found


def suspects(found: Survey, most: int = 25) -> Suspects:
    """Choose the completions that are paid most for least, of the upper tenth of the range of rewards."""
    high = max(found.best, default=float("-inf"))
    if high <= found.low:
        return Suspects()
    from_reward = high - 0.1 * (high - found.low)
    paid = [index for index, best in enumerate(found.best) if best >= from_reward]
    seen = Counter(found.said[index] for index in paid)
    paid.sort(key=lambda index: (not found.wrong[index], found.length[index], -seen[found.said[index]]))
    first: dict[int, int] = {}
    for index in paid:
        first.setdefault(found.said[index], index)
    firsts = tuple(first.values())[:most]
    return Suspects(
        groups=firsts,
        seen=tuple(seen[found.said[index]] for index in firsts),
        from_reward=from_reward,
        median_length=median(found.length[index] for index in paid),
    )


def chosen(found: Survey, always: Sequence[int], budget: Budget) -> set[int]:
    """Choose the groups that the page holds: some always, of the others evenly as many as there is room for.

    What is always kept is kept in that order while it fits.
    """
    kept: set[int] = set()
    rollouts, characters = budget.rollouts, budget.characters
    for index in always:
        if index not in kept and found.sizes[index] <= rollouts and found.characters[index] <= characters:
            kept.add(index)
            rollouts -= found.sizes[index]
            characters -= found.characters[index]
    others = [index for index in range(len(found.sizes)) if index not in kept]
    wanted = sum(found.sizes[index] for index in others), sum(found.characters[index] for index in others)
    share = min(1.0, rollouts / max(1, wanted[0]), characters / max(1, wanted[1]))
    evenly = (index for n, index in enumerate(others) if int((n + 1) * share) > int(n * share))
    return kept | set(evenly)


def length_of(row: Row) -> int:
    """Return how long a completion is: in tokens, or in characters where its tokens are not known.

    >>> length_of({"completion": "so be it", "token_ids": [1, 2, 3]}), length_of({"completion": "so be it"})
    (3, 8)
    """
    return len(row.get("token_ids") or ()) or len(row["completion"])


def _right(row: Row, measure: str | None) -> bool:
    value = number(table(row.get("parts")).get(measure)) if measure else None
    return value is None or value >= RIGHT


def _characters(group: Group) -> int:
    texts = [group[0].get("prompt"), group[0].get("reference"), group[0].get("metadata")]
    texts += [value for row in group for value in (row["completion"], row.get("answer"), row.get("error"))]
    return sum(min(len(text(value)), LONGEST) for value in texts)
