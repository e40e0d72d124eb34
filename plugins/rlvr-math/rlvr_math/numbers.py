r"""The environment `numbers`: problems made by rule from a seed, whose answers are numbers; no download.

A problem belongs to the test split if the SHA-256 of its text, as a number, is a multiple of 4: a quarter of
all problems, the same on every machine, whatever the seed and the other options. The text is taken in its
normal order there, so that 6 + 4 is where 4 + 6 is.
"""

import hashlib
from random import Random
from typing import Literal, TypeAlias

from rlvr.errors import InputError, UnknownName
from rlvr.types import Environment, Task
from rlvr_math.kinds import KINDS, Level, Problem
from rlvr_math.problems import TEMPLATE, Reading, Wording, environment

__all__ = ["in_split", "load"]

Split: TypeAlias = Literal["train", "test"]

_MOST = 100_000
_TRIES = 1_000


def load(  # noqa: PLR0913 - the options of an environment, each named by its user
    *,
    kinds: str | list[str] = "all",
    level: Level = 1,
    count: int = 1_000,
    split: Split = "train",
    seed: int = 0,
    template: str = TEMPLATE,
    system: str = "",
    reading: Reading = "marked",
) -> Environment:
    """Make the environment `numbers`: `count` different problems, the first of them whatever `count` is.

    `kinds` is "all", or some of the names in `rlvr_math.kinds.KINDS`, in a list or parted by commas; `level`
    is the size of the numbers.
    """
    wording = Wording(template=template, system=system)
    chosen = _chosen(kinds)
    if not 1 <= count <= _MOST:
        raise InputError(f"numbers: count = {count}: expected 1 to {_MOST}.")

    def tasks() -> list[Task]:
        seen: set[str] = set()
        return [task(index, seen) for index in range(count)]

    def task(index: int, seen: set[str]) -> Task:
        kind, problem = _drawn(Random(f"{seed}:{index}"), chosen, level, split, seen)
        return Task(
            id=f"numbers-{split}-{seed}-{index}",
            prompt=wording.ask(problem.question),
            answer=problem.answer,
            metadata={"solution": problem.solution, "kind": kind, "level": level},
        )

    return environment("numbers", tasks, reading=reading)


def in_split(text: str, split: Split) -> bool:
    """Say whether the problem with this text belongs to the split.

    >>> [text for text in ("1 + 1", "1 + 2", "1 + 3", "1 + 4") if in_split(text, "test")]
    ['1 + 1', '1 + 3', '1 + 4']
    """
    held_out = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 4 == 0
    return held_out == (split == "test")


def _drawn(
    random: Random, kinds: list[str], level: Level, split: Split, seen: set[str]
) -> tuple[str, Problem]:
    for _ in range(_TRIES):
        kind = random.choice(kinds)
        problem = KINDS[kind](random, level)
        if problem.normal not in seen and in_split(problem.normal, split):
            seen.add(problem.normal)
            return kind, problem
    raise InputError(
        f"numbers: no more than {len(seen)} different problems of the {split} split turned up: "
        "expected a smaller count, more kinds or a higher level."
    )


def _chosen(kinds: str | list[str]) -> list[str]:
    if kinds == "all":
        return list(KINDS)
    names = [name.strip() for name in kinds.split(",")] if isinstance(kinds, str) else kinds
    for name in names:
        if name not in KINDS:
            raise UnknownName("kind of numbers", name, KINDS)
    if not names or len(set(names)) < len(names):
        raise InputError(f"numbers: kinds = {kinds!r}: expected one or more, each once.")
    return names
