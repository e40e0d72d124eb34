"""Labelled rows for a verb: those of a file, or those of a labelled set by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from rlvr.cli.foreign import Fields, Rows
from rlvr.errors import UnknownName
from rlvr.registry import Entry, entries, make_bench
from rlvr.types import Labelled

__all__ = ["Source", "field_options", "file_rows", "labelled_rows"]

_OPTIONS = {
    "completion": "the completion",
    "answer": "the reference",
    "id": "the row's id",
    "label": "whether the completion is right",
    "kind": "what sort of row it is",
}
_LABELS = ("label", "correct", "is_correct")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows come from, and the rows."""

    about: Mapping[str, Any]
    rows: Iterator[Labelled]


def field_options(command: Any) -> Any:
    """Add an option for each field of a foreign file."""
    for name, what in reversed(_OPTIONS.items()):
        command = click.option(f"--{name}-field", metavar="F", help=f"Field with {what}.")(command)
    return command


def labelled_rows(source: str, fields: Mapping[str, str | None], entry: Entry) -> Source:
    """Return the rows of a file, or those of the labelled set of this name.

    Raises:
        UnknownName: It is neither.
    """
    path = Path(source)
    if source == "-" or path.exists() or path.suffix:
        rows = file_rows(path, fields, entry)
        return Source(about={"source": source, "format": "jsonl"}, rows=rows)
    names = [one.name for one in entries("bench")]
    try:
        found = make_bench(source)
    except UnknownName:
        raise UnknownName("file or labelled set", source, names) from None
    return Source(about={"source": f"{found.name}@{found.version}", "format": "bench"}, rows=found.rows())


def file_rows(
    path: Path, fields: Mapping[str, str | None], entry: Entry, options: Mapping[str, Any] | None = None
) -> Iterator[Labelled]:
    """Yield the rows of a file, in constant memory: the only place that reads foreign files for our verbs."""
    given = Fields(completion=fields.get("completion"), answer=fields.get("answer"), id=fields.get("id"))
    for name, task, completion in Rows(path, given, entry, options or {}).read(meanwhile=_wait):
        row = task.metadata
        label = next((row[key] for key in (fields.get("label") or "", *_LABELS) if key in row), None)
        yield Labelled(
            id=str(name),
            task=task,
            completion=completion,
            label=bool(label) if isinstance(label, bool | int | float) else None,
            kind=str(row.get(fields.get("kind") or "kind") or ""),
        )


def _wait() -> None:
    return
