"""The environments over local files, and what each says when a file is not what it expects."""

import json
import subprocess
import sys

import pytest
from rlvr_math import aime, gsm8k, math500, problems
from rlvr_math.selfcheck import check_references

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
AIME = [
    {"id": 60, "problem": "Nine?", "solution": r"$3^2 = \boxed{009}$.", "answer": "009"},
    {"id": 61, "problem": "None?", "solution": r"Thus \boxed{7}, or not.", "answer": "0"},
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

    assert [task.id for task in environment.tasks] == ["set-train-7", "set-train-8"]
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
        ({"id_field": "level"}, "2 rows have the id 'set-train-2'"),
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
    assert make("aime", source=file(AIME), year=2024).tasks[0].id == "aime-2024-0"
    assert make("numbers", count=3).size == 3
    assert callable(make_verifier("math"))
    with pytest.raises(UnknownName, match="no option of verifier 'math' named 'raeding'"):
        make_verifier("math", raeding="box")


def test_listing_and_local_files_import_nothing_heavy(file):
    program = (
        "import sys, rlvr_math\n"
        "rlvr_math.rlvr_verifiers(), rlvr_math.rlvr_environments()\n"
        "light = not {'sympy', 'mpmath', 'datasets'} & set(sys.modules)\n"
        "from rlvr.types import Completion\n"
        "from rlvr_math import gsm8k\n"
        "environment = gsm8k.load(source=sys.argv[1])\n"
        "paid = environment.verifier(environment.tasks[0], Completion(text='#### 4')).reward\n"
        "print(light, paid, {'sympy', 'datasets'} & set(sys.modules))\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", program, file(GSM8K)], capture_output=True, check=True, text=True
    )

    assert said.stdout == "True 1.0 set()\n"


@pytest.mark.parametrize("load", [gsm8k.load, problems.load])
def test_the_same_row_has_another_id_in_another_split(file, load):
    fields = {"problem_field": "question"} if load is problems.load else {}
    source = file(GSM8K)

    train, test = (load(source=source, split=split, **fields).tasks for split in ("train", "test"))

    assert not {task.id for task in train} & {task.id for task in test}


def test_an_id_of_a_field_carries_the_split(file):
    environment = problems.load(source=file(MATH), id_field="level", split="test")

    assert environment.tasks[0].id == "set-test-2"


def test_an_unmarked_number_is_paid_only_where_any_is_read(file):
    source, said = (
        file(GSM8K),
        Completion(text="I have two and two here, and that makes 4 for the both of us"),
    )

    paid = {}
    for reading in ("box", "marked", "any"):
        environment = make("gsm8k", source=source, reading=reading)
        paid[reading] = score(environment.verifier, environment.tasks[0], said).reward

    assert paid == {"box": 0.0, "marked": 0.0, "any": 1.0}
    default = make("gsm8k", source=source)
    assert score(default.verifier, default.tasks[0], said).reward == 0.0


@pytest.mark.parametrize("name", ["gsm8k", "math500", "aime", "math", "numbers"])
def test_every_environment_says_what_it_reads(name, file):
    options = {} if name in ("aime", "numbers") else {"source": file(GSM8K)}

    with pytest.raises(InputError, match="reading = 'boxes' is of the wrong type"):
        make(name, reading="boxes", **options)


# aime


def test_aime_answers_are_whole_numbers_and_solutions_that_box_another_are_left_out(file):
    environment = aime.load(source=file(AIME))

    assert [task.id for task in environment.tasks] == ["aime-2025-0", "aime-2025-1"]
    assert [task.answer for task in environment.tasks] == ["9", "0"]
    assert environment.reference(environment.tasks[0]) == AIME[0]["solution"]
    assert environment.reference(environment.tasks[1]) == r"\boxed{0}"
    assert check_environment(environment) == []
    assert check_references(environment) == []


@pytest.mark.parametrize("answer", ["1000", "-1", "7.5", r"336^\circ", "", "x", 1234, 3.0])
def test_an_aime_answer_that_is_no_number_to_999_is_an_unreadable_reference(file, answer):
    environment = aime.load(source=file([{"problem": "?", "answer": answer}]))

    verdict = score(environment.verifier, environment.tasks[0], Completion(text=rf"\boxed{{{answer}}}"))

    assert (verdict.reward, verdict.reason) == (None, "unreadable_reference")
    assert environment.reference(environment.tasks[0]) is None


def test_a_year_of_aime_may_be_a_number_or_a_text_and_is_a_known_one(file):
    source = file([{"problem": "?", "answer": 33}])

    assert make("aime", source=source, year="2024").tasks[0].id == "aime-2024-0"
    assert make("aime", source=source, year=2024, split="test").tasks[0].id == "aime-2024-test-0"
    with pytest.raises(InputError, match="year = 1983 is of the wrong type"):
        make("aime", source=source, year=1983)


# selfcheck


def test_what_an_environment_does_not_pay_is_found_by_its_id(file):
    rows = [
        {"problem": "?", "answer": r"\boxed{3}"},
        {"problem": "?", "answer": "no answer here"},
    ]
    environment = problems.load(source=file(rows), answer_from="solution")

    found = [(finding.check, finding.task) for finding in check_references(environment)]

    assert found == [("reference.boxed", "set-train-1"), ("reference.solution", "set-train-1")]
    assert "unreadable_reference" in check_references(environment)[0].detail


def test_a_solution_that_ends_in_another_answer_is_found(file):
    environment = gsm8k.load(source=file([{"question": "?", "answer": r"So \boxed{5}.\n#### 4"}]))

    assert [finding.check for finding in check_references(environment)] == ["reference.solution"]


def test_only_the_first_tasks_are_checked_where_that_is_asked(file):
    environment = gsm8k.load(source=file([*GSM8K, {"question": "?", "answer": "none"}]))

    assert check_references(environment, tasks=2) == []
    assert len(check_references(environment)) == 2
