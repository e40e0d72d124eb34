"""Other shapes of the same answer: both signs of `±`, the value of `x = 5`, the interval of `x > 3`."""

from rlvr_math.values.tree import Apply, Constant, Group, Matrix, Node, Relation, Symbol, walk

__all__ = ["assigned", "branches", "interval", "sign", "unmarked"]

_SIGNS = {"degree": "degrees", "percent": "percent"}


def branches(node: Node) -> Node:
    r"""Return an answer with one `±` as the list of its two values; in a list or set, item by item.

    >>> from rlvr_math.values.parse import parse
    >>> branches(parse(r"\pm x")) == parse("x, -x")
    True
    """
    if isinstance(node, Group) and not node.ordered:
        items = tuple(branch for item in node.items for branch in _of_item(item))
        return Group(node.left, node.right, items)
    both = _of_item(node)
    return both[0] if len(both) == 1 else Group("", "", both)


def _of_item(node: Node) -> tuple[Node, ...]:
    signs = [one.op for one in walk(node) if isinstance(one, Apply) and one.op in ("pm", "mp")]
    if signs.count("pm") != 1:
        return (node,)
    return (_with_sign(node, plus=True), _with_sign(node, plus=False))


def _with_sign(node: Node, *, plus: bool) -> Node:
    match node:
        case Apply(op="pm" | "mp" as op, args=(inside,)):
            return inside if plus == (op == "pm") else Apply("neg", (inside,))
        case Apply(op=op, args=args):
            return Apply(op, tuple(_with_sign(arg, plus=plus) for arg in args))
        case Group(left=left, right=right, items=items):
            return Group(left, right, tuple(_with_sign(item, plus=plus) for item in items))
        case Relation(ops=ops, sides=sides):
            return Relation(ops, tuple(_with_sign(side, plus=plus) for side in sides))
        case Matrix(rows=rows):
            return Matrix(tuple(tuple(_with_sign(entry, plus=plus) for entry in row) for row in rows))
        case _:
            return node


def assigned(relation: Relation) -> Node | None:
    r"""Return the value of `x = 5`, `5 = x` or `x \in S`; None unless one side is a single variable.

    >>> from rlvr_math.values.parse import parse
    >>> assigned(parse("x=5")), assigned(parse("12=37"))
    (Number(value=Fraction(5, 1)), None)
    """
    match relation:
        case Relation(ops=("=" | "in",), sides=(Symbol(), value)):
            return value
        case Relation(ops=("=",), sides=(value, Symbol())):
            return value
        case _:
            return None


def interval(relation: Relation) -> Node | None:
    """Return the interval of `x > 3` or `2 < x <= 5`; None where the variable does not stand alone.

    >>> from rlvr_math.values.parse import parse
    >>> interval(parse("2<x<=5")) == parse("(2,5]")
    True
    """
    infinity = Constant("infinity")
    below: Node = Apply("neg", (infinity,))
    match relation:
        case Relation(ops=("<" | "<=" as first, "<" | "<=" as second), sides=(low, Symbol(), high)):
            return _between(first, low, high, second)
        case Relation(ops=(">" | ">=" as first, ">" | ">=" as second), sides=(high, Symbol(), low)):
            return _between(second, low, high, first)
        case Relation(ops=("<" | "<=" as op,), sides=(Symbol(), high)):
            return _between("<", below, high, op)
        case Relation(ops=(">" | ">=" as op,), sides=(Symbol(), low)):
            return _between(op, low, infinity, "<")
        case Relation(ops=("<" | "<=" as op,), sides=(low, Symbol())):
            return _between(op, low, infinity, "<")
        case Relation(ops=(">" | ">=" as op,), sides=(high, Symbol())):
            return _between("<", below, high, op)
        case _:
            return None


def _between(first: str, low: Node, high: Node, second: str) -> Node:
    return Group("[" if "=" in first else "(", "]" if "=" in second else ")", (low, high))


def sign(node: Node) -> str:
    """Return the name of the sign that a scalar ends in, `degrees` or `percent`, or nothing.

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
        case Apply(op="degree" | "percent", args=(inside,)):
            return inside
        case Apply(op="neg", args=(inside,)):
            return Apply("neg", (unmarked(inside),))
        case _:
            return node
