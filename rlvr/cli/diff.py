"""`rlvr diff`: two verifiers, or two versions of one, over the same rows: what flips, and why."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from rlvr.cli.common import (
    as_json,
    command_line,
    echo_json,
    name_options,
    pool_options,
    progress,
    right_from_option,
    table,
    unsafe_option,
    with_sandbox,
)
from rlvr.cli.contestants import Contestant, contestants, entrant
from rlvr.cli.foreign import field_options
from rlvr.cli.marked import escaped
from rlvr.cli.sources import Source, expected, open_source
from rlvr.diff import Counts, Difference, Flip, Kept, compare, flip_as_json
from rlvr.errors import InputError
from rlvr.formats import Fields
from rlvr.types import Labelled, LabelledSet
from rlvr.workers import WorkerPool, usable_cores

__all__ = ["diff"]

_PATH = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 10
_KINDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the command line said."""

    a: str
    b: str
    source: str
    fields: Fields
    file_format: str | None
    options: dict[str, Any]
    unsafe: bool
    workers: int | None
    timeout_s: float
    limit: int | None
    right_from: float
    keep: int
    seed: int
    flips_file: Path | None
    html_file: Path | None
    as_json: bool


@click.command()
@click.argument("a")
@click.argument("b")
@click.argument("source", metavar="FILE|NAME")
@field_options("completion", "answer", "id", "label", "kind", "group", "prompt")
@click.option("--limit", type=click.IntRange(min=1), help="Judge only the first rows.")
@right_from_option
@click.option(
    "--keep", type=click.IntRange(0, 1000), default=50, show_default=True, help="Flips kept of each sort."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Draws the flips that are kept.")
@name_options
@unsafe_option
@pool_options
@click.option("--flips", "flips_file", type=_PATH, help="Write every flip here: JSON lines.")
@click.option("--html", "html_file", type=_PATH, help="Write a page to look at.")
@as_json
def diff(**given: Any) -> None:
    """Judge the same completions with A and with B: on which rows do they differ, and why.

    A and B are NAME, NAME:KEY=VALUE,... or DIST==VERSION[/NAME], that release in an environment of its own.
    The rows are those of FILE, or of the labelled set NAME. Exit code 1 if B is worse than A on a labelled
    row: what is wrong is worse than what is unscored.
    """
    asked = _Asked(**given)
    source = open_source(asked.source, asked.fields, asked.file_format)
    if source.said:
        click.echo(source.said, err=True)
    sides = contestants([asked.a, asked.b])
    kept = Kept(asked.keep, seed=asked.seed)
    with ExitStack() as stack:
        a, b = (stack.enter_context(_pool(one, asked, source.made)) for one in sides)
        write = stack.enter_context(_flips(asked.flips_file))
        counted = stack.enter_context(_counted())

        def keep(flip: Flip) -> None:
            kept.add(flip)
            write(flip)

        rows = counted(islice(source.rows, asked.limit))
        found = compare(rows, a, b, right_from=asked.right_from, keep=keep)
    if not found.total.rows:
        raise InputError(f"{asked.source!r} holds no row: there is nothing to judge.")
    named = [{"label": one.label, "plugin": pool.plugin} for one, pool in zip(sides, (a, b), strict=True)]
    _tell(_result(named, source, found, kept.flips, asked), kept.flips, asked)
    if found.total.regressed:
        sys.exit(1)


def _pool(one: Contestant, asked: _Asked, made: LabelledSet | None) -> WorkerPool:
    given = {**expected(one.name, made), **with_sandbox(asked.options, unsafe=asked.unsafe)}
    entered = entrant(one, given, say=lambda sentence: click.echo(sentence, err=True))
    return WorkerPool(
        entered.name,
        options=entered.options,
        workers=max(1, (asked.workers or usable_cores()) // 2),  # the two share the cores
        timeout_s=asked.timeout_s,
        kind=entered.kind,
        interpreter=entered.interpreter,
        explain=True,
    )


@contextmanager
def _flips(path: Path | None) -> Iterator[Callable[[Flip], None]]:
    if path is None:
        yield lambda _: None
        return
    try:
        with path.open("w", encoding="utf-8") as file:
            yield lambda flip: _write(file, flip)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror}.") from None


def _write(file: Any, flip: Flip) -> None:
    file.write(json.dumps(flip_as_json(flip)) + "\n")


@contextmanager
def _counted() -> Iterator[Callable[[Iterable[Labelled]], Iterator[Labelled]]]:
    with progress() as show:

        def through(rows: Iterable[Labelled]) -> Iterator[Labelled]:
            for done, row in enumerate(rows, start=1):
                show(done)
                yield row

        yield through


def _result(
    sides: Sequence[Mapping[str, Any]],
    source: Source,
    found: Difference,
    flips: Sequence[Flip],
    asked: _Asked,
) -> dict[str, Any]:
    ends = ({"unscored": found.unscored[side], "errors": found.errors[side]} for side in (0, 1))
    a, b = ({**side, **end} for side, end in zip(sides, ends, strict=True))
    return {
        "a": a,
        "b": b,
        "data": {**source.about, "rows": found.total.rows},
        "settings": {
            "timeout_s": asked.timeout_s,
            "right_from": asked.right_from,
            "seed": asked.seed,
            "keep": asked.keep,
        },
        **_counts(found.total),
        "same": found.total.rows - found.total.flips,
        "by_kind": {kind: _counts(counts) for kind, counts in sorted(found.by_kind.items())},
        "flips": [flip_as_json(flip) for flip in flips],
        "command": command_line(),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {
        "rows": counts.rows,
        "improved": counts.improved,
        "regressed": counts.regressed,
        "unlabelled_flips": counts.unlabelled_flips,
    }


def _tell(result: Mapping[str, Any], flips: Sequence[Flip], asked: _Asked) -> None:
    if asked.html_file is not None:
        from rlvr.report.verdicts import write_diff

        write_diff(result, asked.html_file)
    if asked.as_json:
        echo_json(result)
        return
    for name in ("a", "b"):
        side = result[name]
        failed = f", {side['errors']} errors" if side["errors"] else ""
        told = f"{name.upper()}  {side['label']} ({side['plugin']}): {side['unscored']} unscored{failed}"
        click.echo(escaped(told))
    click.echo("{rows:,} rows: {same:,} the same, {improved:,} improved, ".format(**result), nl=False)
    click.echo("{regressed:,} regressed, {unlabelled_flips:,} flips without a label".format(**result))
    _kinds(result["by_kind"])
    if flips:
        _show(flips, asked)


def _kinds(by_kind: Mapping[str, Mapping[str, int]]) -> None:
    flipped = {kind: row for kind, row in by_kind.items() if sum(row.values()) > row["rows"]}
    if len(by_kind) < 2 or not flipped:
        return
    worst = sorted(flipped, key=lambda kind: (-flipped[kind]["regressed"], -flipped[kind]["improved"], kind))
    columns = ["KIND", "ROWS", "IMPROVED", "REGRESSED", "UNLABELLED"]
    click.echo("")
    rows = [[escaped(kind, most=60) or "-", *map(str, flipped[kind].values())] for kind in worst[:_KINDS]]
    table(columns, rows)
    if len(worst) > _KINDS:
        click.echo(f"... and {len(worst) - _KINDS} more kinds: see --json.")


def _show(flips: Sequence[Flip], asked: _Asked) -> None:
    from rich.console import Console

    from rlvr.cli.flips import print_flip

    console = Console(highlight=False)
    for flip in flips[:_SHOWN]:
        print_flip(console, flip)
    if len(flips) > _SHOWN:
        way = "" if asked.flips_file else ", --flips for all of them"
        click.echo(f"\n... and {len(flips) - _SHOWN} more that were kept: see --json or --html{way}.")
