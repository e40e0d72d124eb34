"""The labelled set: it is what its rules make, it is balanced, and a second opinion agrees with its labels."""

import re
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
import sympy
from rlvr_math.pairs.make import FAMILIES, rows
from rlvr_math.pairs.rule import RULES, line
from rlvr_math.verify import math

from rlvr.types import Completion, Task

FILE = Path(__file__).parents[1] / "rlvr_math" / "pairs" / "math_pairs.jsonl"
NUMERIC = (
    "int-plain", "int-sums", "int-powers", "int-long", "tiny", "tiny-difference", "frac-commands", "frac-unreduced",
    "frac-sign", "frac-sum", "frac-product", "frac-power", "inverse-power", "frac-nested", "root-simplified",
    "root-rationalised", "root-conjugate", "root-exponents", "root-nth", "root-nested", "root-sum", "root-product",
    "root-golden", "pi-multiple", "pi-sum", "e-powers", "complex-order", "complex-product",
)  # fmt: skip
LETTERS = (
    "poly-order", "poly-factored", "poly-square", "poly-vertex", "poly-letters", "poly-identities",
    "rational-cancelled", "rational-sum", "letter-powers", "letter-exponents", "noise-in-polynomials",
)  # fmt: skip
COMMANDS = (
    (r"\\(left|right|bigl|bigr|displaystyle|,|!|;)|[$~]", " "),
    (r"\\[dtc]frac", r"\\frac"),
    (r"\\cdot|\\times", "*"),
    (r"\\pi|\u03c0", "(pi)"),
    (r"\\exp", "exp"),
    (r"\u221a(\d+)", r"sqrt(\1)"),
    (r"(\d)e(-?\d+)", r"\1*10^(\2)"),
)
ARGUMENTS = (
    (r"\\frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))"),
    (r"\\sqrt\s*\[\{?(\d)\}?\]\s*\{([^{}]*)\}", r"((\2)^(1/\1))"),
    (r"\\sqrt\s*\{([^{}]*)\}", r"sqrt(\1)"),
    (r"\^\{([^{}]*)\}", r"^(\1)"),
)
TOKEN = re.compile(r"\d+\.?\d*|\.\d+|sqrt|exp|pi|[a-z]|[-+*/^()]")


@pytest.fixture(scope="module")
def made():
    return rows()


def test_the_file_is_what_the_rules_make(made):
    assert FILE.read_text(encoding="utf-8") == "".join(map(line, made))


def test_there_are_enough_rows_and_no_row_twice(made):
    assert len(made) >= 3600
    assert len({row.id for row in made}) == len(made)
    assert len({(row.reference, row.completion) for row in made}) == len(made)


def test_as_many_are_equal_as_unequal(made):
    equal = sum(row.equal for row in made)

    assert abs(2 * equal - len(made)) <= 0.02 * len(made)


def test_every_rule_has_rows_and_every_trap_a_name(made):
    count = Counter(row.rule for row in made)
    traps = [rule for rule in count if rule.startswith("trap-")]

    assert set(count) == {*RULES, *traps}
    assert all(count[rule] >= 10 for rule in RULES)
    assert len(traps) >= 120
    assert all(count[rule] == 1 for rule in traps)
    assert all(row.id.startswith(f"{row.rule}-") for row in made)


def test_every_rule_says_what_it_draws():
    assert all(rule.__doc__ for rule in RULES.values())
    assert {rule.__module__ for rule in RULES.values()} == {family.__name__ for family in FAMILIES}


def test_whole_numbers_and_fractions_have_the_labels_of_exact_arithmetic(made):
    checked = 0
    for row in made:
        one, other = _fraction(row.reference), _fraction(_boxed(row.completion))
        if one is None or other is None or row.rule.startswith(("rounding", "trap", "thinking", "base")):
            continue
        assert (one == other) == row.equal, row
        checked += 1

    assert checked >= 300


@pytest.mark.parametrize("rule", NUMERIC + LETTERS)
def test_a_second_opinion_agrees_with_the_labels(rule, made):
    checked = 0
    for row in made:
        if row.rule == rule and (pair := _understood(row.reference, _boxed(row.completion))):
            assert _is_zero(pair[0] - pair[1]) == row.equal, row
            checked += 1

    assert checked >= 6


def test_the_verifier_agrees_with_the_labels(made):
    verifier = math()
    scores = [verifier(_task(row), Completion(text=row.completion)) for row in made]
    misses = [
        f"{row.id}: {row.reference!r} and {row.completion[-80:]!r} are{'' if row.equal else ' not'} equal: {score.reason}"
        for row, score in zip(made, scores, strict=True)
        if score.reward != float(row.equal)
    ]

    accuracy = 1 - len(misses) / len(made)
    assert accuracy >= 0.995, f"{accuracy:.4f}\n" + "\n".join(misses[:20])


def _task(row):
    return Task(id=row.id, prompt=(), answer=row.reference)


def _boxed(text):
    """Return what stands in the only box of `text`, or the text itself where there is none."""
    starts = [match.end() for match in re.finditer(r"\\f?boxe?d?\{", text)]
    if len(starts) != 1:
        return "" if starts else text
    depth, at = 1, starts[0]
    while depth:
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        at += 1
    return text[starts[0] : at - 1].strip(" $")


def _fraction(text):
    """Read a whole number, a decimal or a fraction of whole numbers; None for all else."""
    text = _boxed(text) if "box" in text else text.strip(" $")
    text = re.sub(r"^(-?)\\[dt]?frac\{(-?\d+)\}\{(-?\d+)\}$", r"\1(\2)/\3", text)
    match = re.fullmatch(r"(-?)\(?(-?\d+(?:\.\d+)?)\)?(?:/(-?\d+))?", text)
    if match is None or match[3] == "0":
        return None
    return (-1 if match[1] else 1) * Fraction(match[2]) / int(match[3] or 1)


def _understood(*texts):
    """Read `texts` into sympy; None where one of them is not plain enough."""
    found = [_expression(text) for text in texts]
    return None if None in found else found


def _expression(text):
    text = _boxed(text) if "box" in text else text
    for pattern, new in COMMANDS:
        text = re.sub(pattern, new, text)
    before = ""
    while before != text:
        before = text
        for pattern, new in ARGUMENTS:
            text = re.sub(pattern, new, text)
    text = re.sub(r"[\s{}]|\.$", lambda match: {"{": "(", "}": ")"}.get(match[0], ""), text)
    tokens = TOKEN.findall(text)
    if not tokens or "".join(tokens) != text:
        return None
    product = ""
    for one, following in zip(tokens, [*tokens[1:], ")"], strict=True):
        ends, starts = one[-1] in ".)" or one[-1].isalnum(), following[0] in ".(" or following[0].isalnum()
        number = f"Rational('{one}')" if one[0].isdigit() or one[0] == "." else one.replace("^", "**")
        product += number + ("*" if ends and starts and one not in ("sqrt", "exp") else "")
    names = {name: sympy.Symbol(name) for name in "abcmnpqrtuvwxyz"}
    return sympy.sympify(product, {**names, "e": sympy.E, "i": sympy.I})


def _is_zero(difference):
    """Say whether `difference` is zero at three points (positive ones), to 60 digits."""
    for point in (Fraction(7, 5), Fraction(29, 11), Fraction(61, 17)):
        values = {name: point + at for at, name in enumerate(sorted(difference.free_symbols, key=str))}
        value = difference.subs({name: sympy.Rational(one) for name, one in values.items()})
        if abs(sympy.N(value, 80, maxn=400)) > sympy.Float(10) ** -65:
            return False
    return True
