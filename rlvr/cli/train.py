"""`rlvr train`: a config in, a run folder out."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from rlvr.boundary import prints_are_words
from rlvr.cli.common import need_extra, quieten
from rlvr.errors import InputError

if TYPE_CHECKING:
    from rlvr.train.settings import TrainConfig

__all__ = ["train"]


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("changes", nargs=-1, metavar="[KEY=VALUE]...")
@click.option(
    "--resume", is_flag=True, help="Go on from the last whole checkpoint of the last run of CONFIG."
)
@click.option(
    "--check", is_flag=True, help="Look at the run in full, and start nothing: exit code 1 is no-go."
)
@click.option(
    "--no-check", is_flag=True, help="Start without the brief look that each fresh run begins with."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print each step's numbers, or what was found, on stdout as JSON."
)
def train(
    config: Path, changes: tuple[str, ...], resume: bool, check: bool, no_check: bool, as_json: bool
) -> None:
    """Train a model as CONFIG (a TOML file, or a run folder to resume) says, with KEY=VALUE changes to it.

    Leaves a run folder: config.toml, environment.json, metrics.jsonl, rollouts.jsonl, evaluations.jsonl,
    alarms.jsonl, curve.png, checkpoints/. The first Ctrl-C saves and stops cleanly.
    """
    if check and (resume or no_check):
        raise InputError(f"--check and {'--resume' if resume else '--no-check'}: expected one of them.")
    quieten()
    from rlvr.train import settings

    path, changes = _config_of(config, changes, resume=resume)
    parsed = settings.load(path, changes)
    need_extra()
    from rlvr.train import ending, run

    run.quiet()
    data = sys.stdout if as_json else None
    if check:
        _check(parsed, data)
        return
    with prints_are_words():
        outcome = run.train(parsed, name=path.stem, resume=resume, data=data, look=not no_check)
        ending.conclude(outcome, parsed)
    if outcome.watch is not None and outcome.watch.interrupted:
        sys.exit(130)


def _check(config: "TrainConfig", data: TextIO | None) -> None:
    """Look at a run in full and say so; exit code 1 where nothing can come of it."""
    from rlvr.train import finding, preflight, run

    with prints_are_words():
        found = run.check(config)
        preflight.say_full(found, lambda words: click.echo(words, err=True))
    told = finding.as_data(found)
    if data is not None:
        data.write(json.dumps(told) + "\n")
    if told["verdict"] == "no-go":
        sys.exit(1)


def _config_of(path: Path, changes: tuple[str, ...], *, resume: bool) -> tuple[Path, tuple[str, ...]]:
    if not path.is_dir():
        return path, changes
    if not (path / "config.toml").exists():
        raise InputError(f"{str(path)!r} is a folder without config.toml: expected a config or a run folder.")
    if not resume:
        raise InputError(f"{str(path)!r} is a run folder: add --resume to go on with it.")
    return path / "config.toml", (*changes, f"run.folder={str(path)!r}")
