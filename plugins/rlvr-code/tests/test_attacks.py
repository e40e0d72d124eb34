"""Attacks of our own, each by every kind of test: not one is paid, and the next sound program is."""

import importlib.util
import time
from pathlib import Path

import pytest
from rlvr_code.verify import verifier

from rlvr.scoring import score
from rlvr.types import Completion, Task
from rlvr.untrusted import Limits

_SPEC = importlib.util.spec_from_file_location("rlvr_code_attacks", Path(__file__).with_name("attacks.py"))
attacks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(attacks)

LIMITS = Limits(wall_s=0.5, memory_mb=256)
AMPLE = Limits(wall_s=10.0)
CALLED = {
    "values": {"entry_point": "f", "inputs": [[3], [4]], "outputs": [6, 8]},
    "after": {"entry_point": "f", "inputs": [[3], [4]], "outputs": [6, 8], "after": [[3], [4]]},
    "asserts": {"entry_point": "f", "asserts": ["assert f(3) == 6", "assert f(4) == 8"]},
    "examined": {
        "entry_point": "f",
        "check": "def check(candidate):\n    for i in (3, 4):\n        assert candidate(i) == 2 * i\n",
    },
}
STDIO = {"stdio": True, "inputs": ["3\n", "4\n"], "outputs": ["6\n", "8\n"]}
RIGHT = "def f(x):\n    return 2 * x\n"


def judged(sandbox, answer, source, limits=LIMITS):
    text = f"```python\n{source}\n```"
    judge = verifier(lambda: sandbox, limits)
    return score(judge, Task(id="t", prompt=(), answer=answer), Completion(text=text))


@pytest.mark.parametrize("form", CALLED)
@pytest.mark.parametrize("name", attacks.HACKS)
def test_a_hack_of_a_function_is_not_paid(isolated, form, name):
    started = time.monotonic()

    verdict = judged(isolated, CALLED[form], attacks.HACKS[name])

    assert (verdict.reward, verdict.error) == (0.0, None)
    assert time.monotonic() - started < 4 * LIMITS.wall_s
    assert judged(isolated, CALLED[form], RIGHT, AMPLE).reward == 1.0


@pytest.mark.parametrize("name", attacks.STDIO_HACKS)
def test_a_hack_of_a_program_is_not_paid(isolated, name):
    verdict = judged(isolated, STDIO, attacks.STDIO_HACKS[name])

    assert (verdict.reward, verdict.error) == (0.0, None)
    assert judged(isolated, STDIO, "print(2 * int(input()))", AMPLE).reward == 1.0
