"""The rules by set: each draws a task, right completions of it, and wrong ones."""

from collections.abc import Mapping, Sequence

from rlvr_exact.sets.rules import choices, countdowns, numbers, sorts, words
from rlvr_exact.sets.rules.made import Rule

__all__ = ["SETS"]

SETS: Mapping[str, Sequence[Rule]] = {
    "choice": choices.RULES,
    "number": numbers.RULES,
    "exact": words.RULES,
    "countdown": countdowns.RULES,
    "sort": sorts.RULES,
}
