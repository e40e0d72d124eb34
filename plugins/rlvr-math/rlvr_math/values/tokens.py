"""An answer's text, in normal form, into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rlvr_math.units import is_known
from rlvr_math.values.tree import Refused
from rlvr_math.words import FUNCTIONS, SCALES

__all__ = ["Token", "tokens"]

MAX_TOKENS = 1_500
Kind = Literal["number", "letter", "command", "mark", "words", "scale", "matrix", "end"]

_TOKEN = re.compile(
    r"(?P<space>\s+|\{\})"
    r"|(?P<number>(?:(?P<thousands>[0-9]{1,3}(?:,[0-9]{3})+(?!,?[0-9]))"
    r"|[0-9]{1,3}(?: [0-9]{3})+(?![0-9/])|[0-9]+)"
    r"(?:\.[0-9]*)?(?:[eE](?:[-+]?[0-9]+|\{[-+]?[0-9]+\}))?"
    r"|\.[0-9]+)"
    r"|\\(?P<matrix>begin|end)\s?\{(?:(?:small)?[pbB]?matrix|array)\}(?:\{[lcr|]{0,20}\})?"
    r"|\\(?P<system>begin|end)\s?\{(?:cases|aligned|gathered)\}"
    r"|\\text\s?\{(?P<text>[^{}]*)\}"
    r"|(?P<command>\\(?:[A-Za-z]+|.))"
    r"|(?P<word>[A-Za-z]+)"
    r"|(?P<mark>\*\*|[<>!=]=|=<|[-+*/^!%=<>()\[\]{}|,;:_&'~])",
    re.DOTALL,
)
_RESPELLED = {
    "**": "^",
    "==": "=",
    "<=": "\\leq",
    "=<": "\\leq",
    ">=": "\\geq",
    "!=": "\\neq",
    "*": "\\cdot",
    "\\times": "\\cdot",
}
_NAMED = {
    "pi": "\\pi", "infinity": "\\infty", "inf": "\\infty", "oo": "\\infty", "theta": "\\theta",
    "degrees": "\\degree", "degree": "\\degree", "deg": "\\degree", "percent": "%", "percentage": "%",
    "pct": "%", "permille": "\\permille", "and": "and", "or": "or", "union": "\\cup", "choose": "\\choose",
    "alpha": "\\alpha", "beta": "\\beta",
}  # fmt: skip
_OPENING = frozenset({"(", "[", "\\{"})
_CLOSING = frozenset({")", "]", "\\}"})
_SHORT_UNITS = frozenset(
    {
        "cm", "mm", "km", "dm", "nm", "kg", "mg", "lb", "lbs", "oz", "ml", "cl", "ft", "yd", "hr", "hrs",
        "min",
        "sec", "mph", "kph", "kJ", "kW", "Hz", "Pa", "mol", "day", "gal", "usd",
    }
)  # fmt: skip
_SPACED_UNITS = frozenset({"mi", "in", "ms", "ha", "sq", "cu", "per"})
_CURRENCIES = {"USD": "\\dollar", "EUR": "\\euro", "GBP": "\\pounds", "JPY": "\\yen"}
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_WITHIN = (".", "/")
_MEANT = FUNCTIONS | SCALES.keys() | _NAMED.keys()
_MAX_PRODUCT = 3


@dataclass(frozen=True, slots=True)
class Token:
    r"""One token; `text` is in the canonical spelling. An `upright` letter stood in `\text{}`."""

    kind: Kind
    text: str
    upright: bool = False


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
        if match.group("thousands") and depth:
            position = match.start() + match.group().index(",")
            found.append(Token("number", text[match.start() : position]))
            continue
        spaced = position > 0 and text[position - 1] == " "
        position = match.end()
        new = _token(match, found[-1] if found else None, spaced=spaced)
        found.extend(new)
        for token in new:
            if token.text in _OPENING:
                depth += 1
            elif token.text in _CLOSING:
                depth -= 1
        if len(found) > MAX_TOKENS:
            raise Refused("too many tokens")
    return [*found, Token("end", "")]


def _token(match: re.Match[str], before: Token | None, *, spaced: bool) -> list[Token]:
    kind, text = match.lastgroup, match.group()
    if kind == "space":
        return []
    if kind == "number":
        return [Token("number", text.replace(",", "").replace(" ", "").replace("{", "").replace("}", ""))]
    if kind == "matrix":
        return [Token("matrix", match.group("matrix"))]
    if kind == "system":
        return [Token("matrix", match.group("system") + " system")]
    if kind == "text":
        return _text(match.group("text"), before)
    if kind == "word":
        return _word(text, before, spaced=spaced)
    return [Token("mark" if kind == "mark" else "command", _RESPELLED.get(text, text))]


def _text(text: str, before: Token | None) -> list[Token]:
    r"""Read what stood in `\text{}`: a letter, words with `and` and `or` between them, or mathematics."""
    shown = " ".join(text.split()).strip(" .")
    if len(shown) == 1 and shown.isascii() and shown.isalpha():
        return [Token("letter", shown, upright=True)]
    if before is not None and before.kind == "number" and shown in _ORDINAL:
        return []
    found: list[Token] = []
    for match in _matches(shown):
        piece = match.group()
        follows = bool(found) and found[-1].kind == "words"
        if (match.lastgroup == "word" and piece.casefold() not in _MEANT) or (follows and piece in _WITHIN):
            before_it = f"{found.pop().text} " if follows else ""
            found.append(Token("words", before_it + piece))
        else:
            found.extend(_token(match, None, spaced=True))
    return found


def _matches(text: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Refused(f"character {text[position]!r}")
        position = match.end()
        yield match


def _word(word: str, before: Token | None, *, spaced: bool) -> list[Token]:
    """Read a run of letters: a name, a scale, a unit, a product of up to three letters, else words."""
    lowered = word.casefold()
    valued = _has_value(before)
    if valued and not spaced and lowered in _ORDINAL:
        return []
    if word in _CURRENCIES:
        return [Token("command", _CURRENCIES[word])] if not valued else [Token("words", word)]
    if _is_unit(word, before, valued=valued, spaced=spaced):
        return [Token("words", word)]
    known = _NAMED.get(word) or _NAMED.get(lowered if len(word) > 2 else word)
    if known:
        return [_sign(known)]
    if lowered in FUNCTIONS:
        return [Token("command", "\\" + lowered)]
    if lowered in SCALES:
        return [Token("scale", lowered)]
    if len(word) <= _MAX_PRODUCT:
        return [Token("letter", letter) for letter in word]
    return _joined(word) or [Token("words", word)]


def _has_value(before: Token | None) -> bool:
    return before is not None and (
        before.kind in ("number", "scale") or before.text in (")", "}", "\\degree")
    )


def _is_unit(word: str, before: Token | None, *, valued: bool, spaced: bool) -> bool:
    """Say whether a short word stands for a unit, not for a product of letters."""
    if valued and (word in _SHORT_UNITS or (spaced and word in _SPACED_UNITS)):
        return True
    return before is not None and before.kind == "words" and is_known(word)


def _joined(word: str) -> list[Token]:
    """Read a function's name that its argument was written against, as in `sinx` and `lnx`."""
    for name in ("sin", "cos", "tan", "log", "ln"):
        if word.startswith(name) and len(word) == len(name) + 1:
            return [Token("command", "\\" + name), Token("letter", word[-1])]
    return []


def _sign(text: str) -> Token:
    return Token("command" if text.startswith("\\") else "mark", text)
