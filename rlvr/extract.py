"""Find the answer in a text. Every function is linear in the length of the text."""

import re
from collections.abc import Sequence
from typing import Any

__all__ = ["accepted", "after_marker", "boxed", "last_code_block", "last_number", "normalise", "visible"]

_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_NUMBER = re.compile(r"(?<![\w.])[-+\u2212]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?![\w])")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n`]*$", re.MULTILINE)


def accepted(answer: Any) -> tuple[str, ...]:
    """Return the reference answers that a task accepts, as texts: one, or each of a list.

    >>> accepted("4"), accepted(["four", 4]), accepted(None)
    (('4',), ('four', '4'), ())
    """
    if answer is None:
        return ()
    if isinstance(answer, str):
        return (answer,)
    if isinstance(answer, Sequence):
        return tuple(str(one) for one in answer if one is not None)
    return (str(answer),)


def visible(text: str, *, close: str = "</think>") -> str:
    """Return what stands after the last closing thinking tag; the whole text where there is none.

    >>> visible("<think>maybe 3</think>4")
    '4'
    """
    return text.rpartition(close)[2]


def boxed(text: str) -> str | None:
    r"""Return the content of the last complete `\boxed{}` or `\fbox{}`, braces matched, or None.

    >>> boxed(r"so \boxed{1} or rather \boxed{\frac{1}{2}}")
    '\\frac{1}{2}'
    >>> boxed(r"\boxed{1 and then it was cut off") is None
    True
    """
    for start in reversed([match.end() for match in _BOX.finditer(text)][-64:]):
        end = _closing_brace(text, start)
        if end is not None:
            return text[start:end]
    return None


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
    >>> last_number("room B12") is None
    True
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


def _closing_brace(text: str, start: int) -> int | None:
    depth, position = 1, start
    for match in re.finditer(r"\\.|[{}]", text[start:], re.DOTALL):
        token = match.group()
        depth += {"{": 1, "}": -1}.get(token, 0)
        position = start + match.start()
        if depth == 0:
            return position
    return None
