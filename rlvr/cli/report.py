"""`rlvr report`: the page of a run, or of several beside each other."""

from pathlib import Path

import click

from rlvr.cli.common import as_json, echo_json

__all__ = ["report"]


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write [report.html: of one run in its folder, of several here].",
)
@as_json
def report(runs: tuple[Path, ...], output: Path | None, as_json: bool) -> None:
    """Write the page of one run folder, or of several: curves, alarms, every group, in one HTML file."""
    from rlvr.report import write

    target = output or (runs[0] / "report.html" if len(runs) == 1 else Path("report.html"))
    summaries = write(runs, target)
    if as_json:
        echo_json({"output": str(target), "bytes": target.stat().st_size, "runs": summaries})
        return
    for summary in summaries:
        kept, seen = summary["completions_kept"], summary["completions"]
        left = "" if kept == seen else f", an even sample of {seen:,}"
        click.echo(f"{summary['run']}: {summary['steps']:,} steps, {kept:,} completions{left}", err=True)
    click.echo(target)
