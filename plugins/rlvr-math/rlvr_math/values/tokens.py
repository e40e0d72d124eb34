"""An answer's text, in normal form, into tokens."""

import re
from dataclasses import dataclass
from typing import Literal

from rlvr_math.values.tree import Refused
from rlvr_math.words import FUNCTIONS, SCALES

__all__ = ["Token", "tokens"]

MAX_TOKENS = 1_500
Kind = Literal["number", "letter", "command", "mark", "words", "scale", "matrix", "end"]

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:(?P<thousands>[0-9]{1,3}(?:,[0-9]{3})+(?!,?[0-9]))|[0-9]+)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9]+)"
    r"|\\(?P<matrix>begin|end)\s?\{(?:[pbB]?matrix|array)\}(?:\{[lcr|]{0,20}\})?"
    r"|\\text\s?\{(?P<text>[^{}]*)\}"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<mark>\*\*|[<>!=]=|[-+*/^!%=<>()\[\]{}|,;:_&'])",
    re.DOTALL,
)
_RESPELLED = {
    "**": "^",
    "==": "=",
    "<=": "\\leq",
    ">=": "\\geq",
    "!=": "\\neq",
    "*": "\\cdot",
    "\\times": "\\cdot",
}
_NAMED = {
    "pi": "\\pi", "infinity": "\\infty", "inf": "\\infty", "oo": "\\infty", "theta": "\\theta",
    "degrees": "\\degree", "degree": "\\degree", "percent": "%",
    "and": "and", "or": "and", "union": "\\cup",
}  # fmt: skip
_OPENING = frozenset({"(", "[", "\\{"})
_CLOSING = frozenset({")", "]", "\\}"})


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is in the canonical spelling."""

    kind: Kind
    text: str


def tokens(text: str) -> list[Token]:
    r"""Return the tokens of a text, an `end` last.

    A comma between groups of three digits belongs to a number, except inside brackets, where it parts items.

    >>> [token.text for token in tokens(r"1,234x \leq (1,234)")][:-1]
    ['1234', 'x', '\\leq', '(', '1', ',', '234', ')']

    Raises:
        Refused: A character that no answer holds, or too many tokens.
    """
    found: list[Token] = []
    position, depth = 0, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Refused(f"character {text[position]!r}")
        position = match.end()
        if match.group("thousands") and depth:
            position = match.start() + match.group().index(",")
            found.append(Token("number", text[match.start() : position]))
            continue
        new = _token(match)
        found.extend(new)
        depth += sum((token.text in _OPENING) - (token.text in _CLOSING) for token in new)
        if len(found) > MAX_TOKENS:
            raise Refused("too many tokens")
    return [*found, Token("end", "")]


def _token(match: re.Match[str]) -> list[Token]:
    kind, text = match.lastgroup, match.group()
    if kind == "space":
        return []
    if kind == "number":
        return [Token("number", text.replace(",", ""))]
    if kind == "matrix":
        return [Token("matrix", match.group("matrix"))]
    if kind == "text":
        return _text(match.group("text"))
    if kind == "word":
        return _word(text)
    return [Token("mark" if kind == "mark" else "command", _RESPELLED.get(text, text))]


def _text(text: str) -> list[Token]:
    plain = " ".join(text.split()).strip(" .,")
    if len(plain) == 1 and plain.isascii() and plain.isalpha():
        return [Token("letter", plain)]
    named = _NAMED.get(plain.casefold())
    if named:
        return [_sign(named)]
    return [Token("words", plain.casefold())] if plain else []


def _word(word: str) -> list[Token]:
    """Read a run of letters: a name, a scale, a product of up to three letters, else words."""
    known = _NAMED.get(word) or _NAMED.get(word.casefold() if len(word) > 2 else word)
    if known:
        return [_sign(known)]
    if word.casefold() in FUNCTIONS:
        return [Token("command", "\\" + word.casefold())]
    if word.casefold() in SCALES:
        return [Token("scale", word.casefold())]
    if len(word) <= 3:
        return [Token("letter", letter) for letter in word]
    return [Token("words", word.casefold())]


def _sign(text: str) -> Token:
    return Token("command" if text.startswith("\\") else "mark", text)
