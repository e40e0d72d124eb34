"""Where labelled rows come from: a file of anyone's, or a labelled set by name."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from rlvr.boundary import prints_are_words
from rlvr.errors import InputError, UnknownName
from rlvr.formats import Fields, open_rows
from rlvr.registry import entries, judge, make_bench
from rlvr.stats import Reservoir
from rlvr.types import Labelled, LabelledSet

__all__ = ["Source", "expected", "open_source", "sampled"]


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


def open_source(word: str, fields: Fields, file_format: str | None) -> Source:
    """Open a file, or else the labelled set of this name.

    Args:
        word: A path, - for stdin, or a name.
        fields: Which field of a file holds what; None is detected.
        file_format: The name of the file's format; None is detected.

    Raises:
        UnknownName: It is neither (also AmbiguousName).
        InputError: It cannot be read.
    """
    if word != "-" and not Path(word).is_file() and (_is_set(word) or not Path(word).exists()):
        given = {**asdict(fields), "format": file_format}
        return _labelled_set(word, [name for name, value in given.items() if value])
    found = open_rows(Path(word), fields=fields, format=file_format)
    known = {name: value for name, value in asdict(found.fields).items() if value}
    about = {"source": word, "format": found.format, "fields": known}
    return Source(about=about, rows=found.rows, said=found.said)


def expected(name: str, made: LabelledSet | None) -> Mapping[str, Any]:
    """Return the options that a set's rows expect of the verifier that it was made for; none for another."""
    if made is None or not made.options:
        return {}
    try:
        same = judge(name).full_name == judge(made.verifier).full_name
    except UnknownName:
        return {}
    return made.options if same else {}


def sampled(rows: Iterator[Labelled], n: int, *, seed: int) -> Iterator[Labelled]:
    """Return n of the rows, all equally likely, in their order (fewer where there are fewer)."""
    sample = Reservoir[Labelled](n, random=Random(seed))
    for row in rows:
        sample.offer(row)
    return iter(sample.items())


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
