"""Rows of a Parquet file, a few at a time, as plain data."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError
from rlvr.formats.nouns import Record

__all__ = ["read_parquet"]

_AT_ONCE = 64  # rows may be megabytes each


def read_parquet(source: Path) -> Iterator[Record]:
    """Yield the rows of a Parquet file; what JSON has no type for (dates, bytes, decimals) becomes text.

    Raises:
        InputError: pyarrow is absent, or the file is torn.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise InputError("Parquet files need the `pyarrow` library: pip install 'rlvr[data]'.") from None
    batches = _sound(source, attempt(lambda: pyarrow.parquet.ParquetFile(source).iter_batches(_AT_ONCE)))
    number = 0
    while True:
        rows = _sound(source, attempt(lambda: [batch.to_pylist() for batch in _next(batches)]))
        if not rows:
            return
        for row in rows[0]:
            number += 1
            yield Record(number=number, where=f"{str(source)!r} row {number}", values=_plain(row))


def _next(batches: Iterator[Any]) -> Iterator[Any]:
    batch = next(batches, None)
    return iter(() if batch is None else (batch,))


def _sound(source: Path, found: Any) -> Any:
    if isinstance(found, Failure):
        raise InputError(f"{str(source)!r} is not a sound Parquet file: {found.summary.rstrip('.')}.")
    return found


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None  # pandas writes nan for a value that is missing
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
