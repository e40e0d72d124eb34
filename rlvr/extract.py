"""Find the answer in a text. Every function is linear in the length of the text."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = [
    "Box",
    "accepted",
    "after_marker",
    "boxed",
    "boxes",
    "last_code_block",
    "last_number",
    "normalise",
    "visible",
    "visible_span",
]

_BRACES = re.compile(r"(\\{1,2}(?:boxed|fbox)\s*\{)|\\.|[{}]", re.DOTALL)
_NUMBER = re.compile(
    r"(?<![\w.^])(?:(?<!\d )[-+\u2212])?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+|(?=\.\d))(?:\.\d+)?(?!\w)"
)
# Possessive: a fence line that fails would else be tried at every split of its words and spaces.
_FENCE = re.compile(r"^[ \t]*+(`{3,}+|~{3,}+)[ \t]*+([\w+#.-]*+)[^\n`]*+$", re.MULTILINE)


def accepted(answer: Any) -> tuple[str, ...]:
    """Return the reference answers that a task accepts, as texts: one, or each of a list; none of the rest.

    >>> accepted("4"), accepted(["four", 4]), accepted(None), accepted({"a": 1})
    (('4',), ('four', '4'), (), ())
    """
    if isinstance(answer, str):
        return (answer,)
    if isinstance(answer, list | tuple):
        return tuple(text for one in answer for text in accepted(one))
    return (str(answer),) if isinstance(answer, int | float) else ()


def visible(text: str) -> str:
    """Return a text without its thinking: what follows the last `</think>`, up to a `<think>` never closed.

    >>> visible("<think>maybe 3</think>4"), visible("<think>maybe 3, but it was cut")
    ('4', '')
    """
    return text[slice(*visible_span(text))]


def visible_span(text: str) -> tuple[int, int]:
    """Return where the part of a text without its thinking starts and ends.

    >>> visible_span("<think>3</think>4")
    (16, 17)
    """
    closed = text.rfind("</think>")
    start = closed + len("</think>") if closed >= 0 else 0
    opened = text.find("<think>", start)
    return start, len(text) if opened < 0 else opened


class Box(NamedTuple):
    """Where a box stands in a text: from its command to its brace, and its content inside."""

    start: int
    content: int
    content_end: int
    end: int


def boxes(text: str) -> list[Box]:
    r"""Return every complete `\boxed{}` and `\fbox{}`, braces matched, in the order of their starts.

    >>> [text[box.content:box.content_end] for text in [r"\boxed{1}, \fbox{x^{2}}"] for box in boxes(text)]
    ['1', 'x^{2}']
    """
    opened: list[tuple[int, int] | None] = []
    found: list[Box] = []
    for token in _BRACES.finditer(text):
        if token.group(1):
            opened.append((token.start(), token.end()))
        elif token.group() == "{":
            opened.append(None)
        elif token.group() == "}" and opened:
            start = opened.pop()
            if start is not None:
                found.append(Box(*start, token.start(), token.end()))
    return sorted(found)


def boxed(text: str) -> str | None:
    r"""Return the content of the last complete `\boxed{}` or `\fbox{}`, braces matched, or None.

    >>> boxed(r"so \boxed{1} or rather \boxed{\frac{1}{2}}")
    '\\frac{1}{2}'
    >>> boxed(r"\boxed{1 and then it was cut off") is None
    True
    """
    found = boxes(text)
    return text[found[-1].content : found[-1].content_end] if found else None


def after_marker(text: str, marker: str) -> str | None:
    r"""Return the rest of the line after the last occurrence of a marker, stripped, or None.

    >>> after_marker("6 * 7 = 42\n#### 42", "####")
    '42'
    """
    _, found, rest = text.rpartition(marker)
    if not found:
        return None
    return rest.partition("\n")[0].strip()


def last_number(text: str) -> str | None:
    """Return the last number that stands free in the text, thousands separators removed, or None.

    >>> last_number("first 3, then $1,234.50 in all.")
    '1234.50'
    >>> last_number("room B12"), last_number("1,2,3"), last_number("-.5"), last_number("10^3")
    (None, '3', '-.5', '10')
    """
    last = None
    for match in _NUMBER.finditer(text):
        last = match.group()
    return None if last is None else last.replace(",", "").replace("\u2212", "-").lstrip("+")


def last_code_block(text: str, languages: Sequence[str] = ()) -> str | None:
    r"""Return the content of the last complete fenced block (of one of these languages, if given).

    >>> last_code_block("```python\nprint(1)\n```\nand\n```\nx\n```", ["python"])
    'print(1)\n'
    """
    wanted = {language.lower() for language in languages}
    found, opened = None, None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence.group(1).startswith(opened.group(1)) and not fence.group(2):
            if not wanted or opened.group(2).lower() in wanted:
                found = text[opened.end() + 1 : fence.start()]
            opened = None
    return found


def normalise(text: str) -> str:
    """Return a text with case, spacing and enclosing punctuation that carry no meaning removed.

    >>> normalise('  "The  Eiffel Tower." ')
    'the eiffel tower'
    """
    return " ".join(text.casefold().split()).strip(" \t\n.,;:!?\"'`*")
