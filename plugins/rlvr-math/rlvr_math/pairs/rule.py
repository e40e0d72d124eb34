"""What a rule draws, the table of rules, and the row that goes into the file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random
from typing import NamedTuple

__all__ = ["RULES", "Draw", "Row", "Rule", "line", "rule"]


class Draw(NamedTuple):
    """Every text in `good` equals every reference, no text in `bad` equals any of them.

    Attributes:
        references: Ways to write the value, as data sets do.
        good: Answers that are equal.
        bad: Answers that are not.
        whole: The answers are whole completions, to be wrapped no further.
    """

    references: Sequence[str]
    good: Sequence[str] = ()
    bad: Sequence[str] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled pair."""

    id: str
    rule: str
    reference: str
    completion: str
    equal: bool


Rule = Callable[[Random], Draw]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Enter `function` into the table, under its name with hyphens."""
    name = function.__name__.replace("_", "-")
    if name in RULES:
        raise ValueError(f"two rules are named {name!r}")
    RULES[name] = function
    return function


def line(row: Row) -> str:
    """Return `row` as a line of the file."""
    return json.dumps(asdict(row), ensure_ascii=False) + "\n"
