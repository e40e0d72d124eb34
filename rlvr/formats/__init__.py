"""Stand-in until the real room of this name is merged: JSON lines with the usual fields. To be dropped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvr.errors import InputError
from rlvr.rows import field, read_jsonl
from rlvr.types import Completion, Labelled, Task

__all__ = ["Fields", "Found", "open_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Which field of a row holds what; None is found in the first row."""

    completion: str | None = None
    answer: str | None = None
    id: str | None = None
    label: str | None = None
    kind: str | None = None
    group: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was detected, and the rows."""

    format: str
    fields: Fields
    rows: Iterator[Labelled]
    said: str


def open_rows(
    source: Path,
    *,
    fields: Fields,
    format: str | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Found:
    """Return the rows of a file of JSON lines."""
    if format not in (None, "jsonl"):
        raise InputError(f"no format named {format!r}.")
    rows = _rows(source, fields, meanwhile or (lambda: None))
    return Found(format="jsonl", fields=fields, rows=rows, said=f"{source} is read as jsonl.")


def _rows(source: Path, fields: Fields, meanwhile: Callable[[], None]) -> Iterator[Labelled]:
    for number, row in read_jsonl(source, meanwhile=meanwhile):
        where = f"{str(source)!r} line {number}"

        def get(name: str, default: str | None, row: Any = row, where: str = where) -> Any:
            if default is not None:
                return field(row, default, where=where, way_out="Name the right one.")
            return row.get(name)

        text = get("completion", fields.completion)
        if not isinstance(text, str):
            raise InputError(f"{where}: no completion.")
        label = get("label", fields.label)
        if label is not None and not isinstance(label, bool):
            raise InputError(f"{where}: label = {label!r} is neither right nor wrong.")
        task = Task(id=str(get("id", fields.id) or number), prompt=(), answer=get("answer", fields.answer))
        yield Labelled(
            id=task.id,
            task=task,
            completion=Completion(text=text),
            label=label,
            kind=str(get("kind", fields.kind) or ""),
            group=str(get("group", fields.group) or ""),
        )
