r"""Does an environment of problems pay its own references, and its own worked solutions?"""

from typing import Literal

from rlvr.extract import accepted
from rlvr.scoring import score
from rlvr.testing import Finding
from rlvr.types import Completion, Environment, Task, first_tasks
from rlvr_math.read import reference

__all__ = ["check_references"]

Check = Literal["reference.boxed", "reference.solution"]


def check_references(environment: Environment, *, tasks: int | None = None) -> list[Finding]:
    r"""Return what is not paid, by task: a reference in `\boxed{}`, or the worked solution; empty if all is.

    All tasks are looked at, or the first `tasks`. A reference that nobody can read is found as well.
    """
    found = []
    for task in first_tasks(environment, tasks):
        boxes = [f"\\boxed{{{reference(text) or ''}}}" for text in accepted(task.answer)]
        for box in boxes or [""]:
            found += _unpaid(environment, task, "reference.boxed", box)
        solution = environment.reference(task)
        if solution is not None:
            found += _unpaid(environment, task, "reference.solution", solution)
    return found


def _unpaid(environment: Environment, task: Task, check: Check, text: str) -> list[Finding]:
    verdict = score(environment.verifier, task, Completion(text=text))
    if verdict.reward == 1.0:
        return []
    why = verdict.error or verdict.reason
    return [Finding(check=check, task=task.id, detail=f"{text[-80:]!r} scores {verdict.reward} ({why})")]
