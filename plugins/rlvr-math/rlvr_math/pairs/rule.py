"""What a rule draws, the table of rules, and the row that goes into the file."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    """Return `row` as a line of a labelled set: its kind is the family of its rule, its why the rule."""
    drawn = RULES.get(row.rule)
    kind = drawn.__module__.rpartition(".")[2] if drawn else "traps"
    says = ((drawn.__doc__ if drawn else None) or "").partition("\n")[0].removeprefix("Draw ").rstrip(".")
    fields = {
        "id": row.id,
        "kind": kind,
        "reference": row.reference,
        "completion": row.completion,
        "label": row.equal,
        "why": f"rule {row.rule}{': ' * bool(says)}{says}",
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"
