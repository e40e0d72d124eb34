"""What an equation names and what it gives: `x = 5`, `f(x) = 2x`, `m + n = 7`, `(x, y) = (1, 2)`."""

from collections.abc import Sequence
from fractions import Fraction

from rlvr_math.values.tree import (
    SET_OPS,
    Apply,
    Constant,
    Group,
    Matrix,
    Node,
    Number,
    Quantity,
    Relation,
    Symbol,
    Words,
    symbols,
    walk,
)
from rlvr_math.words import DENIALS, HEDGES, MODIFIERS, NOT_NAMES

__all__ = ["assigned", "is_name", "ordered_names", "tuple_of"]

_UNNAMING = HEDGES | DENIALS | MODIFIERS | NOT_NAMES
_COORDINATES = frozenset("xyz")


def assigned(relation: Relation) -> Node | None:
    r"""Return the value of `x = 5`, `5 = x`, `f(x) = 2x`, `(x, y) = (1, 2)`, `x \in S` or `label: 5`.

    None unless one side is a name: a single variable, a function at its arguments, a tuple of variables,
    words, or the name of a length or an angle in capital letters.

    >>> from rlvr_math.values.parse import parse
    >>> assigned(parse("x=5")), assigned(parse("12=37"))
    (Number(value=Fraction(5, 1), places=None), None)
    """
    match relation:
        case Relation(ops=("=" | "in" | ":",), sides=(Words(text=text), value)):
            return None if _UNNAMING.intersection(text.split()) else value
        case Relation(ops=(":",), sides=(Symbol(), Number() | Quantity() as value)):
            return value
        case Relation(ops=("=" | "in",), sides=(name, value)) if is_name(name) and _gives(name, value):
            return _by_name(name, value)
        case Relation(ops=("=",), sides=(value, name)) if is_name(name) and _gives(name, value):
            return _by_name(name, value)
        case _:
            return None


def _by_name(name: Node, value: Node) -> Node:
    """Return the values of `(y, x) = (1, 2)` in the order of the letters."""
    if not (isinstance(name, Group) and isinstance(value, Group) and len(name.items) == len(value.items)):
        return value
    letters = [item.name.strip("\\") for item in name.items if isinstance(item, Symbol)]
    if len(set(letters)) < len(name.items):
        return value
    ordered = sorted(zip(letters, value.items, strict=True), key=lambda pair: pair[0])
    return Group(value.left, value.right, tuple(item for _, item in ordered))


def _gives(name: Node, value: Node) -> bool:
    """Say whether a name can stand for a value: an expression of letters only for one without letters."""
    if not isinstance(name, Apply) or name.op == "call" or name.op in SET_OPS:
        return True
    return not symbols(value) and value != Number(Fraction(0))  # `a + b = 0` is an equation


def is_name(node: Node) -> bool:
    """Say whether a side of an equation only names what the other side gives."""
    match node:
        case Symbol() | Apply(op="call") | Words() | Constant(name="e"):
            return True
        case Relation(ops=(":", *_), sides=sides):
            return all(isinstance(side, Symbol) for side in sides)
        case Group(left="(", items=items):
            return all(isinstance(item, Symbol) for item in items)
        case Apply(op=op, args=args) if op in SET_OPS:
            return all(isinstance(arg, Symbol) for arg in args)
        case Apply():
            return _is_quantity_name(node)
        case _:
            return False


def _is_quantity_name(node: Apply) -> bool:
    r"""Say whether an expression names what is asked for, as `m+n`, `AB`, `|z|`; not `2x` or `x+y`.

    It holds letters, no number and no power; sums and products of `x`, `y` and `z` alone are equations.
    """
    found = list(walk(node))
    letters = {one.name for one in found if isinstance(one, Symbol)}
    if not letters or any(isinstance(one, Apply) and one.op == "pow" for one in found):
        return False
    if node.op in ("sin", "cos", "tan", "abs"):
        return True
    numbers = any(isinstance(one, Number | Constant) for one in found)
    return len(letters) > 1 and not numbers and not letters <= _COORDINATES


def tuple_of(node: Node) -> Node | None:
    """Return a vector as its tuple, and assignments to different letters as the tuple of their values.

    >>> from rlvr_math.values.parse import parse
    >>> tuple_of(parse("x=1, y=2")) == parse("(1, 2)")
    True
    """
    match node:
        case Matrix(rows=rows) if all(len(row) == 1 for row in rows):
            return Group("(", ")", tuple(row[0] for row in rows))
        case Matrix(rows=(row,)):
            return Group("(", ")", row)
        case Group(left="" | "(", items=items) if items and all(_is_assignment(item) for item in items):
            named = {item.sides[0]: item.sides[1] for item in items if isinstance(item, Relation)}
            ordered = sorted(named, key=lambda name: name.name if isinstance(name, Symbol) else "")
            return (
                Group("(", ")", tuple(named[name] for name in ordered)) if len(named) == len(items) else None
            )
        case _:
            return None


def ordered_names(items: Sequence[Node]) -> bool:
    """Say whether items are assignments to different letters, which have an order of their own."""
    names = [
        str(item.sides[0]).partition("_")[0]
        for item in items
        if _is_assignment(item) and isinstance(item, Relation)
    ]
    return len(items) > 1 and len(set(names)) == len(items)


def _is_assignment(node: Node) -> bool:
    return isinstance(node, Relation) and node.ops == ("=",) and isinstance(node.sides[0], Symbol)
