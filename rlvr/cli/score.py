"""`rlvr score`: a file of completions in, one JSON line of verdict a row out."""

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from rlvr.cli.common import (
    FiniteRange,
    name_options,
    pool_options,
    progress,
    unsafe_option,
    with_sandbox,
)
from rlvr.cli.foreign import field_options, tasks_of
from rlvr.errors import InputError, RLVRError, UnknownName
from rlvr.formats import Fields, Found, open_rows
from rlvr.registry import find, judge
from rlvr.stats import Quantiles
from rlvr.types import Rollout
from rlvr.workers import WorkerPool
from rlvr.workers.pool import Ticket

__all__ = ["score"]

_AHEAD = 4096


@dataclass(slots=True)
class _Tally:
    """The figures of the summary, in constant memory."""

    n: int = 0
    total: float = 0.0
    unscored: int = 0
    errors: int = 0
    unsafe: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    times: Quantiles = field(default_factory=Quantiles)

    def add(self, rollout: Rollout) -> None:
        score = rollout.score
        self.n += 1
        self.total += score.reward or 0.0
        self.unscored += score.reward is None
        self.errors += score.error is not None
        self.unsafe += bool(score.parts.get("unsafe"))
        self.reasons[score.reason] = self.reasons.get(score.reason, 0) + 1
        self.times.add(rollout.ms)

    def summary(self, wall_s: float) -> dict[str, Any]:
        scored = self.n - self.unscored
        p50, p99 = self.times.at(0.5), self.times.at(0.99)
        return {
            "n": self.n,
            "mean": self.total / scored if scored else None,
            "unscored": self.unscored,
            "errors": self.errors,
            "wall_s": round(wall_s, 4),
            "rate_per_s": round(self.n / wall_s, 1) if wall_s else None,
            "p50_ms": None if p50 is None else round(p50, 4),
            "p99_ms": None if p99 is None else round(p99, 4),
            "reasons": self.reasons,
            **({"unsafe": self.unsafe} if self.unsafe else {}),
        }


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@field_options("completion", "answer", "id")
@click.option("--kind", type=click.Choice(["verifier", "environment"]), help="Where NAME is both [verifier].")
@name_options
@unsafe_option
@pool_options
@click.option(
    "--summary", "summary_file", type=click.Path(path_type=Path), help="Write the summary here as JSON."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary on stderr as JSON.")
@click.option(
    "--max-errors",
    default=0.01,
    show_default=True,
    type=FiniteRange(0, 1),
    help="Exit 1 if the verifier failed on a larger share of the rows.",
)
def score(
    name: str,
    file: Path,
    fields: Fields,
    file_format: str | None,
    kind: str | None,
    options: dict[str, Any],
    unsafe: bool,
    workers: int | None,
    timeout_s: float,
    summary_file: Path | None,
    as_json: bool,
    max_errors: float,
) -> None:
    """Judge the completions of FILE with the verifier or environment NAME.

    FILE is JSON lines (- is stdin), Parquet, or a log of a trainer or an evaluation: see --format.

    One JSON line a row goes to stdout, in input order: id, reward, answer, reason, parts, error, ms, plugin.
    A row names its reference itself, or, where NAME is a finite environment, the id of a task of it.
    """
    options = with_sandbox(options, unsafe=unsafe)
    entry = judge(name) if kind is None else find(kind, name)
    tally, started = _Tally(), time.perf_counter()
    with (
        WorkerPool(name, options=options, workers=workers, timeout_s=timeout_s, kind=entry.kind) as pool,  # type: ignore[arg-type]
        progress() as advance,
    ):
        line = _Line(pool, _Writer(entry.provenance), tally, advance)
        found = open_rows(
            file,
            fields=fields,
            format=file_format,
            meanwhile=line.tell,
            tasks=lambda: tasks_of(entry, options),
        )
        if found.format != "plain" and not as_json:
            click.echo(found.said, err=True)
        fault = line.run(found)
    if fault is not None:
        raise fault
    if not tally.n:
        raise InputError(f"{str(file)!r} holds no row: expected one JSON object a line.")
    summary = tally.summary(time.perf_counter() - started)
    _report(summary, summary_file, as_json=as_json)
    if tally.errors > max_errors * tally.n:
        click.echo(
            f"Error: the verifier failed on {tally.errors} of {tally.n} rows: see their `error`.", err=True
        )
        sys.exit(1)


class _Line:
    """Rows into the pool and verdicts out of it, in order, a bounded number on their way.

    A verdict leaves as soon as it and all before it are there, also while the input keeps us waiting.
    """

    def __init__(
        self, pool: WorkerPool, write: "_Writer", tally: _Tally, advance: Callable[[int], None]
    ) -> None:
        self._pool = pool
        self._write = write
        self._tally = tally
        self._advance = advance
        self._waiting: deque[tuple[Any, Ticket]] = deque()

    def run(self, found: Found) -> RLVRError | None:
        """Judge the rows; return what is wrong with one, once all before it are out."""
        fault = None
        try:
            for name, row in found.named:
                self._waiting.append((name, self._pool.submit(row.task, row.completion)))
                self._write_judged(at_most=_AHEAD)
        except (InputError, UnknownName) as error:
            fault = error
        self._write_judged(at_most=0)
        self._write.flush()
        return fault

    def tell(self) -> None:
        """Write what is judged, for there is nothing to read."""
        self._write_judged(at_most=_AHEAD)
        self._write.flush()

    def _write_judged(self, *, at_most: int) -> None:
        waiting = self._waiting
        while waiting and (len(waiting) > at_most or waiting[0][1].rollout is not None):
            name, ticket = waiting.popleft()
            rollout = ticket.result()
            self._write(name, rollout)
            self._tally.add(rollout)
            self._advance(self._tally.n)


class _Writer:
    """Verdicts to stdout, a line each, at most a fifth of a second late."""

    def __init__(self, provenance: str) -> None:
        self._provenance = provenance
        self._flushed = time.monotonic()

    def __call__(self, name: Any, rollout: Rollout) -> None:
        score = rollout.score
        line = {
            "id": name,
            "reward": score.reward,
            "answer": score.answer,
            "reason": score.reason,
            "parts": dict(score.parts),
            "error": score.error,
            "ms": round(rollout.ms, 4),
            "plugin": self._provenance,
        }
        sys.stdout.write(json.dumps(line) + "\n")
        if time.monotonic() - self._flushed > 0.2:
            self.flush()

    def flush(self) -> None:
        sys.stdout.flush()
        self._flushed = time.monotonic()


def _report(summary: Mapping[str, Any], file: Path | None, *, as_json: bool) -> None:
    if file is not None:
        try:
            file.write_text(json.dumps(summary, indent=2) + "\n")
        except OSError as error:
            raise InputError(f"the summary cannot be written to {str(file)!r}: {error.strerror}.") from None
    if as_json:
        click.echo(json.dumps(summary), err=True)
        return
    mean = "none scored" if summary["mean"] is None else f"mean {summary['mean']:.4f}"
    reasons = ", ".join(f"{reason or 'none'} {n}" for reason, n in summary["reasons"].items())
    speed = "{rate_per_s:,.0f}/s, p50 {p50_ms:.3g} ms, p99 {p99_ms:.3g} ms".format(**summary)
    counts = "{n} rows, {mean}, {unscored} unscored, {errors} errors".format(**{**summary, "mean": mean})
    click.echo(f"{counts}; {speed}; {reasons}", err=True)
    if summary.get("unsafe"):
        click.echo(f"UNSAFE: {summary['unsafe']} programs ran here without isolation.", err=True)
