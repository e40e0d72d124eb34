"""The real sets: every worked solution is paid, and every labelled completion gets its label."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from rlvr_math import gsm8k, math500
from rlvr_math.judge.comparison import Comparison
from rlvr_math.judge.policy import Policy
from rlvr_math.selfcheck import check_references
from rlvr_math.understand import understand
from rlvr_math.values.equality import Equality
from rlvr_math.values.points import Points

from rlvr.scoring import InProcess
from rlvr.types import Completion

DATA = Path(__file__).parents[3].parent / "shared" / "data"
MISLABELLED = Path(__file__).parent / "cases" / "gsm8k_mislabelled.jsonl"
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
pytestmark = pytest.mark.data


def _rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def source():
    def find(name):
        path = DATA / name
        if not path.exists():
            pytest.skip(f"the real data set {name} is not beside the checkout (shared/data)")
        return str(path)

    return find


def _rewards(environment, texts):
    scorer = InProcess(environment)
    return [
        scorer(task, [Completion(text=text)])[0].score.reward
        for task, text in zip(environment.tasks, texts, strict=True)
    ]


@pytest.mark.parametrize(("split", "size"), [("train", 7473), ("test", 1319)])
def test_every_gsm8k_answer_and_solution_is_paid_in_full(source, split, size):
    environment = gsm8k.load(source=source(f"gsm8k_{split}.jsonl"), split=split)

    assert check_references(environment) == []
    assert environment.size == size


@pytest.mark.parametrize("model", MODELS)
def test_every_labelled_model_solution_gets_its_label(source, model):
    environment = gsm8k.load(source=source("gsm8k_test.jsonl"), split="test")
    solutions = [row[model] for row in _rows(Path(source("gsm8k_model_solutions.jsonl")))]
    listed = {row["row"] for row in _rows(MISLABELLED) if row["model"] == model}

    rewards = _rewards(environment, [solution["solution"] for solution in solutions])

    labels = [float(solution["is_correct"]) for solution in solutions]
    assert {i for i in range(1319) if rewards[i] != labels[i]} == listed


def test_every_math500_answer_and_solution_is_paid_in_full(source):
    environment = math500.load(source=source("math500.jsonl"))

    assert check_references(environment) == []
    assert environment.size == 500


def test_every_math500_answer_is_understood(source):
    environment = math500.load(source=source("math500.jsonl"))

    assert [task.answer for task in environment.tasks if understand(task.answer).tree is None] == []


def test_of_all_pairs_of_math500_answers_only_those_that_mean_the_same_are_equal(source):
    texts = {row["answer"] for row in _rows(Path(source("math500.jsonl")))}
    answers = [understand(text) for text in sorted(texts)]

    equality = Equality(Points(), lambda one, other: None)

    equal = {
        frozenset((one.text, other.text))
        for one, other in combinations(answers, 2)
        if Comparison(Policy(), equality).same(one, other)
    }

    assert equal == {
        frozenset(("1,-2", "-2,1")),
        frozenset(("10,080", "10080")),
        frozenset(("120", r"120\degree")),
        frozenset(("15", r"15\text{cm}^2")),
        frozenset(("30", r"30\degree")),
        frozenset(("36", r"36\degree")),
        frozenset((r"180\degree", r"\pi")),
        frozenset(("40", "40_9")),  # a base that was dropped
        frozenset(("36", r"\dollar 36")),
        frozenset(("5", "x=5")),
        frozenset(("90", r"90\degree")),
        frozenset((r"\frac{1}{4}", r"\frac14")),
        frozenset((r"2\sqrt{5}",)),  # two spellings, one normal form
    }
