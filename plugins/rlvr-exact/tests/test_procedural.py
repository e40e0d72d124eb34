import hashlib
import json
import os
import subprocess
import sys

import pytest
from rlvr_exact.procedural import in_split
from rlvr_exact.sort import sort_distance, sort_inclusion_ordering

from rlvr.errors import InputError, RLVRError
from rlvr.registry import make
from rlvr.scoring import score
from rlvr.testing import check_environment
from rlvr.types import Completion, Environment, Message, Task, first_tasks

NAMES = ["sort", "arithmetic", "countdown"]
VARIANTS = [
    ("sort", {"length": 12, "base": 1000, "min_length": 3}),
    ("sort", {"reward": "sort_inclusion_ordering", "split": "test", "length": 3}),
    ("arithmetic", {"terms": 4, "low": -20, "spaces": False}),
    ("arithmetic", {"low": 2, "high": 9, "split": "test", "operators": "+"}),
    ("countdown", {"count": 3, "high": 9, "split": "test"}),
    ("countdown", {"count": 6, "high": 100, "max_target": 999, "require_all": False}),
]
CANONICAL = {
    "sort": lambda task: " ".join(task.prompt[-1].content.splitlines()[0].partition(": ")[2].split()),
    "arithmetic": lambda task: task.prompt[-1].content.partition("What is ")[2].partition("?")[0],
    "countdown": lambda task: f"{sorted(task.metadata['numbers'])} -> {task.metadata['target']}",
}


def reward_of(environment: Environment, task: Task, text: str) -> float | None:
    return score(environment.verifier, task, Completion(text=text)).reward


@pytest.mark.parametrize(
    ("response", "distance", "inclusion"), [((0, 1, 2, 3), 4, 7), ((7, 2, 2, 5), 1, 3), ((0, 3, 1, 2), 1, 6)]
)
def test_the_two_sorting_rewards_of_the_lecture_are_these(response, distance, inclusion):
    assert sort_distance([3, 1, 0, 2], response) == distance
    assert sort_inclusion_ordering([3, 1, 0, 2], response) == inclusion


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in NAMES), *VARIANTS])
def test_every_reference_scores_one_and_silence_nothing(name, options):
    environment = make(name, **options)
    tasks = first_tasks(environment, 200)
    assert [reward_of(environment, task, environment.reference(task)) for task in tasks] == [1.0] * len(tasks)
    assert [reward_of(environment, task, "") for task in tasks] == [0.0] * len(tasks)


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in NAMES), *VARIANTS])
def test_every_environment_passes_the_public_checks(name, options):
    assert check_environment(make(name, **options)) == []


@pytest.mark.parametrize("name", NAMES)
def test_train_and_test_share_no_instance(name):
    small = {
        "sort": {"length": 3, "base": 5},
        "arithmetic": {"high": 9},
        "countdown": {"count": 2, "high": 9},
    }
    canonical = CANONICAL[name]
    trained = {canonical(task) for task in first_tasks(make(name, **small[name]), 2000)}
    held_out = {canonical(t) for t in first_tasks(make(name, split="test", **small[name]), 2000)}
    assert trained
    assert held_out
    assert not trained & held_out


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_keeps_the_splits_apart(name):
    canonical = CANONICAL[name]
    trained = {canonical(task) for task in first_tasks(make(name, seed=1), 300)}
    held_out = {canonical(task) for task in first_tasks(make(name, split="test", seed=2), 300)}
    assert not trained & held_out


def test_an_instance_is_held_out_by_its_hash_alone():
    text = "3 1 0 2"
    held_out = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 4 == 0
    assert in_split(text, "test") is held_out
    assert in_split(text, "train") is not held_out


def test_about_a_quarter_of_all_lists_is_held_out():
    environment = make("sort", length=3, split="test")
    assert environment.size is not None
    assert 200 <= environment.size <= 300


def test_the_finite_test_split_holds_every_held_out_list_once_and_in_order():
    environment = make("sort", length=2, base=10, split="test")
    asked = [CANONICAL["sort"](task) for task in first_tasks(environment, None)]
    assert asked == [f"{a} {b}" for a in range(10) for b in range(10) if in_split(f"{a} {b}", "test")]


@pytest.mark.parametrize(
    ("name", "options", "finite"),
    [
        ("sort", {"length": 4, "base": 8}, True),
        ("sort", {"length": 4, "base": 10}, False),
        ("sort", {"length": 2, "min_length": 1}, False),
        ("arithmetic", {"high": 9}, True),
        ("arithmetic", {"high": 36}, False),
        ("arithmetic", {"high": 9, "terms": 3}, False),
        ("countdown", {}, False),
    ],
)
def test_a_test_split_is_finite_where_there_are_few_instances(name, options, finite):
    assert (make(name, split="test", **options).size is not None) is finite


def test_ids_name_the_split_the_seed_and_the_index():
    assert make("sort").tasks[17].id == "sort-0-17"
    assert make("sort", split="test", seed=3).tasks[17].id == "sort-test-3-17"
    assert make("sort", split="test", length=3).tasks[17].id == "sort-test-17"


@pytest.mark.parametrize("name", NAMES)
def test_tasks_are_a_function_of_seed_and_index(name):
    first, second, other = make(name, seed=5), make(name, seed=5), make(name, seed=6)
    backwards = [second.tasks[index] for index in reversed(range(20))]
    assert first_tasks(first, 20) == backwards[::-1]
    assert [task.prompt for task in first_tasks(first, 20)] != [t.prompt for t in first_tasks(other, 20)]


def test_tasks_are_the_same_in_every_process():
    code = (
        "import json\nfrom rlvr.registry import make\nfrom rlvr.types import first_tasks\n"
        f"for name in {NAMES}:\n"
        "    for task in first_tasks(make(name), 20):\n"
        "        print(json.dumps([task.id, task.answer, task.prompt[0].content]))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
    first = json.loads(seen.pop().splitlines()[0])
    assert first[0] == "sort-0-0"


def test_lists_of_several_lengths_are_drawn_where_asked_for():
    tasks = first_tasks(make("sort", min_length=2, length=4), 200)
    assert {len(task.answer.split()) for task in tasks} == {2, 3, 4}


def test_a_template_and_a_system_turn_make_the_prompt():
    asked = make("sort", template="{question} >", system="Sort.").tasks[0].prompt
    assert asked[0] == Message(role="system", content="Sort.")
    assert asked[1].content.endswith(" >")
    assert len(asked[1].content) == len("3 1 0 2 >")


def test_a_few_shot_template_judges_what_a_raw_model_says_first():
    options = {"low": 2, "high": 7, "operators": "+", "spaces": False, "read": "first_line"}
    environment = make("arithmetic", template="2+3=5\n7+1=8\n{question}=", **options)
    task = environment.tasks[0]
    first, second = task.prompt[0].content.splitlines()[-1].rstrip("=").split("+")
    total = str(int(first) + int(second))
    assert task.prompt[0].content == f"2+3=5\n7+1=8\n{first}+{second}="
    assert [reward_of(environment, task, text) for text in (total, f"{total}\n", f" {total}\n1+1=2")] == [
        1.0
    ] * 3


def test_products_come_before_sums():
    for task in first_tasks(make("arithmetic", terms=4, low=-9, high=9), 100):
        question = CANONICAL["arithmetic"](task)
        assert task.answer == str(eval(question))  # the text is ours


def test_the_example_in_the_countdown_prompt_is_no_answer():
    environment = make("countdown")
    task = Task(id="1", prompt=(), metadata={"numbers": [1, 2, 3], "target": 9})
    assert reward_of(environment, task, environment.tasks[0].prompt[-1].content) == 0.0


def test_sort_tells_the_proxy_from_the_measure():
    environment = make("sort", reward="sort_inclusion_ordering")
    task = Task(id="1", prompt=(), answer="1 2 2 3")
    verdict = score(environment.verifier, task, Completion(text="1 1 2 3"))
    assert environment.true_measure == "exact"
    assert (verdict.reward, verdict.reason, dict(verdict.parts)) == (
        1.0,
        "partial",
        {"exact": 0.0, "raw": 7.0},
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3*5+7", "correct"),
        ("3+5+7", "wrong_value"),
        ("3*5+7/0", "wrong_numbers"),
        ("3*5", "wrong_numbers"),
        ("twenty-two", "unreadable"),
        (" ", "no_answer"),
    ],
)
def test_countdown_says_why(text, reason):
    task = Task(id="1", prompt=(), metadata={"numbers": [3, 5, 7], "target": 22})
    assert score(make("countdown").verifier, task, Completion(text=text)).reason == reason


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("sort", {"length": 0}, "sort: length = 0: expected 1 to 1000."),
        ("sort", {"length": 10**9}, "sort: length = 1000000000: expected 1 to 1000."),
        ("sort", {"base": 1}, "sort: base = 1: expected 2 to 1000000000000000000."),
        ("sort", {"min_length": 5}, "sort: min_length = 5: expected 0 to length = 4."),
        ("sort", {"min_length": -1}, "sort: min_length = -1: expected 0 to length = 4."),
        ("sort", {"template": "go"}, "sort: template = 'go': expected a text with {question} in it."),
        ("sort", {"reward": "exact"}, "reward"),
        ("sort", {"lenght": 4}, "length"),
        ("sort", {"length": "four"}, "length"),
        (
            "arithmetic",
            {"low": 3, "high": 2},
            "arithmetic: low = 3, high = 2: expected low to be at most high.",
        ),
        ("arithmetic", {"operators": ""}, "operators = ''"),
        ("arithmetic", {"operators": "+/"}, "expected some of '+-*', each once."),
        ("arithmetic", {"terms": 1}, "terms = 1: expected 2 to 50."),
        ("arithmetic", {"high": 10**9}, "at most 1000000 in size"),
        ("countdown", {"count": 1}, "countdown: count = 1: expected 2 to 8."),
        ("countdown", {"low": 0}, "1 <= low <= high"),
        ("countdown", {"max_target": 0}, "max_target = 0"),
        ("countdown", {"low": 90, "high": 99, "count": 2, "max_target": 0}, "max_target = 0"),
        ("countdown", {"template": "{numbers}"}, "{target}"),
        ("sort", {"length": 1, "base": 2, "split": "test"}, "none of the few instances is held out"),
        ("sort", {"length": 2, "base": 2, "seed": 1.5}, "seed"),
    ],
)
def test_a_bad_option_is_refused_in_one_line(name, options, told):
    with pytest.raises(RLVRError) as caught:
        make(name, **options)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_split_that_cannot_be_drawn_is_refused():
    held_out = next(n for n in range(100) if in_split(f"{n} + {n}", "test"))
    with pytest.raises(InputError, match="no instance of the train split"):
        make("arithmetic", low=held_out, high=held_out, operators="+")
