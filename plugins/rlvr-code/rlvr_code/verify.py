"""The verifier `code`: find the program, run it in a sandbox, compare outside, say why.

`Score.reason` is `correct`; the model's faults `wrong_answer`, `timeout`, `memory`, `output`, `crash`,
`no_code`, `syntax_error`, `missing_entry_point`, `forbidden`, all 0.0 but for a fraction of tests; and,
unscored, `unreadable_reference`, `unknown_judge`, and what a judge of outputs says that does not score them.
A sandbox that cannot isolate raises SandboxUnavailable: scoring makes it unscored.

`Score.parts` are `tests_passed` (the share of tests; up to the first failure for a binary reward), `solved`
(1.0 if all passed) and `suspicion` (rlvr_code.suspicion), which never changes the reward; and `unsafe`, 1.0,
only where the program ran without isolation because somebody asked for that.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

from rlvr.errors import InputError
from rlvr.explain import explaining
from rlvr.protocols import Sandbox
from rlvr.types import Completion, Score, Task, Verifier
from rlvr.untrusted import Limits
from rlvr_code.explaining import Judged, told
from rlvr_code.extraction import Found, extract
from rlvr_code.judges import Unjudged
from rlvr_code.judging import judge
from rlvr_code.kinds import Tests, Values
from rlvr_code.mentions import is_dotted, mentioned, without
from rlvr_code.reference import read
from rlvr_code.sandboxes import Where, checked, shared
from rlvr_code.scores import marked, shown
from rlvr_code.suspicion import suspicion
from rlvr_code.syntax import parsed

__all__ = ["TOTAL_S", "Reward", "code", "verifier"]

Reward: TypeAlias = Literal["binary", "fraction"]
"""1.0 for all tests and else nothing, or the share of tests that passed."""

TOTAL_S = 8.0
"""Seconds for all runs of a task: the verdict is there before a worker pool's deadline, 10 s unless told."""


def code(
    *,
    sandbox: Where = "local",
    timeout_s: float = 5.0,
    total_s: float = TOTAL_S,
    memory_mb: int = 1024,
    reward: Reward = "binary",
    forbidden: tuple[str, ...] = (),
) -> Verifier:
    """Return the verifier; the sandbox is started at the first judgement, in the process that judges.

    Args:
        sandbox: A sandbox by name (`rlvr list sandboxes`), or a table of `name` and its options.
        timeout_s: For each process: all calls of a task, one text of test code, one standard input.
        total_s: For all processes of a task together; keep it two seconds below the deadline of the pool.
        memory_mb: For each process.
        reward: `binary` stops at the first test that fails; `fraction` goes on.
        forbidden: Names that no program must mention, beside those of its task (rlvr_code.mentions).

    Raises:
        InputError: A limit is not above 0, what is forbidden is no name, or the sandbox has none.
        UnknownName: No such sandbox.
    """
    given = {"timeout_s": timeout_s, "total_s": total_s, "memory_mb": memory_mb}
    for name, value in given.items():
        if value <= 0:
            raise InputError(f"{name} = {value}: expected a limit above 0.")
    for name in forbidden:
        if not is_dotted(name):
            raise InputError(f"forbidden = {name!r}: expected a name, as 'sorted' or 're.compile'.")
    limits = Limits(wall_s=timeout_s, memory_mb=memory_mb)
    where = checked(sandbox)
    return verifier(lambda: shared(where), limits, total_s=total_s, reward=reward, forbidden=forbidden)


def verifier(
    sandbox: Callable[[], Sandbox],
    limits: Limits,
    *,
    total_s: float = TOTAL_S,
    reward: Reward = "binary",
    forbidden: tuple[str, ...] = (),
) -> Verifier:
    """Return the verifier over a sandbox that is asked for when something is to be run."""

    def judged(task: Task, completion: Completion) -> Judged:
        try:
            reference = read(task.answer)
        except ValueError:
            return Judged(score=Score.unscored("unreadable_reference"))
        tests, started = reference.tests, time.perf_counter()
        names = (*reference.forbidden, *forbidden)
        prefix = without(reference.prefix, names)
        found = extract(completion.text, entry_point=tests.entry_point, prefix=prefix)
        ms = {"extract": (time.perf_counter() - started) * 1e3}
        if found.problem:
            scored = _score(found.problem, found.source, reward=0.0, passed=0.0, signs=0.0)
            return Judged(score=scored, found=found, tests=tests, ms=ms)
        if _mentions(found, names):
            signs = suspicion(found.source, tests)
            scored = _score("forbidden", found.source, reward=0.0, passed=0.0, signs=signs)
            return Judged(score=scored, found=found, tests=tests, ms=ms)
        return replace(
            ran(found, tests), ms={**ms, "run": (time.perf_counter() - started) * 1e3 - ms["extract"]}
        )

    def ran(found: Found, tests: Tests) -> Judged:
        called = replace(tests, entry_point=found.callee) if isinstance(tests, Values) else tests
        thorough = reward == "fraction"
        try:
            box = sandbox()
            verdict = judge(box, found.source, called, limits, total_s=total_s, thorough=thorough)
        except Unjudged as error:
            return Judged(score=error.score, found=found, tests=tests)
        passed = verdict.passed / verdict.total
        paid = passed if reward == "fraction" else float(verdict.reason == "correct")
        signs = suspicion(found.source, tests, verdict.signs)
        scored = _score(verdict.reason, found.source, reward=paid, passed=passed, signs=signs)
        return Judged(score=marked(scored, box), found=found, tests=called, verdict=verdict, sandbox=box)

    return explaining(
        lambda task, completion: judged(task, completion).score,
        lambda task, completion: told(completion, judged(task, completion)),
    )


def _mentions(found: Found, names: tuple[str, ...]) -> bool:
    if not names:
        return False
    tree = parsed(found.source, most=None)
    return tree is None or bool(mentioned(tree, names, after=found.given))


def _score(reason: str, source: str, *, reward: float, passed: float, signs: float) -> Score:
    parts = {"tests_passed": passed, "solved": float(reason == "correct"), "suspicion": signs}
    return Score(reward=reward, answer=shown(source), reason=reason, parts=parts)
