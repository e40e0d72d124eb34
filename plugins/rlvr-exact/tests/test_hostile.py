import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlvr.registry import make, make_verifier
from rlvr.types import Completion, Score, Task, Verifier

CHOICES = {"choices": ["London", "Paris", "a\u0301" * 50]}


def judges() -> dict[str, tuple[Verifier, Task]]:
    found = {
        "exact": (make_verifier("exact"), Task(id="1", prompt=(), answer=["Paris", "x" * 200])),
        "choice": (make_verifier("choice"), Task(id="1", prompt=(), answer="B", metadata=CHOICES)),
        "number": (make_verifier("number"), Task(id="1", prompt=(), answer="-7654321")),
    }
    for name in ("sort", "arithmetic", "countdown"):
        environment = make(name)
        found[name] = (environment.verifier, environment.tasks[0])
    return found


JUDGES = judges()
PIECES = [
    *("<answer>", "</answer>", "</think>", "<think>", "\\boxed{", "{", "}", "####", "answer is ", "answer:"),
    *("\\frac{1}{", "1e", "1,", ".", "-", "/", "1", "B", ") ", "(", " or ", ", ", "because", "\n", "\x00"),
    *("\ud800", "\u0301\u0316", "\u0664", "\u2212", "$", "**", "_", "^", "\\", "\u2028", "\u0130"),
]
UNITS = [
    *(
        "\\boxed{",
        "\\boxed ",
        "<answer>",
        "</answer>",
        "answer is ",
        "answer ",
        "the final answer is\n",
        "#### ",
    ),
    *(
        "{",
        "}",
        "\\frac{1}{",
        "1,",
        "1,111,",
        "1.",
        "1 ",
        "1",
        "-",
        "1-",
        "$",
        "(",
        "1+",
        "x^",
        "^{",
        "1/",
        "\\a",
    ),
    *(
        "B, ",
        "B) ",
        "(B",
        "B\n",
        "B or ",
        "B because ",
        "or ",
        "* ",
        "_ ",
        "a\u0301\u0316",
        "\u0301\u0316",
        "\r",
    ),
    *("</think>", "<think>", "\n", " \n", "\t", "\x00", "\ud800", "\u0664", "\u00b2", "\u0130", "\u2028"),
]


def quickest_s(verifier: Verifier, task: Task, text: str) -> float:
    # The least of up to three: the garbage of a whole test session may be collected in one of them.
    took_s = []
    for _ in range(3):
        started = time.thread_time()
        verifier(task, Completion(text=text))
        took_s.append(time.thread_time() - started)
        if took_s[-1] < 0.04:
            break
    return min(took_s)


@pytest.mark.parametrize("name", JUDGES)
@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(st.characters(codec=None)), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_no_text_raises_or_takes_long(name, text):
    verifier, task = JUDGES[name]
    assert quickest_s(verifier, task, text) < 0.05
    verdict = verifier(task, Completion(text=text))
    assert isinstance(verdict, Score)
    assert verdict.reward is not None
    assert 0.0 <= verdict.reward <= 1.0
    assert verdict.error is None
    assert verdict == verifier(task, Completion(text=text))


@pytest.mark.parametrize("name", ["exact", "choice", "number"])
@given(
    answer=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    )
)
@settings(max_examples=100, deadline=None)
def test_no_reference_raises(name, answer):
    verifier, _ = JUDGES[name]
    task = Task(id="1", prompt=(), answer=answer)
    assert verifier(task, Completion(text="B")).error is None


@pytest.mark.parametrize("name", [name for name in JUDGES if name != "arithmetic"])
@pytest.mark.parametrize("frame", ["{}", "<answer>{}</answer>", "the answer is B{}!"])
def test_100_000_hostile_characters_take_less_than_a_fifth_of_a_second(name, frame):
    verifier, task = JUDGES[name]
    for unit in UNITS:
        text = frame.replace("{}", unit * (100_000 // len(unit)))
        assert quickest_s(verifier, task, text) < 0.2, unit


def test_boxes_that_never_close_are_read_in_one_pass():
    verifier, task = JUDGES["exact"]
    assert quickest_s(verifier, task, "\\boxed{" * 64 + "{" * 100_000) < 0.2


@pytest.mark.parametrize("name", JUDGES)
def test_the_answer_of_a_verdict_stays_short(name):
    verifier, task = JUDGES[name]
    for text in ("1 " * 50_000, "<answer>" + "x" * 100_000 + "</answer>", "9" * 100_000):
        assert len(verifier(task, Completion(text=text)).answer or "") <= 200
