"""The numeric value of a tree at fixed points, to sixty digits, every step bounded before it is taken."""

from collections.abc import Collection, Mapping
from random import Random
from typing import Any

from rlvr_math.values.operations import operations
from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol

__all__ = ["POINTS", "Prober"]

_SEED = 20_240_229
_NEAR_POINTS = 3
_WIDE_POINTS = 3
POINTS = _NEAR_POINTS + _WIDE_POINTS


class Prober:
    """Evaluates trees at the same points; each has its own arithmetic context, so threads do not meet."""

    def __init__(self, names: Collection[str], *, digits: int = 60) -> None:
        # Imported here: mpmath takes 40 ms, and most answers are settled without it.
        from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

        self._mp: Any = MPContext()
        self._mp.dps = digits
        self._operations = operations(self._mp)
        self._points = [self._point(sorted(names), index) for index in range(POINTS if names else 1)]

    def values(self, node: Node) -> list[Any]:
        """Return the value at each point, None where there is none (a pole, an overflow).

        Raises:
            Refused: The tree holds what has no number (infinity, a set), or a power out of bounds.
        """
        return [self._at(node, point) for point in self._points]

    def _point(self, names: list[str], index: int) -> Mapping[str, Any]:
        near = index < _NEAR_POINTS
        low, high = (0.2, 4.0) if near else (-6.0, 6.0)
        return {name: self._mp.mpf(Random(f"{_SEED}:{index}:{name}").uniform(low, high)) for name in names}

    def _at(self, node: Node, point: Mapping[str, Any]) -> Any:
        try:
            return self._value(node, point)
        except Refused:
            raise
        except (ZeroDivisionError, OverflowError, ValueError):
            return None

    def _value(self, node: Node, point: Mapping[str, Any]) -> Any:
        if isinstance(node, Number):
            return self._mp.mpf(node.value.numerator) / node.value.denominator
        if isinstance(node, Symbol):
            return point[node.name]
        if isinstance(node, Constant):
            return self._constant(node.name)
        if not isinstance(node, Apply) or node.op not in self._operations:
            raise Refused(f"no number: {type(node).__name__}")
        args = [self._value(arg, point) for arg in node.args]
        found = self._operations[node.op](*args)
        if not self._mp.isfinite(found):
            raise ZeroDivisionError
        return found

    def _constant(self, name: str) -> Any:
        known = {"pi": self._mp.pi, "e": self._mp.e, "i": self._mp.j}
        if name not in known:
            raise Refused(f"no number: {name}")
        return +known[name]
