r"""Understand an answer's text: its normal form, its unit, its tree.

Policy: words after a number are its unit, if they neither hedge nor scale it (`18 \text{ eggs}`); a unit on
one side only is ignored, two different ones are different answers. An answer of words alone is compared as
words. What the parser refuses can still equal a reference that is written in the same way.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from rlvr_math.text import normal
from rlvr_math.values.numerals import MAX_DIGITS, literal
from rlvr_math.values.parse import parse
from rlvr_math.values.shapes import sign
from rlvr_math.values.tree import Node, Number, Refused, Words
from rlvr_math.words import HEDGES, LETTER_UNITS, MATH_WORDS, PARTS, SCALES, SHORT_UNITS, UNIT_NAMES

__all__ = ["Answer", "understand"]

MAX_CHARS = 2_000
"""An answer with more characters is understood only if it is a plain number."""

_MAX_NUMBER_CHARS = MAX_DIGITS + MAX_DIGITS // 3 + 2
_MAX_UNIT_WORDS = 4
_PLAIN = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_WHOLLY_TEXT = re.compile(r"\\text ?\{([^{}]*)\}")
_TEXT_UNIT = re.compile(r"(.*[0-9A-Za-z)}\]]) ?\\text ?\{([^{}]{1,60})\}(\^(?:[23]|\{[23]\}))?", re.DOTALL)
_WORD_UNIT = re.compile(r"(.*?[0-9)}\]%]) ?([A-Za-z][A-Za-z ./]{0,60}?)(\^(?:[23]|\{[23]\}))?", re.DOTALL)
_CURRENCY = re.compile(r"([-+]?)\\(dollar|euro|pounds) ?")
_LETTERS = re.compile(r"[A-Za-z]+")
_ONLY_WORDS = re.compile(r"[A-Za-z .,']+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer means.

    Attributes:
        text: Its normal form.
        tree: What it stands for; None if it is not understood.
        unit: The unit or sign (degrees, percent) that was written with it, or nothing.
    """

    text: str
    tree: Node | None
    unit: str = ""


@lru_cache(maxsize=4_096)
def understand(text: str) -> Answer:
    r"""Return what an answer's text means; never raises.

    >>> understand(r"18 \text{ eggs}").tree, understand(r"18 \text{ eggs}").unit
    (Number(value=Fraction(18, 1)), 'egg')
    >>> understand(r"\text{East}").tree
    Words(text='east')
    >>> understand(r"\int x dx").tree is None
    True
    """
    if len(text) > _MAX_NUMBER_CHARS:
        return Answer(text=text, tree=None)
    shown = normal(text)
    wholly = _WHOLLY_TEXT.fullmatch(shown)
    if wholly:
        shown = normal(wholly.group(1))
    try:
        return _understood(shown)
    except Refused:
        return Answer(text=shown, tree=None)


def _understood(shown: str) -> Answer:
    if _PLAIN.fullmatch(shown) and shown[-1:].isdecimal():
        number = literal(shown.replace(",", "").lstrip("+-"))
        return Answer(text=shown, tree=Number(-number if shown[0] == "-" else number))
    if len(shown) > MAX_CHARS:
        raise Refused("too long")
    if _is_words(shown):
        return Answer(text=shown, tree=Words(" ".join(_LETTERS.findall(shown.casefold()))))
    bare, unit = _without_currency(shown)
    if not unit:
        bare, unit = _without_unit(shown)
    tree = parse(bare)
    return Answer(text=shown, tree=tree, unit=unit or sign(tree))


def _is_words(shown: str) -> bool:
    """Say whether this is words, not a product of letters: a word of two letters or more, none of math."""
    words = [word.casefold() for word in _LETTERS.findall(shown)]
    if not _ONLY_WORDS.fullmatch(shown) or any(word in MATH_WORDS for word in words):
        return False
    return any(len(word) > 1 and word not in ("or", "and") for word in words)


def _without_currency(shown: str) -> tuple[str, str]:
    found = _CURRENCY.match(shown)
    if not found:
        return shown, ""
    return found.group(1) + shown[found.end() :], found.group(2).removesuffix("s") + "s"


def _without_unit(shown: str) -> tuple[str, str]:
    found = _TEXT_UNIT.fullmatch(shown)
    if found:
        words = found.group(2).strip(" .,").split()
        return (found.group(1), _unit(words, found.group(3))) if _are_unit(words) else (shown, "")
    found = _WORD_UNIT.fullmatch(shown[-120:])
    if not found:
        return shown, ""
    head, tail = shown[: -len(shown[-120:])] + found.group(1), found.group(2).split()
    start = next((i for i in range(len(tail)) if _are_unit(tail[i:]) and _are_plain(tail[i:])), len(tail))
    kept = " ".join([head, *tail[:start]])
    return (kept, _unit(tail[start:], found.group(3))) if start < len(tail) else (shown, "")


def _are_unit(words: list[str]) -> bool:
    barred = HEDGES | PARTS | MATH_WORDS | SCALES.keys()
    named = all(re.fullmatch(r"[A-Za-z./]{2,}", word) or word in LETTER_UNITS for word in words)
    return named and 0 < len(words) <= _MAX_UNIT_WORDS and not barred & {word.casefold() for word in words}


def _are_plain(words: list[str]) -> bool:
    r"""Say whether words outside `\text` can only be a unit, not a product of letters."""
    return all(len(word) > 3 or word.casefold() in SHORT_UNITS for word in words)


def _unit(words: list[str], exponent: str | None) -> str:
    singular = [word.casefold().strip(".").removesuffix("s") or word for word in words]
    named = " ".join(UNIT_NAMES.get(word, word) for word in singular)
    return named + ("^" + exponent.strip("^{}") if exponent else "")
