"""The last rung: sympy, on trees built node by node, where numbers could not decide.

Text never reaches sympy, and the caller has bounded every power and factorial by evaluating them first.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol, walk

__all__ = ["identical"]

_MAX_NODES = 80


def identical(one: Node, other: Node) -> bool:
    r"""Say whether the difference of two small trees is exactly zero after expansion.

    >>> from rlvr_math.values.parse import parse
    >>> identical(parse(r"(\sqrt2+1)(\sqrt2-1)-1"), parse("0"))
    True
    """
    if sum(1 for tree in (one, other) for _ in walk(tree)) > _MAX_NODES:
        return False
    # Imported here: it takes a quarter of a second, and one answer in a thousand needs it.
    import sympy

    difference = _built(sympy, one) - _built(sympy, other)
    return bool(difference == 0 or sympy.expand(difference) == 0)


def _built(sympy: Any, node: Node) -> Any:
    match node:
        case Number(value=value):
            return sympy.Rational(value.numerator, value.denominator)
        case Symbol(name=name):
            return sympy.Symbol(name)
        case Constant(name=name):
            return _constant(sympy, name)
        case Apply(op=op, args=args):
            return _operations(sympy)[op](*(_built(sympy, arg) for arg in args))
        case _:
            raise Refused(f"no number: {type(node).__name__}")


def _constant(sympy: Any, name: str) -> Any:
    known = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I}
    if name not in known:
        raise Refused(f"no number: {name}")
    return known[name]


def _operations(sympy: Any) -> Mapping[str, Callable[..., Any]]:
    return {
        **_functions(sympy),
        "add": sympy.Add,
        "mul": sympy.Mul,
        "neg": lambda x: -x,
        "inv": lambda x: 1 / x,
        "pow": sympy.Pow,
        "root": lambda x, degree: sympy.Pow(x, 1 / degree),
        "abs": sympy.Abs,
        "log": lambda x, base=10: sympy.log(x, base),
        "arcsin": sympy.asin,
        "arccos": sympy.acos,
        "arctan": sympy.atan,
        "binom": sympy.binomial,
        "floor": sympy.floor,
        "ceil": sympy.ceiling,
        "percent": lambda x: x / 100,
        "degree": lambda x: x * sympy.pi / 180,
    }


def _functions(sympy: Any) -> Mapping[str, Callable[..., Any]]:
    return {
        "sin": sympy.sin,
        "cos": sympy.cos,
        "tan": sympy.tan,
        "cot": sympy.cot,
        "sec": sympy.sec,
        "csc": sympy.csc,
        "sinh": sympy.sinh,
        "cosh": sympy.cosh,
        "tanh": sympy.tanh,
        "exp": sympy.exp,
        "ln": sympy.ln,
        "factorial": sympy.factorial,
    }
