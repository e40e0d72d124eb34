"""The command line: one file a verb, each imported only when it is called."""

import importlib
import importlib.metadata
import os
import select
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import click

from rlvr.boundary import Failure, attempt
from rlvr.errors import RLVRError
from rlvr.plugins import host

__all__ = ["VERBS", "cli", "main"]

VERBS = {
    "list": "What is on offer: environments, verifiers, sandboxes.",
    "plugins": "Every plugin, and what became of it.",
    "show": "An environment's tasks, and how it judges.",
    "score": "Judge a file of completions: JSON lines in, JSON lines out.",
    "bench": "Measure verifiers on labelled completions: how often wrong, how slow.",
    "explain": "One completion: what was read of it, what was compared, what decided.",
    "diff": "Two verifiers, or two versions of one, over the same completions.",
    "check": "Is an environment sound? A graded report, for CI as well.",
    "evaluate": "Let a model try an environment: pass@k and avg@k.",
    "train": "Train a model as a config says.",
    "report": "Make the page of a run: one HTML file to read.",
    "sandbox": "Where untrusted code runs: which layers hold here.",
    "install": "Install plugin packages and say what they register.",
    "uninstall": "Remove plugin packages.",
}


class _Verbs(click.Group):
    """The first-party verbs, listed without being imported, and then those of plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*VERBS, *sorted(self._added())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return self._added().get(cmd_name)
        module = importlib.import_module(f"rlvr.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name if cmd_name != "list" else "list_")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [*VERBS.items(), *((n, c.get_short_help_str()) for n, c in sorted(self._added().items()))]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _added(self) -> Mapping[str, click.Command]:
        return host().commands(VERBS)


_MODULES = {"uninstall": "install"}


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"rlvr {importlib.metadata.version('rlvr')}")
        ctx.exit()


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version)
def cli() -> None:
    """Verifiable rewards: install them, trust them, train on them."""


def main() -> None:
    """Run the command line. Exit codes: 0 good, 1 a check failed, 2 bad input, 130 interrupted."""
    stdout = sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - `>&-` leaves none
    try:
        outcome = attempt(lambda: cli.main(standalone_mode=False, prog_name="rlvr"))
    except KeyboardInterrupt:
        outcome = 130
    if isinstance(outcome, Failure):
        outcome = _explain(outcome)
    try:
        stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
    if sys.stdout is not stdout and _has_no_reader(stdout):
        outcome = 0  # the pipe that broke, says click, was ours: who read us had enough, as in `| head -1`
    sys.exit(outcome if isinstance(outcome, int) else 0)


def _has_no_reader(file: TextIO) -> bool:
    poll = select.poll()
    poll.register(file.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _explain(failure: Failure) -> int:
    error = failure.exception
    if isinstance(error, click.Abort):
        return 130
    if isinstance(error, SystemExit):
        return _exit_code(error)
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, RLVRError):
        click.echo(f"Error: {error}", err=True)
        return 2
    with tempfile.NamedTemporaryFile("w", prefix="rlvr-", suffix=".log", delete=False) as file:
        file.write(failure.traceback)
    plugin = host().culprit(error)
    who = "rlvr itself" if plugin is None else f"the plugin {plugin.name}"
    report = f"This is a bug: please report it with {file.name}"
    click.echo(
        f"Error: {who} failed ({failure.summary}). {report}{' to its authors' if plugin else ''}.", err=True
    )
    return 1


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    click.echo(f"Error: {error.code}", err=True)
    return 1
