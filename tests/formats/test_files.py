"""What a file may be packed in, and every way in which it may be broken."""

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from pathlib import Path

import pytest

from rlvr.errors import InputError
from rlvr.formats import Fields, open_rows

from .test_logs import SAMPLE

ROW = {"completion": "4", "answer": "4", "label": True}
LINE = json.dumps(ROW) + "\n"


def texts(path, **fields):
    return [row.completion.text for row in open_rows(path, fields=Fields(**fields)).rows]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", (LINE * 2).encode()),
        ("rows", (LINE * 2).encode()),
        ("rows.jsonl.gz", gzip.compress((LINE * 2).encode(), mtime=0)),
        ("rows.json", (LINE * 2).encode()),
        ("rows.json", json.dumps([ROW, ROW], indent=2).encode()),
        ("rows.jsonl", (LINE + "\n\r\n" + LINE.rstrip()).encode()),
    ],
    ids=["jsonl", "no ending", "gz", "lines in a .json", "array", "blank lines and no last newline"],
)
def test_lines_arrays_and_packed_lines_are_read_alike(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    assert texts(tmp_path / name) == ["4", "4"]


class Stdin:
    def __init__(self, text):
        self.buffer = io.BytesIO(text.encode())


def test_a_dash_is_stdin(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Stdin(LINE))

    found = open_rows(Path("-"), fields=Fields())

    assert found.said.startswith("'-' is read as plain: completion in 'completion', ")
    assert [row.label for row in found.rows] == [True]


def test_rows_come_while_the_writer_of_a_pipe_is_still_at_it(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    waited, read_one = threading.Event(), threading.Event()

    def write():
        with path.open("w") as pipe:
            assert waited.wait(10)
            pipe.write(LINE)
            pipe.flush()
            assert read_one.wait(10)
            pipe.write(LINE)

    writer = threading.Thread(target=write)
    writer.start()
    rows = open_rows(path, fields=Fields(), meanwhile=waited.set).rows
    first = next(rows)
    read_one.set()
    rest = list(rows)
    writer.join()

    assert (first.id, [row.id for row in rest]) == ("1", ["2"])


def test_parquet_is_read_whatever_its_name_and_becomes_plain_data(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "rows.data"
    columns = {
        "completion": ["4", "5"],
        "answer": [4, 4],
        "label": [True, False],
        "when": pyarrow.array([0, 1], type=pyarrow.date32()),
        "raw": [b"\xff", None],
        "inner": [{"a": [1.5, float("nan")]}, None],
    }
    parquet.write_table(pyarrow.table(columns), path)

    rows = list(open_rows(path, fields=Fields()).rows)

    assert [(row.id, row.completion.text, row.task.answer, row.label) for row in rows] == [
        ("1", "4", 4, True),
        ("2", "5", 4, False),
    ]
    assert rows[0].task.metadata == {"when": "1970-01-01", "raw": "\ufffd", "inner": {"a": [1.5, None]}}


def test_a_parquet_row_that_cannot_be_read_is_named_by_its_number(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.table({"completion": ["4", None], "answer": ["4", "4"]}), path)
    rows = open_rows(path, fields=Fields()).rows

    assert next(rows).completion.text == "4"
    with pytest.raises(
        InputError, match="row 2: the field 'completion' is null, expected text or chat messages"
    ):
        next(rows)


def test_parquet_without_its_library_names_the_extra(tmp_path, monkeypatch):
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 and more")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(InputError, match=r"need the `pyarrow` library: pip install 'rlvr\[data\]'\.$"):
        open_rows(tmp_path / "rows.parquet", fields=Fields())


def packed(path, samples, *, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("header.json", json.dumps({"version": 2}))
        for name, sample in samples:
            archive.writestr(
                f"samples/{name}.json", sample if isinstance(sample, str) else json.dumps(sample)
            )
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_packed_log_of_inspect_counts_a_sample_that_was_written_again_once(tmp_path):
    again = {**SAMPLE, "output": {"completion": "second try"}}
    path = packed(tmp_path / "log.eval", [("a_epoch_1", SAMPLE), ("b_epoch_1", SAMPLE), ("a_epoch_1", again)])

    found = open_rows(path, fields=Fields())

    assert found.format == "inspect"
    assert [row.completion.text for row in found.rows] == ["second try", "It is 4"]


def zipped(name, content, squeezed, *, method):
    """Return a zip file of one entry: the standard library writes no zstd (93) before Python 3.14."""
    about = struct.pack(
        "<HHHHHIIIHH", 20, 0, method, 0, 0, zlib.crc32(content), len(squeezed), len(content), len(name), 0
    )
    local = b"PK\x03\x04" + about + name + squeezed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def test_a_log_of_inspect_that_is_packed_with_zstd_is_read(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    content, path = json.dumps(SAMPLE).encode(), tmp_path / "log.eval"
    frames = [pyarrow.Codec("zstd").compress(part, asbytes=True) for part in (content[:50], content[50:])]
    path.write_bytes(zipped(b"samples/a_epoch_1.json", content, b"".join(frames), method=93))

    assert texts(path) == ["It is 4"]


def test_zstd_without_a_library_for_it_names_the_extra(tmp_path, monkeypatch):
    path = tmp_path / "log.eval"
    path.write_bytes(zipped(b"samples/a_epoch_1.json", b"{}", b"?", method=93))
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(InputError, match=r"entry .*: its entries are packed with zstd, .* 'rlvr\[data\]'\.$"):
        open_rows(path, fields=Fields())


@pytest.mark.parametrize("method", [93, 99])
def test_an_entry_that_cannot_be_unpacked_is_one_line(tmp_path, method):
    pytest.importorskip("pyarrow")
    path = tmp_path / "log.eval"
    path.write_bytes(zipped(b"samples/a_epoch_1.json", b"{}", b"?", method=method))

    with pytest.raises(InputError, match=r"entry 'samples/a_epoch_1\.json' cannot be read: ") as caught:
        open_rows(path, fields=Fields())

    assert len(str(caught.value).splitlines()) == 1


def test_a_json_log_of_inspect_is_read(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(
        json.dumps({"version": 2, "status": "success", "eval": {}, "samples": [SAMPLE]}, indent=2)
    )

    found = open_rows(path, fields=Fields())

    assert (found.format, [row.id for row in found.rows]) == ("inspect", ["a#2"])


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("rows.jsonl", None, "no file '{path}': expected a JSONL file."),
        ("rows.parquet", None, "no file '{path}': expected a Parquet file."),
        ("log.eval", None, "no file '{path}': expected a log of inspect_ai."),
        ("rows.jsonl", b"", "'{path}' holds no row: expected one JSON object a line."),
        ("rows.json", b"[]", "'{path}' holds no row: expected one JSON object a line."),
        ("rows.jsonl", b'{"completion": "4", "ans', "'{path}' line 1 is torn (cut off in the middle): "),
        ("rows.jsonl", b'{"completion": ' + b"[" * 10_000 + b"\n", "'{path}' line 1 is not JSON: "),
        ("rows.json", b"[" * 10_000, "'{path}' line 1 is torn (cut off in the middle): maximum recursion"),
        ("rows.json", b"[1]", "'{path}' row 1 is int, expected a JSON object."),
        ("rows.jsonl", b"\xff\n", "'{path}' line 1 is not UTF-8"),
        ("rows.parquet", b"PAR1 torn", "'{path}' is not a sound Parquet file: "),
        ("rows.parquet", LINE.encode(), "'{path}' is not a Parquet file, as its name says."),
        ("rows.jsonl.gz", b"\x1f\x8b\x08\x00", "'{path}' cannot be read: "),
        ("log.eval", b"PK\x03\x04 torn", "'{path}' is not a sound zip file: "),
        ("log.eval", LINE.encode(), "'{path}' is not a log of inspect_ai, as its name says."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, name, content, fault):
    if name == "rows.parquet" and content:
        pytest.importorskip("pyarrow")
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        open_rows(path, fields=Fields())

    assert str(caught.value).startswith(fault.format(path=path))
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("samples", "fault"),
    [
        ([], r"is a zip file without samples/\*\.json"),
        ([("a", "{")], r"entry 'samples/a\.json' cannot be read: JSONDecodeError"),
        ([("a", "[1]")], r"entry 'samples/a\.json' is list, expected a JSON object\."),
        ([("a", "[" * 10_000)], r"entry 'samples/a\.json' cannot be read: RecursionError"),
    ],
)
def test_a_packed_log_that_cannot_be_read_names_its_entry(tmp_path, samples, fault):
    with pytest.raises(InputError, match=fault):
        open_rows(packed(tmp_path / "log.eval", samples), fields=Fields())


def test_texts_of_ten_megabytes_and_of_lone_surrogates_come_whole(tmp_path):
    path = tmp_path / "rows.jsonl"
    long = "x" * 10_000_000
    path.write_text(
        "".join(json.dumps({"completion": text, "answer": "4"}) + "\n" for text in (long, "\ud800\x00"))
    )

    assert texts(path) == [long, "\ud800\x00"]


MEASURED = """
import resource, sys
from pathlib import Path
from rlvr.formats import Fields, open_rows
n = sum(1 for _ in open_rows(Path(sys.argv[1]), fields=Fields()).rows)
print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak_mb(path, n):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, text=True, check=True
    )
    count, mb = done.stdout.split()
    assert int(count) == n
    return float(mb)


def test_memory_does_not_grow_with_the_lines(tmp_path):
    for n in (1_000, 100_000):
        (tmp_path / f"{n}.jsonl").write_text(LINE.replace('"4"', '"the answer is 4"', 1) * n)

    small_mb, large_mb = (peak_mb(tmp_path / f"{n}.jsonl", n) for n in (1_000, 100_000))

    assert large_mb - small_mb < 5


def test_memory_does_not_grow_with_the_rows_of_a_parquet_file(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    for n in (10_000, 100_000):
        column = [f"{i}: the answer is 4, and so on and on" for i in range(n)]
        table = pyarrow.table({"completion": column, "answer": ["4"] * n})
        parquet.write_table(table, tmp_path / f"{n}.parquet", row_group_size=5_000)

    small_mb, large_mb = (peak_mb(tmp_path / f"{n}.parquet", n) for n in (10_000, 100_000))

    assert large_mb - small_mb < 40
