"""The page that a run leaves: one HTML file, readable offline, that shows how it went and what was paid."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rlvr.report.embed import embed
from rlvr.report.folder import names_of, read_run
from rlvr.report.page import Design, render, save
from rlvr.report.survey import Budget

__all__ = ["Budget", "write"]

RUN = Design(
    kind="rlvr report",
    scripts=("dom.js", "charts.js", "curves.js", "overview.js", "tables.js", "groups.js", "main.js"),
)


def write(folders: Sequence[Path], target: Path, budget: Budget | None = None) -> list[dict[str, Any]]:
    """Write the page of one run, or of several beside each other; return each run's numbers.

    Args:
        folders: At least one run folder; it may be of a run that goes on, or that was killed.
        target: The file that is written, whole or not at all.
        budget: How many rollouts the page holds; of more, it holds an even sample of groups and says so.

    Raises:
        InputError: A folder is missing or is no run, or the file cannot be written.
    """
    runs = [read_run(path, name) for path, name in zip(folders, names_of(folders), strict=True)]
    shown, rollouts = embed(runs, budget or Budget())
    title = " and ".join(run.name for run in runs) if len(runs) < 4 else f"{len(runs)} runs"
    save(render(RUN, title, {"shown": shown, "rollouts": rollouts}), target)
    return [run["summary"] for run in shown["runs"]]
