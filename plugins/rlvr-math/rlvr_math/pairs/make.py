"""All rows: some draws of every rule, then the traps, as many equal as unequal."""

from random import Random

from rlvr_math.pairs import (
    algebra,
    choices,
    constants,
    fractions,
    functions,
    hacks,
    intervals,
    matrices,
    noise,
    notations,
    numerals,
    quantities,
    readings,
    relations,
    roots,
    shapes,
    transcendental,
    traps,
)
from rlvr_math.pairs.rule import RULES, Draw, Row
from rlvr_math.pairs.wrap import mark, wrap

__all__ = ["FAMILIES", "rows"]

FAMILIES = (
    numerals, fractions, roots, constants, transcendental, quantities, notations, algebra, functions,
    relations, shapes, intervals, matrices, choices, noise, readings, hacks,
)  # fmt: skip
WANTED = {True: 16, False: 15}  # rows of a rule; some rules run out of texts
PER_DRAW = 2
DRAWS = 60


def rows() -> list[Row]:
    """Return the set; the same rows at every call, on every machine."""
    modules = [family.__name__ for family in FAMILIES]
    names = sorted(RULES, key=lambda name: modules.index(RULES[name].__module__))
    made = [row for name in names for row in _rows_of(name)]
    return [*_balanced(made, surplus=sum(1 if trap.equal else -1 for trap in traps.rows())), *traps.rows()]


def _rows_of(name: str) -> list[Row]:
    rng = Random(f"pairs/{name}")
    found: dict[tuple[str, str], bool] = {}
    left = dict(WANTED)
    for _ in range(DRAWS):
        drawn = RULES[name](rng)
        for equal in (True, False):
            for pair in _some(rng, drawn, equal=equal)[: left[equal]]:
                left[equal] -= pair not in found
                found.setdefault(pair, equal)
    return [_row(name, number, pair, equal) for number, (pair, equal) in enumerate(found.items(), 1)]


def _some(rng: Random, drawn: Draw, *, equal: bool) -> list[tuple[str, str]]:
    texts = list(dict.fromkeys(drawn.good if equal else drawn.bad))
    some = rng.sample(texts, min(PER_DRAW, len(texts)))
    if drawn.whole:
        return [(rng.choice(drawn.references), text) for text in some]
    return [(mark(rng, rng.choice(drawn.references)), wrap(rng, text)) for text in some]


def _row(name: str, number: int, pair: tuple[str, str], equal: bool) -> Row:
    return Row(id=f"{name}-{number:04}", rule=name, reference=pair[0], completion=pair[1], equal=equal)


def _balanced(made: list[Row], *, surplus: int) -> list[Row]:
    """Drop rows of the label that is too frequent, evenly over the rules."""
    surplus += sum(1 if row.equal else -1 for row in made)
    frequent = [row for row in made if row.equal == (surplus > 0)]
    count = abs(surplus)
    dropped = {frequent[index * len(frequent) // count].id for index in range(count)}
    return [row for row in made if row.id not in dropped]
