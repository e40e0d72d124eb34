"""The verifier `math`: read the answer, understand it, compare it with the reference.

`Score.reason` is one of `correct`, `wrong_answer`, `no_answer` (nothing was read), `unreadable_answer` (what
was read is not understood) and `unreadable_reference` (unscored: nobody's fault). A value out of bounds, as
`9^{9^{9^9}}`, is understood and equals only what is written in the same way. No time limit is set here: the
caller kills what takes too long.
"""

from rlvr.extract import accepted
from rlvr.types import Completion, Score, Task, Verifier
from rlvr_math.compare import same
from rlvr_math.read import read, reference
from rlvr_math.understand import Answer, understand

__all__ = ["math"]


def math(*, last_number: bool = True) -> Verifier:
    r"""Return the verifier; without `last_number`, an answer must be marked (a box, `####`, "answer is").

    >>> verifier = math()
    >>> task = Task(id="t", prompt=(), answer=r"\frac{1}{2}")
    >>> verifier(task, Completion(text="The answer is 0.5."))
    Score(reward=1.0, answer='0.5', reason='correct', parts={}, error=None)
    """

    def verifier(task: Task, completion: Completion) -> Score:
        return _score(_references(task), completion.text, last_number=last_number)

    return verifier


def _references(task: Task) -> list[Answer]:
    texts = (reference(text) for text in accepted(task.answer))
    understood = (understand(text) for text in texts if text is not None)
    return [answer for answer in understood if answer.text]


def _score(references: list[Answer], text: str, *, last_number: bool) -> Score:
    if not references:
        return Score.unscored("unreadable_reference")
    reading = read(text, last_number=last_number)
    if reading is None:
        return Score(reward=0.0, reason="no_answer")
    answer = understand(reading.text)
    if any(same(answer, one) for one in references):
        return Score(reward=1.0, answer=reading.text, reason="correct")
    reason = "unreadable_answer" if answer.tree is None else "wrong_answer"
    return Score(reward=0.0, answer=reading.text, reason=reason)
