"""Which words of a completion are its answer, by which rule, and where they stand."""

import pytest
from rlvr_math.read import read, reference
from rlvr_math.verify import explain, math

from rlvr.types import Completion, Task


@pytest.mark.parametrize(
    ("text", "found", "rule"),
    [
        (r"\boxed{5} #### 6 The answer is 7", "5", "box"),
        (r"\fbox{\frac{1}{2}}", r"\frac{1}{2}", "box"),
        (r"\boxed {5} and so on", "5", "box"),
        (r"\\boxed{004}", "004", "box"),
        (r"First \boxed{7}. But wait, it is \boxed{5}.", "5", "box"),
        (r"maybe \boxed{7}, no, \boxed{5}", "5", "box"),
        (r"\boxed{3} and \boxed{5}", "3, 5", "boxes"),
        (r"$x = \boxed{3}$ or $x = \boxed{5}$", "3, 5", "boxes"),
        (r"\boxed{A}\boxed{B}", "A, B", "boxes"),
        (r"$\boxed{5}$" + "\n\n" + r"$\boxed{5}$", "5", "box"),
        ("so <answer> 12 </answer>", "12", "tag"),
        (r"<answer>it is \boxed{12}</answer>", "12", "box"),
        ("The answer is 7\n#### 6", "6", "hashes"),
        ("#### 1,080.", "1,080", "hashes"),
        ("#### Answer\nThe answer is 7", "7", "phrase"),
        ("The answer is 5. No, the answer is 6.", "6", "phrase"),
        ("The final answer is:\n\\[\n\\frac{1}{2}\n\\]", "\n\\frac{1}{2}\n", "phrase"),
        ("**Answer**: $12$", "$12$", "phrase"),
        ("The answer is $5$ or $6$.", "$5$ or $6$", "phrase"),
        ("The answer is that each gets $\\frac{1}{2}$ of it.", r"\frac{1}{2}", "phrase"),
        ("x = \\frac{1}{2}", r"x = \frac{1}{2}", "bare"),
        ("Thus $x \\le 2$ is what we wanted.", r"x \le 2", "formula"),
        ("The roots are $3$ and $4$.", "3, 4", "formula"),
        ("It comes to **42**", "42", "formula"),
        (r"So it is \begin{pmatrix}1\\2\end{pmatrix} in all", r"\begin{pmatrix}1\\2\end{pmatrix}", "formula"),
        ("She ate 1/5 of it", "1/5", "last_number"),
        ("It costs $1,234.50 now", "$1,234.50", "last_number"),
        ("It rose by 33.5 percent", "33.5 percent", "last_number"),
    ],
)
def test_the_first_rule_that_finds_something_decides(text, found, rule):
    reading = read(text)

    assert reading is not None
    assert (reading.text, reading.rule) == (found, rule)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "I do not know.",
        r"\boxed{ }",
        r"\boxed{$$}",
        "<think>5</think>",
        "It is not 37.",
        "It is either 37 or 38",
        "It is 3 or 4 or 5",
        "It isn't $37$.",
    ],
)
def test_nothing_is_read_where_no_answer_stands(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("level", "read_by"),
    [("box", []), ("marked", ["phrase"]), ("any", ["phrase", "bare", "formula", "last_number"])],
)
def test_the_level_sets_how_far_the_rules_go(level, read_by):
    texts = ["the answer is 6", "x = 6", "so we find $x = 6$ there", "She has 6 now"]

    assert [found.rule for text in texts if (found := read(text, level=level))] == read_by


def test_the_place_of_the_answer_is_where_it_stands_in_the_completion():
    text = r"<think>\boxed{9}</think> so \boxed{ 5 }."

    found = read(text)

    assert found is not None
    assert text[found.start : found.end] == " 5 "


def test_a_solution_is_read_to_its_answer_and_an_answer_is_itself():
    texts = (
        "1+1=2\n#### 2",
        r"so \boxed{2}",
        "2",
        r"\boxed{}",
        "1 ####",
        r"\boxed{1} papers and \boxed{2} bins",
    )

    assert [reference(text) for text in texts] == ["2", "2", "2", None, None, "1, 2"]


def test_a_reference_whose_box_was_cut_off_is_read_to_its_end():
    assert reference(r"so it is \boxed{x=1") == "x=1"


@pytest.mark.parametrize(
    ("text", "answer", "reward", "reason"),
    [
        (r"\boxed{4}", "4", 1.0, "correct (box, text)"),
        (r"\boxed{4.0}", "4", 1.0, "correct (box, tree)"),
        (r"\boxed{8/2}", "4", 1.0, "correct (box, rational)"),
        (r"The answer is $\sqrt{16}$", "4", 1.0, "correct (phrase, algebra)"),
        (r"\boxed{2^{10009}}", "2 * 2^{10008}", 1.0, "correct (box, rational)"),
        (r"\boxed{2^{1000009}}", "2 * 2^{1000008}", 1.0, "correct (box, modular)"),
        (r"\boxed{\sin 2}", r"\sin 1", 0.0, "wrong_answer (box, probe)"),
        (r"\boxed{\cos 2x}", r"1 - 2\sin^2 x", 1.0, "correct (box, digits)"),
        (r"\boxed{\sqrt{3+2\sqrt2}-\sqrt2-1}", "0", 1.0, "correct (box, symbolic)"),
        (r"\boxed{640/51}", "12.55", 1.0, "correct (box, rounding)"),
        (r"\boxed{1,2}", "2,1", 1.0, "correct (box, shape)"),
        (r"\boxed{10 kg}", "10 cm", 0.0, "wrong_answer (box, unit)"),
        (r"\boxed{C. 17}", "C", 1.0, "correct (box, choice)"),
        (r"\boxed{the east}", "East", 1.0, "correct (box, words)"),
        (r"\boxed{5}", "4", 0.0, "wrong_answer (box, rational)"),
        ("2+2", "4", 0.0, "wrong_answer (bare, unevaluated)"),
        ("Hm.", "4", 0.0, "no_answer"),
        (r"\boxed{\int x}", "4", 0.0, "unreadable_answer (box)"),
        (r"\boxed{4}", None, None, "unreadable_reference"),
        (r"\boxed{4}", "$ $", None, "unreadable_reference"),
    ],
)
def test_the_reason_names_the_outcome_the_rule_and_the_stage(text, answer, reward, reason):
    score = math()(Task(id="t", prompt=(), answer=answer), Completion(text=text))

    assert (score.reward, score.reason) == (reward, reason)


def test_the_score_says_what_was_read():
    score = math()(Task(id="t", prompt=(), answer="4"), Completion(text=r"so \boxed{ 5 }"))

    assert score.answer == " 5 "


def test_an_explanation_shows_both_sides_the_place_and_the_time():
    said = explain(Task(id="t", prompt=(), answer=["7", "1/2"]), Completion(text=r"so \boxed{0.5}"))

    assert (said.reading.rule, said.reading.start, said.reading.end) == ("box", 10, 13)
    assert (said.answer.text, said.reference.text, said.stage) == ("0.5", "1/2", "rational")
    assert all(ms >= 0 for ms in said.ms)
