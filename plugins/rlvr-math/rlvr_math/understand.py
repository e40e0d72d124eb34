r"""Understand an answer's text: its normal form and its tree.

Policy (docs/math-policy.md): words after a number are its unit, if they neither hedge nor scale it; an answer
of words alone is compared as words; a letter before a point or in brackets is a choice. What the parser
refuses can still equal a reference that is written in the same way.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from rlvr_math.moments import moment
from rlvr_math.text import normal, plain
from rlvr_math.values.numerals import MAX_DIGITS, number
from rlvr_math.values.parse import parse
from rlvr_math.values.tree import Choice, Node, Number, Refused, Words
from rlvr_math.words import MATH_WORDS, canonical, number_of

__all__ = ["Answer", "understand"]

MAX_CHARS = 2_000
"""An answer with more characters is understood only if it is a plain number."""

_MAX_NUMBER_CHARS = MAX_DIGITS + MAX_DIGITS // 3 + 2
_PLAIN = re.compile(r"[-+]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]+)?")
_LETTERS = re.compile(r"[A-Za-z]+")
_ONLY_WORDS = re.compile(r"[A-Za-z .,'\-]+")
_CHOICE = re.compile(
    r"\\text ?\{ ?\(?(?P<a>[A-J])(?:\)|\.|:)? ?\}[.:]? ?(?P<arest>.*)"
    r"|\((?P<b>[A-J])\)[.:]? ?(?P<brest>.*)"
    r"|(?P<c>[A-J])(?:[.)]|:(?= )) ?(?P<crest>.*)"
    r"|\\text ?\{ ?\(?(?P<d>[A-J])(?:\)|\.|:) ?(?P<drest>[^{}]*)\}",
    re.DOTALL,
)


_LISTED = re.compile(r"(?:\\text ?\{ ?)?(?:or|and|nor|not|but|if|then|to)\b")
_DOMAIN = re.compile(
    r"(?:[,;] ?|\(|(?:, ?)?\\text ?\{,? ?(?:for|where|with)\b[a-z ]{0,20}\} ?)"
    r"[a-z](?:,[a-z]){0,5} ?\\in ?\\mathbb ?\{[A-Z]\}(?:[+*]|\^\{?[+*]\}?)?\)?"
    r"|,? ?\\text ?\{,? ?(?:for|where|with) [A-Za-z ]{1,40}\} ?[a-z]?"
    r"(?: ?\\text ?\{(?:is|are) [a-z ]{1,30}\})?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an answer means.

    Attributes:
        text: Its normal form.
        tree: What it stands for; None if it is not understood.
    """

    text: str
    tree: Node | None


def understand(text: str) -> Answer:
    r"""Return what an answer's text means; never raises.

    >>> understand(r"18 \text{ eggs}").tree.value, understand(r"18 \text{ eggs}").tree.unit.name
    (Number(value=Fraction(18, 1), places=None), 'egg')
    >>> understand(r"\text{East}").tree
    Words(text='east')
    >>> understand(r"\int x dx").tree is None
    True
    """
    if len(text) > _MAX_NUMBER_CHARS:
        return Answer(text=text, tree=None)
    stripped = text.strip()
    if _PLAIN.fullmatch(stripped) and stripped[-1:].isdecimal():
        return _plain_number(stripped)
    shown = normal(text)
    try:
        return Answer(text=shown, tree=_tree(shown))
    except Refused:
        return Answer(text=shown, tree=None)


def _plain_number(shown: str) -> Answer:
    shown = shown.replace("\u2212", "-")
    try:
        found = number(shown.replace(",", "").lstrip("+-"))
    except Refused:
        return Answer(text=shown, tree=None)
    return Answer(text=shown, tree=Number(-found.value, found.places) if shown[0] == "-" else found)


def _unqualified(shown: str) -> str:
    r"""Drop what only says where a letter lives: `, k \in \mathbb{Z}` or `for all real x`."""
    return _DOMAIN.sub("", shown) if "\\in" in shown or "\\text" in shown else shown


def _tree(shown: str) -> Node:
    if len(shown) > MAX_CHARS:
        if _PLAIN.fullmatch(shown) and shown[-1:].isdecimal():
            return number(shown.replace(",", "").lstrip("+-"))
        raise Refused("too long")
    bare = plain(shown)
    if not bare:
        raise Refused("nothing")
    found = moment(bare) or _choice(shown) or _words(bare)
    if found is not None:
        return found
    return parse(_unqualified(shown))


def _choice(shown: str) -> Node | None:
    match = _CHOICE.fullmatch(shown)
    if match is None:
        return None
    label = match["a"] or match["b"] or match["c"] or match["d"]
    rest = (match["arest"] or match["brest"] or match["crest"] or match["drest"] or "").strip()
    if not rest:
        return Choice(label, None)
    if (
        rest[0] in "+-*/^_=<>!,;|&"
        or _LISTED.match(rest)
        or rest.startswith(("\\leq", "\\geq", "\\neq", "\\cdot", "\\times", "\\cup"))
    ):
        return None
    try:
        return Choice(label, _tree(rest))
    except Refused:
        return Choice(label, Words(canonical(plain(rest))))


def _words(bare: str) -> Node | None:
    """Read words, not a product of letters: a word of two letters or more, none of them of mathematics."""
    if not _ONLY_WORDS.fullmatch(bare):
        return None
    words = [word.casefold() for word in _LETTERS.findall(bare)]
    if any(word in MATH_WORDS for word in words) or not any(len(word) > 1 for word in words):
        return None
    if all(word in ("or", "and") or len(word) == 1 for word in words):
        return None
    value = number_of(bare)
    if value is not None:
        return Number(Fraction(value))
    return Words(canonical(" ".join(words)))
