"""The operations of a tree as functions on mpmath numbers, each refusing what would take long."""

from collections.abc import Callable, Mapping
from typing import Any

from rlvr_math.values.exact import MAX_FACTORIAL
from rlvr_math.values.tree import Refused

__all__ = ["operations"]

_MAX_LOG = 25_000
"""No power has a natural logarithm beyond this: about 10,000 digits."""

_MAX_ANGLE_BITS = 150
"""An angle that is larger is not known to enough digits."""

_ODD_ROOTS = (3, 5, 7, 9, 11)


def operations(mp: Any) -> Mapping[str, Callable[..., Any]]:
    """Return the operations by name, in an mpmath context."""
    return {
        "add": lambda *terms: mp.fsum(terms),
        "mul": lambda *factors: mp.fprod(factors),
        "neg": lambda x: -x,
        "inv": lambda x: 1 / x,
        "abs": abs,
        "max": lambda *values: max(_real(mp, values)),
        "min": lambda *values: min(_real(mp, values)),
        "percent": lambda x: x / 100,
        "permille": lambda x: x / 1000,
        "degree": lambda x: x * mp.pi / 180,
        "floor": mp.floor,
        "ceil": mp.ceil,
        "pow": lambda base, exponent: _power(mp, base, exponent),
        "root": lambda x, degree: _power(mp, x, 1 / mp.convert(degree)),
        "exp": lambda x: _power(mp, +mp.e, x),
        "ln": mp.ln,
        "log": lambda x, base=10: mp.ln(x) / mp.ln(base),
        "factorial": lambda x: mp.factorial(_bounded(x, MAX_FACTORIAL)),
        "binom": lambda n, k: mp.binomial(_bounded(n, MAX_FACTORIAL), _bounded(k, MAX_FACTORIAL)),
        **_trigonometry(mp),
    }


def _trigonometry(mp: Any) -> Mapping[str, Callable[..., Any]]:
    angles = {"sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "cot": mp.cot, "sec": mp.sec, "csc": mp.csc}
    hyperbolic = {"sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh}
    inverse = {"arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan}
    bounded = {
        **{name: _of_angle(mp, call) for name, call in angles.items()},
        **{name: _of_bounded(call) for name, call in hyperbolic.items()},
    }
    return bounded | inverse


def _of_angle(mp: Any, call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def bounded(x: Any) -> Any:
        if mp.mag(x) > _MAX_ANGLE_BITS or abs(mp.im(x)) > _MAX_LOG:
            raise Refused("an angle out of bounds")
        return call(x)

    return bounded


def _of_bounded(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: call(_bounded(x, _MAX_LOG))


def _real(mp: Any, values: tuple[Any, ...]) -> list[Any]:
    if any(mp.im(value) != 0 for value in values):
        raise ValueError("only real numbers have an order")
    return [mp.re(value) for value in values]


def _bounded(x: Any, limit: int) -> Any:
    if abs(x) > limit:
        raise Refused(f"expected at most {limit}")
    return x


def _power(mp: Any, base: Any, exponent: Any) -> Any:
    """Return a power; an odd root of a negative number is the real one."""
    if base == 0:
        if mp.re(exponent) <= 0 and exponent != 0:
            raise ZeroDivisionError
        return mp.mpf(1 if exponent == 0 else 0)
    if abs(exponent) * abs(mp.ln(abs(base))) > _MAX_LOG:
        raise Refused("a power with too many digits")
    turns = _odd_root(mp, base, exponent)
    if turns is None:
        return mp.power(base, exponent)
    return mp.power(-base, exponent) * (-1) ** turns


def _odd_root(mp: Any, base: Any, exponent: Any) -> int | None:
    """Return k where a negative base has the exponent k/n, n odd; None elsewhere."""
    if mp.im(base) != 0 or mp.im(exponent) != 0 or mp.re(base) > 0 or mp.isint(exponent):
        return None
    for root in _ODD_ROOTS:
        turns = mp.nint(mp.re(exponent) * root)
        if abs(mp.re(exponent) * root - turns) < mp.eps * 1_000:
            return int(turns)
    return None
