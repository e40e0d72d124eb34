"""`rlvr list`: what is on offer."""

from collections.abc import Sequence
from typing import Any

import click

from rlvr.cli.common import as_json, echo_json, table, warn_of_failures
from rlvr.hookspecs import KINDS
from rlvr.registry import Entry, entries

__all__ = ["list_"]


@click.command("list")
@click.argument(
    "kind",
    required=False,
    metavar="[KIND]",
    type=click.Choice([*(f"{kind}{'e' * (kind[-1] in 'hx')}s" for kind in KINDS), "algorithms"]),
)
@as_json
def list_(kind: str | None, as_json: bool) -> None:
    """List what is on offer, or one KIND of it.

    KIND is environments, verifiers, sandboxes or benches (labelled sets); or algorithms: how to train.
    """
    if kind == "algorithms":
        _algorithms(as_json=as_json)
        return
    kinds = [name for name in KINDS if kind is None or kind.startswith(name)]
    found = [entry for name in kinds for entry in entries(name)]
    if as_json:
        echo_json([_row(entry) for entry in found])
    elif kinds == ["bench"]:
        _benches(found)
    else:
        table(
            ["NAME", "KIND", "PLUGIN", "WHAT IT IS"],
            [
                (entry.name, entry.kind, f"{entry.plugin.name} {entry.plugin.version}", entry.spec.summary)
                for entry in found
            ],
        )
    warn_of_failures()


def _algorithms(*, as_json: bool) -> None:
    from rlvr.train.algorithms import ALGORITHMS

    rows = ALGORITHMS.values()
    if as_json:
        kinds = [{"name": row.name, "summary": row.summary, "source": row.source} for row in rows]
        echo_json([{**kind, "settings": dict(row.settings)} for kind, row in zip(kinds, rows, strict=True)])
        return
    table(["NAME", "WHAT IT IS", "SOURCE"], [(row.name, row.summary, row.source) for row in rows])


def _benches(found: Sequence[Entry]) -> None:
    facts = ("rows", "version", "verifier")
    table(
        ["NAME", *(fact.upper() for fact in facts), "PLUGIN", "WHAT IT IS"],
        [
            (
                entry.name,
                *(str(entry.spec.facts.get(fact, "")) for fact in facts),
                entry.plugin.name,
                entry.spec.summary,
            )
            for entry in found
        ],
    )


def _row(entry: Entry) -> dict[str, Any]:
    facts = {"facts": dict(entry.spec.facts)} if entry.kind == "bench" else {}
    return {
        "name": entry.name,
        "kind": entry.kind,
        "plugin": entry.plugin.name,
        "version": entry.plugin.version,
        "summary": entry.spec.summary,
        "status": "ok",
        "error": "",
        **facts,
    }
