"""The verifier `math`: read the answer, understand it, compare it with the reference (docs/math-policy.md).

`Score.reason` is `correct` or `wrong_answer` with the rule that read and the stage that decided, as in
`correct (box, rational)`; `unreadable_answer (rule)` (what was read is not understood), `no_answer`; and,
unscored, `unreadable_reference` (nobody's fault) and `undecided (rule)` (no stage could tell).

Work is bounded before it is done; what only sympy can settle is settled in a process of its own, with a
deadline. A value out of bounds, as `9^{9^{9^9}}`, is understood and equals only what is written in the same
way.
"""

import time
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from rlvr.explain import explaining
from rlvr.extract import accepted
from rlvr.types import Completion, Score, Task, Verifier
from rlvr_math.explaining import Explanation, told
from rlvr_math.judge.comparison import Comparison
from rlvr_math.judge.policy import Policy, Rounding, Unevaluated, Units
from rlvr_math.prover import Prover
from rlvr_math.read import Level, Reading, read, reference
from rlvr_math.text import normal
from rlvr_math.understand import Answer, understand
from rlvr_math.values.equality import Equality
from rlvr_math.values.points import Points
from rlvr_math.values.steps import is_left_to_do

__all__ = ["Explanation", "explain", "math"]

_CACHED = 4_096
_UNMARKED = frozenset({"bare", "formula", "last_number"})


def math(
    *,
    reading: Level = "any",
    rounding: Rounding = "reference",
    tolerance: float = 0.0,
    units: Units = "convert",
    unevaluated: Unevaluated = "accept",
) -> Verifier:
    r"""Return the verifier; the options are those of docs/math-policy.md.

    >>> verifier = math()
    >>> task = Task(id="t", prompt=(), answer=r"\frac{1}{2}")
    >>> verifier(task, Completion(text="The answer is 0.5.")).reason
    'correct (phrase, rational)'

    Raises:
        InputError: The tolerance is not from 0 to 1.
    """
    judge = _judge(
        reading, Policy(rounding=rounding, tolerance=tolerance, units=units, unevaluated=unevaluated)
    )
    return explaining(
        lambda task, completion: judge(task, completion).score,
        lambda task, completion: told(completion, judge(task, completion)),
    )


def explain(
    task: Task, completion: Completion, *, reading: Level = "any", policy: Policy | None = None
) -> Explanation:
    r"""Judge one completion and say how: what was read, by which rule, what it means, what decided.

    >>> said = explain(Task(id="t", prompt=(), answer="0.5"), Completion(text=r"so \boxed{1/2}"))
    >>> said.reading.rule, said.reading.start, said.stage
    ('box', 10, 'rational')
    """
    return _judge(reading, policy or Policy())(task, completion)


def _judge(level: Level, policy: Policy) -> Callable[[Task, Completion], Explanation]:
    # Loaded here rather than at the first hard answer, and once for all the workers that are forked later.
    import_module("mpmath.ctx_mp")
    equality = Equality(Points(), Prover())

    @lru_cache(maxsize=_CACHED)
    def understood(text: str) -> Answer | None:
        shown = reference(text)
        answer = understand(shown) if shown is not None else None
        return answer if answer is not None and answer.text else None

    def judge(task: Task, completion: Completion) -> Explanation:
        references = [one for text in accepted(task.answer) if (one := understood(text)) is not None]
        if not references:
            return Explanation(score=Score.unscored("unreadable_reference"))
        started = time.perf_counter()
        found = read(completion.text, level=level)
        was_read = time.perf_counter()
        if found is None:
            return Explanation(score=Score(reward=0.0, reason="no_answer"), reference=references[0])
        comparison = Comparison(policy, equality)
        answer = _understood(found, comparison)
        was_understood = time.perf_counter()
        refused = policy.unevaluated == "refuse" or found.rule in _UNMARKED
        equal, stage, wanted = _compared(found, answer, references, comparison, refused=refused)
        times = (was_read - started, was_understood - was_read, time.perf_counter() - was_understood)
        return Explanation(
            score=_score(found, answer, equal, stage),
            reading=found,
            answer=answer,
            reference=wanted,
            stage=stage,
            ms=(times[0] * 1e3, times[1] * 1e3, times[2] * 1e3),
        )

    return judge


def _understood(found: Reading, comparison: Comparison) -> Answer:
    """Return what was read as an answer; several boxes that repeat one value are that value."""
    pieces = [understand(piece) for piece in found.pieces]
    if pieces and all(comparison.same(piece, pieces[-1]) for piece in pieces[:-1]):
        return pieces[-1]
    return understand(found.text)


def _compared(
    found: Reading, answer: Answer, references: list[Answer], comparison: Comparison, *, refused: bool
) -> tuple[bool | None, str, Answer]:
    """Compare with each reference: the verdict, its stage, and the reference that decided."""
    if refused and is_left_to_do(answer.tree) and not any(is_left_to_do(one.tree) for one in references):
        return False, "unevaluated", references[0]
    verdicts: list[bool | None] = []
    for wanted in references:
        equal = comparison.same(answer, wanted)
        if equal:
            return True, comparison.stage, wanted
        if found.whole and normal(found.whole) == wanted.text:
            return True, "text", wanted
        verdicts.append(equal)
    return (None if None in verdicts else False), comparison.stage, references[0]


def _score(found: Reading, answer: Answer, equal: bool | None, stage: str) -> Score:
    if equal is None:
        return Score.unscored(f"undecided ({found.rule})", answer=found.text)
    if equal:
        return Score(reward=1.0, answer=found.text, reason=f"correct ({found.rule}, {stage})")
    if answer.tree is None:
        return Score(reward=0.0, answer=found.text, reason=f"unreadable_answer ({found.rule})")
    return Score(reward=0.0, answer=found.text, reason=f"wrong_answer ({found.rule}, {stage})")
