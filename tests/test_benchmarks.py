"""What the benchmarks read of others is read as it stands there."""

import importlib
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
their_tests = importlib.import_module("math_verify_tests")


def test_cases_are_taken_from_their_tests_without_running_them():
    text = """
import pytest
raise SystemExit

@pytest.mark.parametrize("gold, pred, expected", [("$1$", "$2$", 0), (f"{1}", "1", 1)])
def test_plain(gold, pred, expected):
    assert compare(gold, pred, precision=6) == expected

@pytest.mark.parametrize("gold,pred,strict,result", [("a", "b", False, 1), ("a", "a", True, 1)])
def test_options(gold, pred, strict, result):
    assert compare(gold, pred, strict=strict) == result

@pytest.mark.parametrize("gold,pred,expected", [("1.1", "1", 1)])
def test_coarse(gold, pred, expected):
    assert compare(gold, pred, precision=1) == expected

@pytest.mark.parametrize("text,expected", [("1", 1)])
def test_parsing(text, expected):
    assert parse(text) == expected
"""
    rows = list(their_tests.read_tests({"test_x.py": text}))
    kept = [(row.place, row.gold, row.response, row.expected) for row in rows if not row.special]
    assert kept == [("test_x.py:5", "$1$", "$2$", False), ("test_x.py:9", "a", "a", True)]
    assert len(rows) == 5
