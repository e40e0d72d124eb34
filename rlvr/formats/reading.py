"""Anyone's file of completions as a stream of `Labelled`: which format it is, and what its rows say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from rlvr.errors import InputError, UnknownName
from rlvr.formats.chat import messages, replies
from rlvr.formats.labels import Unclear, truth
from rlvr.formats.lookup import at, kind_of, name_at, require, required_at, shown_fields, word_at
from rlvr.formats.names import ANSWERS, COMPLETIONS
from rlvr.formats.nouns import Fields, Format, Piece, Record
from rlvr.formats.records import read_records
from rlvr.formats.table import named, recognised
from rlvr.types import Completion, Labelled, Message, Task

__all__ = ["Found", "open_rows"]

Tasks = Callable[[], Mapping[str, Task] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file turned out to be.

    Attributes:
        format: The name of its format.
        fields: Which field holds what; an empty name is none.
        named: Its completions, to be gone through once, each with what its row calls itself (any JSON value).
        said: One sentence for stderr: what was found, and how to say otherwise.
    """

    format: str
    fields: Fields
    named: Iterator[tuple[Any, Labelled]]
    said: str

    @property
    def rows(self) -> Iterator[Labelled]:
        """The completions."""
        return (row for _, row in self.named)


def open_rows(
    source: Path,
    *,
    fields: Fields,
    format: str | None = None,
    meanwhile: Callable[[], None] | None = None,
    tasks: Tasks | None = None,
) -> Found:
    """Read the first row of a file of completions, and return what it is and the stream of all its rows.

    `meanwhile` is called again and again while there are no rows to read. `tasks` is asked once, where rows
    name no reference: the tasks by id that rows name instead, or None if there are none.

    Raises:
        InputError: The file or its first row cannot be read, or no completion or reference is found in it.
            Iterating raises the same for the rows that follow.
        UnknownName: There is no such format; a row names no task.
    """
    records = read_records(source, meanwhile=meanwhile)
    first = next(records, None)
    if first is None:
        raise InputError(f"{str(source)!r} holds no row: expected one JSON object a line.")
    kind = recognised(str(source), first) if format is None else named(format)
    _check(kind, first)
    whole = fields.or_else(kind.fields(first.values))
    require(whole.completion, COMPLETIONS, first, "--completion-field")
    known = tasks() if tasks is not None and not whole.answer else None
    if known is None and fields.answer != "":
        require(whole.answer, ANSWERS, first, "--answer-field")
    _check_told(fields, first)
    told = whole if kind.name == "plain" else fields
    reader = _Reader(kind=kind, first=first.values, told=told, whole=whole, tasks=known)
    rows = (row for record in chain((first,), records) for row in reader.read(record))
    return Found(format=kind.name, fields=whole, named=rows, said=_sentence(source, kind, whole, known))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """How to read the rows of one file: from the fields that were `told`, else as its format does."""

    kind: Format
    first: Mapping[str, Any]
    told: Fields
    whole: Fields
    tasks: Mapping[str, Task] | None

    def read(self, record: Record) -> Iterator[tuple[Any, Labelled]]:
        """Yield what the row calls itself, and a completion of it."""
        _check(self.kind, record)
        pieces = self._pieces(record)
        alike = len(pieces) > 1 and len({repr(piece.name) for piece in pieces}) == 1
        for number, piece in enumerate(pieces, start=1):
            name = self._name(record, piece)
            task = self._task(record, piece, name)
            group = word_at(record, self.told.group) if self.told.group else piece.group
            shown = str(record.number if name is None else name)
            if alike:  # of one row: they have its name, and are a group
                group, name = group or shown, f"{shown}#{number}"
                shown = name
            elif shown in (group, piece.task):  # a task's name, which other rows have too
                shown = f"{shown}#{record.number}"
            yield name, self._labelled(record, replace(piece, group=group, name=shown), task)

    def _pieces(self, record: Record) -> list[Piece]:
        pieces = list(self.kind.read(record, self.first))
        name = self.told.completion
        if not name or not pieces:
            return pieces
        value = required_at(record, name, "--completion-field")
        texts = replies(value)
        if texts is None:
            raise InputError(
                f"{record.where}: the field {name!r} is {kind_of(value)}, expected text or chat messages."
            )
        return [replace(pieces[0], text=text) for text in texts]

    def _name(self, record: Record, piece: Piece) -> Any:
        if self.told.id:
            return name_at(record, self.told.id)
        return record.number if piece.name is None or self.told.id == "" else piece.name

    def _task(self, record: Record, piece: Piece, name: Any) -> Task:
        task = str(name) if self.told.id or not piece.task else piece.task
        if self.tasks is not None:
            if task not in self.tasks:
                raise UnknownName(f"task ({record.where})", task, self.tasks)
            return self.tasks[task]
        return Task(
            id=task,
            prompt=self._prompt(record, piece),
            answer=self._answer(record),
            metadata=self._metadata(record, piece),
        )

    def _prompt(self, record: Record, piece: Piece) -> tuple[Message, ...]:
        return messages(at(record.values, self.told.prompt)) if self.told.prompt else piece.prompt

    def _answer(self, record: Record) -> Any:
        if self.told.answer:
            return required_at(record, self.told.answer, "--answer-field")
        return at(record.values, self.whole.answer) if self.whole.answer else None

    def _metadata(self, record: Record, piece: Piece) -> Mapping[str, Any]:
        if self.kind.name != "plain":
            return piece.metadata
        held = record.values.get("metadata")
        if isinstance(held, dict):
            return dict(held)
        used = {self.told.completion, self.told.answer, self.told.id, self.told.label, self.told.prompt}
        return {name: value for name, value in record.values.items() if name not in used}

    def _labelled(self, record: Record, piece: Piece, task: Task) -> Labelled:
        why = record.values.get("why")
        return Labelled(
            id=piece.name,
            task=task,
            completion=Completion(text=piece.text, finish_reason="length" if piece.length else "stop"),
            label=_label(record, self.whole.label) if self.whole.label else None,
            kind=word_at(record, self.whole.kind) if self.whole.kind else "",
            group=piece.group,
            why=why if isinstance(why, str) else "",
        )


def _label(record: Record, name: str) -> bool | None:
    try:
        return truth(at(record.values, name))
    except Unclear as value:
        raise InputError(
            f"{record.where}: the label {name!r} is {value}, expected true, false, null, a number or a word "
            "such as correct. Name the right field with --label-field; an empty name is none."
        ) from None


def _check(kind: Format, record: Record) -> None:
    missing = [name for name in kind.needs if name not in record.values]
    if missing:
        raise InputError(
            f"{record.where}: no field {missing[0]!r}, which a row of the format {kind.name} has. It has "
            f"{shown_fields(record.values)}: name the right format with --format."
        )


def _check_told(fields: Fields, first: Record) -> None:
    # A name that is mistyped is found in the first row; further down, such a field may be left out.
    told = {
        "--label-field": fields.label,
        "--kind-field": fields.kind,
        "--group-field": fields.group,
        "--prompt-field": fields.prompt,
    }
    for option, name in told.items():
        if name:
            required_at(first, name, option)


def _sentence(source: Path, kind: Format, fields: Fields, tasks: Mapping[str, Task] | None) -> str:
    parts = {
        "completion": fields.completion,
        "reference": fields.answer,
        "label": fields.label,
        "kind": fields.kind,
        "group": fields.group,
        "id": fields.id,
    }
    held = ", ".join(f"{what} in {name!r}" for what, name in parts.items() if name)
    absent = [f"no {what}" for what in ("reference", "label") if not parts[what]]
    if tasks is not None:
        absent[0] = "the reference is the task's that the id names"
    tail = f" ({', '.join(absent)})" if absent else ""
    return (
        f"{str(source)!r} is read as {kind.name}: {held}{tail}; --format NAME and --completion-field F "
        "(--answer-field, ...) say otherwise."
    )
