"""Find the mathematics among words: the clause that gives an answer, and its only piece of mathematics.

Used on sentences, not on whole texts: each step is linear in a sentence of bounded length.
"""

import re

from rlvr_math.tasks import is_asked, is_bounded
from rlvr_math.units import is_known
from rlvr_math.words import DENIALS, HEDGES, MATH_WORDS, MODIFIERS, NOT_NOUNS, PARTS, PLACES, SCALES, words_in

__all__ = ["clause", "pieces", "run_around", "sole"]

_PIECE = re.compile(
    r"(?P<formula>\$[^$]{1,400}\$|\\\((?:[^\\]|\\(?!\))){1,100}\\\))"
    r"|(?P<command>\\[A-Za-z]+|\\.)"
    r"|(?P<number>[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<word>[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff\u4e00-\u9fff]+)"
    r"|(?P<sign>[-+*/^_&=<>\u2212\u00d7\u00f7\u00b7\u221a\u2264\u2265\u00b1\u221e\u00b2\u00b3\u00b0%!$]"
    r"|:(?!\s)|\|(?!\s)|(?<=\S)\|)"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_CLAUSE = re.compile(
    r",? ?\(?\b(?:because|since|as|which|when|whenever|achieved|attained|occurring|with equality"
    r"|if and only if|so that)\b"
    r"|, ?not\b|, ?(?:and )?(?:so|thus|hence|therefore)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(r"[A-Za-z_]{2}\(['\"\s]*$")
_ARTICLES = frozenset({"a", "A", "I"})
_SPOKEN = MATH_WORDS | {"percent", "percentage", "pct"}
_MEANINGFUL = HEDGES | PARTS | PLACES | MODIFIERS | SCALES.keys()
_MAX_CHARS = 400
_UNREAD = re.compile(r"[^\w\s.,;:'\"()!?*#-]|_|[-\u2010-\u2015\u2212] ?#|#!.")
_UNSETTLED = (
    NOT_NOUNS
    | DENIALS
    | {"by", "upon", "choose", "too", "isnt", "excluded", "uncertain", "fails", "off", "onward", "onwards"}
)


def clause(text: str) -> str:
    """Return a sentence up to where it begins to give reasons; all of it if that would leave no mathematics.

    >>> clause("37 because 40 - 3 = 37"), clause("$5$, which occurs when $x=1$"), clause("as small as 5")
    ('37', '$5$', 'as small as 5')
    """
    found = _CLAUSE.search(text)
    if found is None or not re.search("[0-9A-Za-z]", text[: found.start()]):
        return text
    return text[: found.start()].rstrip(" ,;(")


def pieces(text: str) -> list[tuple[int, int]]:
    """Return where runs of mathematics stand: numbers, letters that stand alone, signs, brackets around them.

    A run holds a digit or is a formula. Commas count inside brackets only; a unit behind a number
    belongs to it.

    >>> [("so y = 3x - 1 is it, (2, 3) too")[a:b] for a, b in pieces("so y = 3x - 1 is it, (2, 3) too")]
    ['y = 3x - 1', '(2, 3)']
    """
    found: list[tuple[int, int]] = []
    start, end, depth, valued, last = -1, -1, 0, False, ""
    for match in _PIECE.finditer(text):
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        depth += (kind == "open") - (kind == "close")
        if _is_mathematical(match.group(), kind, last, inside=depth > 0):
            start = match.start() if start < 0 else start
            end = match.end()
            valued |= kind in ("number", "formula")
        else:
            if valued:
                found.append(_trimmed(text, start, end))
            start, depth, valued = -1, 0, False
        last = kind
    if valued:
        found.append(_trimmed(text, start, end))
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a run without signs that belong to the words around it."""
    while start < end and (text[start] in " :=|" or text[start : start + 2] in ("- ", "* ")):
        start += 1
    while end > start and (
        text[end - 1] in " :=|!" or (text[end - 1] in ")]" and not _closes(text[start:end]))
    ):
        end -= 1
    while (
        start < end
        and text[start] in "(["
        and text[start:end].count(text[start]) > sum(map(text[start:end].count, ")]"))
    ):
        start += 1
    return start, end


def _closes(run: str) -> bool:
    return sum(map(run.count, "([")) >= sum(map(run.count, ")]"))


def run_around(text: str, position: int) -> tuple[int, int] | None:
    """Return the run of mathematics that a position is in."""
    low = max(0, position - _MAX_CHARS)
    for start, end in pieces(text[low : position + _MAX_CHARS]):
        if low + start <= position < low + end:
            return low + start, low + end
    return None


def sole(text: str) -> str | None:
    """Return the only run of mathematics in a clause, if the words around it leave it as it is; else None.

    >>> sole("She has 37 apples"), sole("it is at least 5"), sole("the square root of 5"), sole("3 of 8")
    ('37 apples', None, None, None)
    >>> sole("What is 20 + 35?"), sole("before 1999"), sole("int('42')")
    (None, None, None)
    """
    shown = clause(text[:_MAX_CHARS])
    if words_in(shown) & _MEANINGFUL or "?" in shown or is_asked(shown):
        return None
    found = pieces(shown)
    if len(found) != 1 or len(text) > _MAX_CHARS:
        return None
    start, end = found[0]
    opening = start + len(shown[start:end]) - len(shown[start:end].lstrip("('\""))
    if is_bounded(shown[:start]) or _CALLED.search(shown[:opening]):
        return None
    if _UNREAD.search(shown[:start] + "#" + shown[end:]) or words_in(shown[end:]) & _UNSETTLED:
        return None
    noun = re.match(r" ?[A-Za-z]+(?=$|[ .,;])", shown[end:])
    if noun and not words_in(noun.group()) & DENIALS and _is_plain(shown[start:end]):
        after = shown[end + noun.end() :]
        return shown[start : end + noun.end()] if not after.strip(" .") else shown[start:end]
    return shown[start:end]


def _is_plain(text: str) -> bool:
    return text[-1:].isdecimal()


def _is_mathematical(piece: str, kind: str, last: str, *, inside: bool) -> bool:
    if kind == "word":
        if len(piece) == 1:
            return piece not in _ARTICLES
        return piece.casefold() in _SPOKEN or (last == "number" and is_known(piece))
    if kind == "comma":
        return inside
    return kind in ("formula", "number", "sign", "open", "close", "command")
