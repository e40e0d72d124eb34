"""What only looks like an answer: a task restated, a question, a bound."""

import re

from rlvr_math.spans import SENTENCE_END

__all__ = ["is_asked", "is_bounded", "is_task"]

_ASKED = re.compile(
    r"\W*(?:please |now |first ){0,2}(?:what|which|how (?:many|much)|compute|calculate|evaluate|find"
    r"|determine|solve|simplify|expand|factor|factori[sz]e|work out)\b",
    re.IGNORECASE,
)
_BOUNDED = re.compile(
    r"\b(?:before|after|until|till|past|beyond|within|up to|prior to|at (?:least|most)"
    r"|(?:more|less|fewer) than)(?: (?:the )?year)?[\s$*({]*$",
    re.IGNORECASE,
)
_RELATION = re.compile(r"[=<>\u2264\u2265]|\\(?:leq?|geq?|in)(?![A-Za-z])")
_STATED = re.compile(
    r"\b(?:get|gives?|obtain|yields?|is|are|be|becomes|into|as)\b|[0-9]",
    re.IGNORECASE,
)
_SENTENCE_CHARS = 200
_BOUND_CHARS = 40


def is_asked(sentence: str) -> bool:
    """Say whether a sentence begins as a task does.

    >>> is_asked("Compute the sum"), is_asked("what is 2 + 2"), is_asked("We compute the sum")
    (True, True, False)
    """
    return _ASKED.match(sentence) is not None


def is_bounded(before: str) -> bool:
    """Say whether the words right before a value make a bound of it.

    >>> is_bounded("It was before the year "), is_bounded("It was in ")
    (True, False)
    """
    return _BOUNDED.search(before[-_BOUND_CHARS:]) is not None


def is_task(text: str, start: int, end: int) -> bool:
    """Say whether the sentence around an expression asks, or only restates the task with it.

    >>> [is_task(text, text.index("$"), len(text) - 1) for text in ("Expand $x(x+1)$.", "We expand $x^2$.")]
    [True, False]
    """
    stop = SENTENCE_END.search(text, end, end + _SENTENCE_CHARS)
    if stop and text[stop.start()] == "?":
        return True
    before = text[max(0, start - _SENTENCE_CHARS) : start].rpartition("\n")[2]
    sentence = SENTENCE_END.split(before)[-1]
    return is_asked(sentence) and not (_STATED.search(sentence) or _RELATION.search(text, start, end))
