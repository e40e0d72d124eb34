"""How far verifiers agree with each other, whoever is right; pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["Absent", "Agreement", "kappa"]

Absent = "absent"
"""In the place of a verdict: this verifier was left out before this row."""

_Verdict = bool | str | None
_Pair = tuple[_Verdict, _Verdict]


class Agreement:
    """Counts of the pairs of verdicts (positive, negative, unscored) that each two verifiers gave.

    >>> pairs = Agreement(["a", "b"])
    >>> pairs.add([(True, True), (False, True), (False, False), (None, None)])
    >>> pairs.table()["share"]
    [[1.0, 0.75], [0.75, 1.0]]
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)
        self._pairs = {(i, j): Counter[_Pair]() for j in range(len(names)) for i in range(j)}

    def add(self, rows: Iterable[Sequence[_Verdict]]) -> None:
        """Count rows of verdicts, each in the order of the names."""
        for verdicts, count in Counter(map(tuple, rows)).items():
            for (i, j), pairs in self._pairs.items():
                if Absent not in (verdicts[i], verdicts[j]):
                    pairs[verdicts[i], verdicts[j]] += count

    def table(self) -> dict[str, Any]:
        """Return the matrices of shares and of Cohen's kappa; null where they are not defined."""
        return {
            "names": self._names,
            "share": self._matrix({pair: _share(counts) for pair, counts in self._pairs.items()}),
            "kappa": self._matrix({pair: kappa(counts) for pair, counts in self._pairs.items()}),
        }

    def _matrix(self, values: dict[tuple[int, int], float | None]) -> list[list[float | None]]:
        places = range(len(self._names))
        return [[1.0 if i == j else values[min(i, j), max(i, j)] for j in places] for i in places]


def _share(pairs: Counter[_Pair]) -> float | None:
    total = pairs.total()
    return sum(count for (one, other), count in pairs.items() if one is other) / total if total else None


def kappa(pairs: Counter[_Pair]) -> float | None:
    """Return Cohen's kappa (p_o - p_e) / (1 - p_e); None where both always gave one and the same verdict.

    p_o is the share of rows with the same verdict, p_e what chance would give with each one's own shares.
    Cohen 1960, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20(1).

    >>> round(kappa(Counter({(True, True): 20, (True, False): 5, (False, True): 10, (False, False): 15})), 3)
    0.4
    """
    total = pairs.total()
    ones, others = Counter[_Verdict](), Counter[_Verdict]()
    for (one, other), count in pairs.items():
        ones[one] += count
        others[other] += count
    chance = sum(ones[verdict] * others[verdict] for verdict in ones)
    observed = _share(pairs)
    if observed is None or chance == total * total:
        return None
    expected = chance / (total * total)
    return (observed - expected) / (1 - expected)
