"""Whether two scalars are equal, cheapest first, and which stage said so.

tree, exact fractions, algebraic normal form, residues, floating point, many digits, and sympy for what
cancels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, get_args

from rlvr_math.values import modular
from rlvr_math.values.algebra import form
from rlvr_math.values.exact import exact
from rlvr_math.values.floats import Unsure, evaluate
from rlvr_math.values.points import Points
from rlvr_math.values.probe import Prober
from rlvr_math.values.tree import Node, Refused, Undefined, symbols

__all__ = ["STAGES", "Equality", "Stage", "Verdict"]

Stage = Literal["tree", "rational", "algebra", "modular", "probe", "digits", "symbolic", "bounds"]
STAGES: tuple[Stage, ...] = get_args(Stage)
Prove = Callable[[Node, Node], bool | None]

_EQUAL = 1e-40
_CLEARLY_DIFFERENT = 1e-12
_DIGITS = (60, 240)
_MIN_POINTS = 3
_CONFIRMED = 2
_REAL = 1e-12


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

    def verdict(self, one: Node, other: Node) -> Verdict:
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
        return self._by_form(one, other) or self._by_residue(one, other) or self._by_number(one, other)

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
        try:
            prober = Prober(self._points.of(names))
            pairs = _both(prober.values(one), prober.values(other))
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

    def _by_form(self, one: Node, other: Node) -> Verdict | None:
        first = form(one)
        second = form(other) if first is not None else None
        if first is None or second is None:
            return None
        if first.terms == second.terms:
            return Verdict(True, "algebra")
        return Verdict(False, "algebra") if first.certain and second.certain else None

    def _by_residue(self, one: Node, other: Node) -> Verdict | None:
        found = modular.agree(one, other, seed=self._points.seed)
        return None if found is None else Verdict(found, "modular")

    def _by_number(self, one: Node, other: Node) -> Verdict:
        points = self._points.of(symbols(one) | symbols(other))
        close = _close(one, other, points)
        if close is False:
            return Verdict(False, "probe")
        try:
            for digits in _DIGITS:
                found = _agree(
                    one, other, points if close is None else points[:_CONFIRMED], digits, sure=close is True
                )
                if found is not None:
                    return Verdict(found, "digits")
        except Refused:
            return Verdict(False, "bounds")
        return Verdict(self._prove(one, other), "symbolic")


def _close(one: Node, other: Node, points: Sequence[Mapping[str, float]]) -> bool | None:
    """Compare in floating point: False if a point tells them apart, True if enough agree, else None."""
    real: list[bool] = []
    rest: list[bool] = []
    unsure = False
    for point in points:
        try:
            (first, first_error), (second, second_error) = evaluate(one, point), evaluate(other, point)
        except Unsure:
            unsure = True
            continue
        bound = 4 * (first_error + second_error)
        agrees = abs(first - second) <= bound
        are_real = abs(first.imag) <= first_error and abs(second.imag) <= second_error
        (real if are_real else rest).append(agrees)
    wanted = min(_MIN_POINTS, len(points))
    deciding = real if len(real) >= wanted or (real and not unsure) else real + rest
    if not all(deciding):
        return False if not unsure or len(deciding) >= wanted else None
    return True if len(deciding) >= wanted and not unsure else None


def _agree(
    one: Node, other: Node, points: Sequence[Mapping[str, float]], digits: int, *, sure: bool
) -> bool | None:
    """Compare at each point to a relative tolerance; None where cancellation leaves too few digits."""
    prober = Prober(points, digits=digits)
    pairs = _both(prober.values(one), prober.values(other))
    real = [(a, b) for a, b in pairs if _is_real(a) and _is_real(b)]
    wanted = 1 if sure or len(points) == 1 else _MIN_POINTS
    pairs = real if len(real) >= wanted else pairs
    if len(pairs) < wanted:
        return None
    for first, second in pairs:
        scale = max(abs(first), abs(second))
        apart = abs(first - second)
        if apart <= _EQUAL * scale:
            continue
        cancelled = scale <= prober.size * 10.0 ** (-digits / 2)
        close = apart < _CLEARLY_DIFFERENT * scale and digits < _DIGITS[-1]
        return None if cancelled or close else False
    return True


def _is_real(value: Any) -> bool:
    return bool(abs(value.imag) <= _REAL * abs(value))


def _both(first: Sequence[Any], second: Sequence[Any]) -> list[tuple[Any, Any]]:
    return [(a, b) for a, b in zip_longest(first, second) if a is not None and b is not None]
