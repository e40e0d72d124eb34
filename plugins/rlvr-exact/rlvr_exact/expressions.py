"""Arithmetic expressions over exact fractions: read and evaluated within bounds, without `eval`.

The grammar is small: whole numbers, + - * / (also their usual signs in print and LaTeX), parentheses. No
signs before numbers, no powers, no products without a sign. A text is at most 500 characters long.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

__all__ = ["Expression", "evaluate", "parse"]

MAX_CHARACTERS = 500
_MAX_DEPTH = 50
_TOKEN = re.compile(r"\s*(?:([0-9]{1,9})(?![0-9])|([-+*/()]))")
_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}
_SIGNS = {
    "\u00d7": "*", "\u00b7": "*", "\u22c5": "*", "\u2217": "*", "\u00f7": "/", "\u2212": "-",
    r"\times": "*", r"\cdot": "*", r"\div": "/", r"\left": "", r"\right": "",
}  # fmt: skip
_SIGN = re.compile("|".join(re.escape(sign) for sign in _SIGNS))

Step: TypeAlias = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression that was read: its numbers from left to right, and its steps in postfix order."""

    numbers: tuple[int, ...]
    steps: tuple[Step, ...]


def parse(text: str) -> Expression | None:
    """Read an expression; None where the text is anything else, or too long, or too deep.

    >>> parse("(1 + 2) * 3").steps
    (1, 2, '+', 3, '*')
    >>> parse("1 +"), parse("-1"), parse("2(3)"), parse("2 ** 3"), parse("")
    (None, None, None, None, None)
    """
    tokens = _tokens(text) if len(text) <= MAX_CHARACTERS else None
    steps = None if tokens is None else _postfix(tokens)
    if steps is None:
        return None
    return Expression(numbers=tuple(step for step in steps if isinstance(step, int)), steps=tuple(steps))


def evaluate(expression: Expression) -> Fraction | None:
    """Return the exact value; None where it divides by zero.

    >>> evaluate(parse("8 / (3 - 8 / 3)")), evaluate(parse("1 / (2 - 2)"))
    (Fraction(24, 1), None)
    """
    stack: list[Fraction] = []
    for step in expression.steps:
        if isinstance(step, int):
            stack.append(Fraction(step))
            continue
        second, first = stack.pop(), stack.pop()
        if step == "/" and second == 0:
            return None
        stack.append(_applied(step, first, second))
    return stack.pop()


def _applied(sign: str, first: Fraction, second: Fraction) -> Fraction:
    if sign == "+":
        return first + second
    if sign == "-":
        return first - second
    return first * second if sign == "*" else first / second


def _tokens(text: str) -> list[Step] | None:
    plain = _SIGN.sub(lambda sign: _SIGNS[sign.group()], text).strip()
    found: list[Step] = []
    position = 0
    while position < len(plain):
        match = _TOKEN.match(plain, position)
        if match is None:
            return None
        digits, sign = match.groups()
        found.append(int(digits) if digits else sign)
        position = match.end()
    return found


def _postfix(tokens: Sequence[Step]) -> list[Step] | None:
    # Shunting-yard, with an eye on what may stand where: an operand after an operator, and in turn.
    steps: list[Step] = []
    waiting: list[str] = []
    operand_next = True
    for token in tokens:
        opens = isinstance(token, int) or token == "("
        if opens != operand_next or len(waiting) > _MAX_DEPTH:
            return None
        if isinstance(token, int):
            steps.append(token)
        elif token == ")":
            if not _close(waiting, steps):
                return None
        elif token == "(":
            waiting.append(token)
        else:
            _flush(waiting, steps, _RANK[token])
            waiting.append(token)
        operand_next = not isinstance(token, int) and token != ")"
    _flush(waiting, steps, 0)
    return None if operand_next or waiting else steps


def _flush(waiting: list[str], steps: list[Step], rank: int) -> None:
    while waiting and waiting[-1] != "(" and _RANK[waiting[-1]] >= rank:
        steps.append(waiting.pop())


def _close(waiting: list[str], steps: list[Step]) -> bool:
    _flush(waiting, steps, 0)
    if not waiting:
        return False
    waiting.pop()
    return True
