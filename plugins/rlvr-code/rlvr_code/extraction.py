r"""Which part of a completion is the program.

Policy. What stands before the last `</think>`, and after a `<think>` that is never closed, is not looked at.

1. *fence*. Of the complete fences of three or more backticks or tildes whose language is `python`, `py` or
   `python3`, or none: the last that binds the entry point. Where there is no entry point, the last with a
   language, else the last. A fence that is never closed was cut off and does not count; what is inside a
   list is dedented by the indentation of its fence.
2. *continuation*, where the task has a prefix (a signature with its docstring, as in HumanEval): the last
   fence, or the whole text where there is none, if prefix and text together are a program. Its first line
   keeps its indentation, or is given four spaces where it has none and the text returns something; what
   follows the indented block is dropped if it is no program.
3. *bare*. The whole text where there is no fence, if it is a program and binds the entry point; it comes
   before a continuation.

Anything else is no program: `no_code` (no fence, and the text is no program), `syntax_error` (the fence is no
program, or longer than 65,536 characters), `missing_entry_point` (a program that does not bind the name; a
class `Solution` with a method of that name binds it). What the prefix defines beside the entry point, and
what it imports, goes before a program of its own.
"""

import ast
import re
import textwrap
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from rlvr.extract import visible_span
from rlvr_code.syntax import MAX_CHARACTERS, callee, imports, parsed, returns

__all__ = ["Found", "How", "Problem", "extract", "preamble"]

How: TypeAlias = Literal["fence", "continuation", "bare", "nothing"]
Problem: TypeAlias = Literal["", "no_code", "syntax_error", "missing_entry_point"]

_LANGUAGES = frozenset({"python", "py", "python3", "py3"})
# Possessive, as in rlvr.extract: a line that fails is not tried at every split of its words and spaces.
_FENCE = re.compile(r"^([ \t]*+)(`{3,}+|~{3,}+)[ \t]*+([\w+#.{}-]*+)[^\n`]*+$", re.MULTILINE)
_RETURNS = re.compile(r"\b(?:return|yield|raise|pass)\b")
_INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The program of a completion, or what is missing.

    Attributes:
        source: The program, with what the prefix gives it; where there is a problem, what was looked at.
        given: How many lines of it the prefix gave.
        how: The rule that found it.
        callee: The entry point as it is called there: a function, or `Solution.method`.
        problem: Why there is nothing to run, or nothing.
        place: Where in the completion the part stands in which it was found.
    """

    source: str = ""
    given: int = 0
    how: How = "nothing"
    callee: str = ""
    problem: Problem = ""
    place: tuple[int, int] = (0, 0)


def extract(text: str, *, entry_point: str | None = None, prefix: str = "") -> Found:
    r"""Return the program of a completion, by the policy of this module; never raises.

    >>> extract("So:\n```python\nprint(1)\n```\nIt prints\n```\n1\n```").source
    'print(1)\n'
    >>> extract("    return a + b\n\nDone!", entry_point="f", prefix="def f(a, b):\n").source
    'def f(a, b):\n    return a + b\n'
    >>> extract("I would sort them.", entry_point="f").problem
    'no_code'
    """
    start, end = visible_span(text)
    shown = text[start:end]
    blocks = _blocks(shown)
    if not blocks:
        return replace(_from_bare(shown, entry_point, prefix), place=(start, end))
    found, block = _from_blocks(blocks, entry_point, prefix)
    return replace(found, place=(start + block.start, start + block.end))


def _from_blocks(blocks: list["_Block"], entry_point: str | None, prefix: str) -> tuple[Found, "_Block"]:
    if entry_point is None:
        block = ([block for block in blocks if block.tagged] or blocks)[-1]
        return _alone(block.text), block
    for block in reversed(blocks):
        found = _whole(block.text, entry_point, prefix, how="fence")
        if found is not None:
            return found, block
    last = blocks[-1]
    found = _continued(last.text, entry_point, prefix)
    return found or Found(source=last.text, how="fence", problem=_lack(last.text)), last


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    text: str
    tagged: bool
    start: int
    end: int


def _blocks(text: str) -> list[_Block]:
    found: list[_Block] = []
    opened = None
    for fence in _FENCE.finditer(text):
        if opened is None:
            opened = fence
        elif fence.group(2).startswith(opened.group(2)) and not fence.group(3):
            language = opened.group(3).strip("{}.").lower()
            if not language or language in _LANGUAGES:
                start, end = opened.end() + 1, fence.start()
                content = _dedented(text[start:end], len(opened.group(1)))
                found.append(_Block(text=content, tagged=bool(language), start=start, end=end))
            opened = None
    return found


def _dedented(content: str, indent: int) -> str:
    if not indent:
        return content
    lines = content.splitlines(keepends=True)
    return "".join(line[min(indent, len(line) - len(line.lstrip(" \t"))) :] for line in lines)


def _from_bare(text: str, entry_point: str | None, prefix: str) -> Found:
    if entry_point is None:
        tree = parsed(text)
        fits = tree is not None and bool(tree.body)
        return Found(source=text, how="bare") if fits else Found(source=text, problem="no_code")
    found = _whole(text, entry_point, prefix, how="bare") or _continued(text, entry_point, prefix)
    if found is not None:
        return found
    lack = _lack(text)
    return Found(source=text, problem="no_code" if lack == "syntax_error" else lack)


def _alone(block: str) -> Found:
    return Found(source=block, how="fence", problem="" if parsed(block) is not None else "syntax_error")


def _whole(text: str, entry_point: str, prefix: str, *, how: How) -> Found | None:
    if entry_point.partition(".")[0] not in text:
        return None
    tree = parsed(text)
    name = callee(tree, entry_point) if tree else ""
    if not name:
        return None
    before = "" if "__future__" in text else preamble(prefix, entry_point)
    return Found(source=before + text, given=before.count("\n"), how=how, callee=name)


def _continued(text: str, entry_point: str, prefix: str) -> Found | None:
    if not prefix or not text.strip() or len(text) > MAX_CHARACTERS:
        return None
    start = prefix if prefix.endswith("\n") else prefix + "\n"
    for body in _bodies(text):
        tree = parsed(start + body)
        name = callee(tree, entry_point) if tree and not returns(tree) else ""
        if name:
            return Found(source=start + body, given=start.count("\n"), how="continuation", callee=name)
    return None


def _bodies(text: str) -> list[str]:
    """Return how a text may be meant as the rest of a function, the most literal first."""
    lines = text.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.strip())
    body = "".join(lines[first:])
    if body[0] in " \t":
        ends = (i for i, line in enumerate(lines) if i > first and line.strip() and line[0] not in " \t")
        return [body, "".join(lines[first : next(ends, len(lines))]).rstrip() + "\n"]
    return [_INDENT + body, textwrap.indent(body, _INDENT)] if _RETURNS.search(body) else []


def _lack(text: str) -> Problem:
    if not text.strip():
        return "no_code"
    return "syntax_error" if parsed(text) is None else "missing_entry_point"


@lru_cache(maxsize=4_096)
def preamble(prefix: str, entry_point: str) -> str:
    """Return what a prefix says before the function that is asked for; all of it if it only imports."""
    tree = parsed(prefix)
    if imports(tree):
        return prefix.rstrip("\n") + "\n"
    name = entry_point.partition(".")[0]
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            return "".join(prefix.splitlines(keepends=True)[: first - 1])
    return ""
