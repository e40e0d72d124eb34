"""The parts of the kit: grades, texts drawn without hypothesis, hedges that say nothing."""

import pytest

from rlvr.check import CHECKS, fuzz
from rlvr.check.catalogue import Finding
from rlvr.check.result import Ledger, grade_of, rows
from rlvr.testing import check_environment
from rlvr.types import Environment, Message, Score, Task


@pytest.mark.parametrize(
    ("failed", "grade"),
    [
        ([], "A"),
        (["tasks.duplicates"], "B"),
        (["tasks.duplicates", "tasks.unique_ids"], "C"),
        (["runtime.never_raises", "tasks.unique_ids"], "D"),
        (["semantic.oracle_max"], "F"),
    ],
)
def test_the_worst_failed_check_makes_the_grade(failed, grade):
    assert grade_of(CHECKS, failed) == grade


def test_a_report_can_be_written_whatever_a_verifier_said():
    ledger = Ledger()
    ledger.add(
        [Finding(check="runtime.never_raises", task="t", detail="bad \ud800", text="\ud800" + "x" * 500)]
    )

    (row,) = (row for row in rows(CHECKS, ledger) if row["status"] == "fail")

    assert row["detail"] == "bad \\ud800"
    assert row["examples"][0]["text"].endswith("x... (501 characters)")
    assert row["examples"][0]["text"].encode()


def test_without_hypothesis_texts_of_our_own_find_a_fault_and_shorten_it(monkeypatch):
    monkeypatch.setattr(fuzz.importlib.util, "find_spec", lambda name: None)

    found = fuzz.search(lambda text: "bad" if "\\sqrt" in text else "", count=500, budget_s=30.0)

    assert found == ("\\sqrt", "bad")


def test_a_verifier_that_fails_on_nothing_has_no_such_text():
    assert fuzz.search(lambda text: "", count=20, budget_s=30.0) is None


def test_where_the_other_answer_is_right_as_well_a_hedge_says_nothing():
    tasks = [
        Task(id=f"t{n}", prompt=(Message(role="user", content=f"A fruit, {n}?"),), answer=answer)
        for n, answer in enumerate(("apple", "pear"))
    ]

    filler = {"It", "is", "either", "The", "answer", "or"}

    def any_fruit(task, completion):
        words = [word for word in completion.text.strip(" .").split() if word not in filler]
        return Score(reward=float(bool(words) and set(words) <= {"apple", "pear"}))

    assert check_environment(Environment(name="fruit", tasks=tasks, verifier=any_fruit)) == []
