"""What several verbs share: options, tables, the summary of a Failure."""

import importlib.util
import json
import math
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from rlvr.config import parse_words
from rlvr.errors import InputError
from rlvr.plugins import host
from rlvr.types import RIGHT

__all__ = [
    "FiniteRange",
    "as_json",
    "command_line",
    "echo_json",
    "name_options",
    "need_extra",
    "pool_options",
    "progress",
    "quieten",
    "right_from_option",
    "table",
    "unsafe_option",
    "warn_of_failures",
    "with_sandbox",
]

F = TypeVar("F", bound=Callable[..., Any])
_WIDE = 400


class FiniteRange(click.FloatRange):
    """A number in a range; click's lets nan through, which is in none, and inf."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the number, or refuse it."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number!r} is not a finite number.", param, ctx)
        return number


def _finite(_: click.Context, __: click.Parameter, number: float) -> float:
    if not math.isfinite(number):
        raise click.BadParameter(f"{number!r} is not a finite number.")
    return number


right_from_option = click.option(
    "--right-from",
    type=float,
    default=RIGHT,
    metavar="REWARD",
    callback=_finite,
    help="Reward from which a verdict is positive [1].",
)


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def _options(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> dict[str, Any]:
    return parse_words(words)


name_options = click.option(
    "-o",
    "--option",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_options,
    help="An option of the environment or verifier; may be given again.",
)


unsafe_option = click.option(
    "--unsafe-local",
    "unsafe",
    is_flag=True,
    help="Run programs here without isolation; every report says so.",
)


def with_sandbox(options: Mapping[str, Any], *, unsafe: bool) -> dict[str, Any]:
    """Return the options with the sandbox that is none, if somebody asked for that.

    Raises:
        InputError: They name another sandbox.
    """
    if unsafe and "sandbox" in options:
        raise InputError(f"--unsafe-local and sandbox = {options['sandbox']!r}: expected one of them.")
    return {**options, "sandbox": "unsafe-local"} if unsafe else dict(options)


def pool_options(command: F) -> F:
    """Add the options of a WorkerPool to a command."""
    workers = click.option("--workers", type=click.IntRange(min=1), help="Scoring processes [one a core].")
    timeout = click.option(
        "--timeout",
        "timeout_s",
        type=FiniteRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        help="Seconds for one completion, enforced from outside.",
    )
    return workers(timeout(command))


def command_line() -> str:
    """Return what was typed, as a shell takes it."""
    return shlex.join(["rlvr", *sys.argv[1:]])


def echo_json(value: Any) -> None:
    """Print plain data to stdout as JSON."""
    click.echo(json.dumps(value, indent=2))


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    numbers_from: int | None = None,
) -> None:
    """Print a table to stdout, without the frame; columns from `numbers_from` on end at the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    unbound = not sys.stdout.isatty() and "COLUMNS" not in os.environ  # a pipe has no edge to wrap at
    console, drawn = Console(width=_WIDE if unbound else None), Table(box=None, pad_edge=False)
    for index, name in enumerate(columns):
        number = numbers_from is not None and index >= numbers_from
        drawn.add_column(name, justify="right" if number else "left")
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    if title:  # above the table, not of it: there it would be broken to the table's width
        console.print(Text(title, style="italic"))
    console.print(drawn)


@contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """Give what shows a live count on stderr where that is a terminal; silent elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = [SpinnerColumn(), TextColumn("{task.completed:,.0f} judged"), TimeElapsedColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        job = bar.add_task("", total=None)
        yield lambda done: bar.update(job, completed=done) if done % 64 == 0 else None


def warn_of_failures() -> None:
    """Say on stderr that plugins failed, if any did."""
    failed = [plugin.name for plugin in host().plugins.values() if plugin.status == "failed"]
    if failed:
        click.echo(f"{len(failed)} failed: {', '.join(failed)}. See `rlvr plugins`.", err=True)


def quieten() -> None:
    """Keep torch, transformers and trl from talking over us; to be called before they are imported."""
    quiet = {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRL_EXPERIMENTAL_SILENCE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)


def need_extra() -> None:
    """Refuse to go on without the libraries of the extra `train`.

    Raises:
        InputError: One of them is absent.
    """
    wanted = ("torch", "transformers", "trl", "datasets", "accelerate", "tomli_w", "matplotlib", "plotille")
    missing = [name for name in wanted if not importlib.util.find_spec(name)]
    if missing:
        raise InputError(f"this needs {', '.join(missing)}: pip install 'rlvr[train]'.")
