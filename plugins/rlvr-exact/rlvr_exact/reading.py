r"""Where the answer of a completion stands. Every function is linear in the length of the text.

What counts as the answer, for every verifier here:

1. Thinking does not: the text after the last `</think>`, and of that what stands before a `<think>`
   that is never closed, is the *visible* text.
2. The answer is *declared* by the first of these that the visible text has: the last complete
   `<answer>...</answer>`; the last complete `\boxed{...}`; what follows `####` or else "answer is",
   "answer:" or "answer =" on the last line that has it (where nothing follows, the next line with
   text). A declaration counts even if it is empty: `<answer></answer>` is no answer.
3. On a line with several "answer is", all that follows the first is the answer: "the answer is Paris
   and the answer is London" is no way to name two.
"""

import re
from typing import Literal, TypeAlias

from rlvr import extract
from rlvr.extract import boxed

__all__ = ["Read", "declared", "read_answer", "shown", "visible"]

Read: TypeAlias = Literal["auto", "whole", "tag", "boxed", "marker"]
"""Which declarations to look for; `whole` takes the visible text as it is."""

_SHORT = 200
_WRAPPED = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\s*\{([^{}]*)\}")
_ANSWER_IS = re.compile(r"\banswer[*_]{0,3}[ \t]*(?:\bis\b|[:=])[ \t*_]{0,8}:?", re.IGNORECASE)
_ANSWER_IS_AGAIN = re.compile(
    r"[\s*_]{0,8}(?:the\s{1,4})?(?:final\s{1,4}|correct\s{1,4})?"
    r"answer[*_]{0,3}[ \t]*(?:\bis\b|[:=])[ \t*_]{0,8}:?",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """Return the text without its thinking, stripped.

    >>> visible("<think>maybe 3</think> 4")
    '4'
    >>> visible("<think>maybe 3, but it was cut")
    ''
    """
    return extract.visible(text).strip()


def declared(text: str, read: Read = "auto") -> str | None:
    r"""Return the answer that a visible text declares, stripped, or None where it declares none.

    >>> declared("<answer>Paris</answer> is what I say"), declared("Paris, of course")
    ('Paris', None)
    >>> declared("So the answer is: 42"), declared(r"<answer>\boxed{\text{Rome}}</answer>")
    ('42', 'Rome')
    """
    finders = {"tag": _tagged, "boxed": boxed, "marker": _marked}
    for name, finder in finders.items():
        found = finder(text) if read in ("auto", name) else None
        if found is not None:
            return _unwrapped(found.strip())
    return None


def read_answer(text: str, read: Read = "auto") -> str | None:
    r"""Return the declared answer of a visible text, or the whole of it if it is one short line.

    >>> read_answer("Paris"), read_answer("It is hard to say.\nParis"), read_answer("#### Paris")
    ('Paris', None, 'Paris')
    """
    if read == "whole":
        return text
    found = declared(text, read)
    if found is None and read == "auto" and len(text) <= _SHORT and len(text.splitlines()) == 1:
        return text
    return found


def shown(answer: str) -> str:
    """Return an answer short enough for a log line.

    >>> len(shown("x" * 100_000))
    200
    """
    return answer if len(answer) <= _SHORT else answer[: _SHORT - 3] + "..."


def _tagged(text: str) -> str | None:
    before, close, _ = text.rpartition("</answer>")
    _, opened, content = before.rpartition("<answer>")
    if not (close and opened):
        return None
    content = content.partition("</answer>")[0]
    inner = boxed(content)
    return content if inner is None else inner


def _marked(text: str) -> str | None:
    _, hashes, rest = text.rpartition("####")
    if hashes:
        return _this_or_next_line(rest)
    last = None
    for match in _ANSWER_IS.finditer(text):
        last = match
    if last is None:
        return None
    line = text.rfind("\n", 0, last.start()) + 1
    end = _end_of_marker(text, line)
    return _this_or_next_line(text[end:])


def _end_of_marker(text: str, line: int) -> int:
    first = _ANSWER_IS.search(text, line)
    assert first is not None
    end = first.end()
    while again := _ANSWER_IS_AGAIN.match(text, end):
        end = again.end()
    return end


def _this_or_next_line(rest: str) -> str:
    line, _, after = rest.partition("\n")
    if line.strip(" \t\r*_"):
        return line
    return after.lstrip().partition("\n")[0]


def _unwrapped(answer: str) -> str:
    wrapped = _WRAPPED.fullmatch(answer)
    return wrapped.group(1).strip() if wrapped else answer
