r"""The `countdown` environment: reach a target with given numbers and + - * /.

Policy. The answer is what `rlvr_exact.reading` finds declared, else the last line of the visible text, and
must be one expression of `rlvr_exact.expressions`, in $...$ or not; "= 24" may follow it, if 24 is the
target. It uses each given number exactly once (at most once without `require_all`), and its value, an
exact fraction at every step, is the target. Dividing by zero has no value: wrong_value.

The numbers and the target are the task's metadata (`numbers` or `nums`; `target`, or the reference if it
is a whole number), else those of the reference expression.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from rlvr.explain import explaining
from rlvr.prompts import prompt
from rlvr.scoring import judged
from rlvr.types import Completion, Environment, Explanation, Score, Task, Verifier
from rlvr_exact.exact import references
from rlvr_exact.expressions import evaluate, parse
from rlvr_exact.procedural import Split, require, stream
from rlvr_exact.reading import Place, declaration, declared, shown, visible, visible_at

__all__ = ["Puzzle", "countdown"]

_TEMPLATE = (
    "Using the numbers {numbers}, write an expression that equals {target}. You may use + - * / and "
    "parentheses, and must use each number {times} once.\n"
    "Put the expression alone between <answer> and </answer>, as in <answer>(a + b) * c</answer>."
)
_MAX_COUNT = 8
_MAX = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Puzzle:
    """Numbers, a target, and an expression that reaches it."""

    numbers: tuple[int, ...]
    target: Fraction
    solution: str = ""


def countdown(  # noqa: PLR0913 - the options of an environment are its arguments
    *,
    count: int = 4,
    low: int = 1,
    high: int = 25,
    max_target: int = 100,
    require_all: bool = True,
    split: Split = "train",
    seed: int = 0,
    template: str = _TEMPLATE,
    system: str = "",
) -> Environment:
    """Return the environment: `count` numbers from `low` to `high`, a target from 1 to `max_target`.

    Each puzzle is made from an expression, the reference, so that it has a solution. The template has
    the places {numbers}, {target}, and {times} ("exactly" or "at most"), or {question} for "3 5 7 -> 22".

    Reasons: correct, wrong_value, wrong_numbers, unreadable, no_answer; unreadable_reference (unscored).
    """
    require(2 <= count <= _MAX_COUNT, f"countdown: count = {count}", f"2 to {_MAX_COUNT}")
    require(1 <= low <= high <= _MAX, f"countdown: low = {low}, high = {high}", f"1 <= low <= high <= {_MAX}")
    require(1 <= max_target <= _MAX, f"countdown: max_target = {max_target}", f"1 to {_MAX}")
    filled = "{question}" in template or ("{numbers}" in template and "{target}" in template)
    require(filled, f"countdown: template = {template!r}", "{numbers} and {target}, or {question}, in it")

    def draw(random: Random) -> Puzzle | None:
        return _drawn(random, [random.randint(low, high) for _ in range(count)], max_target)

    def make(puzzle: Puzzle, name: str) -> Task:
        numbers, target = list(puzzle.numbers), int(puzzle.target)
        listed, times = " ".join(map(str, numbers)), "exactly" if require_all else "at most"
        places = {"numbers": listed, "target": str(target), "times": times}
        turns = prompt(template, system=system, question=f"{listed} -> {target}", **places)
        metadata = {"numbers": numbers, "target": target}
        return Task(id=name, prompt=turns, answer=puzzle.solution, metadata=metadata)

    endless = stream(draw, make, _canonical, name="countdown", split=split, seed=seed)
    return Environment(name="countdown", tasks=endless, verifier=_verifier(require_all))


def _drawn(random: Random, numbers: list[int], max_target: int) -> Puzzle | None:
    terms = [(Fraction(one), str(one)) for one in numbers]
    while len(terms) > 1:
        first = terms.pop(random.randrange(len(terms)))
        second = terms.pop(random.randrange(len(terms)))
        sign = random.choice("+-*/")
        expression = parse(f"{first[1]} {sign} {second[1]}")
        total = evaluate(expression) if expression else None
        if total is None or total.denominator != 1:
            return None
        terms.append((total, f"({first[1]} {sign} {second[1]})"))
    target, solution = terms[0]
    if not 1 <= target <= max_target:
        return None
    return Puzzle(numbers=tuple(numbers), target=target, solution=solution[1:-1])


def _canonical(puzzle: Puzzle) -> str:
    # The same numbers in another order are the same puzzle.
    return f"{' '.join(map(str, sorted(puzzle.numbers)))} -> {puzzle.target}"


def _verifier(require_all: bool) -> Verifier:
    def verify(task: Task, completion: Completion) -> Score:
        puzzle = _puzzle(task)
        if puzzle is None:
            return Score.unscored("unreadable_reference")
        text = visible(completion.text)
        found = declared(text)
        answer = (text.rpartition("\n")[2] if found is None else found).strip()
        if not answer:
            return Score(reward=0.0, reason="no_answer")
        reason = _judged(answer, puzzle, require_all=require_all)
        return Score(reward=float(reason == "correct"), answer=shown(answer), reason=reason)

    def explain(task: Task, completion: Completion) -> Explanation:
        tried = judged(verify, task, completion)
        puzzle, text, at = _puzzle(task), visible(completion.text), visible_at(completion.text)
        last = text.rpartition("\n")[2]
        place = declaration(text) or Place(len(text) - len(last.strip()), len(text), "last_line")
        found = text[place.start : place.end]
        return Explanation(
            score=tried.score,
            read=found,
            rule=place.rule if found else "",
            spans=((at + place.start, at + place.end),) if found else (),
            forms={"answer": _valued(found) if found else "", "reference": _wanted(puzzle)},
            stage=_STAGES.get(tried.score.reason, ""),
            ms={"total": tried.ms},
        )

    return explaining(verify, explain)


_STAGES = {"unreadable": "grammar", "wrong_numbers": "numbers", "wrong_value": "value", "correct": "value"}


def _valued(answer: str) -> str:
    """Return an expression with its value and its numbers."""
    written = answer.strip("$ ").partition("=")[0].strip()
    expression = parse(written)
    if expression is None:
        return f"{written} (no expression)"
    value = evaluate(expression)
    used = " ".join(map(str, sorted(expression.numbers)))
    return f"{written} = {'no value' if value is None else value}, of {used}"


def _wanted(puzzle: Puzzle | None) -> str:
    if puzzle is None:
        return ""
    return f"{puzzle.target}, of {' '.join(map(str, sorted(puzzle.numbers)))}"


def _judged(answer: str, puzzle: Puzzle, *, require_all: bool) -> str:
    written, equals, claimed = answer.strip("$ ").partition("=")
    expression = parse(written)
    if expression is None:
        return "unreadable"
    used, given = Counter(expression.numbers), Counter(puzzle.numbers)
    if used != given if require_all else not used <= given:
        return "wrong_numbers"
    claim = claimed.strip()
    if equals and claim != str(puzzle.target):
        return "wrong_value"
    return "correct" if evaluate(expression) == puzzle.target else "wrong_value"


def _puzzle(task: Task) -> Puzzle | None:
    numbers = task.metadata.get("numbers", task.metadata.get("nums"))
    target = task.metadata.get("target", task.answer)
    if (
        isinstance(target, int)
        and isinstance(numbers, list | tuple)
        and numbers
        and all(map(_is_whole, numbers))
    ):
        return Puzzle(numbers=tuple(numbers), target=Fraction(target))
    for reference in references(task.answer):
        expression = parse(reference)
        value = evaluate(expression) if expression else None
        if expression and value is not None:
            return Puzzle(numbers=expression.numbers, target=value)
    return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
