"""What lies in a field of a record, and one clear line where nothing does."""

import json
from collections.abc import Mapping
from typing import Any

from rlvr.errors import InputError
from rlvr.formats.nouns import Record
from rlvr.rows import field

__all__ = ["at", "kind_of", "name_at", "require", "required_at", "shown_fields", "word_at"]

_DEEPEST = 100


def at(values: Mapping[str, Any], name: str) -> Any:
    """Return what lies in a field, which may be a path with dots, or None.

    >>> at({"doc": {"answer": "4"}}, "doc.answer"), at({"a.b": 1}, "a.b"), at({"a": [1, 2]}, "a.1")
    ('4', 1, 2)
    """
    if name in values:
        return values[name]
    found: Any = values
    for part in name.split("."):
        found = _step(found, part)
    return found


def required_at(record: Record, name: str, option: str) -> Any:
    """Return what lies in a field that must be there.

    Raises:
        InputError: It is not; the line says which are, and which option names another.
    """
    if name in record.values or "." not in name:
        return field(record.values, name, where=record.where, way_out=_way_out(option))
    found: Any = record.values
    for part in name.split("."):
        if isinstance(found, list) and _index(part, found) is not None:
            found = _step(found, part)
            continue
        has = found if isinstance(found, Mapping) else {}
        found = field(has, part, where=f"{record.where}, {name!r}", way_out=_way_out(option))
    return found


def word_at(record: Record, name: str) -> str:
    """Return a field as a word; empty where it is absent or null.

    Raises:
        InputError: It holds a list or an object.
    """
    value = at(record.values, name)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise InputError(f"{record.where}: the field {name!r} is {kind_of(value)}, expected a word or a number.")


def name_at(record: Record, name: str) -> Any:
    """Return what a row calls itself: any JSON value that is not nested out of all measure.

    Raises:
        InputError: It is not there, or it is.
    """
    value = required_at(record, name, "--id-field")
    level = [value]
    for _ in range(_DEEPEST):
        inner = [list(one.values()) if isinstance(one, dict) else one for one in level]
        level = [part for one in inner if isinstance(one, list) for part in one]
        if not level:
            return value
    raise InputError(
        f"{record.where}: the id {name!r} is nested over {_DEEPEST} deep. {_way_out('--id-field')}"
    )


def require(name: str | None, known: tuple[str, ...], record: Record, option: str) -> None:
    """Refuse a row in which no field was found.

    Raises:
        InputError: The name is None or empty.
    """
    if not name:
        raise InputError(
            f"{record.where}: none of the fields {', '.join(known)}. It has {shown_fields(record.values)}: "
            f"name the right one with {option}."
        )


def shown_fields(values: Mapping[str, Any]) -> str:
    """Return the names of a row's fields for an error, a dozen at most.

    >>> shown_fields({"b": 1, "a": 2, chr(7): 3})[-4:]
    'a, b'
    """
    names = sorted(values)
    shown = ", ".join(name if name.isprintable() else repr(name) for name in names[:12])
    return f"{shown}{', ...' if len(names) > 12 else ''}" or "none"


def kind_of(value: Any) -> str:
    """Return what a JSON value is, for an error.

    >>> kind_of(None), kind_of([])
    ('null', 'list')
    """
    return "null" if value is None else type(value).__name__


def _step(values: Any, part: str) -> Any:
    if isinstance(values, list):
        index = _index(part, values)
        return None if index is None else values[index]
    return values.get(part) if isinstance(values, Mapping) else None


def _index(part: str, values: list[Any]) -> int | None:
    # Of a few digits: a longer number is no index, and `int` refuses thousands of them.
    number = int(part) if part.isascii() and part.isdecimal() and len(part) < 9 else len(values)
    return number if number < len(values) else None


def _way_out(option: str) -> str:
    return f"Name the right one with {option}."
