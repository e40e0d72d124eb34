"""`rlvr score`: a file of completions in, one JSON line of verdict a row out."""

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from rlvr.cli.common import FiniteRange, name_options, pool_options
from rlvr.errors import InputError, RLVRError, UnknownName
from rlvr.registry import Entry, judge, make
from rlvr.rows import read_jsonl
from rlvr.stats import Quantiles
from rlvr.types import Completion, Message, Rollout, Task, first_tasks
from rlvr.workers import WorkerPool
from rlvr.workers.pool import Ticket

__all__ = ["score"]

COMPLETION_FIELDS = ("completion", "response", "output", "generation", "text", "prediction")
ANSWER_FIELDS = ("reference", "answer", "ground_truth", "expected_answer", "target", "solution", "gold")
ID_FIELDS = ("id", "task_id", "task", "index", "idx")
PROMPT_FIELDS = ("prompt", "question", "problem")
_AHEAD = 4096


@dataclass(slots=True, kw_only=True)
class _Fields:
    """Which field of a row holds what; found in the first row where the user did not say."""

    completion: str | None
    answer: str | None
    id: str | None
    tasks: Mapping[str, Task] | None = None


@dataclass(slots=True)
class _Tally:
    """The figures of the summary, in constant memory."""

    n: int = 0
    total: float = 0.0
    unscored: int = 0
    errors: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    times: Quantiles = field(default_factory=Quantiles)

    def add(self, rollout: Rollout) -> None:
        score = rollout.score
        self.n += 1
        self.total += score.reward or 0.0
        self.unscored += score.reward is None
        self.errors += score.error is not None
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
        }


@click.command()
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--completion-field",
    metavar="F",
    help=f"Field with the completion [{', '.join(COMPLETION_FIELDS[:3])}, ...].",
)
@click.option(
    "--answer-field", metavar="F", help=f"Field with the reference [{', '.join(ANSWER_FIELDS[:3])}, ...]."
)
@click.option("--id-field", metavar="F", help="Field with the row's id [id, ..., else the line number].")
@name_options
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
    completion_field: str | None,
    answer_field: str | None,
    id_field: str | None,
    options: dict[str, Any],
    workers: int | None,
    timeout_s: float,
    summary_file: Path | None,
    as_json: bool,
    max_errors: float,
) -> None:
    """Judge the completions of FILE (JSON lines; - is stdin) with the verifier or environment NAME.

    One JSON line a row goes to stdout, in input order: id, reward, answer, reason, parts, error, ms, plugin.
    A row names its reference itself, or, where NAME is a finite environment, the id of a task of it.
    """
    entry = judge(name)
    fields = _Fields(completion=completion_field, answer=answer_field, id=id_field)
    rows = _Rows(file, fields, entry, options)
    tally, started = _Tally(), time.perf_counter()
    with (
        WorkerPool(name, options=options, workers=workers, timeout_s=timeout_s, kind=entry.kind) as pool,  # type: ignore[arg-type]
        _progress() as advance,
    ):
        line = _Line(pool, _Writer(entry.provenance), tally, advance)
        fault = line.run(rows)
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

    def run(self, rows: "_Rows") -> RLVRError | None:
        """Judge the rows; return what is wrong with one, once all before it are out."""
        fault = None
        try:
            for name, task, completion in rows.read(meanwhile=self._tell):
                self._waiting.append((name, self._pool.submit(task, completion)))
                self._write_judged(at_most=_AHEAD)
        except (InputError, UnknownName) as error:
            fault = error
        self._write_judged(at_most=0)
        self._write.flush()
        return fault

    def _tell(self) -> None:
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


class _Rows:
    """Tasks and completions of a file, each with the row's id as it stood there."""

    def __init__(self, file: Path, fields: _Fields, entry: Entry, options: Mapping[str, Any]) -> None:
        self._file = file
        self._fields = fields
        self._entry = entry
        self._options = options

    def read(self, *, meanwhile: Callable[[], None]) -> Iterator[tuple[Any, Task, Completion]]:
        """Yield the rows; call `meanwhile` while there are none to read."""
        for number, row in read_jsonl(self._file, meanwhile=meanwhile):
            yield self._read(number, row)

    def _read(self, number: int, row: Mapping[str, Any]) -> tuple[Any, Task, Completion]:
        fields, where = self._fields, f"{str(self._file)!r} line {number}"
        if fields.completion is None:
            fields.completion = _first_of(COMPLETION_FIELDS, row, where, "--completion-field")
        text = _text(_get(row, fields.completion, where, "--completion-field"), where, fields.completion)
        if fields.id is None:
            fields.id = next((name for name in ID_FIELDS if name in row), "")
        name = _get(row, fields.id, where, "--id-field") if fields.id else number
        return name, self._task(str(name), row, where), Completion(text=text)

    def _task(self, name: str, row: Mapping[str, Any], where: str) -> Task:
        fields = self._fields
        if fields.answer is None and fields.tasks is None:
            fields.answer = next((field for field in ANSWER_FIELDS if field in row), None)
            if fields.answer is None:
                fields.tasks = self._known_tasks(row, where)
        if fields.answer is not None:
            answer = _get(row, fields.answer, where, "--answer-field")
            return Task(id=name, prompt=_prompt(row), answer=answer, metadata=_metadata(row, fields))
        if fields.tasks is None or name not in fields.tasks:
            raise UnknownName(f"task ({where})", name, fields.tasks or ())
        return fields.tasks[name]

    def _known_tasks(self, row: Mapping[str, Any], where: str) -> Mapping[str, Task]:
        if self._entry.kind == "environment":
            with redirect_stdout(sys.stderr):  # what a plugin prints is words
                environment = make(self._entry.full_name, **self._options)
                if environment.size is not None:
                    return {task.id: task for task in first_tasks(environment, None)}
        _first_of(ANSWER_FIELDS, row, where, "--answer-field")
        raise AssertionError("unreachable: a field that is there is found before")


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


class _progress:  # noqa: N801 - used as a function
    """A live count on stderr where that is a terminal; silent elsewhere."""

    def __enter__(self) -> Any:
        self._bar: Any = None
        if not sys.stderr.isatty():
            return lambda _: None
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = [SpinnerColumn(), TextColumn("{task.completed:,.0f} judged"), TimeElapsedColumn()]
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.start()
        job = self._bar.add_task("", total=None)
        return lambda done: self._bar.update(job, completed=done) if done % 64 == 0 else None

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


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


def _first_of(names: tuple[str, ...], row: Mapping[str, Any], where: str, option: str) -> str:
    found = next((name for name in names if name in row), None)
    if found is None:
        raise InputError(
            f"{where}: none of the fields {', '.join(names)}. It has {', '.join(sorted(row)) or 'none'}: "
            f"name the right one with {option}."
        )
    return found


def _get(row: Mapping[str, Any], name: str, where: str, option: str) -> Any:
    if name not in row:
        raise InputError(f"{where}: {UnknownName('field', name, row)} Name the right one with {option}.")
    return row[name]


def _text(value: Any, where: str, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(turn, dict) for turn in value):
        content = value[-1].get("content")
        if isinstance(content, str):
            return content
    raise InputError(
        f"{where}: the field {name!r} is {type(value).__name__}, expected text or chat messages."
    )


def _prompt(row: Mapping[str, Any]) -> tuple[Message, ...]:
    value = next((row[name] for name in PROMPT_FIELDS if name in row), None)
    if isinstance(value, str):
        return (Message(role="user", content=value),)
    turns = value if isinstance(value, list) else []
    if not all(isinstance(turn, dict) and {"role", "content"} <= turn.keys() for turn in turns):
        return ()
    return tuple(Message(role=turn["role"], content=str(turn["content"])) for turn in turns)


def _metadata(row: Mapping[str, Any], fields: _Fields) -> Mapping[str, Any]:
    if isinstance(row.get("metadata"), dict):
        return dict(row["metadata"])
    used = {fields.completion, fields.answer, fields.id, *PROMPT_FIELDS}
    return {name: value for name, value in row.items() if name not in used}
