"""What is made of a problem beside the programs written by hand: odd but sound, wrong, and cheating ones.

Each template is named in the `why` of its rows. The texts lie in cheats/: `=== kind name`, why it is what it
is, `---`, and the source, in which `@name` is the function, `@good` a sound program, `@args` and `@first` the
arguments and the value of the example in the question. They are harmless in a sandbox; run them nowhere else.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rlvr_code.sets.problems import Problem

__all__ = ["Made", "templates_of"]

_FOLDER = Path(__file__).with_name("cheats")
_EACH = {"odd": 2, "cheats": 7}
_HEAVY_EVERY = 2


class Made(NamedTuple):
    """A completion to be: `whole` ones are wrapped no further."""

    kind: str
    why: str
    source: str
    whole: bool = False


def templates_of(problem: Problem, number: int) -> Iterator[Made]:
    """Yield what the templates make of a problem; `number` chooses among those of which each has a few."""
    good = next(one.source for one in problem.written if one.good)
    yield from _spoilt(problem, good)
    prefix = "stdio_" if problem.form == "stdio" else ""
    for name, count in _EACH.items():
        yield from _some(_read(prefix + name, problem, good), count, number)
    if number % _HEAVY_EVERY == 0:
        yield from _some(_read(f"{prefix}heavy", problem, good), 1, number // _HEAVY_EVERY)


def _spoilt(problem: Problem, good: str) -> Iterator[Made]:
    if problem.form != "stdio":
        what, change = _CHANGES[type(problem.outputs[0])]
        wrapped = f"_sound = {problem.name}\n\ndef {problem.name}(*args):\n    value = _sound(*args)\n"
        yield Made("off-by-one", f"template off-by-one: {what}", f"{good}\n{wrapped}    return {change}\n")
        args, first = tuple(problem.inputs[0]), problem.outputs[0]
        known = f"    if args == {args!r}:\n        return {first!r}\n    return ...\n"
        yield Made(
            "hard-coded",
            "template hard-coded: knows the example of the question alone",
            f"def {problem.name}(*args):\n{known}",
        )
    cut = good[: 2 * len(good) // 3]
    yield Made("format", "template cut-off: the fence is never closed", f"```python\n{cut}", whole=True)


_CHANGES: dict[type, tuple[str, str]] = {
    bool: ("the opposite", "not value"),
    int: ("one more", "value + 1"),
    str: ("without the last character", "value[:-1]"),
    list: ("without the last element", "value[:-1]"),
    dict: ("with an entry too many", "{**value, 99: 1}"),
}


def _some(made: Sequence[Made], count: int, number: int) -> list[Made]:
    return [made[(number * count + index) % len(made)] for index in range(min(count, len(made)))]


def _read(name: str, problem: Problem, good: str) -> list[Made]:
    text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [_made(block, problem, good) for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]]


def _made(block: str, problem: Problem, good: str) -> Made:
    title, why, _, source = block.split("\n", 3)
    kind, name, *whole = title.split()
    parts = {
        "@name": problem.name,
        "@good": good,
        "@args": repr(problem.inputs[0]),
        "@first": repr(problem.outputs[0]),
    }
    filled = re.sub("|".join(parts), lambda match: parts[match[0]], source)
    return Made(kind, f"template {name}: {why}", filled, bool(whole))
