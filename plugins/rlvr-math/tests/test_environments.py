"""The environments over local files, and what each says when a file is not what it expects."""

import json
import subprocess
import sys

import pytest
from rlvr_math import gsm8k, math500, problems

from rlvr.errors import InputError, UnknownName
from rlvr.registry import make, make_verifier
from rlvr.scoring import score
from rlvr.testing import check_environment
from rlvr.types import Completion, Task

GSM8K = [
    {"question": "Two and two?", "answer": "2 + 2 = <<2+2=4>>4\n#### 4"},
    {"question": "A thousand eggs?", "answer": "10 * 100 = 1,000\n#### 1,000"},
]
MATH = [
    {
        "problem": "Halve {one}.",
        "solution": r"It is $\boxed{\frac12}$.",
        "answer": r"\frac12",
        "subject": "Algebra",
        "level": 2,
        "unique_id": "test/algebra/1.json",
    }
]


@pytest.fixture
def file(tmp_path):
    def write(rows):
        path = tmp_path / "set.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    return write


def test_gsm8k_asks_the_question_and_pays_the_worked_solution(file):
    environment = gsm8k.load(source=file(GSM8K), split="test", template="Q: {question}", system="Think.")

    first, second = environment.tasks[0], environment.tasks[1]

    assert (first.id, second.id) == ("gsm8k-test-0", "gsm8k-test-1")
    assert [turn.content for turn in first.prompt] == ["Think.", "Q: Two and two?"]
    assert (first.answer, second.answer) == ("4", "1,000")
    assert environment.reference(first) == GSM8K[0]["answer"]
    assert check_environment(environment) == []


def test_a_gsm8k_row_without_hashes_is_an_unreadable_reference(file):
    environment = gsm8k.load(source=file([{"question": "?", "answer": "It is 4"}]))

    verdict = score(environment.verifier, environment.tasks[0], Completion(text=r"\boxed{4}"))

    assert (verdict.reward, verdict.reason) == (None, "unreadable_reference")


def test_math500_keeps_the_ids_of_its_rows(file):
    environment = math500.load(source=file(MATH))

    assert environment.tasks[0].id == "test/algebra/1.json"
    assert environment.tasks[0].metadata["level"] == 2
    assert check_environment(environment) == []


def test_math_reads_any_fields(file):
    rows = [{"q": "One half?", "a": "0.5", "n": 7}, {"q": "Two?", "a": 2, "n": 8}]

    environment = problems.load(source=file(rows), problem_field="q", answer_field="a", id_field="n")

    assert [task.id for task in environment.tasks] == ["7", "8"]
    assert environment.reference(environment.tasks[1]) == r"\boxed{2}"
    assert check_environment(environment) == []


def test_math_can_read_the_answer_out_of_a_solution(file):
    rows = [{"problem": "?", "answer": r"so \boxed{3}"}, {"problem": "?", "answer": "no answer here: 3"}]

    environment = problems.load(source=file(rows), answer_from="solution")

    assert [task.answer for task in environment.tasks] == ["3", None]
    assert environment.reference(environment.tasks[0]) == r"so \boxed{3}"


def test_a_limit_takes_the_first_rows(file):
    assert gsm8k.load(source=file(GSM8K), limit=1).size == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": -1}, "limit = -1 is negative"),
        ({"template": "Solve it."}, "has no place for the question"),
        ({"answer_field": "anwser"}, "Did you mean 'answer'?"),
        ({"id_field": "level"}, "2 rows have the id '2'"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_way_out(file, options, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        len(problems.load(source=file(MATH * 2), **options).tasks)


def test_a_set_of_another_shape_points_to_the_general_environment(file):
    with pytest.raises(InputError, match="Use the environment 'math'"):
        len(gsm8k.load(source=file(MATH)).tasks)


def test_judging_never_reads_the_data():
    environment = gsm8k.load(source="nowhere.jsonl")

    verdict = environment.verifier(Task(id="t", prompt=(), answer="4"), Completion(text=r"\boxed{4}"))

    assert verdict.reward == 1.0
    with pytest.raises(InputError, match=r"no file .nowhere\.jsonl."):
        len(environment.tasks)


def test_everything_is_found_by_name(file):
    assert make("gsm8k", source=file(GSM8K)).size == 2
    assert make("math500", source=file(MATH)).name == "math500"
    assert make("math", source=file(MATH)).tasks[0].id == "set-train-0"
    assert callable(make_verifier("math", last_number=False))
    with pytest.raises(UnknownName, match="Did you mean 'last_number'"):
        make_verifier("math", last_numbr=False)


def test_listing_and_local_files_import_nothing_heavy(file):
    program = (
        "import sys, rlvr_math\n"
        "rlvr_math.rlvr_verifiers(), rlvr_math.rlvr_environments()\n"
        "light = not {'sympy', 'mpmath', 'datasets'} & set(sys.modules)\n"
        "from rlvr.types import Completion\n"
        "from rlvr_math import gsm8k\n"
        "environment = gsm8k.load(source=sys.argv[1])\n"
        "paid = environment.verifier(environment.tasks[0], Completion(text='#### 4')).reward\n"
        "print(light, paid, {'sympy', 'mpmath', 'datasets'} & set(sys.modules))\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", program, file(GSM8K)], capture_output=True, check=True, text=True
    )

    assert said.stdout == "True 1.0 set()\n"
