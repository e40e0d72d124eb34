"""What an alarm says, and where to look."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Alarm", "Finding", "Row", "different"]

Row = tuple[int, str]
"""Where a rollout stands: its step and the id of its task."""

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule saw: a sentence with its numbers and what to do, and rows to look at."""

    words: str
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something in a run that a person should look at.

    Attributes:
        kind: A stable name.
        step: The last step of the window that it was seen in.
        words: What was seen, with its numbers and what to do, in a sentence.
        rows: Rollouts that show it, by step and task.
    """

    kind: str
    step: int
    words: str
    rows: tuple[Row, ...] = ()

    @property
    def examples(self) -> tuple[str, ...]:
        """Ids of the tasks."""
        return tuple(name for _, name in self.rows)


def different(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the first few rows of different tasks.

    >>> different([(2, "a"), (1, "a"), (1, "b")])
    ((2, 'a'), (1, 'b'))
    """
    first: dict[str, int] = {}
    for step, name in rows:
        first.setdefault(name, step)
        if len(first) == _SHOWN:
            break
    return tuple((step, name) for name, step in first.items())
