"""The smallest environment: a number to be said back, judged by identity."""

from random import Random

from rlvr.extract import accepted
from rlvr.prompts import prompt
from rlvr.types import Completion, Environment, Score, Task, TaskStream, Verifier

__all__ = ["identical", "identical_verifier", "load"]


def identical(task: Task, completion: Completion) -> Score:
    """Pay 1.0 for a completion that is, surrounding space aside, an accepted reference.

    >>> identical(Task(id="t", prompt=(), answer="4"), Completion(text=" 4 ")).reward
    1.0
    """
    references = accepted(task.answer)
    if not references:
        return Score.unscored("unreadable_reference")
    answer = completion.text.strip()
    right = answer in {reference.strip() for reference in references}
    return Score(reward=float(right), answer=answer, reason="correct" if right else "wrong_answer")


def identical_verifier() -> Verifier:
    """Return the verifier `identical`, which has no options."""
    return identical


def load(digits: int = 3, seed: int = 0) -> Environment:
    """Make the environment: endless numbers of `digits` digits, a pure function of seed and index."""

    def at(index: int) -> Task:
        number = "".join(Random(f"{seed}:{index}").choices("0123456789", k=digits))
        return Task(id=f"echo-{seed}-{index}", prompt=prompt("Say {n}.", n=number), answer=number)

    return Environment(name="echo", tasks=TaskStream(at=at), verifier=identical)
