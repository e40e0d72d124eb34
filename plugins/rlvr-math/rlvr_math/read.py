r"""Read the answer out of a completion: which words of it are the answer, and by which rule.

Policy, in order, on what stands after the last `</think>`; the first rule that finds something decides:

1. `box`: the last complete `\boxed{}` or `\fbox{}`. An empty one is no answer.
2. `hashes`: the line after the last `####`, if it does not start with a word (then it is a heading).
3. `phrase`: what follows the last "answer is", "answer:" or a line's "A:", to the end of its sentence.
   Words around a single number there are dropped; words that hedge or negate are not.
4. `bare`: a completion that is one line of mathematics and nothing else.
5. `last_number`: the last number that stands free. A last resort, which can be turned off.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rlvr.extract import after_marker, boxed, visible
from rlvr_math.words import HEDGES, MATH_WORDS, PARTS, SCALES

__all__ = ["Reading", "read", "reference"]

Rule = Literal["box", "hashes", "phrase", "bare", "last_number"]

_NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?\$?(?:(?:[0-9]{1,3}(?:,[0-9]{3}){1,20}(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:/[0-9]+(?:\.[0-9]+)?)?(?!\w)%?"
)
_PHRASE = re.compile(
    r"(?:\banswer\b[ \t*_]{0,4}(?:is\b|:|=)|^[ \t*_]{0,4}A(?:nswer)?[ \t*_]{0,3}:)[ \t*_:]{0,6}",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.?](?=\s|$|\*)")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_SEGMENT = re.compile(r"\$([^$]+)\$|\\\(([^$]+?)\\\)")
_OPENERS = frozenset({"", "$$", "$", "\\[", "\\(", "**", "```"})
_BARE_CHARS = 300
_PHRASE_CHARS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The text of an answer, and the rule that found it."""

    text: str
    rule: Rule


def read(text: str, *, last_number: bool = True) -> Reading | None:
    r"""Return the answer of a completion, or None; `last_number` allows the last resort.

    >>> read(r"So it is \boxed{\frac{1}{2}}.")
    Reading(text='\\frac{1}{2}', rule='box')
    >>> read("6 * 7 = 42\n#### 42")
    Reading(text='42', rule='hashes')
    >>> read("The answer is 18 dollars every day.")
    Reading(text='18', rule='phrase')
    >>> read("She has 3 left, so 3 * 2 = 6 in all", last_number=False) is None
    True
    """
    shown = visible(text)
    box = boxed(shown)
    if box is not None:
        return Reading(text=box, rule="box") if box.strip() else None
    rules: tuple[tuple[Rule, Callable[[str], str | None]], ...] = (
        ("hashes", _after_hashes),
        ("phrase", _after_phrase),
        ("bare", _bare),
    )
    for rule, find in rules:
        found = find(shown)
        if found:
            return Reading(text=found, rule=rule)
    number = _last_number(shown) if last_number else None
    return Reading(text=number, rule="last_number") if number else None


def reference(text: str) -> str | None:
    r"""Return the answer that a reference text holds: itself, or that of a worked solution.

    A text with `####` or a box in it is never itself an answer: it is a solution, read as one.

    >>> reference("2 + 2 = 4\n#### 4"), reference("4"), reference(" ")
    ('4', '4', None)
    """
    if "####" in text:
        return after_marker(text, "####") or None
    if "boxed" in text or "\\fbox" in text:
        return (boxed(text) or "").strip() or None
    return text.strip() or None


def _after_hashes(text: str) -> str | None:
    found = after_marker(text, "####")
    if not found or found[0].isalpha() or found[0] in "#*":
        return None
    return _sole(_sentence(found[:_PHRASE_CHARS]))


def _after_phrase(text: str) -> str | None:
    end = -1
    for match in _PHRASE.finditer(text):
        end = match.end()
    if end < 0:
        return None
    lines = text[end : end + _PHRASE_CHARS].split("\n")
    found = next((line.strip() for line in lines if line.strip() not in _OPENERS), "")
    return _sole(_sentence(found)) or None


def _bare(text: str) -> str | None:
    shown = text.strip()
    if not shown or len(shown) > _BARE_CHARS or "\n" in shown:
        return None
    return shown if all(word.casefold() in MATH_WORDS for word in _WORD.findall(shown)) else None


def _last_number(text: str) -> str | None:
    last = None
    for match in _NUMBER.finditer(text):
        last = match.group()
    return last


def _sentence(text: str) -> str:
    end = _SENTENCE_END.search(text)
    return text[: end.start()] if end else text


def _sole(text: str) -> str:
    """Return the only piece of mathematics among words; the whole text where that is not clear."""
    words = {word.casefold() for word in _WORD.findall(text)}
    if not words or words & (HEDGES | PARTS | MATH_WORDS | SCALES.keys()):
        return text
    segments: list[str] = [a or b for a, b in _SEGMENT.findall(text)]
    outside = _SEGMENT.sub(" ", text)
    if len(segments) == 1 and not re.search("[0-9]", outside):
        return segments[0]
    numbers: list[str] = _NUMBER.findall(text)
    return numbers[0] if len(numbers) == 1 and len(re.findall("[0-9.,/]+", text)) == 1 else text
