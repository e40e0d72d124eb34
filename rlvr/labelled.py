"""Labelled sets in files: JSON lines in, rows out one by one; and what can be wrong with a set.

A line is an object with `id`, `reference` (plain data), `completion`, `label` (true, false or null), `kind`,
`why`; and, where they are of use, `metadata` (an object), `prompt` (text) and `group`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, nearest
from rlvr.rows import field, read_jsonl
from rlvr.types import Completion, Labelled, LabelledSet, Message, Task

__all__ = ["Fault", "digest_labelled", "faults_of", "load_labelled"]

_FIELDS = ("id", "reference", "completion", "label", "kind", "why", "metadata", "prompt", "group")
_WAY_OUT = "A labelled row has id, reference, completion, label, kind and why (docs/labelled-sets.md)."

Fault = tuple[str, str, str]
"""The check that failed, the id of the row (empty: the whole set), and how."""


def load_labelled(path: Path) -> Iterator[Labelled]:
    """Yield the rows of a file of labelled completions, in constant memory (`.gz` is unpacked).

    Raises:
        InputError: The file cannot be read, or a row lacks a field, has one that nobody knows, or one of
            the wrong type.
    """
    for number, row in read_jsonl(path):
        where = f"{path.name} line {number}"
        unknown = [name for name in row if name not in _FIELDS]
        if unknown:
            known = nearest(unknown[0], _FIELDS)
            raise InputError(f"{where}: no field of a labelled row is named {unknown[0]!r}. {known}")
        yield _labelled(row, where)


def digest_labelled(labelled: LabelledSet) -> str:
    """Return the first 16 hex digits of the SHA-256 over the rows: pinned beside the version by a test."""
    digest = hashlib.sha256()
    for row in labelled.rows():
        digest.update(json.dumps(_plain(row), sort_keys=True).encode() + b"\n")
    return digest.hexdigest()[:16]


def faults_of(labelled: LabelledSet) -> Iterator[Fault]:
    """Yield what is wrong with a set; every row is looked at, and the rows are asked for twice."""
    for name in ("name", "version", "verifier"):
        if not str(getattr(labelled, name)).strip():
            yield f"set.{name}", "", f"the {name} of the set is empty"
    first, second = hashlib.sha256(), hashlib.sha256()
    found = attempt(lambda: list(_faults_of_rows(_told(labelled.rows(), first))))
    if isinstance(found, Failure):
        yield "rows.read", "", found.summary
        return
    yield from found
    again = attempt(lambda: all(_told(labelled.rows(), second)))
    if isinstance(again, Failure) or first.digest() != second.digest():
        yield "rows.repeatable", "", "rows() gave other rows at the second call"


def _told(rows: Iterator[Labelled], digest: "hashlib._Hash") -> Iterator[Labelled]:
    for row in rows:
        digest.update(repr(row).encode("utf-8", "surrogatepass"))
        yield row


def _faults_of_rows(rows: Iterator[Labelled]) -> Iterator[Fault]:
    ids, labels, asked = set[str](), set[bool | None](), dict[bytes, tuple[str, bool | None]]()
    for row in rows:
        if row.id in ids:
            yield "rows.unique_ids", row.id, "the id is used twice"
        ids.add(row.id)
        labels.add(row.label)
        own = list(_faults_of_row(row))
        yield from own
        if not own:
            yield from _repeated(row, asked)
    if not ids:
        yield "rows.some", "", "the set has no row"
    elif not {True, False} <= labels:
        missing = "right" if True not in labels else "wrong"
        yield (
            "rows.both_labels",
            "",
            f"no row is labelled {missing}: neither recall nor precision can be told",
        )


def _faults_of_row(row: Labelled) -> Iterator[Fault]:
    text: object = row.completion.text  # which is whatever a stranger's code put there
    if not isinstance(text, str):
        yield "rows.text", row.id, f"the completion is {type(text).__name__}, expected text"
    if not _is_label(row.label):
        yield "rows.label", row.id, f"the label is {row.label!r}, expected True, False or None"
    for name in ("kind", "why"):
        if not str(getattr(row, name)).strip():
            yield f"rows.{name}", row.id, f"{name} is empty"
    if row.task.answer is None:
        yield "rows.answer", row.id, "the task has no answer"
    plain = attempt(lambda: json.dumps([row.task.answer, dict(row.task.metadata)], allow_nan=False))
    if isinstance(plain, Failure):
        yield "rows.plain_data", row.id, plain.summary


def _repeated(row: Labelled, asked: dict[bytes, tuple[str, bool | None]]) -> Iterator[Fault]:
    parts = [row.task.answer, dict(row.task.metadata), row.completion.text]
    key = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()
    before, label = asked.setdefault(key, (row.id, row.label))
    if before == row.id:
        return
    if label == row.label:
        yield "rows.duplicate", row.id, f"answer and completion are those of {before!r}"
    else:
        yield (
            "rows.contradiction",
            row.id,
            f"labelled {row.label}, and {before!r}, which is the same, {label}",
        )


def _labelled(row: Mapping[str, Any], where: str) -> Labelled:
    text = {name: _typed(row, name, str, where) for name in ("id", "completion", "kind", "why")}
    label = field(row, "label", where=where, way_out=_WAY_OUT)
    if not _is_label(label):
        raise InputError(f"{where}: label is {label!r}, expected true, false or null.")
    optional = {"metadata": {}, "prompt": "", "group": "", **row}
    prompt = _typed(optional, "prompt", str, where)
    task = Task(
        id=text["id"],
        prompt=(Message(role="user", content=prompt),) if prompt else (),
        answer=field(row, "reference", where=where, way_out=_WAY_OUT),
        metadata=_typed(optional, "metadata", dict, where),
    )
    return Labelled(
        id=text["id"],
        task=task,
        completion=Completion(text=text["completion"]),
        label=label,
        kind=text["kind"],
        group=_typed(optional, "group", str, where),
        why=text["why"],
    )


def _is_label(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _typed(row: Mapping[str, Any], name: str, kind: type, where: str) -> Any:
    value = field(row, name, where=where, way_out=_WAY_OUT)
    if not isinstance(value, kind):
        expected = "an object" if kind is dict else "text"
        raise InputError(f"{where}: {name} is {type(value).__name__}, expected {expected}.")
    return value


def _plain(row: Labelled) -> list[Any]:
    prompt = [[turn.role, turn.content] for turn in row.task.prompt]
    task = [prompt, row.task.answer, dict(row.task.metadata)]
    return [row.id, task, row.completion.text, row.label, row.kind, row.group, row.why]
