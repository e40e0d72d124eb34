"""Rows of anyone's file as tasks and completions: which field holds what is found, or told."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvr.boundary import prints_are_words
from rlvr.errors import InputError, UnknownName
from rlvr.registry import Entry, make
from rlvr.rows import field, read_jsonl
from rlvr.types import Completion, Message, Task, first_tasks

__all__ = ["ANSWER_FIELDS", "COMPLETION_FIELDS", "Fields", "Rows"]

COMPLETION_FIELDS = ("completion", "response", "output", "generation", "text", "prediction")
ANSWER_FIELDS = ("reference", "answer", "ground_truth", "expected_answer", "target", "solution", "gold")
ID_FIELDS = ("id", "task_id", "task", "index", "idx")
PROMPT_FIELDS = ("prompt", "question", "problem")


@dataclass(slots=True, kw_only=True)
class Fields:
    """Which field of a row holds what; found in the first row where the user did not say."""

    completion: str | None
    answer: str | None
    id: str | None
    tasks: Mapping[str, Task] | None = None


class Rows:
    """Tasks and completions of a file, each with the row's id as it stood there."""

    def __init__(self, file: Path, fields: Fields, entry: Entry, options: Mapping[str, Any]) -> None:
        self._file = file
        self._fields = fields
        self._entry = entry
        self._options = options

    def read(self, *, meanwhile: Callable[[], None]) -> Iterator[tuple[Any, Task, Completion]]:
        """Yield the rows; call `meanwhile` while there are none to read."""
        for number, row in read_jsonl(self._file, meanwhile=meanwhile):
            yield self._read(number, row)

    def _read(self, number: int, row: Mapping[str, Any]) -> tuple[Any, Task, Completion]:
        fields, where = self._fields, f"{str(self._file)!r} line {number}"
        if fields.completion is None:
            fields.completion = _first_of(COMPLETION_FIELDS, row, where, "--completion-field")
        text = _text(
            field(row, fields.completion, where=where, way_out=_named("--completion-field")),
            where,
            fields.completion,
        )
        if fields.id is None:
            fields.id = next((name for name in ID_FIELDS if name in row), "")
        name = field(row, fields.id, where=where, way_out=_named("--id-field")) if fields.id else number
        return name, self._task(str(name), row, where), Completion(text=text)

    def _task(self, name: str, row: Mapping[str, Any], where: str) -> Task:
        fields = self._fields
        if fields.answer is None and fields.tasks is None:
            fields.answer = next((name for name in ANSWER_FIELDS if name in row), None)
            if fields.answer is None:
                fields.tasks = self._known_tasks(row, where)
        if fields.answer is not None:
            answer = field(row, fields.answer, where=where, way_out=_named("--answer-field"))
            return Task(id=name, prompt=_prompt(row), answer=answer, metadata=_metadata(row, fields))
        if fields.tasks is None or name not in fields.tasks:
            raise UnknownName(f"task ({where})", name, fields.tasks or ())
        return fields.tasks[name]

    def _known_tasks(self, row: Mapping[str, Any], where: str) -> Mapping[str, Task]:
        if self._entry.kind == "environment":
            with prints_are_words():
                environment = make(self._entry.full_name, **self._options)
                if environment.size is not None:
                    return {task.id: task for task in first_tasks(environment, None)}
        _first_of(ANSWER_FIELDS, row, where, "--answer-field")
        raise AssertionError("unreachable: a field that is there is found before")


def _first_of(names: tuple[str, ...], row: Mapping[str, Any], where: str, option: str) -> str:
    found = next((name for name in names if name in row), None)
    if found is None:
        raise InputError(
            f"{where}: none of the fields {', '.join(names)}. It has {', '.join(sorted(row)) or 'none'}: "
            f"name the right one with {option}."
        )
    return found


def _named(option: str) -> str:
    return f"Name the right one with {option}."


def _text(value: Any, where: str, name: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(turn, dict) for turn in value):
        content = value[-1].get("content")
        if isinstance(content, str):
            return content
    raise InputError(
        f"{where}: the field {name!r} is {type(value).__name__}, expected text or chat messages."
    )


def _prompt(row: Mapping[str, Any]) -> tuple[Message, ...]:
    value = next((row[name] for name in PROMPT_FIELDS if name in row), None)
    if isinstance(value, str):
        return (Message(role="user", content=value),)
    turns = value if isinstance(value, list) else []
    if not all(isinstance(turn, dict) and {"role", "content"} <= turn.keys() for turn in turns):
        return ()
    return tuple(Message(role=turn["role"], content=str(turn["content"])) for turn in turns)


def _metadata(row: Mapping[str, Any], fields: Fields) -> Mapping[str, Any]:
    if isinstance(row.get("metadata"), dict):
        return dict(row["metadata"])
    used = {fields.completion, fields.answer, fields.id, *PROMPT_FIELDS}
    return {name: value for name, value in row.items() if name not in used}
