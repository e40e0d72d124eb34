"""The rows of a file one after another, whatever holds them: JSON lines, a document, Parquet, a zip."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError
from rlvr.formats.nouns import Record
from rlvr.rows import read_jsonl

__all__ = ["read_records"]

_PACKED = {".parquet": "a Parquet file", ".eval": "a log of inspect_ai"}


def read_records(source: Path, *, meanwhile: Callable[[], None] | None = None) -> Iterator[Record]:
    """Yield the rows of a file (`-` is stdin), in constant memory unless it is one JSON document.

    `meanwhile` is called again and again while the writer of a pipe keeps us waiting for more.

    Raises:
        InputError: The file or a row of it cannot be read.
    """
    if source.suffix in _PACKED and not source.exists():
        raise InputError(f"no file {str(source)!r}: expected {_PACKED[source.suffix]}.")
    start = _start(source)
    if start == b"PAR1":
        from rlvr.formats.parquet import read_parquet

        yield from read_parquet(source)
    elif start == b"PK\x03\x04":
        from rlvr.formats.packed import read_packed

        yield from read_packed(source)
    elif source.suffix in _PACKED and start:
        raise InputError(f"{str(source)!r} is not {_PACKED[source.suffix]}, as its name says.")
    else:
        yield from _document(source) or _lines(source, meanwhile)


def _start(source: Path) -> bytes:
    # Of a regular file only: what is read from a pipe is gone.
    if not source.is_file():
        return b""
    found = attempt(lambda: source.open("rb"))
    if isinstance(found, Failure):
        return b""  # whoever reads it says why
    with found as file:
        return file.read(4)


def _lines(source: Path, meanwhile: Callable[[], None] | None) -> Iterator[Record]:
    for number, row in read_jsonl(source, meanwhile=meanwhile):
        yield Record(number=number, where=f"{str(source)!r} line {number}", values=row)


def _document(source: Path) -> Iterator[Record] | None:
    """Return the rows of a file that is one JSON value: an array, or the samples of an inspect_ai log."""
    if source.suffix != ".json" or not source.is_file():
        return None
    found = attempt(lambda: json.loads(source.read_bytes()))
    if isinstance(found, dict) and isinstance(found.get("samples"), list) and "eval" in found:
        return _rows(source, found["samples"])
    return _rows(source, found) if isinstance(found, list) else None


def _rows(source: Path, rows: list[Any]) -> Iterator[Record]:
    for number, row in enumerate(rows, start=1):
        where = f"{str(source)!r} row {number}"
        if not isinstance(row, dict):
            raise InputError(f"{where} is {type(row).__name__}, expected a JSON object.")
        yield Record(number=number, where=where, values=row)
