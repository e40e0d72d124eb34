"""Where labelled rows come from: a file of anyone's, or a labelled set by name."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from rlvr.boundary import prints_are_words
from rlvr.errors import InputError, UnknownName
from rlvr.formats import Fields, open_rows
from rlvr.registry import entries, make_bench
from rlvr.types import Labelled, LabelledSet

__all__ = ["Source", "field_options", "open_source"]

F = TypeVar("F")

_FIELDS = {
    "completion": "the completion",
    "answer": "the reference",
    "id": "the row's id",
    "label": "whether the completion is right",
    "kind": "what sort of row it is",
    "group": "what rows of one task share",
    "prompt": "the prompt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Labelled rows, and where they come from.

    Attributes:
        about: The same for a result: source, format, fields.
        rows: The rows, once.
        said: What was detected, as a sentence; empty where nothing had to be.
        made: The labelled set, where it is one.
    """

    about: Mapping[str, Any]
    rows: Iterator[Labelled]
    said: str = ""
    made: LabelledSet | None = None


def field_options(command: F) -> F:
    """Add an option for each field of a foreign file, and --format."""
    add: Any = command
    add = click.option("--format", "form", metavar="F", help="Format of the file [detected].")(add)
    for name, what in reversed(_FIELDS.items()):
        add = click.option(f"--{name}-field", metavar="F", help=f"Field with {what} [detected].")(add)
    found: F = add
    return found


def open_source(word: str, given: Mapping[str, str | None], form: str | None) -> Source:
    """Open a file, or else the labelled set of this name.

    Args:
        word: A path, - for stdin, or a name.
        given: Fields by the names of their options (`completion_field`); None is detected.
        form: The name of the file's format; None is detected.

    Raises:
        UnknownName: It is neither (also AmbiguousName).
        InputError: It cannot be read.
    """
    fields = {name: given.get(f"{name}_field") for name in _FIELDS}
    if word != "-" and not Path(word).is_file() and (_is_set(word) or not Path(word).exists()):
        return _labelled_set(word, [name for name, value in {**fields, "format": form}.items() if value])
    found = open_rows(Path(word), fields=Fields(**fields), format=form)
    known = {name: value for name, value in asdict(found.fields).items() if value}
    about = {"source": word, "format": found.format, "fields": known}
    return Source(about=about, rows=found.rows, said=found.said)


def _is_set(name: str) -> bool:
    return any(name in (entry.full_name, entry.spec.name) for entry in entries("bench"))


def _labelled_set(name: str, given: list[str]) -> Source:
    if not _is_set(name):
        raise UnknownName("file or labelled set", name, [entry.name for entry in entries("bench")])
    if given:
        raise InputError(f"{name!r} is a labelled set: {', '.join(given)} can be given for files only.")
    with prints_are_words():
        made = make_bench(name)
        rows = made.rows()
    about = {"source": made.name, "format": "set", "version": made.version, "fields": {}}
    return Source(about=about, rows=rows, made=made)
