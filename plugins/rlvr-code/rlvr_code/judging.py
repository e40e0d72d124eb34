"""A program and its tests into a verdict: the program gets inputs, what is expected never leaves here."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rlvr.protocols import Sandbox, Session
from rlvr.untrusted import Answered, Call, Ended, Examined, Limits, Outcome, Program
from rlvr_code.compare import same, same_output
from rlvr_code.judges import accepts
from rlvr_code.kinds import Case, Examine, Stdio, Tests, Values
from rlvr_code.suspicion import Sign, ended_itself, seen

__all__ = ["Reason", "Seen", "Verdict", "judge"]

Seen: TypeAlias = Answered | Examined | Outcome
Reason: TypeAlias = Literal["correct", "wrong_answer", "timeout", "memory", "output", "crash"]

_CALL = "_rlvr_call_"
_BY_END: dict[Ended, Reason] = {
    "exit": "crash",
    "signal": "crash",
    "timeout": "timeout",
    "memory": "memory",
    "output": "output",
}
_LAST: frozenset[Reason] = frozenset({"timeout", "memory", "output"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a program did.

    Attributes:
        reason: The first thing that went wrong.
        passed: How many of the tests it passed.
        total: Of how many.
        signs: The signs of cheating that were seen while it ran (rlvr_code.suspicion).
        tried: How many of the tests were run.
        failed: Which test failed first, counted from 0; None where none did.
        seen: What the sandbox said of that one; None where it was not run.
    """

    reason: Reason
    passed: int
    total: int
    signs: frozenset[Sign] = frozenset()
    tried: int = 0
    failed: int | None = None
    seen: Seen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What became of one test."""

    reason: Reason
    signs: frozenset[Sign] = frozenset()
    seen: Seen | None = None


def judge(
    sandbox: Sandbox,
    source: str,
    tests: Tests,
    limits: Limits,
    *,
    total_s: float = math.inf,
    thorough: bool = False,
) -> Verdict:
    """Run the tests on a program, up to the first that fails, or all of them if thorough.

    `total_s` is for all runs together: each gets the smaller of `limits.wall_s` and what is left of it, and
    what is to start later is a timeout. A limit that is met ends the judging in any case, as does the end of
    a process that is to be called again: the tests that were not tried count as failed.

    Raises:
        SandboxUnavailable: It cannot be isolated here.
        Unjudged: The judge that the tests name did not judge.
    """
    left = _countdown(limits, total_s)
    match tests:
        case Values():
            verdict = _values(sandbox, source, tests, left(), thorough=thorough)
            if verdict.reason == "timeout" and tests.max_seconds:
                # By our clock, which also counts what else this machine does: late means late twice.
                again = _values(sandbox, source, tests, left(), thorough=thorough)
                verdict = max(verdict, again, key=lambda one: one.passed)
            return verdict
        case Examine():
            examined = (_examined(sandbox, source, text, tests, left()) for text in tests.texts)
            return _counted(examined, len(tests.texts), thorough=thorough)
        case Stdio():
            ran = (_ran(sandbox, source, case, tests, left()) for case in tests.cases)
            return _counted(ran, len(tests.cases), thorough=thorough)


def _countdown(limits: Limits, total_s: float) -> Callable[[], Limits | None]:
    """Return what says the limits of a run that starts now; None once the time is used up."""
    until = time.monotonic() + total_s

    def left() -> Limits | None:
        wall_s = min(limits.wall_s, until - time.monotonic())
        return replace(limits, wall_s=wall_s) if wall_s > 0 else None

    return left


def _counted(tests: Iterable[_Tried], total: int, *, thorough: bool) -> Verdict:
    passed, tried, failed, signs = 0, 0, None, frozenset[Sign]()
    first: _Tried | None = None
    for index, test in enumerate(tests):
        tried, signs = index + 1, signs | test.signs
        if test.reason == "correct":
            passed += 1
            continue
        if first is None:
            first, failed = test, index
        if not thorough or test.reason in _LAST:
            break
    return Verdict(
        reason=first.reason if first else "correct",
        passed=passed,
        total=total,
        signs=signs,
        tried=tried,
        failed=failed,
        seen=first.seen if first else None,
    )


def _values(
    sandbox: Sandbox, source: str, tests: Values, limits: Limits | None, *, thorough: bool
) -> Verdict:
    if limits is None:
        return Verdict(reason="timeout", passed=0, total=len(tests.cases))
    with sandbox.open(source + _calls(tests), limits) as session:
        return _counted(_called(session, tests), len(tests.cases), thorough=thorough)


def _called(session: Session, tests: Values) -> Iterator[_Tried]:
    """Yield what became of each call, up to one that ends the process."""
    for answered, case in zip(_answers(session, tests), tests.cases, strict=False):
        late = 0 < tests.max_seconds < answered.wall_s
        reason: Reason = "timeout" if late else _of_answered(answered, case)
        yield _Tried(reason=reason, signs=seen(answered, case), seen=answered)
        if answered.ended is not None:
            return


def _answers(session: Session, tests: Values) -> Iterator[Answered]:
    """Make the calls all at once; one by one where each has its time, which a later one could use else."""
    calls = [
        Call(f"{_CALL}{index}") if case.call else Call(tests.entry_point, case.args)
        for index, case in enumerate(tests.cases)
    ]
    if not tests.max_seconds:
        yield from session.call_all(calls)
        return
    for call in calls:
        yield from session.call_all([call])


def _calls(tests: Values) -> str:
    """Return what the data set adds to a program: inputs that only the program can build, no results."""
    calls = [
        f"def {_CALL}{index}():\n    return {case.call}\n"
        for index, case in enumerate(tests.cases)
        if case.call
    ]
    return "\n".join(("", tests.setup, *calls)) if calls or tests.setup else ""


def _of_answered(answered: Answered, case: Case) -> Reason:
    if answered.ended is not None:
        return _BY_END[answered.ended]
    if answered.raised:
        return "memory" if answered.raised == "MemoryError" else "crash"
    right = any(same(answered.value, one, case.equality) for one in (case.expected, *case.also)) and (
        case.after is None or same(answered.args, case.after, case.equality)
    )
    return "correct" if right else "wrong_answer"


def _examined(sandbox: Sandbox, source: str, text: str, tests: Examine, limits: Limits | None) -> _Tried:
    if limits is None:
        return _Tried(reason="timeout")
    examined = sandbox.examine(source, text, entry_point=tests.entry_point, limits=limits)
    if examined.ended is not None:
        return _Tried(reason=_BY_END[examined.ended], signs=ended_itself(examined.ended), seen=examined)
    if examined.passed:
        return _Tried(reason="correct")
    reason: Reason = "wrong_answer" if examined.why.startswith("AssertionError") else "crash"
    return _Tried(reason=reason, seen=examined)


def _ran(sandbox: Sandbox, source: str, case: tuple[str, str], tests: Stdio, limits: Limits | None) -> _Tried:
    if limits is None:
        return _Tried(reason="timeout")
    read, expected = case
    outcome = sandbox.run(Program(source=source, stdin=read), limits)
    if outcome.ended != "exit" or outcome.exit_code:
        return _Tried(reason=_BY_END[outcome.ended], seen=outcome)
    if tests.judge:
        right = accepts(tests.judge, stdin=read, expected=expected, given=outcome.stdout)
    else:
        right = same_output(outcome.stdout, expected, tests.output, tolerance=tests.tolerance)
    return _Tried(reason="correct" if right else "wrong_answer", seen=outcome)
