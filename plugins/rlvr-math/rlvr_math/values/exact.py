"""The exact rational value of a tree, where it has one of bounded size."""

import math
from fractions import Fraction
from functools import reduce

from rlvr_math.values.tree import Apply, Node, Number, Refused, Symbol, Undefined, walk

__all__ = ["MAX_BITS", "MAX_FACTORIAL", "exact"]

MAX_BITS = 33_300
"""Ten thousand decimal digits."""

MAX_FACTORIAL = 3_000
_MAX_WORK_BITS = 1_000_000
_COUNTED = frozenset({"C", "P"})
_COUNTING = frozenset({Symbol("C"), Symbol("P")})
_PAIR = 2
_RATIONAL = frozenset(
    {
        "add",
        "mul",
        "neg",
        "inv",
        "pow",
        "factorial",
        "binom",
        "abs",
        "max",
        "min",
        "floor",
        "ceil",
        "percent",
        "permille",
        "call",
    }
)


def exact(node: Node) -> Fraction | None:
    """Return the value of a tree of whole numbers and arithmetic, or None if it is not one.

    >>> from rlvr_math.values.parse import parse
    >>> exact(parse("2^{10} - 1/2")), exact(parse("x")), exact(parse("2^{1/2}"))
    (Fraction(2047, 2), None, None)

    Raises:
        Undefined: A division by zero.
        Refused: A number of more than 10,000 digits on the way.
    """
    if isinstance(node, Number):
        return node.value
    if not all(isinstance(one, Number) or _is_rational(one) for one in walk(node)):
        return None
    return _value(node, _Work())


def _is_rational(node: Node) -> bool:
    if isinstance(node, Symbol):
        return node.name in _COUNTED
    return (
        isinstance(node, Apply) and node.op in _RATIONAL and (node.op != "call" or node.args[0] in _COUNTING)
    )


class _Work:
    """How much arithmetic one tree has taken so far."""

    def __init__(self) -> None:
        self.bits = 0

    def checked(self, value: Fraction) -> Fraction:
        size = _bits(value)
        self.bits += size
        if size > MAX_BITS or self.bits > _MAX_WORK_BITS:
            raise Refused("a number with too many digits")
        return value


def _value(node: Node, work: _Work) -> Fraction | None:
    if isinstance(node, Number):
        return work.checked(node.value)
    if not isinstance(node, Apply):
        return None
    args: list[Fraction] = []
    if node.op == "call":
        return _counted(node, work)
    for arg in node.args:
        value = _value(arg, work)
        if value is None:
            return None
        args.append(value)
    found = _apply(node.op, args, work)
    return None if found is None else work.checked(found)


def _counted(node: Apply, work: _Work) -> Fraction | None:
    """Return the number of combinations `C(n, k)` or of permutations `P(n, k)`."""
    name, *numbers = node.args
    values = [_value(one, work) for one in numbers]
    if not isinstance(name, Symbol) or len(values) != _PAIR or values[0] is None or values[1] is None:
        return None
    top, bottom = (_small(value, MAX_FACTORIAL) for value in values if value is not None)
    return work.checked(Fraction(math.comb(top, bottom) if name.name == "C" else math.perm(top, bottom)))


def _apply(op: str, args: list[Fraction], work: _Work) -> Fraction | None:
    match op, args:
        case "add", _:
            return reduce(lambda total, term: work.checked(total + term), args)
        case "mul", _:
            return reduce(lambda product, factor: work.checked(product * factor), args)
        case "max", _:
            return max(args)
        case "min", _:
            return min(args)
        case "pow", [base, exponent]:
            return _power(base, exponent)
        case "binom", [top, bottom]:
            return _binomial(top, bottom)
        case _, [value]:
            return _unary(op, value)
        case _:
            return None


def _unary(op: str, value: Fraction) -> Fraction:
    match op:
        case "neg":
            return -value
        case "inv" if value == 0:
            raise Undefined("division by zero")
        case "inv":
            return 1 / value
        case "abs":
            return abs(value)
        case "floor":
            return Fraction(math.floor(value))
        case "ceil":
            return Fraction(math.ceil(value))
        case "percent" | "permille":
            return value / (100 if op == "percent" else 1000)
        case _:
            return Fraction(math.factorial(_small(value, MAX_FACTORIAL)))


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator != 1:
        return None
    if base == 0:
        if exponent < 0:
            raise Undefined("division by zero")
        return Fraction(int(exponent == 0))
    if abs(base) != 1 and abs(exponent) * _bits(base) > 2 * MAX_BITS:
        raise Refused("a power with too many digits")
    return base ** (int(exponent) if abs(base) != 1 else int(exponent) % 2)


def _binomial(top: Fraction, bottom: Fraction) -> Fraction:
    return Fraction(math.comb(_small(top, MAX_FACTORIAL), _small(bottom, MAX_FACTORIAL)))


def _small(value: Fraction, limit: int) -> int:
    if value.denominator != 1 or not 0 <= value <= limit:
        raise Refused(f"expected a whole number from 0 to {limit}")
    return int(value)


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()
