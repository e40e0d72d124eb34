"""`rlvr explain`: what a verifier read in one completion, what it compared, and which stage decided."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import click

from rlvr.boundary import prints_are_words
from rlvr.cli.common import FiniteRange, as_json, echo_json, name_options, unsafe_option, with_sandbox
from rlvr.cli.foreign import field_options, tasks_of
from rlvr.cli.marked import escaped, print_marked
from rlvr.cli.sources import open_source
from rlvr.errors import InputError, UnknownName
from rlvr.explain import as_json as plain
from rlvr.explain import explanation_of
from rlvr.formats import Fields, open_rows
from rlvr.registry import Entry, find, judge, make
from rlvr.types import Completion, Explanation, Labelled, Rollout, Score, Task, first_tasks
from rlvr.workers import WorkerPool

__all__ = ["explain", "print_explanation", "verdict_of"]

_Kind: TypeAlias = Literal["verifier", "environment"]
_ENDLESS = 10_000
_MOST = 2_000


@click.command()
@click.argument("name")
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--answer", metavar="GOLD", help="The reference: a text, a JSON object, or @FILE.")
@click.option("--completion", metavar="TEXT", help="The completion: a text, @FILE, or - for stdin.")
@click.option("--row", metavar="ID|LINE", help="Which row of FILE: its id, or else which one it is.")
@click.option("--task", "task_id", metavar="ID", help="A task of the environment NAME: its reference.")
@click.option("--metadata", metavar="JSON", help="What else the verifier needs of the task, or @FILE.")
@click.option("--kind", type=click.Choice(["verifier", "environment"]), help="Where NAME is both [verifier].")
@field_options("completion", "answer", "id")
@name_options
@unsafe_option
@click.option(
    "--timeout",
    "timeout_s",
    type=FiniteRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds, enforced from outside.",
)
@as_json
def explain(
    name: str,
    file: Path | None,
    answer: str | None,
    completion: str | None,
    row: str | None,
    task_id: str | None,
    metadata: str | None,
    kind: _Kind | None,
    fields: Fields,
    file_format: str | None,
    options: dict[str, Any],
    unsafe: bool,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Judge one completion with the verifier or environment NAME, and say how.

    The completion is the text of --completion, or the --row of FILE: a file of completions in any format
    that `rlvr score` reads, or a labelled set by name.
    """
    options = with_sandbox(options, unsafe=unsafe)
    kind = kind or ("environment" if task_id is not None else None)
    entry = judge(name) if kind is None else find(kind, name)
    if file is None:
        task, tried = _given(entry, options, answer=answer, completion=completion, task_id=task_id)
    elif completion is not None or answer is not None or task_id is not None or row is None:
        raise InputError("FILE needs --row, and neither --answer, --completion nor --task: say which row.")
    else:
        task, tried = _of_row(_rows(file, fields, file_format, entry, options), row, str(file))
    if metadata is not None:
        task = replace(task, metadata={**task.metadata, **_table(_read("--metadata", metadata))})
    with WorkerPool(
        entry.full_name, options=options, workers=1, timeout_s=timeout_s, kind=_kind(entry), explain=True
    ) as pool:
        rollout = pool.submit(task, tried).result()
    _report(entry, rollout, timeout_s, as_json=as_json)
    if rollout.score.error is not None:
        sys.exit(1)


def print_explanation(console: Any, completion: str, explanation: Explanation, *, margin: str = "") -> None:
    """Print how a verdict came to be: the spans, the rule, both forms, the stage, the times, the notes."""
    if completion:
        print_marked(console, completion, explanation.spans, margin=f"{margin}  | ")
    rule = f" (by {escaped(explanation.rule)})" if explanation.rule else ""
    lines = {
        "read": f"{escaped(explanation.read, most=_MOST)}{rule}" if explanation.read else "nothing",
        **{name: escaped(form, most=_MOST) for name, form in explanation.forms.items()},
        "stage": escaped(explanation.stage),
        "ms": ", ".join(f"{escaped(step)} {ms:.3g}" for step, ms in explanation.ms.items()),
    }
    shown = {escaped(name, most=20): text for name, text in lines.items() if text}
    wide = max(map(len, shown))
    for label, text in shown.items():
        _say(console, f"{margin}{label:<{wide}}  {text}")
    for note in explanation.notes:
        _say(console, f"{margin}{'note':<{wide}}  {escaped(note, most=_MOST)}")


def verdict_of(score: Score) -> str:
    """Return a verdict in a few words, safe to print."""
    reward = "unscored" if score.reward is None else f"{score.reward:.6g}"
    why = escaped(score.reason, most=_MOST) or "no reason given"
    parts = "".join(f", {escaped(name)} {value:.4g}" for name, value in score.parts.items())
    failed = f": {escaped(score.error, most=_MOST)}" if score.error else ""
    return f"{reward} ({why}{parts}){failed}"


def _given(
    entry: Entry,
    options: Mapping[str, Any],
    *,
    answer: str | None,
    completion: str | None,
    task_id: str | None,
) -> tuple[Task, Completion]:
    if completion is None:
        raise InputError("no completion: expected --completion TEXT, @FILE or -, or FILE with --row.")
    if (answer is None) == (task_id is None):
        raise InputError(
            "expected the reference by --answer GOLD, or a task of the environment by --task ID."
        )
    if answer == completion == "-":
        raise InputError("--answer - and --completion -: stdin can be read once, use @FILE for one of them.")
    if task_id is not None:
        task = _task(entry, options, task_id)
    else:
        task = Task(id="given", prompt=(), answer=_reference(_read("--answer", answer or "")))
    return task, Completion(text=_read("--completion", completion))


def _rows(
    file: Path, fields: Fields, file_format: str | None, entry: Entry, options: Mapping[str, Any]
) -> Iterator[Labelled]:
    if str(file) != "-" and not file.exists():
        return open_source(str(file), Fields(), None).rows
    return open_rows(file, fields=fields, format=file_format, tasks=lambda: tasks_of(entry, options)).rows


def _of_row(rows: Iterator[Labelled], wanted: str, source: str) -> tuple[Task, Completion]:
    """Return the row with this id; where none has it, the row at this place, counted from 1."""
    by_place = None
    for place, row in enumerate(rows, start=1):
        if row.id == wanted:
            return row.task, row.completion
        if str(place) == wanted:
            by_place = row
    if by_place is None:
        raise InputError(f"{source!r} has no row {wanted!r}: expected the id of a row, or 1 for the first.")
    return by_place.task, by_place.completion


def _task(entry: Entry, options: Mapping[str, Any], wanted: str) -> Task:
    with prints_are_words():
        environment = make(entry.full_name, **options)
        tasks = first_tasks(environment, None if environment.size is not None else _ENDLESS)
    found = next((task for task in tasks if task.id == wanted), None)
    if found is None:
        raise UnknownName("task", wanted, [task.id for task in tasks])
    return found


def _read(option: str, given: str) -> str:
    """Return a text that is given as it is, as `@file`, or as `-` for stdin."""
    try:
        if given == "-":
            return sys.stdin.read() if sys.stdin else ""
        return Path(given[1:]).read_text("utf-8") if given.startswith("@") else given
    except OSError as error:
        raise InputError(f"{option} {given!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{option} {given!r} is not UTF-8: expected text.") from None


def _reference(text: str) -> Any:
    # A JSON list may be an interval or a tuple: only an object is surely no text.
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, dict) else text


def _table(text: str) -> dict[str, Any]:
    found = _reference(text)
    if not isinstance(found, dict):
        raise InputError(f"--metadata {text!r:.80}: expected a JSON object.")
    return found


def _kind(entry: Entry) -> _Kind:
    return "environment" if entry.kind == "environment" else "verifier"


def _report(entry: Entry, rollout: Rollout, timeout_s: float, *, as_json: bool) -> None:
    explanation, text = explanation_of(rollout.score), rollout.completion.text
    note = _what_befell(explanation, timeout_s)
    if note:
        explanation = replace(explanation, notes=(*explanation.notes, note))
    if as_json:
        about = {"plugin": entry.provenance, "reference": rollout.task.answer, "completion": text}
        echo_json({**about, **plain(explanation), "total_ms": round(rollout.ms, 4)})
        return
    from rich.console import Console

    console = Console(highlight=False)
    _say(console, f"{entry.provenance}: {verdict_of(explanation.score)}")
    print_explanation(console, text, explanation)


def _what_befell(explanation: Explanation, timeout_s: float) -> str:
    if explanation.ms or explanation.score.answer is not None:
        return ""
    if explanation.score.reason == "timeout":
        return f"The deadline of {timeout_s:g} s passed: the process was killed, and the completion pays 0."
    if explanation.score.reason == "worker_died":
        return "The verifier's process crashed: nobody can tell what it read."
    return ""


def _say(console: Any, line: str) -> None:
    from rich.text import Text

    console.print(Text(line), soft_wrap=True)
