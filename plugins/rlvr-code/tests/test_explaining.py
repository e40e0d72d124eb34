"""What `code` and `pytest` say of themselves: the program, the first test that failed, where it ran."""

import pytest
from rlvr_code.explaining import spans_of
from rlvr_code.extraction import extract
from rlvr_code.suite import verifier as suite_verifier
from rlvr_code.verify import verifier

from rlvr.protocols import Explains
from rlvr.types import Completion, Task
from rlvr.untrusted import Limits

VALUES = {"entry_point": "f", "inputs": [[3], [4]], "outputs": [6, 8]}
STDIO = {"stdio": True, "inputs": ["3\n", "4\n"], "outputs": ["6\n", "8\n"]}


def explain(sandbox, answer, text):
    judge = verifier(lambda: sandbox, Limits(wall_s=5.0))
    assert isinstance(judge, Explains)
    return judge.explain(Task(id="t", prompt=(), answer=answer), Completion(text=text))


@pytest.mark.parametrize(
    ("text", "entry_point", "prefix", "pieces"),
    [
        ("So:\n```python\nprint(1)\n```", None, "", ["print(1)"]),
        ("```py\nx = 1\n```\n\n```py\nprint(2)\n```\nbye", None, "", ["print(2)"]),
        ("print(1)", None, "", ["print(1)"]),
        ("<think>```\nx\n```</think>\u00e4\n```\nprint(1)\n```", None, "", ["print(1)"]),
        ("1. So\n   ```python\n   if 1:\n       print(1)\n   ```", None, "", ["if 1:", "print(1)"]),
        ("    return a + b\n\nDone!", "f", "def f(a, b):\n", ["    return a + b"]),
        ("return a + b", "f", "def f(a, b):\n", ["return a + b"]),
        ("```\ndef f(): return 1\n```\n```\ndef g(): return 2\n```", "f", "", ["def f(): return 1"]),
        ("nothing", "f", "", ["nothing"]),
        ("", "f", "", []),
    ],
)
def test_the_spans_are_the_program(text, entry_point, prefix, pieces):
    found = extract(text, entry_point=entry_point, prefix=prefix)

    assert [text[start:end] for start, end in spans_of(text, found)] == pieces


def test_the_first_test_that_fails_is_shown_with_what_it_gave(fake):
    said = explain(fake, VALUES, "```python\ndef f(x):\n    return x + 3\n```")

    assert said.forms == {"test": "f(4)", "answer": "7", "reference": "8"}
    assert said.stage == "values: test 2 failed; 2 of 2 tests run, 1 passed"
    assert (said.rule, said.read) == ("fence", "def f(x):\n    return x + 3\n")
    assert list(said.ms) == ["extract", "run"]
    assert said.notes[-1].startswith("Sandbox: ")


def test_what_a_program_raised_or_wrote_is_shown(fake):
    raised = explain(fake, VALUES, "```python\ndef f(x):\n    raise KeyError(x)\n```")
    wrote = explain(fake, STDIO, "```python\nprint(int(input()) + 3)\n```")

    assert raised.forms["answer"] == "raised KeyError"
    assert wrote.forms == {"test": "stdin '4\\n'", "answer": "'7\\n'", "reference": "'8\\n'"}


def test_a_program_that_passes_shows_no_test(fake):
    said = explain(fake, VALUES, "```python\ndef f(x):\n    return 2 * x\n```")

    assert (said.score.reward, said.forms) == (1.0, {})
    assert said.stage == "values: 2 of 2 tests run, 2 passed"


def test_no_program_is_decided_at_the_extraction(fake):
    said = explain(fake, VALUES, "I would add them.")

    assert (said.score.reason, said.stage, said.forms) == ("no_code", "extraction", {})
    assert fake.opened == []


def test_what_the_task_gave_is_said(fake):
    said = explain(fake, {**VALUES, "prefix": "import math\ndef f(x):\n"}, "    return 2 * x\n")

    assert said.notes[0] == "The task gave the first 2 lines of the program."
    assert said.score.reward == 1.0


def test_a_long_value_is_cut(fake):
    answer = {"entry_point": "f", "inputs": [[0]], "outputs": [list(range(10_000))]}

    said = explain(fake, answer, "```python\ndef f(x):\n    return 'y' * 100000\n```")

    assert all(len(form) < 1_000 for form in said.forms.values())


def test_an_unreadable_reference_shows_nothing(fake):
    said = explain(fake, 7, "```python\nx = 1\n```")

    assert (said.score.reason, said.read, said.spans) == ("unreadable_reference", "", ())


def test_a_suite_names_the_files_and_the_tests_that_do_not_pass(isolated):
    tests = "from solution import f\ndef test_a(): assert f(1) == 2\ndef test_b(): assert f(2) == 5\n"
    judge = suite_verifier(lambda: isolated, Limits(wall_s=20.0))
    text = "Here:\n```python\ndef f(x):\n    return 2 * x\n```\nbye"

    said = judge.explain(Task(id="t", prompt=(), answer={"tests": tests}), Completion(text=text))

    assert said.stage == "suite: 1 of 2 tests passed"
    assert said.forms["answer"] == "test_solution.py::test_b (failed)"
    assert [text[start:end] for start, end in said.spans] == ["def f(x):\n    return 2 * x"]
    assert said.score.reason == "wrong_answer"
