"""Rows of a data set: a local JSONL, JSON or Parquet file, or a set on a hub."""

import io
import json
import os
import select
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, UnknownName
from rlvr.types import Task

__all__ = ["field", "read_jsonl", "rows", "unique"]

_EXTRA = "Parquet files and hub data sets need the `datasets` library: pip install 'rlvr[data]'."
_LOCAL = (".jsonl", ".json", ".ndjson", ".parquet", ".jsonl.gz")
_NAP_S = 0.05


def rows(source: str, *, split: str = "train", config: str = "", limit: int = 0) -> list[dict[str, Any]]:
    """Return the rows of `source`: a local file by its ending, else a data set by its hub id.

    `split` and `config` name a part of a hub set and are not used for a file; `limit` takes the first rows,
    0 all of them.

    Raises:
        InputError: No such file, an empty one, a row that is not a JSON object, a set that cannot be had,
            a limit below 0.
    """
    if limit < 0:
        raise InputError(f"limit = {limit} is negative: expected 0 (all rows) or a number of rows.")
    path = Path(source).expanduser()
    if path.exists() or source.endswith(_LOCAL):
        found = _parquet(path) if path.suffix == ".parquet" else _json(path)
    else:
        found = _from_hub(source, split=split, config=config)
    if not found:
        raise InputError(f"the data set {source!r} is empty: expected one row or more.")
    return found[: limit or None]


def unique(tasks: list[Task], *, way_out: str = "") -> list[Task]:
    """Return the tasks of a set, whose rows must have made them with different ids.

    Raises:
        InputError: Two have the same.
    """
    task_id, count = Counter(task.id for task in tasks).most_common(1)[0]
    if count > 1:
        words = f"{count} rows have the id {task_id!r}: expected ids to be unique. {way_out}"
        raise InputError(words.rstrip())
    return tasks


def read_jsonl(
    path: Path, *, meanwhile: Callable[[], None] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) of a JSONL file (`-` is stdin, `.gz` is unpacked), in constant memory.

    `meanwhile` is called again and again while the writer of a pipe keeps us waiting for more.

    Raises:
        InputError: The file is missing or not UTF-8, or a line is not a JSON object. A last line without
            its newline that does not parse is called torn, since that is what it is.
    """
    for number, line, ended in _lines(path, meanwhile):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # also a number of thousands of digits
            what = "is torn (cut off in the middle)" if not ended else "is not JSON"
            raise InputError(
                f"{str(path)!r} line {number} {what}: {error}. Expected one JSON object a line."
            ) from None
        if not isinstance(row, dict):
            raise InputError(f"{str(path)!r} line {number} is {type(row).__name__}, expected a JSON object.")
        yield number, row


def field(row: Mapping[str, Any], name: str, *, where: str, way_out: str) -> Any:
    """Return a field of a row, or say which fields there are.

    Raises:
        InputError: The row has no such field.
    """
    if name in row:
        return row[name]
    message = UnknownName("field", name, row.keys()).args[0]
    raise InputError(f"{where}: {message} {way_out}")


def _json(path: Path) -> list[dict[str, Any]]:
    # One array, as many tools write it, or one object a line.
    found = attempt(lambda: json.loads(path.read_bytes())) if path.suffix == ".json" else None
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    return [row for _, row in read_jsonl(path)]


def _lines(path: Path, meanwhile: Callable[[], None] | None) -> Iterator[tuple[int, str, bool]]:
    number = 0
    try:
        with _open(path, meanwhile) as file:
            for number, raw in enumerate(file, start=1):
                yield number, raw.decode("utf-8"), raw.endswith(b"\n")
    except FileNotFoundError:
        raise InputError(f"no file {str(path)!r}: expected a JSONL file.") from None
    except UnicodeDecodeError:
        raise InputError(
            f"{str(path)!r} line {number} is not UTF-8: save it as UTF-8, as in `iconv -t utf-8`."
        ) from None
    except BrokenPipeError:  # not ours: of what is done meanwhile
        raise
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"{str(path)!r} cannot be read: {why or error}.") from None


def _open(path: Path, meanwhile: Callable[[], None] | None) -> Any:
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path, "rb")
    file: Any = path.open("rb") if str(path) != "-" else sys.stdin.buffer if sys.stdin else None
    if file is None:
        raise InputError("stdin is closed: expected JSON lines from it.")
    return file if meanwhile is None else _patient(file, meanwhile)


def _patient(file: Any, meanwhile: Callable[[], None]) -> Any:
    try:
        file.fileno()
    except OSError:  # no real file, as in a test
        return file
    return io.BufferedReader(_Patient(file, meanwhile), 1 << 16)


class _Patient(io.RawIOBase):
    """A file to read from, and something to do while there is nothing to read."""

    def __init__(self, file: Any, meanwhile: Callable[[], None]) -> None:
        self._file = file
        self._meanwhile = meanwhile

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes, and read some."""
        while not select.select([self._file.fileno()], [], [], _NAP_S)[0]:
            self._meanwhile()
        return os.readv(self._file.fileno(), [buffer])

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _parquet(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        raise InputError(f"no file {str(path)!r}: expected a Parquet file.")
    try:
        import pyarrow.parquet
    except ImportError:
        raise InputError(_EXTRA) from None
    found = attempt(lambda: pyarrow.parquet.read_table(path).to_pylist())
    if isinstance(found, Failure):
        raise InputError(f"{str(path)!r} is not a Parquet file: {found.summary.rstrip('.')}.")
    rows_found: list[dict[str, Any]] = found
    return rows_found


def _from_hub(source: str, *, split: str, config: str) -> list[dict[str, Any]]:
    found = attempt(lambda: _datasets().load_dataset(source, config or None, split=split))
    if isinstance(found, Failure):
        if isinstance(found.exception, InputError):
            raise found.exception
        raise InputError(
            f"the data set {source!r} (split {split!r}) is neither a file here nor to be had from the hub: "
            f"{found.summary.rstrip('.')}. Give a local JSONL or Parquet file instead."
        )
    return [dict(row) for row in found]


def _datasets() -> Any:
    try:
        import datasets
    except ImportError:
        raise InputError(_EXTRA) from None
    return datasets
