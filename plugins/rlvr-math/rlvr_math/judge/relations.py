"""Equations, inequalities, ratios and assignments."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from rlvr_math.judge.lists import each
from rlvr_math.judge.scalars import Scalars, is_scalar
from rlvr_math.values.names import assigned, is_name
from rlvr_math.values.shapes import branches, replaced
from rlvr_math.values.tree import Apply, Builder, Group, Node, Number, Relation, Symbol, Words, symbols

__all__ = ["Relations"]

_FLIPPED = {">": "<", ">=": "<="}
_ZERO = Number(Fraction(0))
_PAIR = 2
_HOURS, _TEN, _HUNDRED = 24, 10, 100


class Relations:
    """Compares relations in one comparison of answers; `same` compares what they hold."""

    def __init__(self, scalars: Scalars, same: Callable[[Node, Node], bool]) -> None:
        self._scalars = scalars
        self._same = same

    def settled(self, node: Node) -> Node | None:
        r"""Return what a chain of equations comes to, None if a link of it is false; other nodes as they are.

        What follows an approximate sign is a remark. `x = 2+3 = 5` is `x = 5`, `\log_2 8 = 3` is `3`.
        """
        if not isinstance(node, Relation) or not set(node.ops) <= {"=", "~"}:
            return node
        cut = node.ops.index("~") if "~" in node.ops else len(node.ops)
        if cut == 0:
            return Relation(("=",), node.sides[:2]) if is_name(node.sides[0]) else node.sides[0]
        sides = node.sides[: cut + 1]
        if len(sides) > _PAIR and _are_letters(sides[:-1]) and _is_constant(sides[-1]):
            return Group("", "", tuple(Relation(("=",), (side, sides[-1])) for side in sides[:-1]))
        head = int(is_name(sides[0]))
        links = list(zip(sides[head:], sides[head + 1 :], strict=False))
        if not head and len(links) == 1 and not all(map(_is_constant, links[0])):
            return Relation(("=",), sides)
        if not all(is_scalar(a) and is_scalar(b) and self._scalars.same(a, b) for a, b in links):
            return None
        return Relation(("=",), (sides[0], sides[-1])) if head else sides[-1]

    def gives(self, relation: Relation, value: Node, *, turned: bool = False) -> bool:
        """Compare `x = 5` with `5`, `x in S` with `S`, a ratio with its quotient, `y = 2x` with `2x`.

        `turned` says that the relation is the reference.
        """
        given = assigned(relation)
        if given is not None:
            if (
                isinstance(given, Group)
                and isinstance(value, Group)
                and given.left == "("
                and value.left == ""
            ):
                return each(given.items, value.items, self._same)
            if self._same(value, branches(given)) if turned else self._same(branches(given), value):
                return True
        if not is_scalar(value) or not all(map(is_scalar, relation.sides)):
            return False
        if relation.ops == (":",):
            top, bottom = relation.sides
            return self._scalars.equal(Apply("mul", (top, Apply("inv", (bottom,)))), value)
        return relation.ops == ("=",) and self._solves(relation, value)

    def same(self, one: Relation, other: Relation) -> bool:
        """Compare two relations: side by side, up to a factor, as ratios, as functions."""
        one, other = _forward(one), _forward(other)
        if one.ops != other.ops:
            return self._gives_relation(one, other)
        if set(one.ops) == {":"}:
            return self._same_ratio(one, other)
        if each(one.sides, other.sides, self._same):
            return True
        if one.ops == ("=",) and _is_numbered(one, other):
            return self._same(one.sides[1], other.sides[1])
        if one.ops == ("=",) and (
            self._same_function(one, other) or each(one.sides, other.sides[::-1], self._same)
        ):
            return True
        if len(one.ops) != 1 or one.ops[0] == "in" or not all(map(is_scalar, (*one.sides, *other.sides))):
            return False
        if one.ops == ("=",) and _is_solved(one) != _is_solved(other):
            return False
        factor = self._scalars.factor_sign(_difference(one), _difference(other))
        return factor > 0 or (factor < 0 and one.ops[0] in ("=", "!="))

    def _gives_relation(self, one: Relation, other: Relation) -> bool:
        """Compare what `V_1 : V_2 = 2 : 3` gives with `2 : 3`."""
        first, second = assigned(one), assigned(other)
        if (first is None) == (second is None):
            return False
        return self._same(first or one, second or other)

    def same_builder(self, one: Builder, other: Builder) -> bool:
        """Compare the conditions of two sets, under one name for their variable."""
        condition = one.condition
        if isinstance(one.variable, Symbol):
            condition = replaced(condition, one.variable.name, other.variable)
        return self._same(condition, other.condition)

    def _solves(self, relation: Relation, value: Node) -> bool:
        """Say whether an equation, linear in a letter that a value does not hold, gives that value for it."""
        names, known = symbols(relation), symbols(value)
        extra = names - known
        if not known or not known < names or len(extra) != 1:
            return False
        (name,) = extra
        difference = _difference(relation)
        shifted = [Apply("add", (Symbol(name), Number(Fraction(step)))) for step in (1, -1)]
        ahead, behind = (replaced(difference, name, by) for by in shifted)
        bend = Apply("add", (ahead, behind, Apply("mul", (Number(Fraction(-2)), difference))))
        if self._scalars.equal(ahead, behind) or not self._scalars.equal(bend, _ZERO):
            return False
        return self._scalars.equal(replaced(difference, name, value), _ZERO)

    def _same_ratio(self, one: Relation, other: Relation) -> bool:
        if not all(map(is_scalar, (*one.sides, *other.sides))):
            return each(one.sides, other.sides, self._same)
        first, second = one.sides[0], other.sides[0]
        if _is_time(one) and _is_time(other):
            return one.sides == other.sides
        if _ZERO in (first, second):
            return False
        return all(
            self._scalars.equal(Apply("mul", (a, second)), Apply("mul", (b, first)))
            for a, b in zip(one.sides[1:], other.sides[1:], strict=True)
        )

    def _same_function(self, one: Relation, other: Relation) -> bool:
        """Compare `f(x) = 2x` with `f(t) = 2t` and `y = 2x`: an argument's letter has no name of its own."""
        (head, body), (head2, body2) = one.sides, other.sides
        calls = [isinstance(node, Apply) and node.op == "call" for node in (head, head2)]
        if calls.count(True) == 1:
            called, named = (head, head2) if calls[0] else (head2, head)
            return _is_graph(called, named) and self._same(body, body2)
        if not (isinstance(head, Apply) and isinstance(head2, Apply) and all(calls)):
            return False
        if head.args[0] != head2.args[0] or len(head.args) != len(head2.args):
            return False
        for place, (before, after) in enumerate(zip(head.args[1:], head2.args[1:], strict=True)):
            if isinstance(before, Symbol) and isinstance(after, Symbol):
                fresh = Symbol(f"#{place}")
                body, body2 = replaced(body, before.name, fresh), replaced(body2, after.name, fresh)
            elif before != after:
                return False
        return self._same(body, body2)


def _are_letters(sides: Sequence[Node]) -> bool:
    """Say whether these are different letters, as in `x = y = z = 1`."""
    return all(isinstance(side, Symbol) for side in sides) and len(set(sides)) == len(sides)


def _is_numbered(one: Relation, other: Relation) -> bool:
    """Say whether two assignments are to one letter, numbered in one of them only: `x_1 = 5` and `x = 5`."""
    first, second = one.sides[0], other.sides[0]
    if not (isinstance(first, Symbol) and isinstance(second, Symbol)):
        return False
    parts = [name.name.partition("_") for name in (first, second)]
    numbers = [part[2] for part in parts]
    return parts[0][0] == parts[1][0] and "" in numbers and any(number.isdecimal() for number in numbers)


def _is_graph(called: Node, named: Node) -> bool:
    """Say whether a letter stands for a function at its letters: `y` for `f(x)`, `f` for `f(x)`."""
    if not (isinstance(called, Apply) and isinstance(named, Symbol)):
        return False
    return named.name in ("y", getattr(called.args[0], "name", "")) and all(
        isinstance(arg, Symbol) for arg in called.args[1:]
    )


def _is_solved(relation: Relation) -> bool:
    """Say whether an equation gives the number that a letter is: `2x + 3 = 7` does not yet."""
    given = assigned(relation)
    return given is not None and not symbols(given)


def _is_time(ratio: Relation) -> bool:
    """Say whether a ratio can be a time of day, as `12:30`: its parts are not cancelled."""
    match ratio.sides:
        case (Number(value=hour), Number(value=minute)):
            return hour < _HOURS and (minute == 0 or _TEN <= minute < _HUNDRED)
        case _:
            return False


def _is_constant(node: Node) -> bool:
    return not symbols(node) and not isinstance(node, Words)


def _forward(relation: Relation) -> Relation:
    """Turn a chain of `>` around, so that it reads `<`."""
    if not set(relation.ops) <= _FLIPPED.keys():
        return relation
    return Relation(tuple(_FLIPPED[op] for op in reversed(relation.ops)), relation.sides[::-1])


def _difference(relation: Relation) -> Node:
    left, right = relation.sides
    return Apply("add", (left, Apply("neg", (right,))))
