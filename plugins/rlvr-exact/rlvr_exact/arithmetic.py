"""The `arithmetic` environment: add, subtract and multiply whole numbers; judged by `number`, exactly."""

from itertools import product
from random import Random
from typing import Literal, TypeAlias

from rlvr.prompts import prompt
from rlvr.types import Environment, Task
from rlvr_exact.number import number
from rlvr_exact.procedural import Split, finite, require, stream

__all__ = ["arithmetic", "result"]

Question: TypeAlias = tuple[tuple[int, ...], tuple[str, ...]]
"""The numbers of a question, and the operators between them."""

_TEMPLATE = "What is {question}? Answer with the number alone."
_FEW = 4096
_OPERATORS = "+-*"
_MAX_TERMS = 50
_MAX = 10**6


def arithmetic(  # noqa: PLR0913 - the options of an environment are its arguments
    *,
    low: int = 0,
    high: int = 99,
    operators: str = "+-*",
    terms: int = 2,
    spaces: bool = True,
    read: Literal["auto", "first_line"] = "auto",
    split: Split = "train",
    seed: int = 0,
    template: str = _TEMPLATE,
    system: str = "",
) -> Environment:
    """Return the environment: `terms` numbers from `low` to `high`, `*` before `+` and `-`.

    `read="first_line"` is for raw models under a few-shot template, which go on after their answer. The
    test split is finite, all held-out questions, where there are at most 4096 questions of two terms.
    """
    _check(low, high, operators, terms, template)

    def draw(random: Random) -> Question:
        numbers = tuple(random.randint(low, high) for _ in range(terms))
        return numbers, tuple(random.choice(operators) for _ in range(terms - 1))

    def make(question: Question, name: str) -> Task:
        written = _written(question)
        asked = written if spaces else written.replace(" ", "")
        turns = prompt(template, system=system, question=asked)
        return Task(id=name, prompt=turns, answer=str(result(*question)))

    verifier = number(read=read)
    span = range(low, high + 1)
    if split == "test" and terms == 2 and len(span) ** 2 * len(operators) <= _FEW:
        every: product[Question] = product(product(span, repeat=2), product(operators))
        held_out = finite(every, make, _written, name="arithmetic")
        return Environment(name="arithmetic", tasks=held_out, verifier=verifier)
    endless = stream(draw, make, _written, name="arithmetic", split=split, seed=seed)
    return Environment(name="arithmetic", tasks=endless, verifier=verifier)


def result(numbers: tuple[int, ...], operators: tuple[str, ...]) -> int:
    """Evaluate a question, products first.

    >>> result((3, 5), ("+",)), result((2, 3, 4), ("-", "*"))
    (8, -10)
    """
    sums = [numbers[0]]
    for sign, one in zip(operators, numbers[1:], strict=True):
        if sign == "*":
            sums[-1] *= one
        else:
            sums.append(one if sign == "+" else -one)
    return sum(sums)


def _written(question: Question) -> str:
    first, *others = question[0]
    signs = zip(question[1], others, strict=True)
    return str(first) + "".join(f" {sign} {one if one >= 0 else f'({one})'}" for sign, one in signs)


def _check(low: int, high: int, operators: str, terms: int, template: str) -> None:
    known = len(set(operators)) == len(operators) > 0 and set(operators) <= set(_OPERATORS)
    require(known, f"arithmetic: operators = {operators!r}", f"some of {_OPERATORS!r}, each once")
    require(2 <= terms <= _MAX_TERMS, f"arithmetic: terms = {terms}", f"2 to {_MAX_TERMS}")
    require(low <= high, f"arithmetic: low = {low}, high = {high}", "low to be at most high")
    require(max(-low, high) <= _MAX, f"arithmetic: low = {low}, high = {high}", f"at most {_MAX} in size")
    require("{question}" in template, f"arithmetic: template = {template!r}", "a text with {question} in it")
