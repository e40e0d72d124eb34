"""Outside values into typed ones: TOML tables and `key=value` words, checked, with did-you-mean."""

import dataclasses
import inspect
import sys
import tomllib
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, UnknownName

__all__ = ["check_options", "coerce", "parse", "parse_value", "parse_words", "read_toml", "update"]

T = TypeVar("T")
_MISSING = dataclasses.MISSING


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; a missing, unreadable or malformed one is an `InputError`."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"no file {str(path)!r}: expected a TOML config, see configs/ for examples."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{str(path)!r} cannot be read as UTF-8 text: {error}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{str(path)!r} is not TOML: {error}.") from None


def parse_value(text: str) -> Any:
    """Read a value as TOML would, or take it as plain text.

    >>> parse_value("3"), parse_value("true"), parse_value("[1, 2]"), parse_value("test")
    (3, True, [1, 2], 'test')
    """
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):  # not TOML, a number of thousands of digits, nested too deep
        return text
    return table["value"] if len(table) == 1 else text


def parse_words(words: Iterable[str]) -> dict[str, Any]:
    """Read `a.b=value` words into a nested table.

    >>> parse_words(["run.seed=3", "model.name=scratch"])
    {'run': {'seed': 3}, 'model': {'name': 'scratch'}}
    """
    table: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        path = key.strip().split(".")
        if not equals or not all(path):
            raise InputError(f"{word!r} is not an option: expected key=value, as in seed=3.")
        place = table
        for name in path[:-1]:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise InputError(f"{word!r} goes into {name!r}, which already has a value.")
        place[path[-1]] = parse_value(text)
    return table


def update(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `table` with `changes` merged into it, table by table.

    >>> update({"run": {"seed": 0, "threads": 1}}, {"run": {"seed": 3}})
    {'run': {'seed': 3, 'threads': 1}}
    """
    merged = dict(table)
    for key, value in changes.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = update(old, value) if both and isinstance(old, Mapping) else value
    return merged


def parse(cls: type[T], table: Mapping[str, Any], *, where: str = "") -> T:
    """Make a dataclass from a table; `where` is the dotted path that messages start with.

    Raises:
        UnknownName: A key that the dataclass has no field for.
        InputError: A value of the wrong type, or a required key that is missing.
    """
    hints = typing.get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, cls))}
    for key in table:
        if key not in fields:
            raise UnknownName("key", f"{where}{key}", [f"{where}{name}" for name in fields])
    values = {}
    for name, field in fields.items():
        if name in table:
            values[name] = coerce(hints[name], table[name], f"{where}{name}")
        elif field.default is _MISSING and field.default_factory is _MISSING:
            raise InputError(f"the key {where + name!r} is missing: expected {_spoken(hints[name])}.")
    return cls(**values)


def check_options(factory: Callable[..., Any], options: Mapping[str, Any], *, owner: str) -> dict[str, Any]:
    """Check keyword options against a factory's signature and return them with their declared types.

    Raises:
        UnknownName: An option that the factory does not take.
        InputError: An option of the wrong type, or a required one that is missing.
    """
    signature = attempt(lambda: inspect.signature(factory))
    if isinstance(signature, Failure):  # some of C's functions have none
        return dict(options)
    parameters = signature.parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return dict(options)
    hints = _hints(factory)
    for name in options:
        if name not in parameters:
            raise UnknownName(f"option of {owner}", name, parameters)
    for name, parameter in parameters.items():
        needed = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        if needed and name not in options:
            raise InputError(
                f"{owner} needs the option {name!r} ({_spoken(hints.get(name, Any))}): give {name}=VALUE."
            )
    return {name: coerce(hints.get(name, Any), value, f"{owner}: {name}") for name, value in options.items()}


def coerce(hint: Any, value: Any, where: str) -> Any:
    """Return a value as its annotation wants it (a whole number as float, a list as tuple).

    Raises:
        InputError: It is of another type; `where` names it.
    """
    found = _try(hint, value, where)
    if found is _MISSING:
        raise InputError(f"{where} = {value!r} is of the wrong type: expected {_spoken(hint)}.")
    return found


def _hints(factory: Callable[..., Any]) -> dict[str, Any]:
    # What cannot be read (a partial, names imported for a type checker only) is not checked.
    annotated = vars(factory).get("__init__", factory) if isinstance(factory, type) else factory
    found = attempt(lambda: typing.get_type_hints(annotated))
    return {} if isinstance(found, Failure) else found


def _try(hint: Any, value: Any, where: str) -> Any:
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return parse(hint, value, where=f"{where}.") if isinstance(value, Mapping) else _MISSING
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        fits = (_try(option, value, where) for option in inner)
        return next((fit for fit in fits if fit is not _MISSING), _MISSING)
    if origin is Literal:
        return value if value in inner else _MISSING
    if origin in (tuple, list) or hint in (tuple, list):
        return _sequence(hint, value, where)
    return _plain(origin or hint, value)


def _sequence(hint: Any, value: Any, where: str) -> Any:
    if not isinstance(value, list | tuple):
        return _MISSING
    inner = typing.get_args(hint)
    each = inner[0] if inner else Any
    items = [coerce(each, item, f"{where}[{i}]") for i, item in enumerate(value)]
    return tuple(items) if tuple in (hint, typing.get_origin(hint)) else items


def _plain(kind: Any, value: Any) -> Any:
    if kind is types.NoneType:
        return None if value is None else _MISSING
    if kind is float:
        fits = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) <= sys.float_info.max
        )
        return float(value) if fits else _MISSING
    if kind is int:
        return value if isinstance(value, int) and not isinstance(value, bool) else _MISSING
    if kind is Path:
        return Path(value) if isinstance(value, str | Path) else _MISSING
    return value if isinstance(kind, type) and isinstance(value, kind) else _MISSING


def _spoken(hint: Any) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return "one of " + ", ".join(repr(option) for option in inner)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_spoken(option) for option in inner if option is not types.NoneType)
    names = {
        str: "text", int: "a whole number", float: "a finite number", bool: "true or false",
        dict: "a table", list: "a list", tuple: "a list", Mapping: "a table", Any: "a value", Path: "a path",
    }  # fmt: skip
    return names.get(origin or hint, "a table")
