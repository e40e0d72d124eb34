"""Everything on offer here passes the conformance kit, where programs can be run in isolation."""

import json

import pytest

from rlvr.check import Settings, check

# One task each: every verdict runs a program.
QUICK = {"tasks": 2, "texts": 20, "huge": 1_000_000}
SUITE = "from solution import f\n\n\ndef test_it():\n    assert f(2) == 4\n"
ROWS = {
    "humaneval": {
        "task_id": "HumanEval/0",
        "prompt": 'def f(a, b):\n    """Return {a + b}."""\n',
        "entry_point": "f",
        "canonical_solution": "    return a + b\n",
        "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
    },
    "mbpp": {
        "task_id": 17,
        "text": "Write a function to double.",
        "code": "def double(x):\n    return 2 * x\n",
        "test_setup_code": "",
        "test_list": ["assert double(1) == 2", "assert double(2) == 4"],
        "challenge_test_list": [],
    },
    "stdio": {
        "problem": "Double it.",
        "tests": {"inputs": ["1\n", "4\n"], "outputs": ["2\n", "8\n"]},
        "solution": "print(2 * int(input()))",
    },
    "pytest": {"question": "Double it.", "tests": SUITE, "solution": "def f(x):\n    return 2 * x\n"},
}
OPTIONS = {"stdio": {"solution_field": "solution"}}


@pytest.mark.parametrize("name", ROWS)
def test_environments_pass_every_check(isolated, tmp_path, name):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROWS[name]) + "\n")

    options = {"source": str(path), **OPTIONS.get(name, {})}
    report = check(name, Settings(options=options, kind="environment", **QUICK))

    assert {row["name"]: row["detail"] for row in report["checks"] if row["status"] == "fail"} == {}


def test_the_verifier_passes_every_check(isolated):
    answer = {"entry_point": "f", "inputs": [[2]], "outputs": [4]}

    report = check("code", Settings(answer=answer, kind="verifier", **QUICK))

    assert {row["name"]: row["detail"] for row in report["checks"] if row["status"] == "fail"} == {}
