"""The real sets: every solution is paid, every mutilated one is not, and no attack is."""

import ast
import json

import pytest
from rlvr_code import humaneval, mbpp
from rlvr_code.reference import read
from rlvr_code.syntax import parsed
from rlvr_code.verify import verifier

from rlvr.scoring import score
from rlvr.types import Completion, Task
from rlvr.untrusted import Limits

pytestmark = pytest.mark.data
LIMITS = Limits(wall_s=10.0)


def _hollow(source, entry_point):
    tree = parsed(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == entry_point:
            node.body = [ast.Return(value=ast.Constant(value=None))]
    return "```python\n" + ast.unparse(ast.fix_missing_locations(tree)) + "\n```"


def _scores(environment, sandbox, text_of):
    judge = verifier(lambda: sandbox, LIMITS)
    return {task.id: score(judge, task, Completion(text=text_of(task))) for task in environment.tasks}


def _hollowed(environment):
    def text_of(task):
        solution = task.metadata["solution"].removeprefix("```python\n").removesuffix("\n```")
        return _hollow(solution, task.answer["entry_point"])

    return text_of


@pytest.mark.slow
def test_every_humaneval_solution_is_paid(data, sandbox):
    environment = humaneval.load(source=str(data("HumanEval.jsonl.gz")))

    scores = _scores(environment, sandbox, environment.reference)

    assert {name: s for name, s in scores.items() if s.reward != 1.0} == {}
    assert len(scores) == 164


@pytest.mark.slow
def test_every_humaneval_solution_is_paid_as_a_bare_continuation(data, sandbox):
    rows = [json.loads(line) for line in _lines(data("HumanEval.jsonl.gz"))]
    bodies = {row["task_id"]: row["canonical_solution"] for row in rows}
    environment = humaneval.load(source=str(data("HumanEval.jsonl.gz")))

    scores = _scores(environment, sandbox, lambda task: bodies[task.id])

    assert {name: s for name, s in scores.items() if s.reward != 1.0} == {}


def _lines(path):
    import gzip

    return gzip.open(path, "rt", encoding="utf-8").read().splitlines()


@pytest.mark.slow
def test_no_humaneval_solution_that_returns_nothing_is_paid(data, sandbox):
    environment = humaneval.load(source=str(data("HumanEval.jsonl.gz")))

    scores = _scores(environment, sandbox, _hollowed(environment))

    assert {name for name, s in scores.items() if s.reward != 0.0} == set()


@pytest.mark.slow
def test_every_mbpp_solution_is_paid_and_says_no_more_than_it_should(data, sandbox):
    environment = mbpp.load(source=str(data("mbpp.jsonl")))

    scores = _scores(environment, sandbox, environment.reference)

    assert {name: s for name, s in scores.items() if s.reward != 1.0} == {}
    assert sum(s.parts["suspicion"] > 0 for s in scores.values()) <= 10


@pytest.mark.slow
def test_no_mbpp_solution_that_returns_nothing_is_paid(data, sandbox):
    environment = mbpp.load(source=str(data("mbpp.jsonl")))

    scores = _scores(environment, sandbox, _hollowed(environment))

    assert {name for name, s in scores.items() if s.reward != 0.0} == set()


def _programs(data, name):
    return [json.loads(line) for line in data(name).read_text(encoding="utf-8").splitlines()]


def _both_ways(row):
    """Return the tasks that judge a row: by its check, and by its inputs and outputs."""
    tests = row["problem"]["tests"]
    ways = [{k: v for k, v in tests.items() if k != "check"}]
    if "check" in tests:
        ways.append({k: v for k, v in tests.items() if k not in ("inputs", "outputs")})
    return [
        Task(id=row["name"], prompt=(), answer={**row["problem"], "tests": way}, metadata={}) for way in ways
    ]


def test_every_control_is_paid(data, sandbox):
    judge = verifier(lambda: sandbox, Limits(wall_s=3.0))
    found = {}

    for row in _programs(data, "code_controls.jsonl"):
        for task in _both_ways(row):
            found[row["name"], type(read(task.answer).tests).__name__] = score(
                judge, task, Completion(text=row["response"])
            )

    assert {key: s for key, s in found.items() if s.reward != 1.0} == {}


def test_no_attack_is_paid(data, isolated):
    judge = verifier(lambda: isolated, Limits(wall_s=1.0, memory_mb=512))
    found = {}

    for row in _programs(data, "code_attacks_dev.jsonl"):
        for index, task in enumerate(_both_ways(row)):
            fenced = "```python\n" + row["response"] + "\n```"
            for text in (row["response"], fenced):
                found[row["name"], index, text is fenced] = score(judge, task, Completion(text=text))

    assert {key: s for key, s in found.items() if s.reward != 0.0} == {}
    assert sum(s.parts["suspicion"] > 0 for s in found.values()) > len(found) / 2
