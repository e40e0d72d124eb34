"""The conjugate of a complex number, where it can be written down."""

from fractions import Fraction

from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, walk

__all__ = ["conjugate"]

_I = Constant("i")
_EXCHANGED = frozenset({"add", "mul", "neg", "inv", "abs"})


def conjugate(node: Node) -> Node:
    r"""Return a number with `-i` in the place of `i`; a bar over anything else is a segment, digits, a mean.

    >>> from rlvr_math.values.parse import parse
    >>> conjugate(parse("3-4i")) == parse(r"3-4(-i)")
    True

    Raises:
        Refused: There is no `i` in it, or a letter, or an operation that a conjugate does not go through.
    """
    if not any(one == _I for one in walk(node)):
        raise Refused("a bar over what is no complex number")
    return _mirrored(node)


def _mirrored(node: Node) -> Node:
    match node:
        case Constant(name="i"):
            return Apply("neg", (_I,))
        case Number() | Constant(name="pi" | "e"):
            return node
        case Apply(op="root", args=(Number(value=Fraction(numerator=size)), Number())) if size >= 0:
            return node
        case Apply(op="pow", args=(base, Number(value=Fraction(denominator=1)) as exponent)):
            return Apply("pow", (_mirrored(base), exponent))
        case Apply(op=op, args=args) if op in _EXCHANGED:
            return Apply(op, tuple(map(_mirrored, args)))
        case _:
            raise Refused("a bar over what is no number")
