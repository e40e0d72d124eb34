"""The environment `numbers`: what it draws, pays and refuses."""

import os
import re
import subprocess
import sys
from fractions import Fraction

import pytest
from rlvr_math.kinds import KINDS
from rlvr_math.numbers import in_split
from rlvr_math.selfcheck import check_references

from rlvr.errors import RLVRError
from rlvr.registry import make
from rlvr.scoring import score
from rlvr.testing import check_environment
from rlvr.types import Completion, first_tasks


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("split", ["train", "test"])
def test_every_number_pays_its_reference_and_its_worked_solution(level, split):
    environment = make("numbers", level=level, split=split, count=200)

    assert check_references(environment) == []
    assert all(task.metadata["solution"].endswith("}") for task in environment.tasks)
    assert {task.metadata["kind"] for task in environment.tasks} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_passes_the_public_checks(kind):
    assert check_environment(make("numbers", kinds=kind, level=3, count=8)) == []


def test_train_and_test_share_no_problem_in_any_order():
    def asked(split, seed):
        return {_normal(task) for task in make("numbers", split=split, seed=seed, count=2_000).tasks}

    train, test = asked("train", 1), asked("test", 2)

    assert len(train) > 1_500
    assert not train & test


def _normal(task):
    question = task.prompt[-1].content.partition("\n")[0]
    kind, signs = task.metadata["kind"], set(question) & set("+-*")
    free = kind in ("gcd", "lcm", "mean") or (kind in ("arithmetic", "fractions") and signs == {"+"})
    return " ".join(sorted(re.split("[ ?,$]+", question))) if free else question


def test_about_a_quarter_of_the_problems_is_held_out():
    held_out = sum(in_split(f"What is {n} + 1?", "test") for n in range(4_000))

    assert 900 < held_out < 1_100


def test_a_problem_comes_once_and_the_first_do_not_depend_on_the_count():
    many = make("numbers", count=500, seed=3).tasks
    few = make("numbers", count=50, seed=3).tasks

    assert list(few) == list(many)[:50]
    assert len({task.prompt for task in many}) == 500
    assert len({task.id for task in many}) == 500
    assert many[17].id == "numbers-train-3-17"
    assert [task.prompt for task in make("numbers", count=50, seed=4).tasks] != [t.prompt for t in few]


def test_numbers_are_the_same_in_every_process():
    program = (
        "from rlvr.registry import make\n"
        "for level in (1, 3, 5):\n"
        "    for task in make('numbers', count=100, level=level).tasks:\n"
        "        print(task.id, task.answer, task.prompt[0].content, task.metadata)"
    )

    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
    assert len(said.pop()) > 10_000


def test_the_seed_pins_these_problems():
    tasks = first_tasks(make("numbers", seed=0, count=3, kinds="arithmetic,linear"), 3)

    assert [(task.prompt[0].content.partition("\n")[0], task.answer) for task in tasks] == [
        ("What is 6 - 6 * 10?", "-54"),
        ("What is 5 - 8 * 10?", "-75"),
        ("Solve $2x - 3 = -1$ for $x$.", "1"),
    ]


@pytest.mark.parametrize("level", [1, 3, 5])
def test_the_answers_are_right_by_another_way(level):
    for task in make("numbers", level=level, kinds=["arithmetic", "linear", "mean"], count=150).tasks:
        question = task.prompt[0].content.partition("\n")[0]
        answer = Fraction(task.answer.replace(r"\frac{", "").replace("}{", "/").replace("}", ""))
        if task.metadata["kind"] == "linear":
            left, right = question.split("$")[1].replace("x", f" * Fraction('{answer}')").split(" = ")
            assert eval(left) == eval(right)  # the text is ours
        elif task.metadata["kind"] == "mean":
            listed = [int(word.strip("?,")) for word in question.split()[5:]]
            assert answer == Fraction(sum(listed), len(listed))
        else:
            assert answer == eval(question.removeprefix("What is ").rstrip("?"))


def test_a_number_in_a_base_is_not_its_value():
    task = next(t for t in make("numbers", kinds="base", count=20).tasks if "_{" in t.answer)
    digits, base = task.answer.rstrip("}").split("_{")
    verifier = make("numbers", count=1).verifier

    rewards = [
        score(verifier, task, Completion(text=rf"\boxed{{{text}}}")).reward
        for text in (f"{digits}_{base}", str(int(digits, int(base))))
    ]

    assert rewards == [1.0, 0.0]


def test_kinds_are_given_in_a_list_or_parted_by_commas():
    listed = make("numbers", kinds=["gcd", "lcm"], count=30).tasks
    parted = make("numbers", kinds="gcd, lcm", count=30).tasks

    assert list(listed) == list(parted)
    assert {task.metadata["kind"] for task in listed} == {"gcd", "lcm"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": "gdc"}, "no kind of numbers named 'gdc'. Did you mean 'gcd'?"),
        ({"kinds": ""}, "no kind of numbers named ''"),
        ({"kinds": []}, "numbers: kinds = []: expected one or more, each once."),
        ({"kinds": "gcd,gcd"}, "numbers: kinds = 'gcd,gcd': expected one or more, each once."),
        ({"count": 0}, "numbers: count = 0: expected 1 to 100000."),
        ({"count": 100_001}, "numbers: count = 100001: expected 1 to 100000."),
        ({"level": 6}, "level = 6 is of the wrong type"),
        ({"template": "Solve."}, "has no place for the question"),
        (
            {"kinds": "power", "count": 1_000},
            "problems of the train split turned up: expected a smaller count",
        ),
    ],
)
def test_a_bad_option_of_numbers_is_refused_in_one_line(options, message):
    with pytest.raises(RLVRError) as caught:
        len(make("numbers", **options).tasks)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
