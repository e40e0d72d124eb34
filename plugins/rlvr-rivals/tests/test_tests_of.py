"""Tests of a task in the forms that the rivals take, and the program of a completion."""

import pytest
from rlvr_rivals.tests_of import Unreadable, program_of, read

CHECK = "METADATA = {}\n\ndef check(candidate):\n    '''Some.'''\n    assert True\n    assert candidate([1], 'a') == -2.5\n"


@pytest.mark.parametrize(
    ("answer", "pairs"),
    [
        ({"check": CHECK}, ([[[1], "a"]], [-2.5])),
        ({"asserts": ["assert f(1) == (2, 3)", "assert f(2) == None, 'why'"]}, ([[1], [2]], [(2, 3), None])),
        ({"tests": {"asserts": ["assert f() == {}"]}}, ([[]], [{}])),
        ({"inputs": [[1, 2], [3]], "outputs": [4, "5"]}, ([[1, 2], [3]], [4, "5"])),
    ],
)
def test_calls_and_values_are_read_from_every_form(answer, pairs):
    assert read({"entry_point": "f", **answer}).calls() == pairs


@pytest.mark.parametrize(
    "test",
    [
        "assert abs(f(1) - 2) < 1e-6",
        "assert f(1) == f(2)",
        "assert f(x=1) == 2",
        "assert g(1) == 2",
        "assert f(1) == 2 == 2",
        "assert f(1) != 2",
        "for i in range(3): assert f(i) == i",
        "assert f(",
        "pass",
    ],
)
def test_test_code_that_is_more_than_calls_and_values_has_none(test):
    tests = read({"entry_point": "f", "asserts": [test]})

    with pytest.raises(Unreadable):
        tests.calls()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "assert f(1) == 2",
        {},
        {"entry_point": "f"},
        {"entry_point": "f", "asserts": []},
        {"entry_point": "Class.f", "asserts": ["assert f(1) == 2"]},
        {"stdio": True, "inputs": ["1"], "outputs": ["2"]},
        {"entry_point": "f", "inputs": [[1]], "outputs": []},
        {"entry_point": "f", "inputs": [1], "outputs": [1]},
    ],
)
def test_what_holds_no_test_of_a_function_is_unreadable(answer):
    with pytest.raises(Unreadable):
        read(answer)


@pytest.mark.parametrize(
    "answer",
    [
        {"check": "def check(candidate):\n    assert candidate(2) == 4\n"},
        {"asserts": ["assert f(2) == 4"]},
        {"asserts": ["assert f(two) == 4"], "setup": "two = 2"},
        {"asserts": ["assert f(math.ceil(1.5)) == 4"], "imports": ["import math"]},
        {"inputs": [[2]], "outputs": [4]},
    ],
)
def test_the_test_code_accepts_a_right_function_and_no_wrong_one(answer):
    text = read({"entry_point": "f", **answer}).check_text()

    def passes(program):
        space = {}
        exec(f"{program}\n{text}", space)
        space["check"](space["f"])

    passes("def f(x): return 2 * x")
    with pytest.raises(AssertionError):
        passes("def f(x): return x")


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("    return x", "def f(x):\n    return x"),
        (
            "First:\n```\nno\n```\nbetter:\n```python\ndef f(x):\n    return x\n```\nDone.",
            "def f(x):\ndef f(x):\n    return x\n",
        ),
        ("", "def f(x):\n"),
    ],
)
def test_the_program_is_the_last_block_else_the_whole_after_what_it_continues(text, program):
    tests = read({"entry_point": "f", "check": "def check(f): ...", "prefix": "def f(x):\n"})

    assert program_of(text, tests) == program
