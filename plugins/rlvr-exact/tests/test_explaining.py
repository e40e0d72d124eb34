"""What exact, choice, number, sort and countdown say of themselves."""

import pytest
from rlvr_exact.choice import choice
from rlvr_exact.countdown import countdown
from rlvr_exact.exact import exact
from rlvr_exact.number import number
from rlvr_exact.reading import answer_place, read_answer, visible, visible_at
from rlvr_exact.sort import sort

from rlvr.protocols import Explains
from rlvr.types import Completion, Task

FOUR = {"choices": ["Rome", "Paris", "London", "Oslo"]}
VERIFIERS = {
    "exact": exact(),
    "choice": choice(),
    "number": number(),
    "sort": sort().verifier,
    "countdown": countdown().verifier,
}


def explain(verifier, answer, text, metadata=None):
    return verifier.explain(
        Task(id="t", prompt=(), answer=answer, metadata=metadata or {}), Completion(text=text)
    )


def words(said, text):
    return [text[start:end] for start, end in said.spans]


@pytest.mark.parametrize(
    ("text", "rule", "read"),
    [
        ("Paris", "line", "Paris"),
        ("  Paris \n", "line", "Paris"),
        ("<think>Rome?</think>\n Paris", "line", "Paris"),
        ("<answer> Paris </answer>", "tag", "Paris"),
        (r"<answer>\boxed{\text{ Paris }}</answer> yes", "tag", "Paris"),
        (r"so \boxed{Rome}, or \boxed{Paris}", "boxed", "Paris"),
        ("The answer is Rome.\nThe answer is: **Paris**", "marker", "**Paris**"),
        ("#### Paris", "marker", "Paris"),
        ("Answer:\n\n  Paris\nBye", "marker", "Paris"),
        ("\U0001f600 answer is \u5df4\u9ece", "marker", "\u5df4\u9ece"),
    ],
)
def test_exact_points_at_the_answer_it_read(text, rule, read):
    said = explain(VERIFIERS["exact"], "Paris", text)

    assert (said.rule, said.read, words(said, text)) == (rule, read, [read])
    assert said.forms["reference"] == "paris"


def test_exact_that_took_the_whole_text_says_so():
    text = "The answer is forty\ntwo"

    said = explain(VERIFIERS["exact"], text, f" {text} ")

    assert (said.score.reward, said.rule, said.read) == (1.0, "whole", text)


def test_exact_shows_what_was_compared():
    said = explain(VERIFIERS["exact"], ["The Louvre", "Louvre"], "  the LOUVRE!")

    assert said.forms == {"answer": "the louvre", "reference": "the louvre or louvre"}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The last of them is 42.", ["42"]),
        ("<think>41</think> so 42", ["42"]),
        ("The answer is 1,234.50 dollars", ["1,234.50"]),
        (r"\boxed{\frac{3}{4}}", [r"\frac{3}{4}"]),
        ("41 or 42", ["41", "42"]),
        ("10^3", []),
        ("none", []),
        ("\u0664\u0662", ["\u0664\u0662"]),
    ],
)
def test_number_points_at_the_number_it_read(text, pieces):
    assert words(explain(VERIFIERS["number"], "42", text), text) == pieces


def test_number_shows_exact_values_and_where_it_was_lenient():
    said = explain(number(abs_tol=0.5), ["0.5", "7"], "it is 1.0")

    assert said.forms == {"answer": "1", "reference": "1/2 or 7"}
    assert (said.stage, said.score.reward) == ("tolerance", 1.0)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("B", ["B"]),
        ("  (b)  ", ["b"]),
        ("The answer is **B**, since A is wrong", ["B"]),
        ("B or C", ["B", "C"]),
        ("I wonder.\nB) Paris", ["B", "Paris"]),
        ("The answer is Paris", ["Paris"]),
        ("A city", []),
        ("A) Rome\nB) Paris\nC) London", ["A", "Rome", "B", "Paris", "C", "London"]),
    ],
)
def test_choice_points_at_every_letter_it_read(text, pieces):
    assert words(explain(VERIFIERS["choice"], "B", text, FOUR), text) == pieces


def test_choice_shows_letters_with_their_texts():
    said = explain(VERIFIERS["choice"], "B", "C", FOUR)

    assert said.forms == {"answer": "C (london)", "reference": "B (paris)"}


def test_sort_and_countdown_show_what_they_computed():
    sorted_ = explain(VERIFIERS["sort"], "1 2 3", " [2, 1, 3] ")
    reached = explain(
        VERIFIERS["countdown"], None, "so <answer>(1 + 2) * 4</answer>", {"numbers": [1, 2, 4], "target": 13}
    )

    assert (sorted_.read, sorted_.forms) == ("[2, 1, 3]", {"answer": "2 1 3", "reference": "1 2 3"})
    assert sorted_.spans == ((1, 10),)
    assert (reached.read, reached.stage) == ("(1 + 2) * 4", "value")
    assert reached.forms == {"answer": "(1 + 2) * 4 = 12, of 1 2 4", "reference": "13, of 1 2 4"}


@pytest.mark.parametrize("name", VERIFIERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "4",
        "B",
        r"\boxed{}",
        "\ud800",
        "1 2 3",
        "<answer></answer>",
        "(1",
        "<think>",
        "A\n" * 50,
        "####",
    ],
)
@pytest.mark.parametrize("answer", ["4", "B", "1 2 3", None, "1 + 2"])
def test_explaining_gives_the_verdict_of_judging_and_points_into_the_text(name, text, answer):
    verifier = VERIFIERS[name]
    task, completion = Task(id="t", prompt=(), answer=answer), Completion(text=text)

    said = verifier.explain(task, completion)

    assert isinstance(verifier, Explains)
    assert said.score == verifier(task, completion)
    assert said.score.error is None
    assert all(0 <= start <= end <= len(text) for start, end in said.spans)


@pytest.mark.parametrize("read", ["auto", "whole", "tag", "boxed", "marker"])
@pytest.mark.parametrize(
    "text", ["a <answer> x </answer>", r" \boxed{y}", "answer is z\n", "<think>q</think> w", ""]
)
def test_the_place_of_an_answer_is_the_answer(text, read):
    shown, at = visible(text), visible_at(text)
    place = answer_place(shown, read)

    assert read_answer(shown, read) == (None if place is None else shown[place.start : place.end])
    assert text[at : at + len(shown)] == shown
