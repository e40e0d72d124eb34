"""Rounded decimals: when a decimal stands for an exact value, by the digits that it shows."""

from dataclasses import dataclass
from fractions import Fraction

from rlvr_math.values.exact import exact
from rlvr_math.values.floats import Unsure, evaluate
from rlvr_math.values.tree import Apply, Node, Number, Refused

__all__ = ["rounds", "within"]

_SHOWN = 3
_FLOAT = 12
_SLACK = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class _Decimal:
    value: Fraction
    step: Fraction
    """The value of one unit in the last place that is shown."""

    def shows(self, digits: int) -> bool:
        """Say whether it shows that many significant digits."""
        least: int = 10 ** (digits - 1)
        return abs(self.value / self.step) >= least


def rounds(answer: Node, reference: Node, policy: str) -> bool:
    r"""Say whether one of two unequal constants is a decimal that rounds the other, as the policy allows.

    A reference of three digits or more is rounded to; a decimal of twelve or more rounds any exact value;
    with the policy `answer`, an answer of three digits or more rounds an exact reference.

    >>> from rlvr_math.values.parse import parse
    >>> rounds(parse("640/51"), parse("12.55"), "reference")
    True
    >>> rounds(parse("0.333"), parse("1/3"), "reference")
    False
    """
    if policy == "exact":
        return False
    given, wanted = _decimal(answer), _decimal(reference)
    if wanted is not None:
        return wanted.shows(_SHOWN) and _rounds_to(answer, wanted)
    if given is None or not given.shows(_SHOWN if policy == "answer" else _FLOAT):
        return False
    whole = _value(reference)
    return (whole is None or whole.denominator != 1) and _rounds_to(reference, given)


def within(answer: Node, reference: Node, tolerance: float) -> bool:
    """Say whether two constants differ by at most a relative tolerance."""
    first, second = _value(answer), _value(reference)
    if first is None or second is None:
        return False
    return abs(first - second) <= Fraction(tolerance) * abs(second)


def _rounds_to(node: Node, decimal: _Decimal) -> bool:
    """Say whether a constant rounds to a decimal."""
    value = _value(node)
    return value is not None and abs(value - decimal.value) <= decimal.step / 2 * (1 + _SLACK)


def _decimal(node: Node) -> _Decimal | None:
    match node:
        case Number(value=value, places=places) if places is not None:
            return _Decimal(value, Fraction(10) ** -places)
        case Apply(op="neg", args=(inside,)):
            found = _decimal(inside)
            return None if found is None else _Decimal(-found.value, found.step)
        case Apply(op="percent", args=(inside,)):
            found = _decimal(inside)
            return None if found is None else _Decimal(found.value / 100, found.step / 100)
        case _:
            return None


def _value(node: Node) -> Fraction | None:
    try:
        value = exact(node)
        if value is not None:
            return value
        number, error = evaluate(node, {})
    except (Refused, Unsure):
        return None
    if abs(number.imag) > error or error > abs(number) * 1e-9:
        return None
    return Fraction(number.real)
