"""Other shapes of the same answer: both signs of `±`, a sign dropped, a letter for a choice or a unit."""

from collections.abc import Callable

from rlvr_math.units import is_known, unit_of
from rlvr_math.values.tree import (
    Apply,
    Builder,
    Choice,
    Group,
    Matrix,
    Node,
    Quantity,
    Relation,
    Symbol,
    symbols,
    walk,
)

__all__ = ["as_quantity", "branches", "labelled", "replaced", "sign", "unmarked"]

_SIGNS = {"degree": "degrees", "percent": "percent", "permille": "permille"}


def branches(node: Node) -> Node:
    r"""Return an answer with one `±` as the list of its two values; in a list or set, item by item.

    >>> from rlvr_math.values.parse import parse
    >>> branches(parse(r"\pm x")) == parse("x, -x")
    True
    """
    if isinstance(node, Group) and not node.ordered:
        items = tuple(branch for item in node.items for branch in _of_item(item))
        return Group(node.left, node.right, items, node.joined)
    both = _of_item(node)
    return both[0] if len(both) == 1 else Group("", "", both)


def _of_item(node: Node) -> tuple[Node, ...]:
    signs = [one.op for one in walk(node) if isinstance(one, Apply) and one.op in ("pm", "mp")]
    if signs.count("pm") != 1 and signs != ["mp"]:
        return (node,)
    return (_with_sign(node, plus=True), _with_sign(node, plus=False))


def _with_sign(node: Node, *, plus: bool) -> Node:
    match node:
        case Apply(op="pm" | "mp" as op, args=(inside,)):
            return inside if plus == (op == "pm") else Apply("neg", (inside,))
        case _:
            return _mapped(node, lambda below: _with_sign(below, plus=plus))


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with each of those under it changed."""
    match node:
        case Apply(op=op, args=args):
            return Apply(op, tuple(change(arg) for arg in args))
        case Group(left=left, right=right, items=items, joined=joined):
            return Group(left, right, tuple(change(item) for item in items), joined)
        case Relation(ops=ops, sides=sides):
            return Relation(ops, tuple(change(side) for side in sides))
        case Matrix(rows=rows):
            return Matrix(tuple(tuple(change(entry) for entry in row) for row in rows))
        case Quantity(value=value, unit=unit):
            return Quantity(change(value), unit)
        case Builder(variable=variable, condition=condition):
            return Builder(change(variable), change(condition))
        case _:
            return node


def replaced(node: Node, name: str, by: Node) -> Node:
    """Return a tree with a node in the place of a letter.

    >>> from rlvr_math.values.parse import parse
    >>> replaced(parse("2x+y"), "x", parse("t")) == parse("2t+y")
    True
    """
    if isinstance(node, Symbol):
        return by if node.name == name else node
    return _mapped(node, lambda below: replaced(below, name, by))


def sign(node: Node) -> str:
    """Return the name of the sign that a scalar ends in, `degrees`, `percent` or `permille`, or nothing.

    >>> from rlvr_math.values.parse import parse
    >>> sign(parse("-50%")), sign(parse("50"))
    ('percent', '')
    """
    match node:
        case Apply(op="neg", args=(inside,)):
            return sign(inside)
        case Apply(op=op):
            return _SIGNS.get(op, "")
        case _:
            return ""


def unmarked(node: Node) -> Node:
    """Return a scalar without its degree or percent sign.

    >>> from rlvr_math.values.parse import parse
    >>> unmarked(parse("-50%")) == parse("-50")
    True
    """
    match node:
        case Apply(op="degree" | "percent" | "permille", args=(inside,)):
            return inside
        case Apply(op="neg", args=(inside,)):
            return Apply("neg", (unmarked(inside),))
        case _:
            return node


def as_quantity(node: Node) -> Node:
    """Return a product that ends in the letter of a unit as a quantity, to be compared with one.

    >>> from rlvr_math.values.parse import parse
    >>> as_quantity(parse("5000m")).unit.name
    'm'
    """
    match node:
        case Apply(op="mul", args=(*factors, Symbol(name=name))) if len(name) == 1 and is_known(name):
            unit = unit_of(name)
            value = factors[0] if len(factors) == 1 else Apply("mul", tuple(factors))
            return node if unit is None or symbols(value) else Quantity(value, unit)
        case _:
            return node


def labelled(node: Node) -> Choice | None:
    """Return a choice, or the single capital letter that can be one."""
    if isinstance(node, Choice):
        return node
    if isinstance(node, Symbol) and len(node.name) == 1 and node.name.isupper():
        return Choice(node.name, None)
    return None
