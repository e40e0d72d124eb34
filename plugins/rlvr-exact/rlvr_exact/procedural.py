"""Tasks made from a seed: instances that are drawn, and which of them are held out for the test split.

An instance belongs to the test split if the SHA-256 of its canonical text, as a number, is a multiple of
4: a quarter of all instances, the same on every machine, whatever the seed and the other options.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import Random
from typing import Literal, TypeAlias, TypeVar

from rlvr.errors import InputError
from rlvr.types import Task, TaskStream

__all__ = ["Split", "finite", "in_split", "require", "stream"]

T = TypeVar("T")
Split: TypeAlias = Literal["train", "test"]

_FEW_TRIES = 2_000
_TRIES = 200_000


def require(fits: bool, what: str, expected: str) -> None:
    """Refuse an option: say what it is and what was expected.

    >>> require(False, "sort: length = 0", "1 or more")
    Traceback (most recent call last):
    rlvr.errors.InputError: sort: length = 0: expected 1 or more.
    """
    if not fits:
        raise InputError(f"{what}: expected {expected}.")


def in_split(canonical: str, split: Split) -> bool:
    """Say whether the instance with this canonical text belongs to the split.

    >>> [text for text in ("0 0", "0 1", "1 0", "1 1") if in_split(text, "test")]
    ['0 1']
    """
    held_out = int(hashlib.sha256(canonical.encode()).hexdigest(), 16) % 4 == 0
    return held_out == (split == "test")


def stream(
    draw: Callable[[Random], T | None],
    make: Callable[[T, str], Task],
    canonical: Callable[[T], str],
    *,
    name: str,
    split: Split,
    seed: int,
) -> TaskStream:
    """Return the endless tasks of a split: task `index` is a pure function of the seed and the index.

    `draw` returns an instance, or None where the draw came to nothing; it is drawn again until the
    instance belongs to the split.

    Raises:
        InputError: No instance of the split turns up.
    """

    def within(tries: int, index: int) -> Task:
        random = Random(f"{seed}:{index}")
        prefix = name if split == "train" else f"{name}-test"
        for _ in range(tries):
            instance = draw(random)
            if instance is not None and in_split(canonical(instance), split):
                return make(instance, f"{prefix}-{seed}-{index}")
        raise InputError(
            f"{name}: no instance of the {split} split in {tries} draws: "
            "expected more of a choice, as from a longer length or a wider range."
        )

    # What takes few draws here will not run out of many in the middle of a run.
    for index in range(3):
        within(_FEW_TRIES, index)
    return TaskStream(at=partial(within, _TRIES))


def finite(
    instances: Iterable[T], make: Callable[[T, str], Task], canonical: Callable[[T], str], *, name: str
) -> Sequence[Task]:
    """Return all held-out tasks among the instances, in their order.

    Raises:
        InputError: None of them is held out.
    """
    held_out = [instance for instance in instances if in_split(canonical(instance), "test")]
    if not held_out:
        raise InputError(
            f"{name}: none of the few instances is held out for the test split: "
            "expected more of a choice, as from a longer length or a wider range."
        )
    return [make(instance, f"{name}-test-{index}") for index, instance in enumerate(held_out)]
