"""Rows of a data set: local files as they come, and one clear line where they cannot be read."""

import gzip
import io
import json
import os
import sys
import threading
from pathlib import Path

import pytest

from rlvr.errors import InputError
from rlvr.rows import field, read_jsonl, rows, unique
from rlvr.types import Task

ROWS = [{"a": 1, "b": "\u00e9\u2028\ud83d\ude00"}, {"a": 2}]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def test_a_jsonl_file_yields_line_numbers_and_rows_and_skips_blank_lines(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text('{"a": 1}\n\n  \n{"a": 2}')

    assert list(read_jsonl(path)) == [(1, {"a": 1}), (4, {"a": 2})]


def test_windows_line_ends_are_line_ends(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"a": 1}\r\n\r\n{"a": 2}\r\n')

    assert [row for _, row in read_jsonl(path)] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", LINES.encode()),
        ("r.ndjson", LINES.encode()),
        ("r.json", LINES.encode()),
        ("r.json", json.dumps(ROWS).encode()),
        ("r.json", json.dumps(ROWS, indent=2).encode()),
        ("r.jsonl.gz", gzip.compress(LINES.encode(), mtime=0)),
    ],
)
def test_local_files_are_read_by_their_ending(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    assert rows(str(tmp_path / name)) == json.loads(json.dumps(ROWS))


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "r.jsonl").write_text(LINES)

    assert len(rows("~/r.jsonl")) == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "no file '{path}': expected a JSONL file."),
        (b'{"a": 1}\n{"a":', "'{path}' line 2 is torn (cut off in the middle): Expecting value: "),
        (b'{"a": 1}\nhello\n', "'{path}' line 2 is not JSON: Expecting value: line 1 column 1 (char 0). "),
        (b"[1]\n", "'{path}' line 1 is list, expected a JSON object."),
        (b"3\n", "'{path}' line 1 is int, expected a JSON object."),
        (b"null\n", "'{path}' line 1 is NoneType, expected a JSON object."),
        (b'{"a": 1}\n{"a": "\xff"}\n', "'{path}' line 2 is not UTF-8: save it as UTF-8, as in `iconv"),
        (b'{"a": ' + b"9" * 5000 + b"}\n", "'{path}' line 1 is not JSON: Exceeds the limit (4300 digits)"),
        (b"[" * 100_000 + b"\n", "'{path}' line 1 is not JSON: maximum recursion depth exceeded"),
        (b"\xef\xbb\xbf{}\n", "'{path}' line 1 is not JSON: Unexpected UTF-8 BOM"),
    ],
    ids=["missing", "torn", "words", "array", "number", "null", "not UTF-8", "digits", "deep", "BOM"],
)
def test_a_line_that_cannot_be_read_is_named_and_those_before_it_come(tmp_path, content, fault):
    path = tmp_path / "r.jsonl"
    if content is not None:
        path.write_bytes(content)
    seen = []

    with pytest.raises(InputError) as caught:
        collect(seen, read_jsonl(path))

    assert str(caught.value).startswith(fault.format(path=path))
    assert len(str(caught.value).splitlines()) == 1
    assert seen == ([{"a": 1}] if content and content.startswith(b'{"a": 1}') else [])


def collect(seen, pairs):
    for _, row in pairs:
        seen.append(row)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"not gzip", "cannot be read: Not a gzipped file"),
        (gzip.compress(LINES.encode(), mtime=0)[:-10], "cannot be read: Compressed file ended before"),
        (gzip.compress(LINES.encode() * 99, mtime=0)[:40] + b"\xff" * 40, "cannot be read: "),
    ],
    ids=["not packed", "torn", "garbled"],
)
def test_a_packed_file_that_cannot_be_unpacked_is_one_line(tmp_path, content, fault):
    path = tmp_path / "r.jsonl.gz"
    path.write_bytes(content)

    with pytest.raises(InputError, match=fault):
        list(read_jsonl(path))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read: Is a directory\.$"):
        rows(str(tmp_path))


@pytest.mark.parametrize(("name", "content"), [("r.jsonl", "\n\n"), ("r.json", "[]")])
def test_an_empty_data_set_is_said_to_be_empty(tmp_path, name, content):
    (tmp_path / name).write_text(content)

    with pytest.raises(InputError, match=r"is empty: expected one row or more\.$"):
        rows(str(tmp_path / name))


def test_a_hub_set_without_the_data_extra_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match=r"need the `datasets` library: pip install 'rlvr\[data\]'\.$"):
        rows("someone/some-set")


def test_a_parquet_file_that_is_not_there_is_no_hub_set():
    with pytest.raises(InputError, match=r"^no file 'there-is-no/file.parquet': expected a Parquet file\.$"):
        rows("there-is-no/file.parquet")


def test_a_field_that_is_there_is_returned_even_if_it_is_null():
    assert field({"a": None}, "a", where="here", way_out="") is None


def test_a_field_that_is_not_there_says_which_are():
    with pytest.raises(InputError) as caught:
        field({"question": 1, "answer": 2}, "anwser", where="r.jsonl line 3", way_out="Give -o answer=NAME.")

    assert str(caught.value) == (
        "r.jsonl line 3: no field named 'anwser'. Did you mean 'answer'? Give -o answer=NAME."
    )


class Stdin:
    def __init__(self, buffer):
        self.buffer = buffer


def test_a_dash_is_stdin(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(LINES.encode())))

    assert len(list(read_jsonl(Path("-"), meanwhile=lambda: None))) == 2


def test_a_closed_stdin_is_one_line(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)

    with pytest.raises(InputError, match="stdin is closed"):
        list(read_jsonl(Path("-")))


def test_while_a_pipe_keeps_us_waiting_there_is_something_else_to_do(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    waited = threading.Event()

    def write():
        with path.open("w") as pipe:
            pipe.write('{"a": 1}\n{"a"')
            pipe.flush()
            assert waited.wait(10)
            pipe.write(": 2}\n")

    writer = threading.Thread(target=write)
    writer.start()
    found = list(read_jsonl(path, meanwhile=waited.set))
    writer.join()

    assert [row for _, row in found] == [{"a": 1}, {"a": 2}]
    assert waited.is_set()


def test_a_limit_takes_the_first_rows_and_is_never_negative(tmp_path):
    file = tmp_path / "set.jsonl"
    file.write_text('{"n": 1}\n{"n": 2}\n{"n": 3}\n')

    assert [row["n"] for row in rows(str(file), limit=2)] == [1, 2]
    assert len(rows(str(file), limit=0)) == len(rows(str(file), limit=9)) == 3
    with pytest.raises(InputError, match="limit = -1 is negative"):
        rows(str(file), limit=-1)


def test_two_tasks_with_one_id_are_told_with_the_way_out():
    tasks = [Task(id=name, prompt=()) for name in ("a", "b", "a")]

    assert unique(tasks[:2]) == tasks[:2]
    with pytest.raises(
        InputError, match=r"2 rows have the id 'a': expected ids to be unique\. Name another\.$"
    ):
        unique(tasks, way_out="Name another.")
