"""Whether two scalars are equal, cheapest first, and which stage said so.

tree, exact fractions, algebraic normal form, residues, floating point, many digits, and sympy for what
cancels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from rlvr_math.values import modular, numeric
from rlvr_math.values.algebra import form_if_defined
from rlvr_math.values.exact import exact
from rlvr_math.values.points import WHOLE, Points
from rlvr_math.values.probe import Prober
from rlvr_math.values.tree import Apply, Node, Number, Refused, Undefined, symbols, walk

__all__ = ["STAGES", "Equality", "Stage", "Verdict"]

Stage = Literal["tree", "rational", "algebra", "modular", "probe", "digits", "symbolic", "bounds"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Prove = Callable[[Node, Node], bool | None]

_EQUAL = 1e-40
_MIN_POINTS = 3
_ROUNDING = frozenset({"floor", "ceil"})
_BREAKING = _ROUNDING | {"abs", "max", "min", "root", "ln", "log"}
_MAX_MARK = 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided, and by which stage; `equal` is None where no stage could tell."""

    equal: bool | None
    stage: Stage


class Equality:
    """Compares scalars at the points of one process; `prove` is asked about what cancels to nothing."""

    def __init__(self, points: Points, prove: Prove) -> None:
        self._points = points
        self._prove = prove

    def verdict(self, one: Node, other: Node, *, prove: bool = True) -> Verdict:
        r"""Say whether two scalars are equal wherever both have a value.

        >>> from rlvr_math.values.parse import parse
        >>> equality = Equality(Points(), lambda one, other: None)
        >>> equality.verdict(parse(r"\frac{1}{\sqrt2}"), parse(r"\frac{\sqrt{2}}{2}"))
        Verdict(equal=True, stage='algebra')
        >>> equality.verdict(parse(r"\sin 1"), parse(r"\sin 2"))
        Verdict(equal=False, stage='probe')
        """
        if one == other:
            return self._of_itself(one)
        try:
            first, second = exact(one), exact(other)
            if first is not None and second is not None:
                return Verdict(first == second, "rational")
        except Undefined:
            return Verdict(False, "rational")
        except Refused:
            pass
        try:
            found = self._by_form(one, other) or self._by_residue(one, other)
        except Undefined:
            return Verdict(False, "algebra")
        return found or self._by_number(*_without_common(one, other), prove=prove)

    def factor_sign(self, one: Node, other: Node) -> int:
        """Return the sign of the constant that one tree is of the other; 0 where there is no such constant.

        >>> from rlvr_math.values.parse import parse
        >>> equality = Equality(Points(), lambda one, other: None)
        >>> equality.factor_sign(parse("2x-4"), parse("2-x")), equality.factor_sign(parse("x"), parse("x+1"))
        (-1, 0)
        """
        names = symbols(one)
        if not names or names != symbols(other):
            return 0
        if modular.proportional(one, other, seed=self._points.seed) is False:
            return 0
        try:
            prober = Prober(self._points.of(names))
            pairs = numeric.both(prober.values(one), prober.values(other))
        except Refused:
            return 0
        if len(pairs) < _MIN_POINTS or any(a == 0 or b == 0 for a, b in pairs):
            return 0
        factor = pairs[0][0] / pairs[0][1]
        if any(abs(a - factor * b) > _EQUAL * abs(a) for a, b in pairs):
            return 0
        return 1 if factor.real > 0 else -1

    def _of_itself(self, node: Node) -> Verdict:
        """A tree equals itself, unless it has no value: `0/0` and `1/0` equal only what is written alike."""
        try:
            exact(node)
        except Undefined:
            return Verdict(False, "rational")
        except Refused:
            pass
        return Verdict(True, "tree")

    def _points_for(self, one: Node, other: Node) -> list[Mapping[str, float]]:
        """Return points for two trees: beside the numbers in them, too, if they can break there."""
        names = symbols(one) | symbols(other)
        points = self._points.of(names)
        nodes = [node for tree in (one, other) for node in walk(tree)]
        breaks = {node.op for node in nodes if isinstance(node, Apply)} & _BREAKING
        if not names or not breaks:
            return points
        marks = {
            float(node.value) for node in nodes if isinstance(node, Number) and abs(node.value) < _MAX_MARK
        }
        whole = [
            {name: float(WHOLE[(index + place) % len(WHOLE)]) for place, name in enumerate(sorted(names))}
            for index in range(len(WHOLE))
        ]
        return [*points, *self._points.beside(names, marks), *(whole if breaks & _ROUNDING else [])]

    def _by_form(self, one: Node, other: Node) -> Verdict | None:
        first = form_if_defined(one)
        second = form_if_defined(other)
        if first is None or second is None:
            return None
        if first.terms == second.terms:
            return Verdict(True, "algebra")
        return Verdict(False, "algebra") if first.certain and second.certain else None

    def _by_residue(self, one: Node, other: Node) -> Verdict | None:
        found = modular.agree(one, other, seed=self._points.seed)
        return None if found is None else Verdict(found, "modular")

    def _by_number(self, one: Node, other: Node, *, prove: bool) -> Verdict:
        close, points = numeric.close(one, other, self._points_for(one, other))
        if close is False:
            return Verdict(False, "probe")
        try:
            found = numeric.agree(one, other, points, sure=close is True)
        except Refused:
            return Verdict(False, "bounds")
        if found is not None:
            return Verdict(found, "digits")
        return Verdict(self._prove(one, other) if prove else None, "symbolic")


def _without_common(one: Node, other: Node) -> tuple[Node, Node]:
    """Drop the terms that two sums share: beside a huge one, the others would drown."""
    first, second = list(_terms(one)), list(_terms(other))
    for term in tuple(first):
        if term in second:
            first.remove(term)
            second.remove(term)
    if len(first) == len(_terms(one)):
        return one, other
    return _sum(first), _sum(second)


def _terms(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Apply) and node.op == "add" else (node,)


def _sum(terms: list[Node]) -> Node:
    if not terms:
        return Number(Fraction(0))
    return terms[0] if len(terms) == 1 else Apply("add", tuple(terms))
