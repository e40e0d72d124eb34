"""What `math` says of itself: the words it read, where they stand, and what both sides mean."""

import time

import pytest
from rlvr_math.explaining import spans
from rlvr_math.read import read
from rlvr_math.values.parse import parse
from rlvr_math.values.written import form, written
from rlvr_math.verify import math

from rlvr.protocols import Explains
from rlvr.types import Completion, Score, Task


@pytest.fixture(scope="module")
def verifier():
    return math()


def explain(verifier, answer, text):
    return verifier.explain(Task(id="t", prompt=(), answer=answer), Completion(text=text))


@pytest.mark.parametrize(
    ("text", "rule", "pieces"),
    [
        (r"so \boxed{\frac{1}{2}}.", "box", [r"\frac{1}{2}"]),
        (r"\boxed{3}, then \boxed{5}", "box", ["5"]),
        (r"\boxed{3} and \boxed{5}", "boxes", ["3", "5"]),
        (r"\boxed{1} or \boxed{-1} or \boxed{2}", "boxes", ["1", "-1", "2"]),
        (r"<think>\boxed{7}</think> it is \boxed{8}", "box", ["8"]),
        (r"\boxed{5 or \boxed{6}}", "box", ["5 or ", "6"]),
        ("<answer> 12 </answer>", "tag", ["12"]),
        ("6 * 7 = 42\n#### 42", "hashes", ["42"]),
        ("The answer is 18 dollars every day.", "phrase", ["18 dollars"]),
        ("The answer is:\n\n**7**", "phrase", ["**7**"]),
        ("\u7b54\u6848\u662f 5", "phrase", ["5"]),
        ("\U0001f600\U0001f600 Antwort: 5", "phrase", ["5"]),
        (" 3/4\n", "bare", ["3/4"]),
        ("First $x=1$. Later it becomes $x = 2$.", "formula", ["x = 2"]),
        ("It has two of them: 3 and 4", "last_number", ["3", "4"]),
        ("She has 3, gets 4 more, and 3 + 4 = 7 now", "last_number", ["7"]),
    ],
)
def test_the_spans_are_the_words_that_were_read(verifier, text, rule, pieces):
    said = explain(verifier, "0", text)

    assert said.rule == rule
    assert [text[start:end] for start, end in said.spans] == pieces


def test_spans_lie_within_any_text_and_in_order():
    texts = [
        r"\boxed{\boxed{\boxed{1} 2} 3}",
        "the answer is \n\n\n",
        "#### ####",
        r"\boxed{ }\boxed{}",
        "$$ $$ 1",
    ]

    for text in texts:
        found = read(text)
        places = spans(text, found) if found else ()
        assert all(0 <= start <= end <= len(text) for start, end in places)
        assert list(places) == sorted(places)


def test_both_sides_are_shown_as_they_were_understood(verifier):
    said = explain(verifier, "0.50", r"\boxed{\frac{2}{4}}")

    assert said.forms == {"answer": "1/2", "reference": "1/2 (2 decimals)"} or said.forms == {
        "answer": "2 / 4 = 1/2",
        "reference": "1/2 (2 decimals)",
    }
    assert (said.stage, said.score.reward, said.read) == ("rational", 1.0, r"\frac{2}{4}")
    assert list(said.ms) == ["read", "understand", "compare"]
    assert all(ms >= 0 for ms in said.ms.values())


def test_what_is_not_understood_is_shown_as_text_and_said(verifier):
    said = explain(verifier, "5", r"\boxed{\int x dx}")

    assert said.forms["answer"] == r"\int x dx"
    assert said.notes == ("The answer is not understood: it is compared as text.",)
    assert said.score.reason == "unreadable_answer (box)"


def test_nothing_read_shows_only_the_reference(verifier):
    said = explain(verifier, "5", "I do not know")

    assert (said.read, said.rule, said.spans, said.stage) == ("", "", (), "")
    assert said.forms == {"reference": "5"}


def test_an_unreadable_reference_is_unscored_and_shows_nothing(verifier):
    assert explain(verifier, None, r"\boxed{5}").score == Score.unscored("unreadable_reference")


@pytest.mark.parametrize(
    "text", [r"\boxed{1/2}", "no", "", "The answer is 0.5", r"\boxed{1} and \boxed{2}", "\ud800"]
)
def test_explaining_gives_the_verdict_of_judging(verifier, text):
    task, completion = Task(id="t", prompt=(), answer="0.5"), Completion(text=text)

    assert isinstance(verifier, Explains)
    assert verifier.explain(task, completion).score == verifier(task, completion)


def test_the_options_hold_for_explaining_too():
    said = explain(math(reading="box"), "42", "The answer is 42")

    assert said.score.reason == "no_answer"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("7", "7"),
        ("-7", "-7"),
        ("1,234,567", "1234567"),
        ("0.25", "1/4"),
        (r"\frac{a}{b}", "a / b"),
        (r"\frac{a}{bc}", "a / (b * c)"),
        (r"\frac{a+b}{c}", "(a + b) / c"),
        ("a-(b-c)", "a - (b - c)"),
        ("a-b-c", "a - b - c"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("(-2)^2", "(-2)^2"),
        ("2^{3^4}", "2^(3^4)"),
        ("(2^3)^4", "(2^3)^4"),
        ("2(x+1)", "2 * (x + 1)"),
        (r"\sqrt{2}", "sqrt(2)"),
        (r"\sqrt[3]{x+1}", "root(x + 1, 3)"),
        (r"\sin 2x", "sin(2 * x)"),
        (r"\log_2 8", "log(8, 2)"),
        ("5!", "5!"),
        ("(n+1)!", "(n + 1)!"),
        ("50%", "50%"),
        (r"3 \pm 2", "3 +- 2"),
        (r"x \in (1, 2]", "x in (1, 2]"),
        (r"1 < x \leq 3", "1 < x <= 3"),
        (r"(-\infty, 1) \cup (2, \infty)", "(-infinity, 1) union (2, infinity)"),
        (r"\{1, 2\}", "{1, 2}"),
        ("1, 2", "1, 2"),
        ("1 or 2", "1 or 2"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "[[1, 2], [3, 4]]"),
        ("204_5", "204 in base 5"),
        ("f(x)=2x", "f(x) = 2 * x"),
        (r"\alpha_1", "alpha_1"),
    ],
)
def test_a_tree_is_written_as_people_read_it(text, shown):
    assert written(parse(text)) == shown


@pytest.mark.parametrize(
    "text",
    ["a-(b-c)", r"\frac{a+b}{c}", "(-2)^2", "2^{3^4}", "(2^3)^4", "-x^2", "a/b/c", "a(b+c)^2", "x!+2"],
)
def test_what_is_written_means_the_same_when_it_is_read_again(text):
    again = parse(written(parse(text)).replace(" ", ""))

    assert written(again) == written(parse(text))


def test_an_expression_is_shown_with_its_value():
    assert [form(parse(text)) for text in (r"2\cdot3+1", "1/2", "0.5", "x+1", "1/0")] == [
        "2 * 3 + 1 = 7",
        "1/2",
        "1/2 (1 decimal)",
        "x + 1",
        "1 / 0",
    ]


def test_a_number_of_thousands_of_digits_is_counted_and_not_written():
    assert form(parse("9" * 8_000)) == "<a number of about 8,000 digits>"


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{" + "{" * 5_000 + "}" * 5_000 + "}",
        "9" * 100_000,
        r"\boxed{9^{9^{9^9}}}",
        r"\boxed{1}" * 3_000,
    ],
    ids=["braces", "digits", "tower", "boxes"],
)
def test_hostile_texts_are_explained_as_fast_as_they_are_judged(verifier, text):
    started = time.process_time()

    said = explain(verifier, "5", text)

    assert said.score.reward == 0.0
    assert time.process_time() - started < 5
