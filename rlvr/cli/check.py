"""`rlvr check`: does an environment keep to what everybody counts on?"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from rlvr.cli.common import FiniteRange, as_json, echo_json, name_options, table
from rlvr.errors import InputError

__all__ = ["check"]

_EXAMPLES = 3
_SIGNS = {"pass": "ok", "skip": "skipped"}
_COLOURS = {"error": "red", "warning": "yellow"}


@click.command()
@click.argument("name", required=False)
@name_options
@click.option(
    "--tasks", default=20, show_default=True, type=click.IntRange(min=1), help="How many tasks to look at."
)
@click.option("--answer", metavar="GOLD", help="Where NAME is a verifier: a reference to judge by.")
@click.option("--kind", type=click.Choice(["verifier", "environment"]), help="Where NAME is both.")
@click.option(
    "--only", multiple=True, metavar="CHECK", help="Make this check only, or those below it; may be repeated."
)
@click.option("--list", "listed", is_flag=True, help="Say which checks there are, and make none.")
@click.option(
    "--timeout",
    "timeout_s",
    type=FiniteRange(min=0, min_open=True, max=100_000),
    default=10.0,
    show_default=True,
    help="Seconds for one verdict.",
)
@click.option(
    "--start-timeout",
    "start_timeout_s",
    type=FiniteRange(min=0, min_open=True, max=100_000),
    default=60.0,
    show_default=True,
    help="Seconds for importing, making and drawing the tasks.",
)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write the report as a page.")
@as_json
@click.pass_context
def check(
    context: click.Context,
    name: str | None,
    options: dict[str, Any],
    tasks: int,
    answer: str | None,
    kind: Any,
    only: tuple[str, ...],
    listed: bool,
    timeout_s: float,
    start_timeout_s: float,
    html: Path | None,
    as_json: bool,
) -> None:
    """Check the environment NAME, or the verifier NAME, and grade it.

    Exit 1 if a check fails that is no mere warning. Nothing of the plugin's runs in this process but its
    entry point; whatever hangs is killed.
    """
    from rlvr.check import Settings
    from rlvr.check import check as made_sure

    if listed:
        _list(only, as_json=as_json)
        return
    if name is None:
        raise click.UsageError("Missing argument 'NAME': an environment or a verifier, see `rlvr list`.")
    settings = Settings(
        options=options,
        tasks=tasks,
        only=only,
        answer=None if answer is None else _answer(answer),
        timeout_s=timeout_s,
        start_timeout_s=start_timeout_s,
        kind=kind,
    )
    result = made_sure(name, settings)
    if html is not None:
        from rlvr.report.verdicts import write_check

        write_check(result, html)
    if as_json:
        echo_json(result)
    else:
        _print(result)
    if any(row["status"] == "fail" and row["severity"] == "error" for row in result["checks"]):
        context.exit(1)


def _answer(text: str) -> Any:
    """Return a reference: JSON where it begins like a list or a table, else the text as it is."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(
            f"--answer {text!r:.80} is no JSON: expected a text, or a list or table as JSON."
        ) from None


def _list(only: tuple[str, ...], *, as_json: bool) -> None:
    from rlvr.check import chosen

    rows = [(one.name, one.severity, one.grade, one.title, one.way_out) for one in chosen(only)]
    if as_json:
        echo_json(
            [dict(zip(("name", "severity", "grade", "title", "way_out"), row, strict=True)) for row in rows]
        )
        return
    table(["CHECK", "SEVERITY", "GRADE", "WHAT IT MAKES SURE OF"], [row[:4] for row in rows])


def _print(result: Mapping[str, Any]) -> None:
    rows = result["checks"]
    for row in rows:
        click.echo(f"{_sign(row):<7}  {row['name']}")
    for row in rows:
        if row["status"] == "fail":
            _print_failure(row)
    _print_skipped(rows)
    grade = click.style(f"grade {result['grade']}", bold=True)
    counts = "{passed} passed, {failed} failed ({warned} of them warnings), {skipped} skipped".format(
        **result
    )
    click.echo(f"\n{result['plugin']}: {grade}; {counts}; {result['tasks']} tasks")


def _print_skipped(rows: Sequence[Mapping[str, Any]]) -> None:
    by_reason = defaultdict[str, list[str]](list)
    for row in rows:
        if row["status"] == "skip":
            by_reason[row["detail"]].append(row["name"])
    if by_reason:
        click.echo("\nNot looked at:")
    for reason, names in by_reason.items():
        click.echo(f"  {reason}: {', '.join(names)}")


def _sign(row: Mapping[str, Any]) -> str:
    sign: str = _SIGNS.get(row["status"], "")
    return sign or ("FAILED" if row["severity"] == "error" else "warning")


def _print_failure(row: Mapping[str, Any]) -> None:
    click.echo(f"\n{click.style(row['name'], fg=_COLOURS[row['severity']], bold=True)}: {row['detail']}")
    for example in row["examples"][:_EXAMPLES]:
        text = f" on {example['text']!r:.100}" if example["text"] else ""
        task = f"{example['task']}: " if example["task"] else ""
        click.echo(f"  {task}{example['detail']}{text}")
    click.echo(f"  What to do: {row['way_out']}")
