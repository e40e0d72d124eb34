"""The order of a run's tasks: a pure function of the seed, so that a resumed run sees the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from rlvr.errors import InputError
from rlvr.types import Environment, Task

__all__ = ["TaskOrder", "places"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOrder:
    """Which task stands at each place of the run.

    Attributes:
        phases: (first place, environment), rising; a curriculum has several.
        seed: Finite sets are shuffled anew in each epoch by it.
    """

    phases: Sequence[tuple[int, Environment]]
    seed: int

    def phase(self, place: int) -> int:
        """Return the index of the phase that a place belongs to."""
        return max(index for index, (first, _) in enumerate(self.phases) if first <= place)

    def at(self, place: int) -> Task:
        """Return the task at a place, counted from 0 over the whole run."""
        first, environment = self.phases[self.phase(place)]
        size = environment.size
        if size is None:
            return environment.tasks[place - first]
        if size == 0:
            raise InputError(f"the environment {environment.name!r} has no task to train on.")
        epoch, within = divmod(place - first, size)
        return environment.tasks[_shuffled(size, f"{self.seed}:{first}:{epoch}")[within]]


@cache
def _shuffled(size: int, seed: str) -> Sequence[int]:
    order = list(range(size))
    Random(seed).shuffle(order)
    return order


def places(n: int) -> list[str]:
    """Return the places of a run as TRL's prompts.

    TRL hands its prompts through unread; ours are places in the task order, and `rollout_func` looks the
    tasks up.

    >>> places(3)
    ['0', '1', '2']
    """
    return [str(place) for place in range(n)]
