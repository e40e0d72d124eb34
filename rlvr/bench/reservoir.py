"""A sample of a stream, of bounded size."""

from random import Random
from typing import Generic, TypeVar

__all__ = ["Reservoir"]

T = TypeVar("T")


class Reservoir(Generic[T]):
    """A uniform sample of what was offered (algorithm R, Vitter 1985, ACM TOMS 11(1)), in order of arrival.

    >>> sample = Reservoir(3, seed="0")
    >>> for number in range(100): sample.offer(number)
    >>> sample.seen, len(sample.items()), sample.items() == sorted(sample.items())
    (100, 3, True)
    """

    def __init__(self, size: int, *, seed: str) -> None:
        self.seen = 0
        self._size = size
        self._random = Random(seed)
        self._kept: list[tuple[int, T]] = []

    def offer(self, item: T) -> None:
        """Take an item, or not."""
        self.seen += 1
        if len(self._kept) < self._size:
            self._kept.append((self.seen, item))
        elif (place := self._random.randrange(self.seen)) < self._size:
            self._kept[place] = (self.seen, item)

    def items(self) -> list[T]:
        """Return the sample."""
        return [item for _, item in sorted(self._kept, key=lambda kept: kept[0])]
