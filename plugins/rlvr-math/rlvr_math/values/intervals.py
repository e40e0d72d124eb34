"""The intervals whose union an inequality, a set by its condition or a union is."""

from collections.abc import Sequence
from fractions import Fraction
from math import inf

from rlvr_math.values.algebra import form
from rlvr_math.values.exact import exact
from rlvr_math.values.tree import (
    Apply,
    Builder,
    Constant,
    Group,
    Node,
    Number,
    Refused,
    Relation,
    Symbol,
    Words,
    symbols,
)

__all__ = ["intervals"]

_FLIPPED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_INFINITY = Constant("infinity")
_BELOW = Apply("neg", (_INFINITY,))
REALS = Group("(", ")", (_BELOW, _INFINITY))
_MAX_INTERVALS = 12


def intervals(node: Node) -> list[Group] | None:
    r"""Return the intervals whose union a node is: an inequality, a set by its condition, a union, the reals.

    >>> from rlvr_math.values.parse import parse
    >>> intervals(parse(r"x<-1 or x>4")) == intervals(parse(r"(-\infty,-1)\cup(4,\infty)"))
    True
    >>> intervals(parse("2<x<=5")) == [parse("(2,5]")], intervals(parse("x^2>4"))
    (True, None)
    """
    match node:
        case Group(left="(" | "[", items=(_, _)):
            return [node]
        case Apply(op="union" | "setminus" as op, args=parts):
            return _joined(parts) if op == "union" else _without(*parts)
        case Group(left="", items=parts, joined=joined):
            return _joined(parts) if joined == "or" else _overlap(parts)
        case Builder(variable=Symbol() as variable, condition=inside):
            return intervals(inside) if symbols(variable) <= symbols(inside) else None
        case Relation(ops=("in",), sides=(Symbol(), inside)):
            return intervals(inside)
        case Relation():
            return _of_relation(node)
        case Constant(name="RR") | Words(text="all real numbers"):
            return [REALS]
        case _:
            return None


def _joined(parts: Sequence[Node]) -> list[Group] | None:
    found: list[Group] = []
    for part in parts:
        inside = intervals(part)
        if inside is None or len(found) + len(inside) > _MAX_INTERVALS:
            return None
        found.extend(inside)
    return found


def _without(whole: Node, points: Node) -> list[Group] | None:
    r"""Return intervals without some points, as `(1,3) \setminus \{2\}`; None where no order is known."""
    found = intervals(whole)
    holes = points.items if isinstance(points, Group) and points.left == "{" else ()
    if found is None or not holes or not all(map(_has_place, holes)):
        return None
    if len(holes) + len(found) > _MAX_INTERVALS:
        return None
    for hole in holes:
        parts = [_split(one, hole) for one in found]
        found = [one for part in parts if part is not None for one in part]
        if None in parts:
            return None
    return found


def _split(one: Group, hole: Node) -> list[Group] | None:
    """Return the two parts of an interval beside a point, itself without its end, or itself."""
    low, high = one.items
    if not (_has_place(low) and _has_place(high)) or not _place(low) < _place(high):
        return None
    at = _place(hole)
    if at == _place(low):
        return [Group("(", one.right, one.items)]
    if at == _place(high):
        return [Group(one.left, ")", one.items)]
    if not _place(low) < at < _place(high):
        return [one]
    return [Group(one.left, ")", (low, hole)), Group("(", one.right, (hole, high))]


def _has_place(node: Node) -> bool:
    return node in (_INFINITY, _BELOW) or _rational(node) is not None


def _place(node: Node) -> Fraction | float:
    """Return where on the line a rational number or an infinite end is."""
    value = _rational(node)
    return value if value is not None else inf if node == _INFINITY else -inf


def _rational(node: Node) -> Fraction | None:
    try:
        return exact(node)
    except Refused:
        return None


def _overlap(parts: Sequence[Node]) -> list[Group] | None:
    """Return the interval between a lower and an upper bound side by side, as `x > 3 and x < 5`."""
    if len(parts) != 2 or not all(isinstance(part, Relation) for part in parts):
        return None
    found = [_of_relation(part) for part in parts if isinstance(part, Relation)]
    names = {name for part in parts for name in symbols(part)}
    if len(names) != 1 or any(one is None or len(one) != 1 for one in found):
        return None
    first, second = (one[0] for one in found if one is not None)
    if first.items[1] == _INFINITY and second.items[0] == _BELOW:
        return [Group(first.left, second.right, (first.items[0], second.items[1]))]
    if second.items[1] == _INFINITY and first.items[0] == _BELOW:
        return [Group(second.left, first.right, (second.items[0], first.items[1]))]
    return None


def _of_relation(relation: Relation) -> list[Group] | None:
    match relation:
        case Relation(ops=("<" | "<=" as first, "<" | "<=" as second), sides=(low, name, high)) if (
            _is_variable(name)
        ):
            return [_between(first, low, high, second)]
        case Relation(ops=(">" | ">=" as first, ">" | ">=" as second), sides=(high, name, low)) if (
            _is_variable(name)
        ):
            return [_between(second, low, high, first)]
        case Relation(
            ops=("<" | "<=" as first, "<" | "<=" as second),
            sides=(low, Apply(op="abs", args=(Symbol(),)), high),
        ):
            return [_between(first, low, high, second), _between(second, _minus(high), _minus(low), first)]
        case Relation(ops=("!=",), sides=(name, hole)) if isinstance(name, Symbol):
            return [_between("<", _BELOW, hole, "<"), _between("<", hole, _INFINITY, "<")]
        case Relation(ops=(op,), sides=(left, right)) if op in _FLIPPED:
            return _half_line(left, op, right)
        case Relation(ops=(first, second), sides=(low, middle, high)) if first[0] == second[0] in "<>":
            return _overlap((Relation((first,), (low, middle)), Relation((second,), (middle, high))))
        case _:
            return None


def _half_line(left: Node, op: str, right: Node) -> list[Group] | None:
    if not _is_variable(left):
        left, op, right = right, _FLIPPED[op], left
    if not _is_variable(left) or symbols(left) & symbols(right):
        return _linear(left, op, right)
    return [_between(op, right, _INFINITY, "<") if ">" in op else _between("<", _BELOW, right, op)]


def _linear(left: Node, op: str, right: Node) -> list[Group] | None:
    """Solve an inequality of the first degree in its only letter: `2x > 6`."""
    names = symbols(left) | symbols(right)
    if len(names) != 1 or not all(isinstance(side, Number | Symbol | Apply) for side in (left, right)):
        return None
    found = form(Apply("add", (left, Apply("neg", (right,)))))
    if found is None or not found.certain:
        return None
    key = ((("s", next(iter(names))), Fraction(1)),)
    terms = dict(found.terms)
    slope, rest = terms.pop(key, None), terms.pop((), Fraction(0))
    if slope is None or terms:
        return None
    root = Number(-rest / slope)
    above = (">" in op) == (slope > 0)
    bracket = "<=" if "=" in op else "<"
    return [_between(bracket, root, _INFINITY, "<") if above else _between("<", _BELOW, root, bracket)]


def _minus(node: Node) -> Node:
    return Apply("neg", (node,))


def _is_variable(node: Node) -> bool:
    return isinstance(node, Symbol) or (isinstance(node, Apply) and node.op == "call")


def _between(first: str, low: Node, high: Node, second: str) -> Group:
    return Group("[" if "=" in first else "(", "]" if "=" in second else ")", (low, high))
