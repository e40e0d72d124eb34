"""What holds for every answer: no text raises, equality is reflexive and symmetric, verdicts repeat."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rlvr_math.compare import same
from rlvr_math.understand import understand
from rlvr_math.verify import math

from rlvr.testing import judge_text, load_cases
from rlvr.types import Completion, Task

CASES = Path(__file__).parent / "cases" / "math.jsonl"
FRAGMENTS = (
    *"0123456789xyei+-*/^=<>!%,;:.()[]{}|_$ ", "\\frac", "\\sqrt", "\\pi", "\\boxed{", "\\text{", "\\{", "\\}",
    "\\pm", "\\infty", "\\cup", "\\sin", "\\log", "\\left", "\\right", "\\begin{pmatrix}", "\\end{pmatrix}",
    "\\\\", "&", "\\circ", "\\overline", "and", "or", "cm", "million", "####", "answer is ", "1,000",
)  # fmt: skip
soup = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)

number = st.integers(-99, 99).map(str) | st.decimals(-9, 9, places=2).map(str)
atom = number | st.sampled_from(["x", "y", r"\pi", "e", "i", r"\frac{1}{2}", r"\sqrt{2}", "50%", r"30^\circ"])


def _grow(inner):
    two = st.tuples(inner, inner)
    return (
        two.map(lambda ab: f"({ab[0]})+({ab[1]})")
        | two.map(lambda ab: rf"\frac{{{ab[0]}}}{{{ab[1]}}}")
        | two.map(lambda ab: f"({ab[0]})({ab[1]})")
        | inner.map(lambda a: rf"\sqrt{{{a}}}")
        | inner.map(lambda a: f"({a})^2")
        | inner.map(lambda a: rf"1 \pm ({a})")
    )


expression = st.recursive(atom, _grow, max_leaves=5)
answer = (
    expression
    | st.lists(expression, min_size=2, max_size=3).map(", ".join)
    | st.lists(expression, min_size=2, max_size=3).map(lambda items: rf"\{{{', '.join(items)}\}}")
    | expression.map("x = {}".format)
    | expression.map("x > {}".format)
    | st.tuples(number, number).map(lambda ab: f"({ab[0]}, {ab[1]}]")
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=soup | st.text(max_size=60), reference=soup)
def test_no_text_raises(text, reference):
    for shown in (text, f"\\boxed{{{text}}}"):
        score = math()(Task(id="t", prompt=(), answer=reference), Completion(text=shown))

        assert score.reward in (0.0, 1.0, None)
        assert score.error is None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=answer)
def test_an_answer_equals_itself_and_its_wrapping(text):
    one = understand(text)

    assert one.tree is not None
    assert same(one, one)
    assert same(one, understand(rf"$ {text} $"))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(one=answer | soup, other=answer | soup)
def test_equality_has_no_direction(one, other):
    first, second = understand(one), understand(other)

    assert same(first, second) == same(second, first)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(a=st.integers(-(10**30), 10**30), b=st.integers(1, 10**6), extra=st.integers(1, 10**6))
def test_a_changed_fraction_is_another_answer(a, b, extra):
    wanted = understand(rf"\frac{{{a}}}{{{b}}}")

    assert same(wanted, understand(f"{3 * a}/{3 * b}"))
    assert not same(wanted, understand(f"{a + extra}/{b}"))


def test_threads_do_not_meet():
    cases = load_cases(CASES) * 4
    alone = [judge_text(math(**case.options), case) for case in cases]
    understand.cache_clear()

    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda case: judge_text(math(**case.options), case), cases))

    assert together == alone


def test_verdicts_do_not_hang_on_the_hash_seed():
    program = (
        "import sys, pathlib\n"
        "from rlvr.testing import judge_text, load_cases\n"
        "from rlvr_math.verify import math\n"
        "cases = load_cases(pathlib.Path(sys.argv[1]))\n"
        "print([judge_text(math(**case.options), case) for case in cases])\n"
    )
    command = [sys.executable, "-c", program, str(CASES)]

    said = {
        subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("0", "1", "77")
    }

    assert len(said) == 1
