"""What passes between the readers of files, the formats and those who ask: records, pieces, fields."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rlvr.errors import InputError
from rlvr.types import Message

__all__ = ["Fields", "Format", "Piece", "Record", "items_at", "object_at", "peek"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Which field of a row holds what: None is found in the first row, an empty name is none at all.

    A dot leads into an object or a list: `doc.answer`, `arguments.0`.
    """

    completion: str | None = None
    answer: str | None = None
    id: str | None = None
    label: str | None = None
    kind: str | None = None
    group: str | None = None
    prompt: str | None = None

    def or_else(self, other: "Fields") -> "Fields":
        """Return these, with what is None taken from `other`.

        >>> Fields(answer="gold").or_else(Fields(answer="target", id="doc_id")).id
        'doc_id'
        """
        found = asdict(other)
        return Fields(**{name: found[name] if told is None else told for name, told in asdict(self).items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row as it lies in its file: its number there (from 1), how to name it in an error, its values."""

    number: int
    where: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One completion of a record, as its format reads it.

    Attributes:
        text: The completion.
        prompt: What was asked.
        name: What the record calls itself; None where it has no name: its number is taken.
        task: The id of the task; empty: the name.
        group: Rows of one group answer one task.
        metadata: What the verifier may need, and what the log recorded (`recorded_reward`).
        length: The completion was cut off at a limit.
    """

    text: str
    prompt: tuple[Message, ...] = ()
    name: Any = None
    task: str = ""
    group: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    length: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file.

    Attributes:
        name: What the user calls it.
        summary: One line: what it is and who writes it.
        origin: Where the meanings of its fields come from.
        needs: The fields without which a row cannot be read.
        fields: Where what stands, judged by the first row; an answer that is None stands nowhere.
        sniff: Whether the first row is of this format.
        read: The completions of one row; none where it holds none.
    """

    name: str
    summary: str
    origin: str
    needs: tuple[str, ...]
    fields: Callable[[Mapping[str, Any]], Fields]
    sniff: Callable[[Mapping[str, Any]], bool]
    read: Callable[[Record, Mapping[str, Any]], Iterable[Piece]]


def peek(values: Any, *path: str) -> Any:
    """Return what lies at the end of a path of names, or None where it breaks off.

    >>> peek({"output": {"completion": "4"}}, "output", "completion")
    '4'
    >>> peek({"output": 4}, "output", "completion") is None
    True
    """
    for name in path:
        if not isinstance(values, Mapping):
            return None
        values = values.get(name)
    return values


def object_at(record: Record, name: str) -> Mapping[str, Any]:
    """Return the object that a field holds.

    Raises:
        InputError: It holds something else.
    """
    value = record.values.get(name)
    if isinstance(value, Mapping):
        return value
    raise InputError(f"{record.where}: the field {name!r} is {type(value).__name__}, expected a JSON object.")


def items_at(record: Record, name: str) -> list[Any]:
    """Return the list that a field holds.

    Raises:
        InputError: It holds something else.
    """
    value = record.values.get(name)
    if isinstance(value, list):
        return value
    raise InputError(f"{record.where}: the field {name!r} is {type(value).__name__}, expected a list.")
