"""From verdicts to tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from rivals.cases import Case
from rivals.process import CheckerProcess, Verdict
from rlvr.stats import quantile, wilson

__all__ = ["Result", "Tally", "family_rows", "main_rows", "show", "tally"]

MAIN_COLUMNS = (
    *("checker", "version", "accuracy % (95%)", "boxed %", "FP", "FN", "unscored", "precision", "recall"),
    *("per s", "ours x", "model text per s", "p50 ms", "p99 ms", "max ms", "hangs", "died", "import s", "MB"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One verdict; `timed` is False in the warm-up."""

    case: Case
    verdict: Verdict
    timed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What verdicts add up to; the first five count labelled rows and make up all of them.

    Attributes:
        true_positives: Right answers that were accepted.
        true_negatives: Wrong answers that were refused.
        false_positives: Wrong answers that were accepted.
        false_negatives: Right answers that were refused.
        unscored: No verdict: the checker declined, raised, hung or died.
        positives: Rows that are labelled equal.
        hangs: Rows, labelled or not, at whose deadline the checker was killed.
        died: Rows, labelled or not, that ended its process.
        times_ms: Of the timed rows.
    """

    true_positives: int
    true_negatives: int
    false_positives: int
    false_negatives: int
    unscored: int
    positives: int
    hangs: int
    died: int
    times_ms: tuple[float, ...]

    @property
    def right(self) -> int:
        """The rows on which the verdict is the label."""
        return self.true_positives + self.true_negatives

    @property
    def labelled(self) -> int:
        """The rows that have a label."""
        return self.right + self.false_positives + self.false_negatives + self.unscored

    @property
    def precision(self) -> float | None:
        """The share of right answers among the accepted."""
        accepted = self.true_positives + self.false_positives
        return self.true_positives / accepted if accepted else None

    @property
    def recall(self) -> float | None:
        """The share of accepted among the right answers; one without a verdict was not accepted."""
        return self.true_positives / self.positives if self.positives else None

    @property
    def per_s(self) -> float | None:
        """Verifications a second: what a hang and the start after it took is included."""
        return 1000 * len(self.times_ms) / sum(self.times_ms) if self.times_ms else None


def tally(results: Iterable[Result]) -> Tally:
    """Add up the verdicts of one checker."""
    seen = list(results)
    labelled = [(one.case.equal, one.verdict.equal) for one in seen if one.case.equal is not None]
    return Tally(
        true_positives=labelled.count((True, True)),
        true_negatives=labelled.count((False, False)),
        false_positives=labelled.count((False, True)),
        false_negatives=labelled.count((True, False)),
        unscored=sum(said is None for _, said in labelled),
        positives=sum(label for label, _ in labelled if label is not None),
        hangs=sum(one.verdict.outcome == "hang" for one in seen),
        died=sum(one.verdict.outcome == "died" for one in seen),
        times_ms=tuple(one.verdict.ms for one in seen if one.timed),
    )


def main_rows(runs: Sequence[tuple[CheckerProcess, Sequence[Result]]]) -> list[Sequence[str]]:
    """Return a row for each checker; the first one is ours, and the others' speed is a ratio to it."""
    ours = tally(runs[0][1]).per_s if runs else None
    return [_main_row(process, results, ours) for process, results in runs]


def _main_row(process: CheckerProcess, results: Sequence[Result], ours_per_s: float | None) -> Sequence[str]:
    all_rows = tally(results)
    boxed = tally(one for one in results if one.case.boxed)
    model = tally(one for one in results if one.case.model_text)
    ratio = ours_per_s / all_rows.per_s if ours_per_s and all_rows.per_s else None
    return (
        process.rival.name,
        process.rival.release,
        _accuracy(all_rows, interval=True),
        _accuracy(boxed),
        str(all_rows.false_positives),
        str(all_rows.false_negatives),
        str(all_rows.unscored),
        _number(all_rows.precision, 3),
        _number(all_rows.recall, 3),
        _figures(all_rows.per_s),
        _figures(ratio),
        _figures(model.per_s),
        *(_figures(quantile(all_rows.times_ms, q)) for q in (0.5, 0.99, 1.0)),
        str(all_rows.hangs),
        str(all_rows.died),
        _number(process.start_s, 2),
        _number(process.peak_mb, 0),
    )


def family_rows(runs: Sequence[tuple[CheckerProcess, Sequence[Result]]]) -> list[tuple[str, ...]]:
    """Return, for each family of rows, every checker's accuracy and its false positives and negatives."""
    families = sorted(
        {one.case.family for _, results in runs for one in results if one.case.equal is not None}
    )
    rows = []
    for family in families:
        tallies = [tally(one for one in results if one.case.family == family) for _, results in runs]
        cells = [f"{_accuracy(one)} {one.false_positives}/{one.false_negatives}" for one in tallies]
        rows.append((family, str(tallies[0].labelled), *cells))
    return rows


def show(columns: Sequence[str], rows: Iterable[Sequence[str]], *, markdown: bool) -> None:
    """Print a table as wide as it is; every column but the first stands on the right."""
    table = Table(box=box.MARKDOWN if markdown else box.SIMPLE, pad_edge=markdown)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console(width=1000, markup=False, highlight=False, emoji=False, color_system=None).print(table)


def _accuracy(seen: Tally, *, interval: bool = False) -> str:
    if not seen.labelled:
        return "-"
    low, high = (100 * bound for bound in wilson(seen.right, seen.labelled))
    share = f"{100 * seen.right / seen.labelled:.1f}"
    return f"{share} ({low:.1f}-{high:.1f})" if interval else share


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _figures(value: float | None) -> str:
    """Return a positive number with three significant figures."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
