"""`rlvr train`: a config in, a run folder out."""

import sys
from pathlib import Path

import click

from rlvr.boundary import prints_are_words
from rlvr.cli.common import need_extra, quieten
from rlvr.errors import InputError

__all__ = ["train"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("changes", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--resume", is_flag=True, help="Go on from the last whole checkpoint of the last run of CONFIG."
)
@click.option("--json", "as_json", is_flag=True, help="Print each step's numbers on stdout as JSON.")
def train(config: Path, changes: tuple[str, ...], resume: bool, as_json: bool) -> None:
    """Train a model as CONFIG (a TOML file, or a run folder to resume) says, with KEY=VALUE changes to it.

    Leaves a run folder: config.toml, environment.json, metrics.jsonl, rollouts.jsonl, evaluations.jsonl,
    alarms.jsonl, curve.png, checkpoints/. The first Ctrl-C saves and stops cleanly.
    """
    quieten()
    from rlvr.train import settings

    path, changes = _config_of(config, changes, resume=resume)
    parsed = settings.load(path, changes)
    need_extra()
    from rlvr.train import ending, run

    run.quiet()
    data = sys.stdout if as_json else None
    with prints_are_words():
        outcome = run.train(parsed, name=path.stem, resume=resume, data=data)
        ending.conclude(outcome, parsed)
    if outcome.watch is not None and outcome.watch.interrupted:
        sys.exit(130)


def _config_of(path: Path, changes: tuple[str, ...], *, resume: bool) -> tuple[Path, tuple[str, ...]]:
    if not path.is_dir():
        return path, changes
    if not (path / "config.toml").exists():
        raise InputError(f"{str(path)!r} is a folder without config.toml: expected a config or a run folder.")
    if not resume:
        raise InputError(f"{str(path)!r} is a run folder: add --resume to go on with it.")
    return path / "config.toml", (*changes, f"run.folder={str(path)!r}")
