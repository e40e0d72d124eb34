"""Intervals: ends, brackets, unions, other notations, all real numbers."""

from fractions import Fraction
from random import Random

from rlvr_math.pairs.forms import frac
from rlvr_math.pairs.rule import Draw, rule

__all__: list[str] = []


def _ends(rng: Random, count: int) -> list[int]:
    return sorted(rng.sample(range(-30, 40), count))


@rule
def interval_brackets(rng: Random) -> Draw:
    """Draw an interval and the same ends with other brackets."""
    a, b = _ends(rng, 2)
    left, right = rng.choice([("(", ")"), ("(", "]"), ("[", ")"), ("[", "]")])
    text = f"{left}{a}, {b}{right}"
    good = [
        text,
        f"{left}{a},{b}{right}",
        rf"\left{left}{a}, {b}\right{right}",
        rf"{left}\frac{{{2 * a}}}{{2}}, {b}{right}",
    ]
    bad = [f"{one}{a}, {b}{other}" for one in "([" for other in ")]" if (one, other) != (left, right)]
    bad += [f"{left}{a}, {b + 1}{right}", f"{left}{a - 1}, {b}{right}", f"{left}{a}, {b + 10}{right}"]
    return Draw([text], good, [*bad, rf"\{{{a}, {b}\}}"])


@rule
def interval_ends(rng: Random) -> Draw:
    """Draw an interval whose ends are written in other ways."""
    a, b = _ends(rng, 2)
    k = rng.choice([2, 4, 5])
    low, high = Fraction(2 * a * k + 1, 2 * k), Fraction(2 * b * k + 1, 2 * k)
    good = [f"[{frac(low)}, {frac(high)})", f"[{low}, {high})", f"[{float(low)}, {float(high)})"]
    good += [rf"\left[{frac(low)}, {frac(high)}\right)", rf"[{a} + \frac{{1}}{{{2 * k}}}, {frac(high)})"]
    bad = [
        f"({frac(low)}, {frac(high)})",
        f"[{low}, {high}]",
        f"[{low}, {high + 1})",
        f"[{-high}, {-low})",
        f"[{low}, {frac(high * 2)})",
    ]
    return Draw(good[:1], good, bad)


@rule
def interval_rays(rng: Random) -> Draw:
    """Draw a ray; infinity has a sign and takes no closed bracket."""
    (a,) = _ends(rng, 1)
    good = [
        rf"[{a}, \infty)",
        rf"[{a},\infty)",
        rf"\left[{a}, \infty\right)",
        f"[{a}, \u221e)",
        rf"[{a}, +\infty)",
    ]
    bad = [
        rf"({a}, \infty)",
        rf"(-\infty, {a}]",
        rf"[{a + 1}, \infty)",
        r"(-\infty, \infty)",
        rf"[{a}, {abs(a) + 100})",
    ]
    return Draw(good[:1], good, bad)


@rule
def interval_unions(rng: Random) -> Draw:
    """Draw a union of intervals, which has no order."""
    a, b, c, d = _ends(rng, 4)
    one, other = (
        rng.choice([f"({a}, {b})", f"[{a}, {b})", rf"(-\infty, {b}]"]),
        rng.choice([f"({c}, {d}]", rf"({c}, \infty)"]),
    )
    good = [rf"{one} \cup {other}", rf"{other} \cup {one}", rf"{one}\cup{other}", f"{one} \u222a {other}"]
    bad = [one, other, rf"{one} \cap {other}", rf"{one} \cup ({d + 1}, {d + 5}]"]
    bad += [rf"{one} \cup [{other[1:]}", rf"({a + 70}, {b + 71}) \cup {other}"]
    return Draw(good[:1], good, bad)


@rule
def union_of_inequalities(rng: Random) -> Draw:
    """Draw two inequalities with `or`, and their union."""
    a, b = _ends(rng, 2)
    closed = rng.random() < 0.5
    less, more = (r"\le", r"\ge") if closed else ("<", ">")
    end, start = ("]", "[") if closed else (")", "(")
    good = [
        rf"x {less} {a} \text{{ or }} x {more} {b}",
        f"x {less} {a} or x {more} {b}",
        rf"(-\infty, {a}{end} \cup {start}{b}, \infty)",
    ]
    good += [rf"{start}{b}, \infty) \cup (-\infty, {a}{end}", f"x {more} {b} or x {less} {a}"]
    bad = [
        f"{a} {less} x {less} {b}",
        f"x {less} {a}",
        rf"(-\infty, {a}{end}",
        rf"x {less} {a} \text{{ or }} x {more} {b + 1}",
    ]
    bad += [
        rf"(-\infty, {a}{end} \cup {start}{b + 2}, \infty)",
        f"x {more} {a} or x {more} {b}",
        f"{start}{a}, {b}{end}",
    ]
    return Draw([good[0], good[2]], good, bad)


@rule
def all_reals(rng: Random) -> Draw:
    """Draw the whole line in words and signs, against rays and points."""
    a = rng.randint(0, 60)
    good = [
        r"\mathbb{R}",
        r"(-\infty, \infty)",
        r"\text{all real numbers}",
        "all real numbers",
        r"(-\infty,\infty)",
        "All real numbers",
    ]
    bad = [
        rf"({a}, \infty)",
        rf"(-\infty, {a})",
        r"\emptyset",
        rf"({-a}, {a + 1})",
        str(a),
        r"\text{no solution}",
        rf"x > {-a}",
    ]
    return Draw(good[:4], good, bad)


@rule
def set_builder(rng: Random) -> Draw:
    """Draw a set by its condition."""
    a, b = _ends(rng, 2)
    good = [
        rf"\{{x \mid {a} < x \le {b}\}}",
        f"({a}, {b}]",
        f"{a} < x \\le {b}",
        rf"\{{ x : {a} < x \leq {b} \}}",
        rf"\{{x \mid {b} \ge x > {a}\}}",
    ]
    bad = [
        rf"\{{x \mid {a} \le x \le {b}\}}",
        rf"\{{x \mid {a} < x < {b}\}}",
        rf"\{{{a}, {b}\}}",
        f"({a}, {b})",
        f"[{a}, {b}]",
    ]
    return Draw(good[:1], good, [*bad, rf"\{{x \mid {a - 1} < x \le {b}\}}"])
