"""From rules to the lines of a file: a few draws of each, as many right as wrong where there are enough."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple, TypeAlias

__all__ = ["DECLARED", "Draw", "Rule", "lines"]

DRAWS = 5
OF_A_DRAW = 3

DECLARED = (
    "<answer>@</answer>",
    "Let me see.\n<answer> @ </answer>",
    r"So it is \boxed{@}.",
    "I went through it twice.\n#### @",
    "The answer is @.",
    "**Answer:** @",
    "After some thought, the final answer is: @",
    "<think>It could be something else, but no.</think>\n<answer>@</answer>",
)
"""What a completion looks like whose answer, `@`, is declared."""


class Draw(NamedTuple):
    """A task, completions that are right, and completions that are wrong."""

    answer: Any
    good: Sequence[str]
    bad: Sequence[str]
    metadata: Mapping[str, Any]


Rule: TypeAlias = Callable[[Random], Draw]
"""Its name is the kind of the rows, with hyphens; the first line of its docstring says what it draws."""


def lines(rules: Sequence[Rule]) -> Iterator[str]:
    """Yield the rows of the rules; the same at every call, on every machine."""
    seen = set[str]()
    for rule in rules:
        kind = rule.__name__.strip("_").replace("_", "-")
        says = (rule.__doc__ or "").partition("\n")[0].removeprefix("Draw ").rstrip(".")
        for number, (drawn, text, label) in enumerate(_drawn(rule, seen), start=1):
            row = {
                "id": f"{kind}-{number:03}",
                "kind": kind,
                "reference": drawn.answer,
                "completion": text,
                "label": label,
                "why": f"rule {kind}: {says}",
                **({"metadata": drawn.metadata} if drawn.metadata else {}),
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _drawn(rule: Rule, seen: set[str]) -> Iterator[tuple[Draw, str, bool]]:
    random = Random(f"sets/{rule.__module__.rpartition('.')[2]}/{rule.__name__}")
    for _ in range(DRAWS):
        drawn = rule(random)
        for label, given in ((True, drawn.good), (False, drawn.bad)):
            texts = list(dict.fromkeys(given))
            for text in random.sample(texts, min(OF_A_DRAW, len(texts))):
                key = json.dumps([drawn.answer, drawn.metadata, text])
                if key not in seen:
                    seen.add(key)
                    yield drawn, text, label
