"""Counts of labels against verdicts, and the figures that follow from them; pure."""

from collections import Counter
from typing import Any

from rlvr.stats import wilson

__all__ = ["Confusion"]


class Confusion:
    """How many rows of each label got each verdict.

    >>> counts = Confusion()
    >>> for label, verdict in [(True, True), (True, None), (False, True), (None, True)]:
    ...     counts.add(label, verdict)
    >>> counts.accuracy, counts.precision, counts.recall
    (0.3333333333333333, 0.5, 0.5)
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool | None, bool | None]] = Counter()

    def add(self, label: bool | None, verdict: bool | None) -> None:
        """Count one row."""
        self._counts[label, verdict] += 1

    @property
    def n(self) -> int:
        """All rows."""
        return self._counts.total()

    @property
    def true_positives(self) -> int:
        """Right and judged right."""
        return self._counts[True, True]

    @property
    def false_positives(self) -> int:
        """Wrong and judged right."""
        return self._counts[False, True]

    @property
    def false_negatives(self) -> int:
        """Right and judged wrong."""
        return self._counts[True, False]

    @property
    def true_negatives(self) -> int:
        """Wrong and judged wrong."""
        return self._counts[False, False]

    @property
    def unscored(self) -> int:
        """Rows without a verdict, labelled or not."""
        return sum(self._counts[label, None] for label in (True, False, None))

    @property
    def right(self) -> int:
        """Rows labelled right, those without a verdict included."""
        return sum(self._counts[True, verdict] for verdict in (True, False, None))

    @property
    def wrong(self) -> int:
        """Rows labelled wrong, those without a verdict included."""
        return sum(self._counts[False, verdict] for verdict in (True, False, None))

    @property
    def labelled(self) -> int:
        """Rows with a label."""
        return self.right + self.wrong

    @property
    def accuracy(self) -> float | None:
        """(tp + tn) / labelled: a row without a verdict was not judged right."""
        return _share(self.true_positives + self.true_negatives, self.labelled)

    @property
    def precision(self) -> float | None:
        """`tp / (tp + fp)`."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """`tp / right`: a right row without a verdict was not found."""
        return _share(self.true_positives, self.right)

    @property
    def f1(self) -> float | None:
        """2 tp / (right + tp + fp), the harmonic mean of precision and recall."""
        tp = self.true_positives
        return _share(2 * tp, self.right + tp + self.false_positives)

    def cells(self) -> dict[str, int]:
        """Return all counts by name; tp to tn, unscored_right, unscored_wrong and unlabelled sum to n."""
        return {
            "n": self.n,
            "tp": self.true_positives,
            "fp": self.false_positives,
            "fn": self.false_negatives,
            "tn": self.true_negatives,
            "unscored": self.unscored,
            "unscored_right": self._counts[True, None],
            "unscored_wrong": self._counts[False, None],
            "unlabelled": self.n - self.labelled,
        }

    def figures(self) -> dict[str, Any]:
        """Return accuracy, precision, recall (each with its Wilson 95% interval) and F1."""
        tp = self.true_positives
        return {
            "accuracy": self.accuracy,
            "accuracy_ci95": [*wilson(tp + self.true_negatives, self.labelled)],
            "precision": self.precision,
            "precision_ci95": [*wilson(tp, tp + self.false_positives)],
            "recall": self.recall,
            "recall_ci95": [*wilson(tp, self.right)],
            "f1": self.f1,
        }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
