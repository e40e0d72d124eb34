"""Radicals: simplified or not, rationalised, nested, of any degree, as fractional exponents."""

from fractions import Fraction
from math import isqrt
from random import Random

from rlvr_math.pairs.forms import frac, signed
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []

SQUAREFREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21)
CUBEFREE = (2, 3, 4, 5, 6, 7, 9, 10, 11, 12)


@rule
def root_simplified(rng: Random) -> Draw:
    """Draw a square root with and without its square factor."""
    a, b = rng.randint(2, 15), rng.choice(SQUAREFREE)
    good = [
        rf"\sqrt{{{a * a * b}}}",
        rf"{a}\sqrt{{{b}}}",
        rf"\sqrt{{{b}}} \cdot {a}",
        rf"{a} \cdot {b}^{{1/2}}",
    ]
    good += [
        rf"{a} \sqrt {{{b}}}",
        f"{a}\u221a{b}",
        rf"({a * a * b})^{{\frac{{1}}{{2}}}}",
        rf"\frac{{{2 * a}\sqrt{{{b}}}}}{{2}}",
    ]
    bad = [rf"{a * a}\sqrt{{{b}}}", rf"\sqrt{{{a * b}}}", rf"{a + 1}\sqrt{{{b}}}", rf"-{a}\sqrt{{{b}}}"]
    bad += [rf"{a}\sqrt{{{b + 1}}}", str(a * b), rf"\sqrt{{{a * a * b + 1}}}", rf"\sqrt[3]{{{a * a * b}}}"]
    return Draw([rf"{a}\sqrt{{{b}}}", rf"\sqrt{{{a * a * b}}}"], good, bad)


@rule
def root_of_square(rng: Random) -> Draw:
    """Draw a root that comes out even."""
    a, k = rng.randint(2, 40), rng.choice([2, 2, 3, 4])
    head = r"\sqrt" if k == 2 else rf"\sqrt[{k}]"
    good = [rf"{head}{{{a**k}}}", f"({a**k})^{{1/{k}}}", rf"{a**k}^{{\frac{{1}}{{{k}}}}}", f"{a}"]
    bad = [
        rf"{head}{{{a**k + 1}}}",
        rf"-{head}{{{a**k}}}",
        rf"{head}{{{a**k - 1}}}",
        f"{a**k}",
        rf"\sqrt{{{a}}}",
    ]
    return Draw([f"{a}"], good, bad)


@rule
def root_rationalised(rng: Random) -> Draw:
    """Draw a fraction with a root below, or above."""
    a, b = rng.randint(1, 20), rng.choice(SQUAREFREE)
    part = Fraction(a, b)
    p, q = part.numerator, part.denominator
    top = rf"\sqrt{{{b}}}" if p == 1 else rf"{p}\sqrt{{{b}}}"
    good = [rf"\frac{{{a}}}{{\sqrt{{{b}}}}}", rf"\frac{{{a}\sqrt{{{b}}}}}{{{b}}}", rf"{a}/\sqrt{{{b}}}"]
    good += [rf"{a} \cdot {b}^{{-1/2}}", rf"\frac{{{top}}}{{{q}}}" if q > 1 else top]
    bad = [rf"\frac{{\sqrt{{{b}}}}}{{{a}}}" if a * a != b else "0", rf"\frac{{{a + 1}}}{{\sqrt{{{b}}}}}"]
    bad += [rf"{a}\sqrt{{{b}}}", rf"-\frac{{{a}}}{{\sqrt{{{b}}}}}", rf"\frac{{{a}}}{{{b}}}"]
    return Draw(good[:1] + good[-1:], good, bad)


@rule
def root_conjugate(rng: Random) -> Draw:
    """Draw one over a difference of a root and a number, with and without the root below."""
    b, c = rng.choice(SQUAREFREE), rng.randint(1, 5)
    rest = b - c * c
    good = [
        rf"\frac{{\sqrt{{{b}}} + {c}}}{{{rest}}}",
        rf"\frac{{1}}{{\sqrt{{{b}}} - {c}}}",
        rf"\frac{{-{c} - \sqrt{{{b}}}}}{{{-rest}}}",
    ]
    bad = [
        rf"\frac{{1}}{{\sqrt{{{b}}} + {c}}}",
        rf"\frac{{\sqrt{{{b}}} - {c}}}{{{rest}}}",
        rf"\sqrt{{{b}}} - {c}",
    ]
    bad += [rf"\frac{{\sqrt{{{b}}} + {c}}}{{{rest + c * c * 2}}}", rf"-\frac{{\sqrt{{{b}}} + {c}}}{{{rest}}}"]
    return Draw(good[:2], good, bad)


@rule
def root_exponents(rng: Random) -> Draw:
    """Draw fractional exponents and the roots that they are."""
    base, k = rng.choice(CUBEFREE[:6]), rng.choice([2, 3])
    a = rng.choice([3, 5]) if k == 2 else rng.choice([2, 4, 5])
    head = r"\sqrt" if k == 2 else r"\sqrt[3]"
    good = [
        f"{base}^{{{a}/{k}}}",
        rf"{base}^{{\frac{{{a}}}{{{k}}}}}",
        rf"{head}{{{base}^{a}}}",
        rf"({head}{{{base}}})^{a}",
    ]
    bad = [
        f"{base}^{{{k}/{a}}}",
        rf"{head}{{{base}^{{{a + 1}}}}}",
        rf"\frac{{{base}^{a}}}{{{k}}}",
        f"{base}^{{-{a}/{k}}}",
    ]
    return Draw(good[1:3], [*good, rf"{head}{{{base**a}}}"], [*bad, rf"\sqrt[4]{{{base}^{a}}}"])


@rule
def root_nth(rng: Random) -> Draw:
    """Draw a cube root with and without its cube factor."""
    a, b = rng.randint(2, 6), rng.choice(CUBEFREE)
    good = [
        rf"\sqrt[3]{{{a**3 * b}}}",
        rf"{a}\sqrt[3]{{{b}}}",
        rf"{a} \cdot {b}^{{1/3}}",
        rf"{a}\sqrt[{{3}}]{{{b}}}",
    ]
    bad = [
        rf"{a}\sqrt{{{b}}}",
        rf"3\sqrt{{{a**3 * b}}}",
        rf"{a + 1}\sqrt[3]{{{b}}}",
        rf"\sqrt[3]{{{a * b}}}",
        rf"-{a}\sqrt[3]{{{b}}}",
    ]
    return Draw(good[:2], good, bad)


@rule
def root_of_negative(rng: Random) -> Draw:
    """Draw an odd root of a negative number: the real one."""
    a, k = rng.randint(2, 9), rng.choice([3, 3, 5])
    value = a**k
    good = [rf"\sqrt[{k}]{{-{value}}}", rf"-\sqrt[{k}]{{{value}}}", f"(-{value})^{{1/{k}}}", f"-{a}"]
    bad = [
        rf"\sqrt[{k}]{{{value}}}",
        str(a),
        rf"\sqrt[{k}]{{-{value + 1}}}",
        f"-{a + 1}",
        rf"-\sqrt[{k}]{{-{value}}}",
    ]
    return Draw([f"-{a}"], good, bad)


@rule
def root_nested(rng: Random) -> Draw:
    """Draw a root of a root that is a sum of two roots."""
    a, b = sorted(rng.sample(SQUAREFREE[:9], 2))
    good = [
        rf"\sqrt{{{a + b} + 2\sqrt{{{a * b}}}}}",
        rf"\sqrt{{{a}}} + \sqrt{{{b}}}",
        rf"\sqrt{{{b}}}+\sqrt{{{a}}}",
    ]
    bad = [rf"\sqrt{{{a + b}}}", rf"\sqrt{{{b}}} - \sqrt{{{a}}}", rf"\sqrt{{{a + b} - 2\sqrt{{{a * b}}}}}"]
    bad += [rf"\sqrt{{{a + b} + \sqrt{{{a * b}}}}}", rf"\sqrt{{{a}}} + \sqrt{{{b + 1}}}"]
    return Draw(good[:2], good, bad)


@rule
def root_sum(rng: Random) -> Draw:
    """Draw a number plus a multiple of a root, in either order and over a denominator."""
    a, b, c = rng.randint(1, 12), rng.randint(2, 9), rng.choice(SQUAREFREE)
    n = rng.randint(2, 5)
    good = [rf"{a} + {b}\sqrt{{{c}}}", rf"{b}\sqrt{{{c}}}+{a}", rf"{a} + \sqrt{{{b * b * c}}}"]
    good += [rf"\frac{{{n * a} + {n * b}\sqrt{{{c}}}}}{{{n}}}", rf"{a}-(-{b}\sqrt{{{c}}})"]
    bad = [
        rf"{a} - {b}\sqrt{{{c}}}",
        rf"-{a} + {b}\sqrt{{{c}}}",
        rf"{a + 1} + {b}\sqrt{{{c}}}",
        rf"{a + b}\sqrt{{{c}}}",
    ]
    bad += [rf"{b} + {a}\sqrt{{{c}}}"] if a != b else []
    return Draw(good[:1], good, bad)


@rule
def root_product(rng: Random) -> Draw:
    """Draw products and squares of roots."""
    a, b = rng.sample(SQUAREFREE[:8], 2)
    good = [rf"\sqrt{{{a}}} \cdot \sqrt{{{b}}}", rf"\sqrt{{{a}}}\sqrt{{{b}}}", rf"\sqrt{{{a * b}}}"]
    bad = [rf"\sqrt{{{a + b}}}", rf"\sqrt{{{a}}} + \sqrt{{{b}}}", str(a * b), rf"\sqrt{{{a * b + 1}}}"]
    if rng.random() < 0.5:
        return Draw([rf"\sqrt{{{a * b}}}"], good, bad)
    good = [rf"(\sqrt{{{a}}} + \sqrt{{{b}}})^2", rf"{a + b} + 2\sqrt{{{a * b}}}"]
    bad = [
        str(a + b),
        rf"{a + b} + \sqrt{{{a * b}}}",
        rf"{a + b} - 2\sqrt{{{a * b}}}",
        rf"{a + b}+2\sqrt{{{a + b}}}",
    ]
    return Draw(good[1:], good, bad)


@rule
def root_quadratic(rng: Random) -> Draw:
    """Draw a root of a quadratic, as the formula leaves it and simplified."""
    p, q = rng.randint(1, 9), rng.choice(SQUAREFREE)
    root = rf"\sqrt{{{q}}}"
    good = [
        rf"\frac{{{-2 * p} + \sqrt{{{4 * q}}}}}{{2}}",
        rf"-{p} + {root}",
        rf"{root} - {p}",
        rf"\frac{{{-3 * p} + 3{root}}}{{3}}",
    ]
    bad = [
        rf"-{p} - {root}",
        rf"{p} + {root}",
        rf"\frac{{{-2 * p} + {root}}}{{2}}",
        rf"{-p} \pm {root}",
        f"{isqrt(q) - p}",
    ]
    return Draw(good[1:3], good, bad)


@rule
def root_golden(rng: Random) -> Draw:
    """Draw a half-whole number with a root over two, apart and together."""
    a, c = rng.choice([1, 3, 5, 7]), rng.choice(SQUAREFREE)
    sign = rng.choice([1, -1])
    mark = "+" if sign > 0 else "-"
    good = [
        rf"\frac{{{a} {mark} \sqrt{{{c}}}}}{{2}}",
        rf"{frac(Fraction(a, 2))} {mark} \frac{{\sqrt{{{c}}}}}{{2}}",
    ]
    good += [
        rf"({a} {mark} \sqrt{{{c}}})/2",
        rf"0.5({a} {mark} \sqrt{{{c}}})",
        rf"\frac12\left({a}{mark}\sqrt{{{c}}}\right)",
    ]
    other = "-" if sign > 0 else "+"
    bad = [
        rf"\frac{{{a} {other} \sqrt{{{c}}}}}{{2}}",
        rf"{a} {mark} \frac{{\sqrt{{{c}}}}}{{2}}",
        rf"{frac(Fraction(a, 2))}{signed(sign * c)}",
    ]
    return Draw(
        good[:1],
        good,
        [*bad, rf"\frac{{{-a} {mark} \sqrt{{{c}}}}}{{2}}", rf"\frac{{{a} {mark} \sqrt{{{c + 1}}}}}{{2}}"],
    )
