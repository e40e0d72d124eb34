"""Renderings that several families share; each says a value exactly."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

__all__ = [
    "apart", "coprime", "decimal", "frac", "fracs", "grouped", "misprints", "near", "poly", "signed", "term",
    "wrong_fractions",
]  # fmt: skip


def grouped(number: int, separator: str) -> str:
    r"""Return `number` with `separator` between its groups of three digits.

    >>> grouped(-1234567, r"\\,")
    '-1\\\\,234\\\\,567'
    """
    return f"{number:,}".replace(",", separator)


def near(number: int) -> list[int]:
    """Return whole numbers that are easily mistaken for `number`: neighbours, turned signs, lost digits."""
    digits = str(abs(number))
    others = [number + 1, number - 1, number + 10, -number, number * 10, number * 100]
    if len(digits) > 1:
        others += [int(digits[1] + digits[0] + digits[2:]), int(digits[:-1]), int(digits[1:])]
    return [other for other in dict.fromkeys(others) if other != number]


def misprints(rng: Random, number: int) -> list[int]:
    """Return numbers as long as `number` (five digits or more) that differ in one digit or in two places."""
    digits = str(number)
    at = rng.randrange(1, len(digits))
    digit = str((int(digits[at]) + rng.randint(1, 9)) % 10)
    back = digits[: at - 1] + digits[at] + digits[at - 1] + digits[at + 1 :]
    others = (number + 1, number - 1, int(digits[:at] + digit + digits[at + 1 :]), int(back), -number)
    return [other for other in others if other != number]


def coprime(rng: Random, low: int, high: int) -> Fraction:
    """Return a positive fraction that is no whole number, its parts between `low` and `high`."""
    while True:
        value = Fraction(rng.randint(low, high), rng.randint(max(low, 2), high))
        if value.denominator > 1:
            return value


def wrong_fractions(value: Fraction) -> list[Fraction]:
    """Return fractions that are easily mistaken for `value`, none of them equal to it."""
    a, b = value.numerator, value.denominator
    others = [Fraction(b, a), -value, Fraction(a + 1, b), Fraction(a, b + 1), Fraction(a - 1, b), value * 10]
    return [other for other in dict.fromkeys(others) if other != value]


def frac(value: Fraction, command: str = r"\frac") -> str:
    r"""Return `value` as LaTeX, its sign in front.

    >>> frac(Fraction(-3, 4))
    '-\\frac{3}{4}'
    """
    sign = "-" if value < 0 else ""
    if value.denominator == 1:
        return str(value)
    return rf"{sign}{command}{{{abs(value.numerator)}}}{{{value.denominator}}}"


def fracs(value: Fraction) -> list[str]:
    """Return the usual ways to write a fraction."""
    return [frac(value), frac(value, r"\dfrac"), frac(value, r"\tfrac"), str(value)]


def decimal(value: Fraction) -> str | None:
    """Return `value` with all its decimals, or None if they do not end within 12.

    >>> decimal(Fraction(-1, 8)), decimal(Fraction(1, 3)), decimal(Fraction(3))
    ('-0.125', None, '3')
    """
    for places in range(13):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).rjust(places + 1, "0")
            point = len(digits) - places
            return ("-" if value < 0 else "") + (digits[:point] + "." + digits[point:]).rstrip(".")
    return None


def signed(number: int) -> str:
    """Return `number` as a later term of a sum: ` + 3`, ` - 3`, nothing for 0."""
    return f" + {number}" if number > 0 else f" - {-number}" if number else ""


def term(factor: int, name: str) -> str:
    """Return `factor` times `name`: `x`, `-x`, `3x`."""
    return {1: name, -1: f"-{name}"}.get(factor, f"{factor}{name}")


def poly(factors: Sequence[int], name: str = "x") -> str:
    """Return the polynomial with these coefficients, the highest power first.

    >>> poly([1, 0, -3, 1]), poly([-2, 1]), poly([0])
    ('x^3 - 3x + 1', '-2x + 1', '0')
    """
    terms = []
    for power, factor in zip(range(len(factors) - 1, -1, -1), factors, strict=True):
        if factor:
            body = (
                ""
                if power == 0
                else name
                if power == 1
                else f"{name}^{power}"
                if power < 10
                else f"{name}^{{{power}}}"
            )
            terms.append(term(factor, body) if body else str(factor))
    return apart(terms) if terms else "0"


def apart(terms: Sequence[str]) -> str:
    """Return the sum of `terms`, each of which may start with a minus sign."""
    return terms[0] + "".join(f" - {one[1:]}" if one.startswith("-") else f" + {one}" for one in terms[1:])
