"""The numeric value of a tree at secret points, to many digits, every step bounded before it is taken."""

from collections.abc import Mapping, Sequence
from typing import Any

from rlvr_math.values.operations import operations
from rlvr_math.values.tree import Apply, Constant, Node, Number, Refused, Symbol

__all__ = ["Prober"]

_CHEAP = frozenset({"add", "mul", "neg"})


class Prober:
    """Evaluates trees at the same points; each has its own arithmetic context, so threads do not meet."""

    def __init__(self, points: Sequence[Mapping[str, float]], *, digits: int = 60) -> None:
        # Imported here: mpmath takes 40 ms, and most answers are settled without it.
        from mpmath.ctx_mp import MPContext  # type: ignore[import-untyped]

        self._mp: Any = MPContext()
        self._mp.dps = digits
        self.digits = digits
        self._operations = operations(self._mp)
        self._points = points
        self._known: dict[tuple[str, tuple[Any, ...]], Any] = {}  # a hundred times x! is worked out once
        self.size: Any = self._mp.mpf(0)
        """The largest size of a value on the way, since the prober was made."""

    def values(self, node: Node) -> list[Any]:
        """Return the value at each point, None where there is none (a pole, an overflow).

        Raises:
            Refused: The tree holds what has no number (infinity, a set), or a power out of bounds.
        """
        return [self._at(node, point) for point in self._points]

    def _at(self, node: Node, point: Mapping[str, float]) -> Any:
        try:
            return self._value(node, point)
        except Refused:
            raise
        except (ZeroDivisionError, OverflowError, ValueError):
            return None

    def _value(self, node: Node, point: Mapping[str, float]) -> Any:
        if isinstance(node, Number):
            return self._sized(self._mp.mpf(node.value.numerator) / node.value.denominator)
        if isinstance(node, Symbol):
            return self._mp.mpf(point[node.name])
        if isinstance(node, Constant):
            return self._sized(self._constant(node.name))
        if not isinstance(node, Apply) or node.op not in self._operations:
            raise Refused(f"no number: {type(node).__name__}")
        args = tuple(self._value(arg, point) for arg in node.args)
        if node.op in _CHEAP:
            return self._applied(node.op, args)
        found = self._known.get((node.op, args))
        if found is None:
            found = self._known[node.op, args] = self._applied(node.op, args)
        return found

    def _applied(self, op: str, args: tuple[Any, ...]) -> Any:
        found = self._operations[op](*args)
        if not self._mp.isfinite(found):
            raise ZeroDivisionError
        return self._sized(found)

    def _sized(self, value: Any) -> Any:
        self.size = max(self.size, abs(value))
        return value

    def _constant(self, name: str) -> Any:
        known = {"pi": self._mp.pi, "e": self._mp.e, "i": self._mp.j}
        if name not in known:
            raise Refused(f"no number: {name}")
        return +known[name]
