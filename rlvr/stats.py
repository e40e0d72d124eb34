"""Estimates with their uncertainty: pass@k, Wilson intervals, quantiles; pure."""

import math
from collections.abc import Sequence

__all__ = ["mean", "pass_at_k", "quantile", "wilson"]


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
