"""The last rung: sympy, on trees built node by node, where numbers could not decide.

Text never reaches sympy, and the caller has bounded every power and factorial by evaluating them first. It
runs in a process of its own (`rlvr_math.prover`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol

__all__ = ["identical"]


def identical(one: Node, other: Node) -> bool | None:
    r"""Say whether the difference of two trees is exactly zero; None where sympy cannot tell.

    >>> from rlvr_math.values.parse import parse
    >>> identical(parse(r"(\sqrt2+1)(\sqrt2-1)-1"), parse("0"))
    True
    """
    # Imported here: it takes a third of a second, and one answer in a thousand needs it.
    import sympy

    difference = _built(sympy, one) - _built(sympy, other)
    if difference == 0 or sympy.expand(difference) == 0 or sympy.simplify(difference) == 0:
        return True
    found: bool | None = difference.equals(0)
    return found


def _built(sympy: Any, node: Node) -> Any:
    match node:
        case Number(value=value):
            return sympy.Rational(value.numerator, value.denominator)
        case Symbol(name=name):
            return sympy.Symbol(name, real=True)
        case Constant(name=name):
            return _constant(sympy, name)
        case Apply(op=op, args=args):
            known = _operations(sympy)
            if op not in known:
                raise Refused(f"no function: {op}")
            return known[op](*(_built(sympy, arg) for arg in args))
        case _:
            raise Refused(f"no number: {type(node).__name__}")


def _constant(sympy: Any, name: str) -> Any:
    known = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}
    if name not in known:
        raise Refused(f"no number: {name}")
    return known[name]


def _operations(sympy: Any) -> Mapping[str, Callable[..., Any]]:
    named = ["sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "exp", "ln", "factorial"]
    return {
        **{name: getattr(sympy, name) for name in named},
        "add": sympy.Add,
        "mul": sympy.Mul,
        "neg": lambda x: -x,
        "inv": lambda x: 1 / x,
        "pow": lambda base, exponent: _power(sympy, base, exponent),
        "root": lambda x, degree: _power(sympy, x, 1 / degree),
        "abs": sympy.Abs,
        "max": sympy.Max,
        "min": sympy.Min,
        "log": lambda x, base=10: sympy.log(x, base),
        "arcsin": sympy.asin,
        "arccos": sympy.acos,
        "arctan": sympy.atan,
        "binom": sympy.binomial,
        "floor": sympy.floor,
        "ceil": sympy.ceiling,
        "percent": lambda x: x / 100,
        "permille": lambda x: x / 1000,
        "degree": lambda x: x * sympy.pi / 180,
    }


def _power(sympy: Any, base: Any, exponent: Any) -> Any:
    """Return a power; an odd root of a negative number is the real one, as in the other stages."""
    if base.is_negative and exponent.is_Rational and exponent.q % 2 == 1 and exponent.q > 1:
        return (-1) ** exponent.p * sympy.Pow(-base, exponent)
    return sympy.Pow(base, exponent)
