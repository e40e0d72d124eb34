r"""Where the answer of a completion stands. Every function is linear in the length of the text.

What counts as the answer, for every verifier here:

1. Thinking does not: the text after the last `</think>`, and of that what stands before a `<think>`
   that is never closed, is the *visible* text.
2. The answer is *declared* by the first of these that the visible text has: the last complete
   `<answer>...</answer>`; the last complete `\boxed{...}`; what follows `####` or else "answer is",
   "answer:" or "answer =" on the last line that has it (where nothing follows, the next line with
   text, without its bullet). A declaration counts even if it is empty: `<answer></answer>` is no answer.
3. On a line with several "answer is", all that follows the first is the answer: "the answer is Paris
   and the answer is London" is no way to name two.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from rlvr import extract
from rlvr.extract import boxes

__all__ = [
    "Place",
    "Read",
    "answer_place",
    "declaration",
    "declared",
    "read_answer",
    "shown",
    "visible",
    "visible_at",
]

Read: TypeAlias = Literal["auto", "whole", "tag", "boxed", "marker"]
"""Which declarations to look for; `whole` takes the visible text as it is."""

_SHORT = 200
_WRAPPED = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\s*\{([^{}]*)\}")
_BULLET = re.compile(r"[-*\u2022][ \t]+(?=\S)")
_ANSWER_IS = re.compile(r"\banswer[*_]{0,3}[ \t]*(?:\bis\b|[:=])[ \t*_]{0,8}:?", re.IGNORECASE)
_ANSWER_IS_AGAIN = re.compile(
    r"[\s*_]{0,8}(?:the\s{1,4})?(?:final\s{1,4}|correct\s{1,4})?"
    r"answer[*_]{0,3}[ \t]*(?:\bis\b|[:=])[ \t*_]{0,8}:?",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """Where an answer stands in a text, and the rule that found it."""

    start: int
    end: int
    rule: str


def visible(text: str) -> str:
    """Return the text without its thinking, stripped.

    >>> visible("<think>maybe 3</think> 4")
    '4'
    >>> visible("<think>maybe 3, but it was cut")
    ''
    """
    return extract.visible(text).strip()


def visible_at(text: str) -> int:
    """Return where the visible text starts.

    >>> visible_at("<think>maybe 3</think> 4")
    23
    """
    return _stripped(text, *extract.visible_span(text))[0]


def declared(text: str, read: Read = "auto") -> str | None:
    r"""Return the answer that a visible text declares, stripped, or None where it declares none.

    >>> declared("<answer>Paris</answer> is what I say"), declared("Paris, of course")
    ('Paris', None)
    >>> declared("So the answer is: 42"), declared(r"<answer>\boxed{\text{Rome}}</answer>")
    ('42', 'Rome')
    """
    found = _declared(text, read)
    return None if found is None else text[found[0] : found[1]]


def declaration(text: str, read: Read = "auto") -> Place | None:
    """Return where the answer stands that a visible text declares, or None where it declares none.

    >>> declaration("So the answer is: 42")
    Place(start=18, end=20, rule='marker')
    """
    found = _declared(text, read)
    return None if found is None else Place(*found)


def read_answer(text: str, read: Read = "auto") -> str | None:
    r"""Return the declared answer of a visible text, or the whole of it if it is one short line.

    >>> read_answer("Paris"), read_answer("It is hard to say.\nParis"), read_answer("#### Paris")
    ('Paris', None, 'Paris')
    """
    found = _answer(text, read)
    return None if found is None else text[found[0] : found[1]]


def answer_place(text: str, read: Read = "auto") -> Place | None:
    """Return where the answer of a visible text stands, as `read_answer` reads it."""
    found = _answer(text, read)
    return None if found is None else Place(*found)


def shown(answer: str) -> str:
    """Return an answer short enough for a log line.

    >>> len(shown("x" * 100_000))
    200
    """
    return answer if len(answer) <= _SHORT else answer[: _SHORT - 3] + "..."


def _answer(text: str, read: Read) -> tuple[int, int, str] | None:
    if read == "whole":
        return 0, len(text), "whole"
    found = _declared(text, read)
    if found is None and read == "auto" and len(text) <= _SHORT and len(text.splitlines()) == 1:
        return 0, len(text), "line"
    return found


def _declared(text: str, read: Read) -> tuple[int, int, str] | None:
    for name, finder in _FINDERS:
        found = finder(text) if read in ("auto", name) else None
        if found is not None:
            start, end = _stripped(text, *found)
            wrapped = _WRAPPED.fullmatch(text, start, end)
            if wrapped:
                start, end = _stripped(text, *wrapped.span(1))
            return start, end, name
    return None


def _tagged(text: str) -> tuple[int, int] | None:
    close = text.rfind("</answer>")
    opened = text.rfind("<answer>", 0, close) if close >= 0 else -1
    if opened < 0:
        return None
    start = opened + len("<answer>")
    end = text.find("</answer>", start)
    inner = _boxed(text[start:end])
    return (start, end) if inner is None else (start + inner[0], start + inner[1])


def _boxed(text: str) -> tuple[int, int] | None:
    found = boxes(text)
    return (found[-1].content, found[-1].content_end) if found else None


def _marked(text: str) -> tuple[int, int] | None:
    hashes = text.rfind("####")
    if hashes >= 0:
        return _this_or_next_line(text, hashes + len("####"))
    last = None
    for match in _ANSWER_IS.finditer(text):
        last = match
    if last is None:
        return None
    line = text.rfind("\n", 0, last.start()) + 1
    return _this_or_next_line(text, _end_of_marker(text, line))


def _end_of_marker(text: str, line: int) -> int:
    first = _ANSWER_IS.search(text, line)
    assert first is not None
    end = first.end()
    while again := _ANSWER_IS_AGAIN.match(text, end):
        end = again.end()
    return end


def _this_or_next_line(text: str, start: int) -> tuple[int, int]:
    line, _, after = text[start:].partition("\n")
    if line.strip(" \t\r*_"):
        return start, start + len(line)
    below = after.lstrip()
    bullet = _BULLET.match(below)
    below = below[bullet.end() :] if bullet else below
    start = len(text) - len(below)
    return start, start + len(below.partition("\n")[0])


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end].lstrip()
    return end - len(piece), end - len(piece) + len(piece.rstrip())


_FINDERS: tuple[tuple[Read, Callable[[str], tuple[int, int] | None]], ...] = (
    ("tag", _tagged),
    ("boxed", _boxed),
    ("marker", _marked),
)
