"""Whether two scalars are equal: the tree, then exact arithmetic, then sixty digits, then sympy."""

from typing import Any

from rlvr_math.values.exact import exact
from rlvr_math.values.probe import Prober
from rlvr_math.values.symbolic import identical
from rlvr_math.values.tree import Node, Refused, symbols

__all__ = ["factor_sign", "same_scalar"]

_EQUAL = 1e-40
_CLEARLY_DIFFERENT = 1e-12
_DIGITS = (60, 240)
_MIN_POINTS = 3


def same_scalar(one: Node, other: Node) -> bool:
    r"""Say whether two scalars are equal wherever both have a value.

    >>> from rlvr_math.values.parse import parse
    >>> same_scalar(parse(r"\frac{1}{\sqrt2}"), parse(r"\frac{\sqrt{2}}{2}"))
    True
    >>> same_scalar(parse("10^{-20}"), parse("2*10^{-20}"))
    False
    """
    if one == other:
        return True
    try:
        first, second = exact(one), exact(other)
        if first is not None and second is not None:
            return first == second
        return _same_by_number(one, other)
    except Refused:
        return False


def factor_sign(one: Node, other: Node) -> int:
    """Return the sign of the constant that one tree is of the other; 0 where there is no such constant.

    >>> from rlvr_math.values.parse import parse
    >>> factor_sign(parse("2x-4"), parse("2-x")), factor_sign(parse("x"), parse("x+1"))
    (-1, 0)
    """
    names = symbols(one)
    if not names or names != symbols(other):
        return 0
    try:
        pairs = _pairs(one, other, _DIGITS[0])
    except Refused:
        return 0
    if len(pairs) < _MIN_POINTS or any(a == 0 or b == 0 for a, b in pairs):
        return 0
    factor = pairs[0][0] / pairs[0][1]
    if any(abs(a - factor * b) > _EQUAL * abs(a) for a, b in pairs):
        return 0
    return 1 if factor.real > 0 else -1


def _same_by_number(one: Node, other: Node) -> bool:
    for digits in _DIGITS:
        verdict = _agree(one, other, digits)
        if verdict is not None:
            return verdict
    return identical(one, other)


def _agree(one: Node, other: Node, digits: int) -> bool | None:
    """Compare at each point to a relative tolerance; None where cancellation leaves too few digits."""
    pairs = _pairs(one, other, digits)
    if len(pairs) < (_MIN_POINTS if symbols(one) | symbols(other) else 1):
        return None
    for first, second in pairs:
        scale = max(abs(first), abs(second))
        apart = abs(first - second)
        if apart <= _EQUAL * scale:
            continue
        lost = scale < 10.0 ** (-digits / 2)
        close = apart < _CLEARLY_DIFFERENT * scale and digits < _DIGITS[-1]
        return None if lost or close else False
    return True


def _pairs(one: Node, other: Node, digits: int) -> list[tuple[Any, Any]]:
    prober = Prober(symbols(one) | symbols(other), digits=digits)
    values = zip(prober.values(one), prober.values(other), strict=True)
    return [(a, b) for a, b in values if a is not None and b is not None]
