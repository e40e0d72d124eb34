"""A run folder as plain data: whatever of it is there, in types that the page can rely on."""

import json
import math
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from rlvr.config import read_toml
from rlvr.errors import InputError
from rlvr.runlog import read

__all__ = [
    "Group",
    "Row",
    "Run",
    "groups",
    "names_of",
    "number",
    "read_run",
    "table",
    "text",
    "torn_lines_noted",
]

Row = dict[str, Any]
Group = list[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run folder holds, but for its rollouts, which may be too many to hold.

    Attributes:
        measure: The part of the scores that says what is really right, if the run has one.
        notes: What a reader should know of the data: torn lines, files that cannot be read.
    """

    path: Path
    name: str
    config: Row
    surroundings: Row
    metrics: list[Row]
    evaluations: list[Row]
    alarms: list[Row]
    measure: str | None
    notes: list[str] = field(default_factory=list)

    @property
    def rollouts(self) -> Path:
        """One line a completion; may be absent."""
        return self.path / "rollouts.jsonl"


def read_run(path: Path, name: str) -> Run:
    """Read a run folder, also one of a run that goes on or was killed.

    Raises:
        InputError: No such folder, or nothing in it that a run leaves.
    """
    if not path.is_dir():
        raise InputError(f"no folder {str(path)!r}: expected one written by `rlvr train`.")
    if not any((path / name).is_file() for name in ("config.toml", "metrics.jsonl")):
        raise InputError(f"{str(path)!r} is no run: expected a folder written by `rlvr train`.")
    notes: list[str] = []
    metrics = _log(path / "metrics.jsonl", notes)
    evaluations = _log(path / "evaluations.jsonl", notes)
    return Run(
        path=path,
        name=name,
        config=_config(path / "config.toml", notes),
        surroundings=_surroundings(path / "environment.json", notes),
        metrics=metrics,
        evaluations=evaluations,
        alarms=_log(path / "alarms.jsonl", notes),
        measure=_measure(metrics, evaluations, path / "rollouts.jsonl"),
        notes=notes,
    )


def names_of(paths: Sequence[Path]) -> list[str]:
    """Name each run by its folder, or by its whole path where two folders have one name.

    >>> names_of([Path("runs/a"), Path("runs/b")]), names_of([Path("x/a"), Path("y/a")])
    (['a', 'b'], ['x/a', 'y/a'])
    """
    seen = Counter(path.resolve().name for path in paths)
    return [path.resolve().name if seen[path.resolve().name] == 1 else str(path) for path in paths]


def groups(path: Path) -> Iterator[Group]:
    """Yield the rollouts of a log by group: rows in succession of one step and one task."""
    if path.is_file():
        rows = (row for row in read(path) if _is_row(row) and isinstance(row.get("completion"), str))
        for _, group in groupby(rows, key=lambda row: (row["step"], text(row.get("id")))):
            yield list(group)


@contextmanager
def torn_lines_noted(notes: list[str]) -> Iterator[None]:
    """Turn the warnings about torn lines, of the reads inside, into notes."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        yield
    torn = [str(one.message) for one in heard if "is torn" in str(one.message)]
    notes += torn if len(torn) <= 3 else [f"{torn[0]}; so were {len(torn) - 1} more"]


def number(value: object) -> float | None:
    """Return a finite number as it is, anything else as None.

    >>> number(0.5), number(True), number(float("nan")), number("1")
    (0.5, 1.0, None, None)
    """
    if not isinstance(value, int | float) or abs(value) > 1e300 or math.isnan(value):
        return None
    return float(value) if isinstance(value, bool) else value


def text(value: object) -> str:
    """Return a text as it is, other data as JSON.

    >>> text("a"), text({"level": 3}), text(None)
    ('a', '{"level": 3}', '')
    """
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)


def table(value: object) -> Mapping[str, Any]:
    """Return a table as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and type(row.get("step")) is int


def _log(path: Path, notes: list[str]) -> list[Row]:
    if not path.is_file():
        return []
    with torn_lines_noted(notes):
        return [row for row in read(path) if _is_row(row)]


def _config(path: Path, notes: list[str]) -> Row:
    try:
        return read_toml(path)
    except InputError as error:
        notes.append(str(error))
        return {}


def _surroundings(path: Path, notes: list[str]) -> Row:
    try:
        return dict(table(json.loads(path.read_bytes())))
    except (OSError, ValueError) as error:
        notes.append(f"environment.json cannot be read: {error}.")
        return {}


def _measure(metrics: Sequence[Row], evaluations: Sequence[Row], rollouts: Path) -> str | None:
    """Find the part that stands among the metrics under its own name: that is how a run logs its measure."""
    with torn_lines_noted([]):
        scored = [row for group in islice(groups(rollouts), 8) for row in group]
    parts = {name for row in [*scored, *evaluations] for name in table(row.get("parts"))}
    logged = {name: None for row in metrics for name in row}
    found = (name for name in logged if name in parts and f"parts/{name}" not in logged)
    return next(found, None)
