"""Which words of a completion are its answer, and by which rule."""

import pytest
from rlvr_math.read import Reading, read, reference
from rlvr_math.verify import math

from rlvr.types import Completion, Task


@pytest.mark.parametrize(
    ("text", "found", "rule"),
    [
        (r"\boxed{5} #### 6 The answer is 7", "5", "box"),
        (r"\fbox{\frac{1}{2}}", r"\frac{1}{2}", "box"),
        ("The answer is 7\n#### 6", "6", "hashes"),
        ("#### 1,080.", "1,080", "hashes"),
        ("#### Answer\nThe answer is 7", "7", "phrase"),
        ("The answer is 5. No, the answer is 6.", "6", "phrase"),
        ("The final answer is:\n\\[\n\\frac{1}{2}\n\\]", r"\frac{1}{2}", "phrase"),
        ("**Answer**: $12$", "$12$", "phrase"),
        ("The answer is $5$ or $6$.", "$5$ or $6$", "phrase"),
        ("The answer is that each gets $\\frac{1}{2}$ of it.", r"\frac{1}{2}", "phrase"),
        ("x = \\frac{1}{2}", r"x = \frac{1}{2}", "bare"),
        ("She ate 1/5 of it", "1/5", "last_number"),
        ("It costs $1,234.50 now", "$1,234.50", "last_number"),
    ],
)
def test_the_first_rule_that_finds_something_decides(text, found, rule):
    assert read(text) == Reading(text=found, rule=rule)


@pytest.mark.parametrize("text", ["", "  \n", "I do not know.", r"\boxed{ }", "<think>5</think>"])
def test_nothing_is_read_where_no_answer_stands(text):
    assert read(text) is None


def test_the_last_resort_can_be_turned_off():
    assert read("She has 6 now", last_number=False) is None


def test_a_solution_is_read_to_its_answer_and_an_answer_is_itself():
    found = [reference(text) for text in ("1+1=2\n#### 2", r"so \boxed{2}", "2", r"\boxed{}", "1 ####")]

    assert found == ["2", "2", "2", None, None]


@pytest.mark.parametrize(
    ("text", "answer", "reward", "reason"),
    [
        (r"\boxed{4}", "4", 1.0, "correct"),
        (r"\boxed{5}", "4", 0.0, "wrong_answer"),
        ("Hm.", "4", 0.0, "no_answer"),
        (r"\boxed{\int x}", "4", 0.0, "unreadable_answer"),
        (r"\boxed{4}", None, None, "unreadable_reference"),
        (r"\boxed{4}", "$ $", None, "unreadable_reference"),
    ],
)
def test_the_reason_names_the_outcome(text, answer, reward, reason):
    score = math()(Task(id="t", prompt=(), answer=answer), Completion(text=text))

    assert (score.reward, score.reason) == (reward, reason)


def test_the_score_says_what_was_read():
    score = math()(Task(id="t", prompt=(), answer="4"), Completion(text=r"so \boxed{ 5 }"))

    assert score.answer == " 5 "
