"""`rlvr install` and `rlvr uninstall`: packages in and out of this interpreter, and what that changes."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import click

from rlvr.cli.common import as_json, echo_json, table
from rlvr.errors import InputError

__all__ = ["install", "uninstall"]


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...")
@as_json
def install(packages: tuple[str, ...], as_json: bool) -> None:
    """Install each PACKAGE (a name, a folder, a wheel; pip's options pass) and say what it registers.

    A plugin runs with your rights when it judges. Its version and content hash are stamped on every score.
    """
    before = _plugins()
    _pip("install", packages)
    _tell(before, _plugins(), as_json=as_json)


@click.command()
@click.argument("packages", nargs=-1, required=True, metavar="PACKAGE...")
@as_json
def uninstall(packages: tuple[str, ...], as_json: bool) -> None:
    """Remove each PACKAGE and say what is no longer on offer."""
    before = _plugins()
    _pip("uninstall", packages)
    _tell(before, _plugins(), as_json=as_json)


def _pip(verb: str, words: tuple[str, ...]) -> None:
    sure = ["--yes"] if verb == "uninstall" else []
    if importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", verb, *sure, *words]
    elif uv := shutil.which("uv"):
        command = [uv, "pip", verb, "--python", sys.executable, *words]
    else:
        raise InputError(
            f"neither pip nor uv serves {sys.executable}: install one, as in `python -m ensurepip`."
        )
    # pip's words are words: they go to stderr, so that --json stays clean.
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        raise InputError(
            f"{verb} {' '.join(words)} failed: see what {command[0].rpartition('/')[2]} says above."
        )


def _plugins() -> dict[str, dict[str, Any]]:
    # A fresh process: this one has read the installed packages already.
    done = subprocess.run(
        [sys.executable, "-m", "rlvr", "plugins", "--json"], capture_output=True, check=True
    )
    rows = json.loads(done.stdout)
    return {row["plugin"]: {key: value for key, value in row.items() if key != "ms"} for row in rows}


def _tell(before: Mapping[str, Any], after: Mapping[str, Any], *, as_json: bool) -> None:
    changed = [row for name, row in after.items() if before.get(name) != row]
    gone = [name for name in before if name not in after]
    if as_json:
        echo_json({"plugins": changed, "removed": gone})
        return
    if changed:
        rows = [
            (
                row["plugin"],
                row["version"],
                row["status"],
                row["hash"],
                row["error"] or row["summary"] or "nothing",
            )
            for row in changed
        ]
        table(["PLUGIN", "VERSION", "STATUS", "HASH", "REGISTERS, OR WHAT FAILED"], rows)
    for name in gone:
        click.echo(f"{name} is gone.")
    if not changed and not gone:
        click.echo(
            "No plugin of rlvr changed: the package registers nothing in the entry-point group `rlvr`."
        )
