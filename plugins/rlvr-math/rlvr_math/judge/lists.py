"""Lists of items, with and without an order, by an equality of items that is given."""

from collections import Counter
from collections.abc import Callable, Sequence

from rlvr_math.values.exact import exact
from rlvr_math.values.tree import Group, Node, Refused, walk

__all__ = ["each", "once", "unordered"]

Same = Callable[[Node, Node], bool]

_MAX_UNORDERED = 12
_MAX_NODES = 400


def each(one: Sequence[Node], other: Sequence[Node], same: Same) -> bool:
    """Say whether items are equal in their order."""
    return len(one) == len(other) and all(map(same, one, other))


def unordered(one: Sequence[Node], other: Sequence[Node], same: Same) -> bool:
    """Say whether items can be paired off, each with an equal one; long lists are compared in their order."""
    if len(one) != len(other):
        return False
    if Counter(map(_key, one)) == Counter(map(_key, other)):
        return True
    nodes = sum(1 for item in (*one, *other) for _ in walk(item))
    if len(one) > _MAX_UNORDERED or nodes > _MAX_NODES:
        return each(one, other, same)
    equal = []
    for item in one:
        row = [same(item, candidate) for candidate in other]
        if not any(row):
            return False
        equal.append(row)
    partners: dict[int, int] = {}
    return all(_paired(index, equal, partners, set()) for index in range(len(one)))


def once(group: Group, same: Same) -> Sequence[Node]:
    """Return the items without repetitions: those of a set, and the points of a list of points."""
    if len(group.items) > _MAX_UNORDERED:
        return group.items
    kept: list[Node] = []
    for item in group.items:
        can_repeat = group.left == "{" or (isinstance(item, Group) and item.ordered)
        if not (can_repeat and any(same(item, before) for before in kept)):
            kept.append(item)
    return kept


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
