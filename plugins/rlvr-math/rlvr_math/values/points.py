"""Secret points at which trees are evaluated: drawn once per process, so that no policy can learn them.

Each coordinate is drawn from a range that follows from its letter's place alone, and the letters of one tree
are in different ranges at every point: so both signs, small and large, and either order of two letters occur
whatever is drawn, and no verdict hangs on the draw.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random

__all__ = ["POINTS", "WHOLE", "Points"]

_NEAR = ((0.25, 1.25), (1.5, 2.25), (2.5, 3.75))
_WIDE = ((4.0, 8.0), (-2.0, -0.5), (-9.0, -4.0), (12.0, 40.0))
POINTS = len(_NEAR) + len(_WIDE)
_BITS = 40
_FAR = ((60.0, 90.0), (-90.0, -60.0), (900.0, 1200.0), (-1200.0, -900.0))
_MAX_MARKS = 9
WHOLE = (1, 2, 3, 4, 7, 10, -1, -2, -5)
"""Whole coordinates, for trees that round: they jump there."""


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one process; those of a given `seed` are the same everywhere."""

    seed: str = field(default_factory=lambda: secrets.token_hex(16))

    def of(self, names: Collection[str]) -> list[Mapping[str, float]]:
        """Return the points for these letters; one empty point where there are none.

        >>> points = Points(seed="any").of(["x"])
        >>> len(points), min(point["x"] for point in points[:3]) > 0, min(point["x"] for point in points) < 0
        (7, True, True)
        """
        if not names:
            return [{}]
        ordered = sorted(names)
        return [
            {name: self._coordinate(index, place, name) for place, name in enumerate(ordered)}
            for index in range(POINTS)
        ]

    def beside(self, names: Collection[str], marks: Collection[float]) -> list[Mapping[str, float]]:
        """Return points beside marks and far beyond them, for trees that break there, as `|x - 3|`.

        >>> points = Points(seed="any").beside(["x"], [3.0])
        >>> min(point["x"] for point in points) < -900, any(3 < point["x"] < 4 for point in points)
        (True, True)
        """
        ordered = sorted(names)
        places = [
            (mark, mark + side)
            for mark in sorted({0.0, *marks, *(-mark for mark in marks)})[:_MAX_MARKS]
            for side in (0.9, -0.9)
        ]
        ranges = [*places, *_FAR]
        return [
            {
                name: self._between(*ranges[(index + 3 * place) % len(ranges)], f"beside:{index}:{name}")
                for place, name in enumerate(ordered)
            }
            for index in range(len(ranges))
        ]

    def _between(self, low: float, high: float, draw: str) -> float:
        return low + (high - low) * (0.1 + 0.8 * self._share(draw))

    def _share(self, draw: str) -> float:
        """Draw a number from 0 to 1 with few bits, so that it is the same one in every arithmetic."""
        drawn: float = Random(f"{self.seed}:{draw}").getrandbits(_BITS) / 2**_BITS
        return round(drawn * 2**20) / 2**20

    def _coordinate(self, index: int, place: int, name: str) -> float:
        ranges, step = (_NEAR, index) if index < len(_NEAR) else (_WIDE, index - len(_NEAR))
        low, high = ranges[(step + place) % len(ranges)]
        return low + (high - low) * self._share(f"{index}:{name}")
