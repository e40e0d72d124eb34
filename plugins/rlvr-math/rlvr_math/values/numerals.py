"""Digits into exact numbers, of any size up to a bound."""

from fractions import Fraction

from rlvr_math.values.tree import Number, Refused
from rlvr_math.words import number_of

__all__ = ["MAX_DIGITS", "based", "literal", "number", "repeating"]

MAX_DIGITS = 10_000
_DIGITS = "0123456789ABCDEF"


def literal(text: str) -> Fraction:
    """Return the value of a decimal literal of at most 10,000 digits, its exponent counted.

    >>> literal("1.50"), literal("2e-3"), literal(".5")
    (Fraction(3, 2), Fraction(1, 500), Fraction(1, 2))

    Raises:
        Refused: It has more digits.
    """
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    if len(exponent) > 6 or len(mantissa) + abs(int(exponent or "0")) > MAX_DIGITS:
        raise Refused("too many digits")
    power = int(exponent or "0") - len(decimals)
    value = _integer(whole + decimals)
    return Fraction(value * 10**power) if power >= 0 else Fraction(value, 10**-power)


def number(text: str) -> Number:
    """Return the number that a decimal literal writes, with the places that it shows.

    >>> number("1.50").places, number("15").places, number("1.5e3").places
    (2, None, -2)
    """
    mantissa, _, exponent = text.lower().partition("e")
    decimals = mantissa.partition(".")[2]
    return Number(literal(text), len(decimals) - int(exponent or "0") if decimals else None)


def repeating(text: str, period: str) -> Fraction:
    r"""Return the value of a decimal with a period, as `0.1\overline{6}`.

    >>> repeating("0.1", "6")
    Fraction(1, 6)
    """
    decimals = text.partition(".")[2]
    if "." not in text or "e" in text.lower() or not period or len(text) + len(period) > 1_000:
        raise Refused("a period needs a decimal before it")
    return literal(text) + Fraction(_integer(period), (10 ** len(period) - 1) * 10 ** len(decimals))


def based(digits: str, base: str) -> int:
    """Return the base of a numeral if its digits are possible in it.

    >>> based("204", "5")
    5

    Raises:
        Refused: The base is not from 2 to 16, or a digit is too large for it.
    """
    base = str(number_of(base) or base)
    if not (base.isdecimal() and len(base) <= 2 and 2 <= int(base) <= 16):
        raise Refused("a subscript that is no base")
    if not digits or any(digit not in _DIGITS[: int(base)] for digit in digits.upper()):
        raise Refused("a digit that the base does not have")
    return int(base)


def _integer(digits: str) -> int:
    """Read digits in pieces that stay under Python's limit on turning text into an int."""
    value = 0
    for start in range(0, len(digits), 4_000):
        piece = digits[start : start + 4_000]
        value = value * 10 ** len(piece) + int(piece)
    return value
