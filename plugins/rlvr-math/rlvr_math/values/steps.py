"""Arithmetic that was left to do: the task restated, not its answer."""

from rlvr_math.values.exact import exact
from rlvr_math.values.tree import Apply, Node, Number, Refused, walk
from rlvr_math.words import SCALES

__all__ = ["is_left_to_do"]

_TEN = 10
_SCALE_VALUES = frozenset(SCALES.values())


def is_left_to_do(node: Node | None) -> bool:
    r"""Say whether this is arithmetic that was not done, as `17 \cdot 23` or `5!`: a task, not its answer.

    A fraction, a mixed number, a sign and a power of ten are ways to write a number.

    >>> from rlvr_math.values.parse import parse
    >>> [is_left_to_do(parse(text)) for text in ("2+2", r"\frac{6}{12}", r"1.5\cdot10^3", "3^4", r"2\sqrt2")]
    [True, False, False, True, False]
    """
    if node is None:
        return False
    try:
        if exact(node) is None:
            return False
    except Refused:
        return False
    return any(isinstance(one, Apply) and _is_step(one) for one in walk(node))


def _is_step(node: Apply) -> bool:
    match node:
        case Apply(op="pow", args=(Number(value=base), _)):
            return base != _TEN
        case Apply(op="mul", args=args):
            return sum(not _is_inverse_or_power_of_ten(arg) for arg in args) > 1
        case Apply(op=op):
            return op in ("add", "pow", "factorial", "binom", "call", "floor", "ceil", "abs", "max", "min")


def _is_inverse_or_power_of_ten(node: Node) -> bool:
    match node:
        case Apply(op="inv"):
            return True
        case Apply(op="pow", args=(Number(value=base), _)):
            return base == _TEN
        case _:
            return isinstance(node, Number) and node.value in _SCALE_VALUES
