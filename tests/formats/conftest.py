"""What every test of a format needs: a file with rows in it, and what was read out of it."""

import json

import pytest

from rlvr.formats import Fields, open_rows


@pytest.fixture
def write(tmp_path):
    def write(*rows, name="rows.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def read():
    """Return the format's name and the rows of a file; fields are named by keyword."""

    def read(path, format=None, **fields):
        found = open_rows(path, fields=Fields(**fields), format=format)
        return found.format, list(found.rows)

    return read
