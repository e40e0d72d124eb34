"""Two trees at secret points: in floating point to tell them apart, to many digits to hold them equal."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rlvr_math.values.floats import Unsure, evaluate
from rlvr_math.values.probe import Prober
from rlvr_math.values.tree import Node

__all__ = ["agree", "both", "close"]

_EQUAL = 1e-40
_CLEARLY_DIFFERENT = 1e-12
_DIGITS = (60, 240)
_VANISHED = 1e-180
_STABLE = 1e-3
_MIN_POINTS = 3
_CONFIRMED = 2
_REAL = 1e-12

Points = Sequence[Mapping[str, float]]
Pairs = list[tuple[Any, Any]]


def close(one: Node, other: Node, points: Points) -> tuple[bool | None, Points]:
    """Compare in floating point: False if a point tells them apart, True if enough agree, else None.

    Points where both are real decide, if there are enough of them: elsewhere a root or a logarithm may take
    another branch. The points that decide, or all if it is None, come second.
    """
    real: list[tuple[bool, Mapping[str, float]]] = []
    rest: list[tuple[bool, Mapping[str, float]]] = []
    unsure = 0
    for point in points:
        try:
            (first, first_error), (second, second_error) = evaluate(one, point), evaluate(other, point)
        except Unsure:
            unsure += 1
            continue
        bound = 4 * (first_error + second_error)
        are_real = abs(first.imag) <= first_error and abs(second.imag) <= second_error
        (real if are_real else rest).append((abs(first - second) <= bound, point))
    wanted = min(_MIN_POINTS, len(points))
    deciding = real if len(real) >= wanted or (real and not unsure) else real + rest
    found = all(agrees for agrees, _ in deciding)
    if len(deciding) < wanted or (found and unsure > len(points) // 2):
        return None, points
    return found, [point for _, point in deciding]


def agree(one: Node, other: Node, points: Points, *, sure: bool) -> bool | None:
    """Compare to many digits; `sure` says that floating point found no difference, so that two points do.

    None where a constant cancels to nothing: 240 digits are no proof. What has no value is not equal.

    Raises:
        Refused: A tree has no number, or one out of bounds.
    """
    names = len(points[0]) > 0
    points = points[:_CONFIRMED] if sure else points
    wanted = 1 if sure or len(points) == 1 else _MIN_POINTS
    pairs: Pairs = []
    for digits in _DIGITS:
        prober = Prober(points, digits=digits)
        before, pairs = pairs, _deciding(both(prober.values(one), prober.values(other)), wanted)
        found = _compared(pairs, prober, last=digits == _DIGITS[-1]) if len(pairs) >= wanted else None
        if found is not None:
            return found
    settled = len(pairs) == len(before) >= wanted
    if settled and _differ(before, pairs):
        return False
    if names:
        # At secret points, what does not vanish to 240 digits has no value that holds still: it is not equal.
        return settled and _vanish(pairs, prober.size)
    return None if pairs else False


def both(first: Sequence[Any], second: Sequence[Any]) -> Pairs:
    """Return the pairs of values of which neither is missing."""
    return [(a, b) for a, b in zip_longest(first, second) if a is not None and b is not None]


def _deciding(pairs: Pairs, wanted: int) -> Pairs:
    real = [(a, b) for a, b in pairs if _is_real(a) and _is_real(b)]
    return real if len(real) >= wanted else pairs


def _compared(pairs: Pairs, prober: Prober, *, last: bool) -> bool | None:
    """Compare to a relative tolerance; None where cancellation leaves too few digits."""
    for first, second in pairs:
        scale = max(abs(first), abs(second))
        apart = abs(first - second)
        if apart <= _EQUAL * scale:
            continue
        cancelled = scale <= prober.size * 10.0 ** (-prober.digits / 2)
        near = apart < _CLEARLY_DIFFERENT * scale and not last
        return None if cancelled or near else False
    return True


def _differ(before: Pairs, after: Pairs) -> bool:
    """Say whether some difference is one: the same to 60 and to 240 digits, as that of `10^{-300} x`."""
    for (a, b), (c, d) in zip(before, after, strict=True):
        rough, fine = abs(a - b), abs(c - d)
        if rough and abs(fine / rough - 1) < _STABLE and fine > _EQUAL * max(abs(c), abs(d)):
            return True
    return False


def _vanish(pairs: Pairs, size: Any) -> bool:
    """Say whether all differences are nothing but rounding in the last of 240 digits."""
    return all(abs(a - b) <= _VANISHED * size for a, b in pairs)


def _is_real(value: Any) -> bool:
    return bool(abs(value.imag) <= _REAL * abs(value))
