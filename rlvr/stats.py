"""Estimates with their uncertainty: pass@k, Wilson intervals; of streams: quantiles, samples; pure."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Generic, TypeVar

__all__ = ["Quantiles", "Reservoir", "mean", "pass_at_k", "quantile", "wilson"]

T = TypeVar("T")


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, or None of nothing.

    >>> mean([1.0, 0.0]), mean([])
    (0.5, None)
    """
    return math.fsum(values) / len(values) if values else None


def pass_at_k(n: int, correct: int, k: int) -> float:
    """Estimate the probability that one of k samples is right, from n samples of which `correct` are.

    The unbiased estimator 1 - C(n - c, k) / C(n, k) of Chen et al. 2021 (arXiv 2107.03374, eq. 1).

    >>> pass_at_k(4, 1, 1), pass_at_k(4, 1, 4), pass_at_k(10, 3, 2)
    (0.25, 1.0, 0.5333333333333333)
    """
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} needs at least {k} samples of a task, got {n}")
    return 1.0 - math.comb(n - correct, k) / math.comb(n, k)


def wilson(successes: float, n: int, *, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion (95% by default); (0, 1) of nothing.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> [round(bound, 4) for bound in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    if n == 0:
        return 0.0, 1.0
    p = successes / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def quantile(values: Sequence[float], q: float) -> float | None:
    """Return the q-quantile (0 to 1) by linear interpolation, or None of nothing.

    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([], 0.5)
    (2.5, None)
    """
    if not values:
        return None
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Quantiles:
    """Quantiles of a stream of positive numbers in constant memory, each within 1% of the true one.

    Buckets grow by 2% (the idea of DDSketch, Masson et al. 2019, arXiv 1908.10693).

    >>> times = Quantiles()
    >>> for ms in range(1, 101): times.add(ms)
    >>> round(times.at(0.5)), times.maximum
    (50, 100)
    """

    _GROWTH = math.log(1.02)

    def __init__(self) -> None:
        self.count = 0
        self.maximum = 0.0
        self._buckets: Counter[int] = Counter()

    def add(self, value: float) -> None:
        """Take one number into account; what is not above 0 counts as 1e-9."""
        self.count += 1
        self.maximum = max(self.maximum, value)
        self._buckets[math.floor(math.log(max(value, 1e-9)) / self._GROWTH)] += 1

    def at(self, q: float) -> float | None:
        """Return the q-quantile (0 to 1), or None of nothing."""
        if not self.count:
            return None
        place, seen = q * (self.count - 1), 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen > place:
                break
        return min(math.exp((bucket + 0.5) * self._GROWTH), self.maximum)

    def histogram(self) -> Iterator[tuple[float, int]]:
        """Yield (upper bound, count) of each bucket that holds something, the lowest first.

        >>> times = Quantiles()
        >>> for ms in (1.0, 1.0, 50.0): times.add(ms)
        >>> [(round(upper, 2), count) for upper, count in times.histogram()]
        [(1.02, 2), (50.45, 1)]
        """
        for bucket in sorted(self._buckets):
            yield math.exp((bucket + 1) * self._GROWTH), self._buckets[bucket]


class Reservoir(Generic[T]):
    """A uniform sample of what was offered (algorithm R, Vitter 1985, ACM TOMS 11(1)), in order of arrival.

    >>> sample = Reservoir(3, random=Random(0))
    >>> for number in range(100): sample.offer(number)
    >>> sample.seen, len(sample.items()), sample.items() == sorted(sample.items())
    (100, 3, True)
    """

    def __init__(self, size: int, *, random: Random) -> None:
        self.seen = 0
        self._size = size
        self._random = random
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
