"""Two answers, by the policy of docs/math-policy.md: kind by kind, item by item, each scalar by its stages.

Symmetric and reflexive but for the rounding of a decimal reference. A verdict names the stage that decided;
where no stage could, it is None.
"""

import re

from rlvr_math.judge.lists import each, once, unordered
from rlvr_math.judge.policy import Policy
from rlvr_math.judge.relations import Relations
from rlvr_math.judge.scalars import Scalars, is_scalar
from rlvr_math.text import plain
from rlvr_math.understand import Answer
from rlvr_math.units import comparable
from rlvr_math.values.equality import Equality
from rlvr_math.values.intervals import intervals
from rlvr_math.values.names import ordered_names, tuple_of
from rlvr_math.values.shapes import as_quantity, branches, labelled, sign
from rlvr_math.values.tree import (
    SET_OPS,
    Apply,
    Based,
    Builder,
    Choice,
    Constant,
    Group,
    Matrix,
    Moment,
    Node,
    Number,
    Quantity,
    Relation,
    Symbol,
    Words,
    symbols,
    walk,
)

__all__ = ["Comparison"]

_MAX_PRODUCT = 3
_PAIR = 2
_NEEDLESS_BRACES = re.compile(r"(?<=[\^_])\{(\\[A-Za-z]+|[A-Za-z0-9])\}")
_MEANINGS: dict[str, Node] = {
    "no solution": Group("{", "}", ()),
    "infinitely many": Constant("infinity"),
    "infinity": Constant("infinity"),
}


class Comparison:
    """One comparison of an answer with a reference."""

    def __init__(self, policy: Policy, equality: Equality) -> None:
        self._policy = policy
        self._scalars = Scalars(policy, equality)
        self._relations = Relations(self._scalars, self._same)

    @property
    def stage(self) -> str:
        """The stage that decided."""
        return self._scalars.stage

    def same(self, answer: Answer, reference: Answer) -> bool | None:
        """Say whether an answer is equal to a reference; None where no stage can tell."""
        if answer.text == reference.text:
            self._scalars.stage = "text"
            return bool(answer.text)
        if answer.tree is None or reference.tree is None:
            self._scalars.stage = "text"
            return answer.tree is reference.tree and _loose(answer.text) == _loose(reference.text) != ""
        given, wanted = _meant(answer, reference, answer.tree, reference.tree)
        one, other = self._alternatives(branches(given)), self._alternatives(branches(wanted))
        self._scalars.stage = _kind(one, other)
        equal = self._same(one, other)
        return None if self._scalars.undecided and not equal else equal

    def _alternatives(self, node: Node) -> Node:
        """Return the one value that `1/2 or 0.5` gives twice; any other node as it is."""
        if isinstance(node, Group) and node.left == "" and node.joined == "or":
            first, *others = node.items
            if all(self._same(first, other) for other in others):
                return first
        return node

    def _same(self, one: Node, other: Node) -> bool:
        kinds = {type(one), type(other)}
        if Quantity in kinds:
            return self._same_quantity(one, other)
        if Choice in kinds:
            return self._same_choice(one, other)
        if is_scalar(one) and is_scalar(other):
            return self._scalars.same(one, other)
        first, second = self._relations.settled(one), self._relations.settled(other)
        if first is None or second is None:
            return False
        if (first, second) != (one, other):
            return self._same(first, second)
        equal = self._same_words(one, other) if kinds & _VERBAL else self._same_shape(one, other)
        return equal or self._same_relation(one, other) or self._same_otherwise(one, other)

    def _same_quantity(self, one: Node, other: Node) -> bool:
        one, other = as_quantity(one), as_quantity(other)
        first, second = (node.unit if isinstance(node, Quantity) else None for node in (one, other))
        values = [node.value if isinstance(node, Quantity) else node for node in (one, other)]
        rule = self._policy.units
        if rule == "ignore" or first == second:
            return self._same(*values)
        if first is None or second is None:
            present, without = (first, values[1]) if first is not None else (second, values[0])
            refused = sign(without) != "" or (rule == "require" and present is not None and not present.plain)
        else:
            converted = first.factor != second.factor and not (first.plain or second.plain)
            refused = not comparable(first, second) or (rule == "same" and converted)
        if refused:
            self._scalars.stage = "unit"
            return False
        if (
            first is not None
            and second is not None
            and not (first.plain or second.plain)
            and all(map(is_scalar, values))
        ):
            units = (first, second)
            values = [
                Apply("mul", (value, Number(unit.factor))) for value, unit in zip(values, units, strict=True)
            ]
        return self._same(*values)

    def _same_choice(self, one: Node, other: Node) -> bool:
        first, second = labelled(one), labelled(other)
        if first is not None and second is not None:
            if first.label != second.label:
                return False
            return (
                first.content is None or second.content is None or self._same(first.content, second.content)
            )
        if isinstance(one, Choice):
            return one.content is not None and self._same(one.content, other)
        return isinstance(other, Choice) and other.content is not None and self._same(one, other.content)

    def _same_words(self, one: Node, other: Node) -> bool:
        """Compare words, times, and numerals in a base with what they can stand for."""
        match one, other:
            case (Words(text=text), node) | (node, Words(text=text)) if not isinstance(node, Words):
                meant = _MEANINGS.get(text)
                if meant is None and len(text) <= _MAX_PRODUCT and _is_product(node):
                    return self._scalars.equal(_product(text), node)
                return meant == node
            case (Moment(fields=(at,)), Relation(ops=(":",)) as ratio) | (
                Relation(ops=(":",)) as ratio,
                Moment(fields=(at,)),
            ):
                hour, minute = (side.value if isinstance(side, Number) else -1 for side in ratio.sides)
                return hour * 3600 + minute * 60 == at
            case (Based(digits=digits), Number(value=value)) | (Number(value=value), Based(digits=digits)):
                return value.denominator == 1 and 0 <= value < 10 ** len(digits) and digits == str(value)
        return one == other

    def _same_shape(self, one: Node, other: Node) -> bool:
        match one, other:
            case (Group(left="{", items=(item,)), Group(left="(")):
                return self._same(item, other)
            case (Group(left="("), Group(left="{", items=(item,))):
                return self._same(one, item)
            case Group(), Group():
                return self._same_group(one, other)
            case Matrix(rows=first), Matrix(rows=second):
                return len(first) == len(second) and all(
                    each(a, b, self._same) for a, b in zip(first, second, strict=True)
                )
            case Apply(op=op, args=first), Apply(op=op2, args=second) if op == op2 and op in SET_OPS:
                return (each if op == "setminus" else unordered)(first, second, self._same)
            case (Group(left="{", items=(item,)), _) if not _is_set(item):
                return self._same(item, other)
            case (_, Group(left="{", items=(item,))) if not _is_set(item):
                return self._same(one, item)
            case _:
                return isinstance(one, Constant) and one == other

    def _same_group(self, one: Group, other: Group) -> bool:
        if one.ordered or other.ordered:
            brackets = (one.left, one.right) == (other.left, other.right)
            return brackets and each(one.items, other.items, self._same)
        if ordered_names(one.items) != ordered_names(other.items):
            named, bare = (one, other) if ordered_names(one.items) else (other, one)
            if not any(isinstance(item, Relation) for item in bare.items):
                vector = tuple_of(Group("", "", named.items))
                by_letter = isinstance(vector, Group) and each(vector.items, bare.items, self._same)
                return by_letter or each(one.items, other.items, self._same)
        same = self._same_element if _is_set(one) or _is_set(other) else self._same
        if unordered(one.items, other.items, same):
            return True
        first, second = once(one, same), once(other, same)
        shorter = len(first) < len(one.items) or len(second) < len(other.items)
        return shorter and unordered(first, second, same)

    def _same_element(self, one: Node, other: Node) -> bool:
        """Compare elements of sets, where the set of a value is not that value."""
        return _is_set(one) == _is_set(other) and self._same(one, other)

    def _same_relation(self, one: Node, other: Node) -> bool:
        if isinstance(one, Builder) and isinstance(other, Builder):
            return self._relations.same_builder(one, other)
        first = one.condition if isinstance(one, Builder) else one
        second = other.condition if isinstance(other, Builder) else other
        if isinstance(first, Relation) and isinstance(second, Relation):
            return self._relations.same(first, second)
        if isinstance(one, Relation):
            return self._relations.gives(one, other)
        return isinstance(other, Relation) and self._relations.gives(other, one, turned=True)

    def _same_otherwise(self, one: Node, other: Node) -> bool:
        """Compare as unions of intervals, and as tuples."""
        if isinstance(one, Group) and isinstance(other, Group) and one.ordered and other.ordered:
            return False
        named = [symbols(node) for node in (one, other) if isinstance(node, Relation)]
        if len(named) == _PAIR and named[0] != named[1]:
            return False
        first = intervals(one)
        second = intervals(other) if first is not None else None
        if first is not None and second is not None:
            return unordered(first, second, self._same)
        if isinstance(one, Matrix) and isinstance(other, Matrix):
            return False
        vectors = tuple_of(one), tuple_of(other)
        pair = vectors[0] or one, vectors[1] or other
        return vectors != (None, None) and all(isinstance(node, Group) for node in pair) and self._same(*pair)


_VERBAL: set[type] = {Words, Moment, Based}


def _meant(answer: Answer, reference: Answer, given: Node, wanted: Node) -> tuple[Node, Node]:
    """Choose between two readings by the other side: `5 m` beside a number is a length."""
    wanted = reference.euler or wanted
    if answer.euler is not None and any(one == Constant("e") for one in walk(wanted)):
        given = answer.euler
    if answer.quantity is not None and not symbols(reference.quantity or wanted):
        given = answer.quantity
    if reference.quantity is not None and not symbols(given):
        wanted = reference.quantity
    return given, wanted


def _is_set(node: Node) -> bool:
    return isinstance(node, Group) and node.left == "{"


def _is_product(node: Node) -> bool:
    """Say whether this is a letter, or a product of letters."""
    return isinstance(node, Symbol) or (
        isinstance(node, Apply) and node.op == "mul" and all(isinstance(arg, Symbol) for arg in node.args)
    )


def _product(letters: str) -> Node:
    """Return the product of the letters of a short word, as it is written in mathematics."""
    factors = tuple(map(Symbol, letters))
    return Apply("mul", factors) if len(factors) > 1 else factors[0]


def _loose(text: str) -> str:
    r"""Return a text without `\text{}` and needless braces; without case, too, if it is words alone."""
    shown = _NEEDLESS_BRACES.sub(r"\1", plain(text))
    return shown.casefold() if shown.replace(" ", "").replace(",", "").isalpha() else shown


def _kind(one: Node, other: Node) -> str:
    """Name the stage that a comparison of these is, unless a stage for scalars decides it."""
    if isinstance(one, Choice) or isinstance(other, Choice):
        return "choice"
    if isinstance(one, Words | Moment) or isinstance(other, Words | Moment):
        return "words"
    values = (node.value if isinstance(node, Quantity) else node for node in (one, other))
    return "" if all(map(is_scalar, values)) else "shape"
