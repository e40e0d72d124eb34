"""`rlvr bench`: verifiers against labelled completions, side by side."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from rlvr.bench import Bench, Contender, Entrant, Settings, Verdicts, explanations, result
from rlvr.cli import bench_tables
from rlvr.cli.common import (
    FiniteRange,
    as_json,
    command_line,
    echo_json,
    name_options,
    pool_options,
    progress,
    right_from_option,
    unsafe_option,
    with_sandbox,
)
from rlvr.cli.contestants import contestants, entrant
from rlvr.cli.foreign import field_options
from rlvr.cli.sources import Source, expected, open_source, sampled
from rlvr.errors import InputError, RLVRError
from rlvr.formats import Fields
from rlvr.types import Labelled, LabelledSet, Rollout
from rlvr.workers import usable_cores

__all__ = ["bench"]

_PATH = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line said."""

    words: tuple[str, ...]
    data: str
    fields: Fields
    file_format: str | None
    right_from: float
    group_size: int
    limit: int | None
    sample: int | None
    seed: int
    options: dict[str, Any]
    unsafe: bool
    workers: int | None
    timeout_s: float
    summary_file: Path | None
    verdicts_file: Path | None
    html_file: Path | None
    differences: int
    fail_under: float | None
    as_json: bool


@click.command()
@click.argument("words", metavar="VERIFIER...", nargs=-1)
@click.option("--data", required=True, metavar="FILE|NAME", help="Labelled completions; `rlvr list benches`.")
@field_options("completion", "answer", "id", "label", "kind", "group", "prompt")
@right_from_option
@click.option("--group-size", type=click.IntRange(min=1), default=8, show_default=True, help="Rows a group.")
@click.option("--limit", type=click.IntRange(min=1), help="Judge only the first rows.")
@click.option("--sample", type=click.IntRange(min=1), help="Judge so many rows, drawn from all of them.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draws turns and samples.")
@name_options
@unsafe_option
@pool_options
@click.option("--summary", "summary_file", type=_PATH, help="Write the whole result here as JSON.")
@click.option("--verdicts", "verdicts_file", type=_PATH, help="Write a JSON line for each row and verifier.")
@click.option("--html", "html_file", type=_PATH, help="Write a page to look at.")
@click.option(
    "--differences", type=click.IntRange(0, 200), default=5, show_default=True, help="Differing rows to list."
)
@click.option(
    "--fail-under",
    type=FiniteRange(0, 1),
    metavar="ACCURACY",
    help="Exit 1 if one is less accurate.",
)
@as_json
def bench(**given: Any) -> None:
    """Measure each VERIFIER on the same labelled completions: how often wrong, how slow, what fools it.

    A VERIFIER is NAME, NAME:KEY=VALUE,... or DIST==VERSION[/NAME]. With a labelled set as --data it may be
    left out: the set knows for which verifier it was made.
    """
    asked = _Asked(**given)
    _check_places(asked)
    source = open_source(asked.data, asked.fields, asked.file_format)
    if source.said:
        click.echo(source.said, err=True)
    entrants = _entrants(asked, source.made)
    settings = Settings(
        workers=asked.workers or usable_cores(),
        timeout_s=asked.timeout_s,
        seed=asked.seed,
        warm_up_rows=Settings.warm_up_for(asked.workers),
        right_from=asked.right_from,
        group_size=asked.group_size,
    )
    with ExitStack() as stack:
        contenders = [stack.enter_context(Contender(one, settings)) for one in entrants]
        run = _run(contenders, settings, asked, source)
    explained = explanations(run) if _wants_explanations(asked) and not run.interrupted else {}
    found = {**result(run, source.about, explained), "command": command_line()}
    _write(found, asked)
    _show(found, asked)
    _end(run, found, asked)


def _check_places(asked: _Asked) -> None:
    """Refuse now what could not be written after hours."""
    for path in (asked.summary_file, asked.verdicts_file, asked.html_file):
        if path is not None and not os.access(path.parent, os.W_OK):
            raise InputError(f"{str(path)!r} cannot be written: expected a folder {str(path.parent)!r}.")


def _entrants(asked: _Asked, made: LabelledSet | None) -> list[Entrant]:
    words = asked.words or ((made.verifier,) if made else ())
    if not words:
        raise InputError(f"--data {asked.data!r} is made for no verifier: name at least one VERIFIER.")
    given = with_sandbox(asked.options, unsafe=asked.unsafe)
    return [entrant(one, {**expected(one.name, made), **given}, say=_say) for one in contestants(words)]


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)


def _run(contenders: Sequence[Contender], settings: Settings, asked: _Asked, source: Source) -> Bench:
    run = Bench(contenders, settings)
    done = 0
    with progress() as show, _verdicts(asked.verdicts_file) as tell:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done)

        rows = islice(source.rows, asked.limit)
        chosen = rows if asked.sample is None else sampled(rows, asked.sample, seed=asked.seed)
        run.run(chosen, advance=advance, tell=tell)
    if not run.rows and not run.interrupted:
        raise run.fault or InputError(f"{asked.data!r} holds no row: there is nothing to judge.")
    return run


@contextmanager
def _verdicts(path: Path | None) -> Iterator[Verdicts]:
    if path is None:
        yield lambda *_: None
        return
    with _refused(path), path.open("w", encoding="utf-8") as file:

        def tell(label: str, rows: Sequence[Labelled], rollouts: Sequence[Rollout]) -> None:
            for row, rollout in zip(rows, rollouts, strict=True):
                file.write(json.dumps(_line(label, row, rollout)) + "\n")
            file.flush()

        yield tell


def _line(label: str, row: Labelled, rollout: Rollout) -> dict[str, Any]:
    score = rollout.score
    return {
        "id": row.id,
        "verifier": label,
        "kind": row.kind,
        "label": row.label,
        "reward": score.reward,
        "answer": score.answer,
        "reason": score.reason,
        "error": score.error,
        "ms": round(rollout.ms, 4),
    }


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}.") from None


def _wants_explanations(asked: _Asked) -> bool:
    return asked.as_json or asked.summary_file is not None or asked.html_file is not None


def _write(found: Mapping[str, Any], asked: _Asked) -> None:
    if asked.summary_file is not None:
        with _refused(asked.summary_file):
            asked.summary_file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if asked.html_file is not None:
        from rlvr.report.verdicts import write_bench

        write_bench(found, asked.html_file)


def _show(found: Mapping[str, Any], asked: _Asked) -> None:
    if asked.as_json:
        echo_json(found)
    else:
        bench_tables.show(found, differences=asked.differences)
    unsafe = sum(verifier["unsafe"] for verifier in found["verifiers"].values())
    if unsafe:
        click.echo(f"UNSAFE: {unsafe} programs ran here without isolation.", err=True)


def _end(run: Bench, found: Mapping[str, Any], asked: _Asked) -> None:
    """Leave with the exit code that the run deserves; say why on stderr."""
    if run.interrupted:
        click.echo(f"Interrupted after {run.rows:,} rows: these are the figures so far.", err=True)
        sys.exit(130)
    if run.fault is not None:
        raise _after(run)
    if not run.labelled:
        words = (
            "no row is labelled: there is only speed and agreement. Name the right field with --label-field."
        )
        if asked.fail_under is not None:
            raise InputError(words)
        click.echo(f"Note: {words}", err=True)
    _check(found, asked.fail_under)


def _after(run: Bench) -> RLVRError:
    return InputError(f"{run.fault} The figures are those of the {run.rows:,} rows before.")


def _check(found: Mapping[str, Any], fail_under: float | None) -> None:
    failed = [
        f"{label} {verifier['accuracy']:.4f}"
        for label, verifier in found["verifiers"].items()
        if fail_under is not None and verifier["accuracy"] < fail_under
    ]
    if failed:
        click.echo(f"Error: less accurate than {fail_under:g}: {', '.join(failed)}.", err=True)
        sys.exit(1)
