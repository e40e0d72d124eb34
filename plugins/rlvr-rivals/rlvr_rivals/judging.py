"""From somebody's check to a verifier: a reward of 1 or 0, or unscored where it declines to judge.

`Score.reason` is `correct`, `wrong_answer`, or, unscored, `declined` (the rival gives no verdict: most often
it cannot read the reference) and `unreadable_reference` (there is none). What a rival raises is no verdict:
the score carries it as `error`.
"""

from collections.abc import Callable, Sequence

from rlvr.types import Completion, Score, Task, Verifier
from rlvr_rivals.doors import limit_memory, open_packages, put_stubs

__all__ = ["MEMORY_MB", "Check", "rival", "verifier"]

MEMORY_MB = 6144
"""Of address space: some rivals expand what they should not, and would take the whole machine."""

Check = Callable[[str, str], bool | None]
"""From a reference and a completion to a verdict; None where the rival declines to judge."""


def rival(
    *, opened: Sequence[str] = (), stubs: Sequence[str] = (), warm: bool = True
) -> Callable[[Callable[[], Check]], Callable[..., Verifier]]:
    """Make a verifier's factory of a function that imports a rival and returns its check.

    Args:
        opened: Packages whose `__init__` is not run, because it imports a framework.
        stubs: Modules that are imported but not used by the check, and stand in empty.
        warm: Judge one row before workers are forked: some import half of sympy at their first. Not for a
            check that starts threads or opens connections, which no fork takes along.
    """

    def decorate(make: Callable[[], Check]) -> Callable[..., Verifier]:
        def factory(*, memory_mb: int = MEMORY_MB) -> Verifier:
            limit_memory(memory_mb)
            put_stubs(stubs)
            open_packages(opened)
            check = make()
            if warm:
                check("1", r"The answer is $\boxed{1}$.")
            return verifier(check)

        factory.__doc__ = make.__doc__
        return factory

    return decorate


def verifier(check: Check) -> Verifier:
    """Return a verifier that takes the best verdict over the references of a task."""

    def verify(task: Task, completion: Completion) -> Score:
        references = _references(task)
        if not references:
            return Score.unscored("unreadable_reference")
        verdict: bool | None = None
        for reference in references:
            said = check(reference, completion.text)
            verdict = verdict if said is None else said
            if said:
                break
        if verdict is None:
            return Score.unscored("declined")
        return Score(reward=float(verdict), reason="correct" if verdict else "wrong_answer")

    return verify


def _references(task: Task) -> list[str]:
    given = task.answer if isinstance(task.answer, list | tuple) else [task.answer]
    return [str(one) for one in given if isinstance(one, str | int | float)]
