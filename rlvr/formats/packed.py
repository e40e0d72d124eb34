"""Samples of a packed log of inspect_ai: a zip with one JSON entry a sample."""

import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError
from rlvr.formats.nouns import Record

__all__ = ["read_packed"]

_ZSTD = 93  # a method of the zip format that Python reads from 3.14 on
_LOCAL_HEADER = struct.Struct("<26xHH")  # of an entry: the lengths of its name and of what follows that


def read_packed(source: Path) -> Iterator[Record]:
    """Yield the samples of a log, one in memory at a time.

    A sample that was written again (a retry) counts once, as it was last.

    Raises:
        InputError: It is no such log, or an entry cannot be read.
    """
    found = attempt(lambda: zipfile.ZipFile(source))
    if isinstance(found, Failure):
        raise InputError(f"{str(source)!r} is not a sound zip file: {found.summary.rstrip('.')}.")
    with found as archive:
        infos = {info.filename: info for info in archive.infolist()}
        samples = [i for name, i in infos.items() if name.startswith("samples/") and name.endswith(".json")]
        if not samples:
            raise InputError(
                f"{str(source)!r} is a zip file without samples/*.json: expected a log of inspect_ai (.eval) "
                "whose run has finished a sample."
            )
        for number, info in enumerate(samples, start=1):
            where = f"{str(source)!r} entry {info.filename!r}"
            yield Record(number=number, where=where, values=_sample(archive, info, where))


def _sample(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> dict[str, Any]:
    value = attempt(lambda: json.loads(_content(archive, info)))
    if isinstance(value, Failure):
        if isinstance(value.exception, InputError):
            raise InputError(f"{where}: {value.exception}")
        raise InputError(f"{where} cannot be read: {value.summary.rstrip('.')}.")
    if not isinstance(value, dict):
        raise InputError(f"{where} is {type(value).__name__}, expected a JSON object.")
    return value


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.compress_type != _ZSTD:
        return archive.read(info)
    native = attempt(lambda: archive.read(info))
    return _by_arrow(archive, info) if isinstance(native, Failure) else native


def _by_arrow(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        import pyarrow
    except ImportError:
        raise InputError(
            "its entries are packed with zstd, which needs `pyarrow` (or Python 3.14): "
            "pip install 'rlvr[data]'."
        ) from None
    file: Any = archive.fp
    file.seek(info.header_offset)
    name, extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    file.seek(name + extra, 1)
    with pyarrow.input_stream(pyarrow.py_buffer(file.read(info.compress_size)), compression="zstd") as stream:
        content: bytes = stream.read()
    return content
