r"""The `number` verifier: the last number of the answer equals the reference.

Policy. The answer is what `rlvr_exact.reading` finds declared, else the whole visible text, and its last
number counts. Numbers are 12, -3, +3, 1,234.5, .5, 3/4, 1.5e3, \frac{3}{4}; digits of any script; minus
signs of Unicode. A currency sign and a percent sign are units and say nothing: "12%" equals 12 and never
0.12. Digits that hang on letters (B12, 12th) are no number; digits in a power or an index are part of an
expression, which has no value here: 10^3 is no_answer, though the exponent of a unit (cm^2) is skipped.

Last is last: nothing before it pays, so listing does not help. Yet a last number that is only joined to
the one before it by commas, operators, "or" and the like ("41 or 42", "3, 4", an echoed "3 + 5") is one
of several: several_answers, 0.0. What follows "=", "is" alone or other words stands on its own.
A sign apart from its number, "- 4", is its sign where nothing stands before it that it could take from: at
the start of the answer, behind "=", ":" or "(". A bullet on the line below "the answer is:" is none.

Values are compared as exact fractions: 0.1 equals 0.10, and no rounding is forgiven that `abs_tol` or
`rel_tol` (relative to the reference) does not forgive. A number of more than 400 digits, or of an exponent
beyond 400, is never evaluated: it is wrong, and as a reference unreadable.
"""

from fractions import Fraction
from math import isfinite
from typing import Any, Literal

from rlvr.errors import InputError
from rlvr.explain import explaining
from rlvr.scoring import judged
from rlvr.types import Completion, Explanation, Score, Task, Verifier
from rlvr_exact.exact import references
from rlvr_exact.numerals import last_numeral, last_places, value
from rlvr_exact.reading import Place, declaration, declared, shown, visible, visible_at

__all__ = ["number", "reference_values"]


def number(
    *, abs_tol: float = 0.0, rel_tol: float = 0.0, read: Literal["auto", "first_line"] = "auto"
) -> Verifier:
    """Return the verifier; `read="first_line"` reads only the first line that is not empty.

    That is for raw models that go on after their answer, under a few-shot prompt.

    Reasons: correct, wrong_answer, several_answers, no_answer; unreadable_reference (unscored).
    """
    for name, tolerance in (("abs_tol", abs_tol), ("rel_tol", rel_tol)):
        if not (isfinite(tolerance) and tolerance >= 0):
            raise InputError(f"number: {name} = {tolerance!r} is no tolerance: expected 0 or more.")
    absolute, relative = Fraction(repr(abs_tol)), Fraction(repr(rel_tol))

    def verify(task: Task, completion: Completion) -> Score:
        wanted = reference_values(task.answer)
        if not wanted:
            return Score.unscored("unreadable_reference")
        text = visible(completion.text)
        region = text.partition("\n")[0] if read == "first_line" else declared(text)
        found = last_numeral(text if region is None else region)
        if found is None:
            return Score(reward=0.0, reason="no_answer")
        if found.one_of_several:
            return Score(reward=0.0, answer=shown(found.text), reason="several_answers")
        got = value(found.text)
        right = got is not None and any(
            abs(got - want) <= max(absolute, relative * abs(want)) for want in wanted
        )
        reason = "correct" if right else "wrong_answer"
        return Score(reward=float(right), answer=shown(found.text), reason=reason)

    def explain(task: Task, completion: Completion) -> Explanation:
        tried = judged(verify, task, completion)
        text, at = visible(completion.text), visible_at(completion.text)
        line = Place(0, len(text.partition("\n")[0]), "first_line") if read == "first_line" else None
        region = line or declaration(text) or Place(0, len(text), "whole")
        spans = [
            (at + region.start + start, at + region.start + end)
            for start, end in last_places(text[region.start : region.end])
        ]
        found = completion.text[slice(*spans[-1])] if spans else ""
        wanted = reference_values(task.answer)
        return Explanation(
            score=tried.score,
            read=", ".join(completion.text[slice(*span)] for span in spans),
            rule=f"{region.rule}, last number" if spans else "",
            spans=tuple(spans),
            forms={"answer": _written(value(found)) if found else "", "reference": _listed(wanted)},
            stage="" if not spans or not wanted else "tolerance" if absolute or relative else "fraction",
            ms={"total": tried.ms},
        )

    return explaining(verify, explain)


def reference_values(answer: Any) -> list[Fraction]:
    r"""Return the value of each reference that is a number, or ends in `#### number` as GSM8K's do.

    >>> reference_values(["1,000", 0.1]), reference_values("6 * 7 = 42\n#### 42"), reference_values("x")
    ([Fraction(1000, 1), Fraction(1, 10)], [Fraction(42, 1)], [])
    """
    values = [value(one.rpartition("####")[2]) for one in references(answer)]
    return [one for one in values if one is not None]


def _written(number: Fraction | None) -> str:
    return "no number that is evaluated" if number is None else str(number)


def _listed(wanted: list[Fraction]) -> str:
    return " or ".join(map(_written, wanted))
