"""What somebody said about a completion, as a truth value."""

import math
from typing import Any

from rlvr.types import RIGHT

__all__ = ["Unclear", "says_truth", "truth"]

_RIGHT_WORDS = frozenset({"true", "yes", "correct", "right", "pass", "passed", "c", "1"})
_WRONG_WORDS = frozenset({"false", "no", "incorrect", "wrong", "fail", "failed", "i", "p", "n", "0"})
_NUMBERED = ("label", "correct", "is_correct", "passed")


class Unclear(ValueError):
    """A value that says neither right nor wrong."""


def truth(value: Any) -> bool | None:
    """Return a label as right, wrong or not known.

    A number is right from 1 on, as a reward is; nan, null and an empty text are not known.

    Raises:
        Unclear: It is nothing of that.

    >>> truth(True), truth(0.5), truth("Correct"), truth("I"), truth(None)
    (True, False, True, False, None)
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return None if math.isnan(value) else value >= RIGHT
    word = value.strip().lower() if isinstance(value, str) else "?"
    if not word:
        return None
    if word in _RIGHT_WORDS or word in _WRONG_WORDS:
        return word in _RIGHT_WORDS
    raise Unclear(repr(value)[:60])


def says_truth(name: str, value: Any) -> bool:
    """Whether a field of this name with this value is a label, though nobody has said so.

    `expected` and `equal` may hold an answer: only true, false and null are labels there.

    >>> says_truth("expected", True), says_truth("expected", 1)
    (True, False)
    >>> says_truth("label", 1), says_truth("label", "7")
    (True, False)
    """
    if value is None or isinstance(value, bool):
        return True
    if name not in _NUMBERED:
        return False
    if isinstance(value, int | float):
        return value in (0, 1)
    return isinstance(value, str) and value.strip().lower() in (_RIGHT_WORDS | _WRONG_WORDS) - {"0", "1"}
