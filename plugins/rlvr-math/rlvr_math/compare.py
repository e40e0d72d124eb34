"""Compare two answers, cheapest first: text, exact numbers, sixty digits, sympy; lists item by item.

Symmetric and reflexive, and deterministic: probing points are fixed by the names of the variables.
"""

from collections import Counter
from collections.abc import Sequence

from rlvr_math.understand import Answer
from rlvr_math.values.equality import factor_sign, same_scalar
from rlvr_math.values.exact import exact
from rlvr_math.values.shapes import assigned, branches, interval, sign, unmarked
from rlvr_math.values.tree import (
    SET_OPS,
    Apply,
    Constant,
    Group,
    Matrix,
    Node,
    Number,
    Refused,
    Relation,
    Symbol,
    walk,
)

__all__ = ["same"]

_MAX_UNORDERED = 12
_MAX_UNORDERED_NODES = 400
_FLIPPED = {">": "<", ">=": "<="}


def same(one: Answer, other: Answer) -> bool:
    r"""Say whether two answers are equal.

    >>> from rlvr_math.understand import understand
    >>> same(understand(r"\frac12"), understand("0.5")), same(understand("3 or 4"), understand("3"))
    (True, False)
    """
    if one.text == other.text:
        return bool(one.text)
    if one.tree is None or other.tree is None:
        return one.tree is other.tree and one.text.casefold() == other.text.casefold()
    if one.unit and other.unit and one.unit != other.unit:
        return False
    return _same(branches(one.tree), branches(other.tree))


def _same(one: Node, other: Node) -> bool:
    if one == other:
        return True
    match one, other:
        case Relation(), Relation():
            return _same_relation(one, other)
        case (Relation() as relation, value) | (value, Relation() as relation):
            return _relation_gives(relation, value)
        case Group(), Group():
            return _same_group(one, other)
        case Matrix(rows=first), Matrix(rows=second):
            shapes = [[len(row) for row in rows] for rows in (first, second)]
            return shapes[0] == shapes[1] and all(map(_each, first, second))
        case Apply(op=op, args=first), Apply(op=op2, args=second) if op in SET_OPS or op2 in SET_OPS:
            return op == op2 and (_each if op == "setminus" else _unordered)(first, second)
        case _:
            return _is_scalar(one) and _is_scalar(other) and _same_scalar(one, other)


def _is_scalar(node: Node) -> bool:
    return isinstance(node, Number | Symbol | Constant | Apply)


def _same_scalar(one: Node, other: Node) -> bool:
    """Compare two scalars; a degree or percent sign on one side only may be ignored.

    With a percent sign on one side, the bare number and the value are both accepted: `50%` is `50` and `1/2`.
    """
    if same_scalar(unmarked(one), unmarked(other)):
        return True
    percents = [sign(one) == "percent", sign(other) == "percent"]
    return percents.count(True) == 1 and same_scalar(one, other)


def _each(one: Sequence[Node], other: Sequence[Node]) -> bool:
    return len(one) == len(other) and all(map(_same, one, other))


def _same_group(one: Group, other: Group) -> bool:
    if one.ordered or other.ordered:
        return (one.left, one.right) == (other.left, other.right) and _each(one.items, other.items)
    return _unordered(one.items, other.items)


def _unordered(one: Sequence[Node], other: Sequence[Node]) -> bool:
    """Say whether the items can be paired off, each with an equal one."""
    if len(one) != len(other):
        return False
    if Counter(map(_key, one)) == Counter(map(_key, other)):
        return True
    nodes = sum(1 for item in (*one, *other) for _ in walk(item))
    if len(one) > _MAX_UNORDERED or nodes > _MAX_UNORDERED_NODES:
        return _each(one, other)
    equal = [[_same(item, candidate) for candidate in other] for item in one]
    partners: dict[int, int] = {}
    return all(_paired(index, equal, partners, set()) for index in range(len(one)))


def _paired(index: int, equal: list[list[bool]], partners: dict[int, int], tried: set[int]) -> bool:
    """Find a partner for an item, moving others to theirs where needed (Kuhn's augmenting path)."""
    for candidate, fits in enumerate(equal[index]):
        if not fits or candidate in tried:
            continue
        tried.add(candidate)
        if candidate not in partners or _paired(partners[candidate], equal, partners, tried):
            partners[candidate] = index
            return True
    return False


def _key(node: Node) -> object:
    try:
        value = exact(node)
    except Refused:
        return node
    return node if value is None else value


def _relation_gives(relation: Relation, value: Node) -> bool:
    """Compare `x = 5` with `5`, `x in S` with `S`, `x > 3` with an interval."""
    given = assigned(relation)
    if given is None and isinstance(value, Group | Apply):
        given = interval(relation)
    return given is not None and _same(branches(given), value)


def _same_relation(one: Relation, other: Relation) -> bool:
    one, other = _forward(one), _forward(other)
    if one.ops != other.ops:
        return False
    if _each(one.sides, other.sides):
        return True
    if one.ops == ("=",) and _each(one.sides, other.sides[::-1]):
        return True
    sides = (*one.sides, *other.sides)
    if len(one.ops) != 1 or one.ops[0] in ("in", ":") or not all(map(_is_scalar, sides)):
        return False
    factor = factor_sign(_difference(one), _difference(other))
    return factor > 0 or (factor < 0 and one.ops[0] in ("=", "!="))


def _forward(relation: Relation) -> Relation:
    """Turn a chain of `>` around, so that it reads `<`."""
    if not set(relation.ops) <= _FLIPPED.keys():
        return relation
    return Relation(tuple(_FLIPPED[op] for op in reversed(relation.ops)), relation.sides[::-1])


def _difference(relation: Relation) -> Node:
    left, right = relation.sides
    return Apply("add", (left, Apply("neg", (right,))))
