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

    @property
    def digits(self) -> int:
        """How many significant digits it shows."""
        return len(str(abs(self.value / self.step).numerator))


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
    if wanted is not None and wanted.digits >= _SHOWN:
        return _apart(answer, wanted, wanted.step / 2) or (
            given is None and wanted.digits >= _FLOAT and _apart(answer, wanted, wanted.step)
        )
    if wanted is None and given is not None:
        if given.digits >= _FLOAT:
            return _apart(reference, given, given.step)
        return policy == "answer" and given.digits >= _SHOWN and _apart(reference, given, given.step / 2)
    return False


def within(answer: Node, reference: Node, tolerance: float) -> bool:
    """Say whether two constants differ by at most a relative tolerance."""
    first, second = _value(answer), _value(reference)
    if first is None or second is None:
        return False
    return abs(first - second) <= Fraction(tolerance) * abs(second)


def _apart(node: Node, decimal: _Decimal, most: Fraction) -> bool:
    value = _value(node)
    return value is not None and abs(value - decimal.value) <= most * (1 + _SLACK)


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
