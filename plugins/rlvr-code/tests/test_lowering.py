import pytest
from rlvr_code.compare import EXACT, PYTHON
from rlvr_code.kinds import Case, Examine, Values
from rlvr_code.lowering import cases_of_asserts, cases_of_check
from rlvr_code.reference import read


def check(*lines):
    return "METADATA = {}\n\ndef check(candidate):\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "case"),
    [
        ("assert candidate(1, 'a') == [2]", Case(args=(1, "a"), expected=[2], equality=PYTHON)),
        ("assert candidate(-1) == -2.5, 'why'", Case(args=(-1,), expected=-2.5, equality=PYTHON)),
        ("assert candidate() is None", Case(args=(), expected=None, equality=EXACT)),
        ("assert candidate(1) is True", Case(args=(1,), expected=True, equality=EXACT)),
        ("assert f(1) == 2", Case(args=(1,), expected=2, equality=PYTHON)),
        ("assert candidate([1] * 3) == 2", Case(call="f([1] * 3)", expected=2, equality=PYTHON)),
        ("assert candidate(n=3) == 2", Case(call="f(n=3)", expected=2, equality=PYTHON)),
    ],
)
def test_a_call_and_a_literal_are_lowered(line, case):
    assert cases_of_check(check(line, "assert True"), "f") == (case,)


def test_a_distance_is_lowered_to_a_tolerance():
    (case,) = cases_of_check(check("assert abs(candidate(3.5) - 0.5) < 1e-6"), "f")
    assert (case.expected, case.equality.numbers) == (0.5, "python")
    assert 0.99e-6 < case.equality.tolerance < 1e-6


@pytest.mark.parametrize(
    "line",
    [
        "assert candidate(1) != 2",
        "assert candidate(1) > 2",
        "assert candidate(1) is 1",
        "assert tuple(candidate(1)) == (2,)",
        "assert candidate(1) == g(2)",
        "assert candidate(x) == 2",
        "assert candidate(candidate(1)) == 2",
        "assert 1 == candidate(2) == 1",
        "x = 3",
        "for i in range(3): assert candidate(1) == 2",
        "assert False",
    ],
)
def test_what_says_more_is_left_to_an_examiner(line):
    text = check("assert candidate(0) == 0", line)
    assert cases_of_check(text, "f") == ()
    assert isinstance(read({"entry_point": "f", "check": text}).tests, Examine)


def test_a_check_with_code_beside_it_is_left_to_an_examiner():
    assert cases_of_check("x = print()\n" + check("assert candidate(0) == 0"), "f") == ()


def test_assertions_may_name_what_the_program_defines():
    cases = cases_of_asserts(("assert f(Pair(1, 2)) == 3", "assert f(1.0/3) == 1"), "f")
    assert [case.call for case in cases] == ["f(Pair(1, 2))", "f(1.0 / 3)"]


def test_an_examined_test_draws_from_a_seed_and_knows_what_the_prefix_defines():
    prefix = "import math\n\ndef half(x):\n    return x / 2\n\ndef f(x):\n    '''...'''\n"
    text = check("assert half(candidate(2)) == 2")

    tests = read({"entry_point": "f", "check": text, "prefix": prefix}).tests

    assert tests.texts[0].startswith("import random\nrandom.seed(0)\nimport math\n\ndef half(x):")
    assert "def f(" not in tests.texts[0]


def test_each_assertion_that_is_examined_is_a_test_of_its_own():
    answer = {
        "entry_point": "f",
        "asserts": ["assert f(1) > 0", "assert f(2) == 2"],
        "imports": ["import sys"],
    }
    tests = read(answer).tests
    assert [text.splitlines()[-1] for text in tests.texts] == answer["asserts"]
    assert all("import sys" in text for text in tests.texts)


def test_inputs_and_outputs_take_a_tuple_for_a_list_but_no_true_for_one():
    tests = read({"entry_point": "f", "inputs": [[1]], "outputs": [[1]]}).tests
    assert isinstance(tests, Values)
    assert (tests.cases[0].equality.sequences, tests.cases[0].equality.numbers) == ("any", "exact")
