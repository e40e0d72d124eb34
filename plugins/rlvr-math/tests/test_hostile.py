"""Texts made to hang, crash or run code: each is answered in under a second of CPU, and none is paid."""

import re
import time
from pathlib import Path

import pytest
import rlvr_math
from rlvr_math.understand import understand
from rlvr_math.verify import math

from rlvr.types import Completion, Task

PACKAGE = Path(rlvr_math.__file__).parent
HOSTILE = {
    "a tower of powers": "9^{9^{9^9}}",
    "a plain tower": "9^9^9^9",
    "a tower under a fraction": r"\frac{1}{9^{9^{9}}}",
    "a tower of e": "e^{e^{e^{e^e}}}",
    "a tower of x": "x^{x^{x^{x^x}}}",
    "a huge factorial": "(10^9)!",
    "a huge binomial": r"\binom{10^7}{5000}",
    "a huge exponent": "1E+100000000",
    "a huge complex power": "(1+i)^{10^9}",
    "a huge angle": r"\sin(10^{10^{10}})",
    "a huge hyperbolic angle": r"\sinh(10^{100})",
    "many large powers": "+".join(["3^{20000}"] * 160),
    "a product of large powers": "*".join(["3^{20000}"] * 160),
    "many large denominators": "+".join(f"\\frac{{1}}{{{k}^{{800}}}}" for k in range(2, 130)),
    "many powers of x": "+".join(["\\sin^{30}(x^{300})"] * 80),
    "a polynomial of high degree": "(x+1)^{3000}",
    "many factorials": "+".join(["x!"] * 300),
    "many roots": ",".join(f"\\sqrt{{{k}}}" for k in range(2, 150)),
    "many braces": "{" * 100_000,
    "matched braces": "{" * 50_000 + "}" * 50_000,
    "many boxes": "\\boxed{" * 20_000,
    "deep brackets": "(" * 900 + "1" + ")" * 900,
    "deep fractions": r"\frac{" * 600 + "1" + "}{2}" * 600,
    "deep signs": "-" * 1_900 + "1",
    "deep functions": r"\sin " * 400 + "x",
    "bars": "|" * 1_900,
    "a long number": "9" * 100_000,
    "a long run of thousands": "1,000" * 20_000,
    "thousands before a letter": "1" + ",111" * 25_000 + "x",
    "digits before a letter": "1" * 100_000 + "x",
    "fractions without end": "1/" * 50_000,
    "segments without end": "#### 5 abcd " + "\\(" * 50_000,
    "phrases without end": "answer is " * 10_000,
    "a long run of spaces": "1 " * 50_000,
    "a long word": "a" * 100_000,
    "many dollars": "$" * 100_000,
    "an import": "__import__('os').system('touch {canary}')",
    "an opened file": "open('{canary}', 'w')",
    "an opened file in brackets": "[[open('{canary}', 'w')]]",
    "a choice": "5 if open('{canary}', 'w') else 5",
    "sympify": "sympify(\"open('{canary}', 'w')\")",
    "a lambda": "(lambda: open('{canary}', 'w'))()",
    "a null byte": "\x00",
    "an unpaired surrogate": "\ud800",
    "foreign digits": "\u0665\u0665",
    "a combining mark": "5\u0338",
}
REFERENCES = (r"\frac{\sqrt{2}}{3}", "123456789", "x^2+x!", r"\sqrt{2}, \sqrt{3}", "x > 3")


@pytest.mark.parametrize("form", ["{text}", "\\boxed{{{text}}}", "The answer is {text}"])
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_answered_soon_and_not_paid(hostile, form, tmp_path):
    canary = tmp_path / "canary"
    text = form.format(text=hostile.replace("{canary}", str(canary)))
    verifier = math()
    understand.cache_clear()

    for answer in REFERENCES:
        started = time.process_time()
        score = verifier(Task(id="t", prompt=(), answer=answer), Completion(text=text))

        assert score.reward == 0.0
        assert time.process_time() - started < 1.0
    assert not canary.exists()


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_reference_is_answered_soon(hostile):
    understand.cache_clear()
    started = time.process_time()

    score = math()(Task(id="t", prompt=(), answer=hostile), Completion(text=f"\\boxed{{1+{hostile}}}"))

    assert not score.reward
    assert time.process_time() - started < 1.0


def test_no_text_reaches_an_interpreter():
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))

    banned = r"\b(eval|exec|compile|sympify|S|parse_expr|parse_latex|lambdify|__import__|N)\("

    assert re.findall(rf"(?<!re\.){banned}", source) == []
    assert "signal" not in source.replace("no signal", "")
    assert "threading" not in source
