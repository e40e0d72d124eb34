"""`rlvr plugins`: every plugin, and what became of it."""

from typing import Any

import click

from rlvr.cli import VERBS
from rlvr.cli.common import as_json, echo_json, table
from rlvr.hookspecs import KINDS
from rlvr.plugins import Plugin, content_hash, host
from rlvr.registry import entries

__all__ = ["described", "plugins"]


@click.command()
@as_json
def plugins(as_json: bool) -> None:
    """List every plugin: its status, version, content hash, load time, and what it registers.

    RLVR_PLUGINS=a,b loads only those; RLVR_PLUGINS= loads none but the built-in one; RLVR_TRACE=1 prints
    each hook call.
    """
    rows = described()
    if as_json:
        echo_json(rows)
        return
    table(
        ["PLUGIN", "VERSION", "STATUS", "HASH", "MS", "REGISTERS, OR WHAT FAILED"],
        [
            (
                row["plugin"],
                row["version"],
                row["status"],
                row["hash"],
                f"{row['ms']:.0f}",
                row["error"] or row["summary"],
            )
            for row in rows
        ],
    )


def described() -> list[dict[str, Any]]:
    """Return each plugin as plain data, after asking all hooks so that each has had its chance to fail."""
    offered = [entry for kind in KINDS for entry in entries(kind)]
    host().commands(VERBS)
    return [
        _row(plugin, [f"{e.kind} {e.spec.name}" for e in offered if e.plugin.name == plugin.name])
        for plugin in sorted(host().plugins.values(), key=lambda plugin: plugin.name)
    ]


def _row(plugin: Plugin, registers: list[str]) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "kind": "plugin",
        "plugin": plugin.name,
        "version": plugin.version,
        "summary": ", ".join(registers),
        "status": plugin.status,
        "error": plugin.error,
        "hash": content_hash(plugin.module) if plugin.status != "disabled" else "",
        "ms": plugin.ms,
        "registers": registers,
    }
