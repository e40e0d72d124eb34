"""The value of a tree in floating point, with a bound on its error.

The bound follows the operations (Higham 2002, Accuracy and Stability, section 3.1), generously rounded up;
what has no useful bound is left to the next stage.
"""

import cmath
import math
from collections.abc import Callable, Mapping

from rlvr_math.values.tree import Apply, Constant, Node, Number, Symbol

__all__ = ["Unsure", "evaluate"]

_EPS = 2.0**-50
_HUGE = 1e100
_ODD_ROOTS = (3, 5, 7, 9, 11)
_CONSTANTS = {"pi": math.pi, "e": math.e, "i": 1j}
_Value = tuple[complex, float]


class Unsure(Exception):
    """There is no value here, or no useful bound on its error."""


def evaluate(node: Node, point: Mapping[str, float]) -> _Value:
    """Return the value of a tree at a point, and a bound on the absolute error.

    >>> from rlvr_math.values.parse import parse
    >>> evaluate(parse("x^2+1"), {"x": 2.0})[0]
    (5+0j)

    Raises:
        Unsure: A pole, a value out of range, or an operation whose error has no useful bound here.
    """
    try:
        value, error = _value(node, point)
    except (ArithmeticError, ValueError) as failure:
        raise Unsure from failure
    if not cmath.isfinite(value) or not error < _HUGE:
        raise Unsure
    return complex(value), error


def _value(node: Node, point: Mapping[str, float]) -> _Value:
    if isinstance(node, Number):
        number = float(node.value)
        return number, abs(number) * _EPS
    if isinstance(node, Symbol):
        return point[node.name], 0.0
    if isinstance(node, Constant) and node.name in _CONSTANTS:
        return _CONSTANTS[node.name], _EPS
    if not isinstance(node, Apply):
        raise Unsure
    args = [_value(arg, point) for arg in node.args]
    rule = _RULES.get(node.op)
    if rule is None:
        raise Unsure
    value, error = rule(*args)
    if not abs(value) < _HUGE:
        raise Unsure
    # A zero imaginary part loses its sign, which would choose the branch of a root or a logarithm.
    return value if value.imag else value.real, error + abs(value) * _EPS


def _add(*terms: _Value) -> _Value:
    return sum(value for value, _ in terms), sum(error + abs(value) * _EPS for value, error in terms)


def _mul(*factors: _Value) -> _Value:
    product, bound = factors[0]
    for value, error in factors[1:]:
        bound = abs(product) * error + abs(value) * bound + bound * error
        product *= value
    return product, bound + abs(product) * len(factors) * _EPS


def _inv(x: _Value) -> _Value:
    value, error = x
    size: float = abs(value)
    if error * 4 >= size:
        raise Unsure
    return 1 / value, 2 * error / size**2


def _pow(base: _Value, exponent: _Value) -> _Value:
    value, error = base
    power, power_error = exponent
    whole = power.real if power.imag == 0 else 0.5
    if value == 0:
        if error or not whole.is_integer() or whole <= 0:
            raise Unsure
        return 0.0, 0.0
    if whole.is_integer() and power_error < _EPS * 8 * max(1, abs(whole)) and abs(whole) <= 512:
        if error * max(1, abs(whole)) * 4 >= abs(value):
            raise Unsure
        raised: complex = value ** int(whole)
        return raised, abs(raised) * (2 * abs(whole) * error / abs(value) + abs(whole) * _EPS)
    log = abs(cmath.log(value))
    relative = 2 * abs(power) * error / abs(value) + 2 * power_error * log + abs(power) * log * _EPS
    if relative > 0.01 or error * 4 >= abs(value):
        raise Unsure
    if value.imag != 0 and value.real < 0 and abs(value.imag) <= 4 * error:
        raise Unsure
    odd = _root_of_negative(value, power)
    found = complex(value) ** power if odd is None else odd
    return found, abs(found) * relative


def _root_of_negative(value: complex, power: complex) -> complex | None:
    """Return the real odd root of a negative number; None elsewhere."""
    if value.imag != 0 or power.imag != 0 or value.real > 0:
        return None
    for root in _ODD_ROOTS:
        turns = power.real * root
        if abs(turns - round(turns)) < 1e-12:
            size: float = (-value.real) ** power.real
            return -size if round(turns) % 2 else size
    return None


def _abs(x: _Value) -> _Value:
    return abs(x[0]), x[1]


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., _Value]:
    """Return `max` or `min` of real values: neither is further off than the worst of them."""

    def chosen(*args: _Value) -> _Value:
        if any(value.imag for value, _ in args):
            raise Unsure
        return choose([value.real for value, _ in args]), max(error for _, error in args)

    return chosen


def _exp(x: _Value) -> _Value:
    if x[1] > 0.01:
        raise Unsure
    found = cmath.exp(x[0])
    return found, 2 * abs(found) * (x[1] + abs(x[0]) * _EPS)


def _ln(x: _Value) -> _Value:
    value, error = x
    if error * 4 >= abs(value) or (value.real < 0 and 0 < abs(value.imag) <= 4 * error):
        raise Unsure
    return cmath.log(value), 2 * error / abs(value) + _EPS


def _log(x: _Value, base: _Value = (10.0, 0.0)) -> _Value:
    return _mul(_ln(x), _inv(_ln(base)))


def _smooth(
    call: Callable[[complex], complex], slope: Callable[[complex], complex]
) -> Callable[[_Value], _Value]:
    """Return a function with the bound that its slope at the value gives, doubled."""

    def bounded(x: _Value) -> _Value:
        value, error = x
        if error > 1e-3 or abs(value) > 1e6:
            raise Unsure
        return call(value), 2 * (abs(slope(value)) + 1e-3) * (error + abs(value) * _EPS) + _EPS

    return bounded


_RULES: Mapping[str, Callable[..., _Value]] = {
    "add": _add,
    "mul": _mul,
    "neg": lambda x: (-x[0], x[1]),
    "inv": _inv,
    "abs": _abs,
    "max": _extreme(max),
    "min": _extreme(min),
    "percent": lambda x: (x[0] / 100, x[1] / 100),
    "permille": lambda x: (x[0] / 1000, x[1] / 1000),
    "degree": lambda x: (x[0] * math.pi / 180, x[1]),
    "pow": _pow,
    "root": lambda x, degree: _pow(x, _inv(degree)),
    "exp": _exp,
    "ln": _ln,
    "log": _log,
    "sin": _smooth(cmath.sin, cmath.cos),
    "cos": _smooth(cmath.cos, cmath.sin),
    "tan": _smooth(cmath.tan, lambda z: 1 + cmath.tan(z) ** 2),
    "cot": lambda x: _inv(_RULES["tan"](x)),
    "sec": lambda x: _inv(_RULES["cos"](x)),
    "csc": lambda x: _inv(_RULES["sin"](x)),
    "sinh": _smooth(cmath.sinh, cmath.cosh),
    "cosh": _smooth(cmath.cosh, cmath.sinh),
    "tanh": _smooth(cmath.tanh, lambda _: 1.0),
    "arctan": _smooth(cmath.atan, lambda _: 1.0),
}
