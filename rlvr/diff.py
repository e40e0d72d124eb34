"""Two verifiers over the same completions: where their verdicts differ, and which is nearer the labels.

A verdict is right, wrong or unscored. Against a label the right one is best and the wrong one worst: what is
unscored moves nothing, what is wrong misleads. A row whose two verdicts are of the same sort is no flip,
whatever its rewards.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal, Protocol, TypeAlias

from rlvr.explain import as_json, explanation_of
from rlvr.scoring import verdict_of
from rlvr.stats import Reservoir
from rlvr.types import RIGHT, Completion, Explanation, Labelled, Rollout, Task

__all__ = ["Change", "Counts", "Difference", "Flip", "Judge", "Kept", "compare", "flip_as_json"]

Change: TypeAlias = Literal["improved", "regressed", "unknown"]
"""What a flip from the first verifier to the second is, by the row's label; unknown without one."""

_AHEAD = 1_024
_MOST_KINDS = 1_000
_AHEAD_CHARS = 1 << 26
_CHANGES: tuple[Change, ...] = ("regressed", "improved", "unknown")


class _Ticket(Protocol):
    @property
    def rollout(self) -> Rollout | None: ...
    def result(self) -> Rollout: ...


class Judge(Protocol):
    """A pool that explains: `WorkerPool(..., explain=True)`."""

    def submit(self, task: Task, completion: Completion) -> _Ticket:
        """Hand in one completion."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A row of which two verifiers say different things.

    Attributes:
        row: The row.
        change: What the flip is, by the row's label.
        a: What the first says, and how it came to that.
        b: What the second says.
    """

    row: Labelled
    change: Change
    a: Explanation
    b: Explanation


@dataclass(slots=True, kw_only=True)
class Counts:
    """How many rows there were, and how many of them flipped."""

    rows: int = 0
    improved: int = 0
    regressed: int = 0
    unlabelled_flips: int = 0

    def add(self, change: Change | None) -> None:
        """Count a row; None for one that did not flip."""
        self.rows += 1
        self.improved += change == "improved"
        self.regressed += change == "regressed"
        self.unlabelled_flips += change == "unknown"

    @property
    def flips(self) -> int:
        """How many flipped."""
        return self.improved + self.regressed + self.unlabelled_flips


@dataclass(slots=True, kw_only=True)
class Difference:
    """What two verifiers differ in, in constant memory.

    Attributes:
        total: The counts of all rows.
        by_kind: Those of each kind of row.
        unscored: How many rows each left unscored.
        errors: On how many rows each failed.
    """

    total: Counts = field(default_factory=Counts)
    by_kind: dict[str, Counts] = field(default_factory=dict)
    unscored: list[int] = field(default_factory=lambda: [0, 0])
    errors: list[int] = field(default_factory=lambda: [0, 0])


def compare(
    rows: Iterable[Labelled],
    a: Judge,
    b: Judge,
    *,
    right_from: float = RIGHT,
    keep: Callable[[Flip], None],
) -> Difference:
    """Judge the rows with both, a bounded number on their way; `keep` is told each flip, in order."""
    found = Difference()
    for row, first, second in _judged(rows, a, b):
        told = explanation_of(first.score), explanation_of(second.score)
        for side, one in enumerate(told):
            found.unscored[side] += one.score.reward is None
            found.errors[side] += one.score.error is not None
        change = _change(row.label, told[0], told[1], right_from)
        found.total.add(change)
        known = row.kind in found.by_kind or len(found.by_kind) < _MOST_KINDS
        found.by_kind.setdefault(row.kind if known else "(other)", Counts()).add(change)
        if change is not None:
            keep(Flip(row=row, change=change, a=told[0], b=told[1]))
    return found


class Kept:
    """Some flips of each sort of change, all with the same chance to be kept.

    Args:
        most: How many of each sort.
        seed: Of the choice.
    """

    def __init__(self, most: int, *, seed: int) -> None:
        random = Random(f"diff:{seed}")
        self._flips = {change: Reservoir[Flip](most, random=random) for change in _CHANGES}

    def add(self, flip: Flip) -> None:
        """Keep a flip, or not."""
        self._flips[flip.change].offer(flip)

    @property
    def flips(self) -> list[Flip]:
        """Those that were kept: regressions first, each sort in the order of its rows."""
        return [flip for change in _CHANGES for flip in self._flips[change].items()]


def flip_as_json(flip: Flip) -> dict[str, Any]:
    """Return a flip as plain data."""
    return {
        "id": flip.row.id,
        "kind": flip.row.kind,
        "label": flip.row.label,
        "why": flip.row.why,
        "reference": flip.row.task.answer,
        "completion": flip.row.completion.text,
        "change": flip.change,
        "a": _side(flip.a),
        "b": _side(flip.b),
    }


def _side(told: Explanation) -> dict[str, Any]:
    said = as_json(told)
    verdict = {name: said.pop(name) for name in ("reward", "answer", "reason", "parts", "error")}
    return {**verdict, "explanation": said}


def _judged(rows: Iterable[Labelled], a: Judge, b: Judge) -> Iterator[tuple[Labelled, Rollout, Rollout]]:
    waiting: deque[tuple[Labelled, _Ticket, _Ticket]] = deque()
    characters = 0
    for row in rows:
        waiting.append((row, a.submit(row.task, row.completion), b.submit(row.task, row.completion)))
        characters += len(row.completion.text)
        while waiting and (len(waiting) > _AHEAD or characters > _AHEAD_CHARS or _is_done(waiting[0])):
            done, first, second = waiting.popleft()
            characters -= len(done.completion.text)
            yield done, first.result(), second.result()
    while waiting:
        done, first, second = waiting.popleft()
        yield done, first.result(), second.result()


def _is_done(waiting: tuple[Labelled, _Ticket, _Ticket]) -> bool:
    return waiting[1].rollout is not None and waiting[2].rollout is not None


def _change(label: bool | None, a: Explanation, b: Explanation, right_from: float) -> Change | None:
    """Return what a flip is; None where both verdicts are of one sort."""
    first, second = (verdict_of(one.score, right_from=right_from) for one in (a, b))
    if first == second:
        return None
    if label is None:
        return "unknown"
    return "improved" if _worth(second, label) > _worth(first, label) else "regressed"


def _worth(verdict: bool | None, label: bool) -> int:
    return 1 if verdict is None else 2 * (verdict == label)
