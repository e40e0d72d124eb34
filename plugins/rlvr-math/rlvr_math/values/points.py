"""Secret points at which trees are evaluated: drawn once per process, so that no policy can learn them.

Each coordinate is drawn from a range that follows from its letter's place alone, and the letters of one tree
are in different ranges at every point: so both signs, small and large, and either order of two letters occur
whatever is drawn, and no verdict hangs on the draw.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random

__all__ = ["POINTS", "Points"]

_NEAR = ((0.25, 1.25), (1.5, 2.25), (2.5, 3.75))
_WIDE = ((4.0, 8.0), (-2.0, -0.5), (-9.0, -4.0), (12.0, 40.0))
POINTS = len(_NEAR) + len(_WIDE)
_BITS = 40


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

    def _coordinate(self, index: int, place: int, name: str) -> float:
        """Return a coordinate with few bits, so that it is the same number in every arithmetic."""
        ranges, step = (_NEAR, index) if index < len(_NEAR) else (_WIDE, index - len(_NEAR))
        low, high = ranges[(step + place) % len(ranges)]
        drawn: float = Random(f"{self.seed}:{index}:{name}").getrandbits(_BITS) / 2**_BITS
        return low + (high - low) * round(drawn * 2**20) / 2**20
