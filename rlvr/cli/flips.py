"""Flips on a terminal: what each of two verifiers read and compared, and where they part."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from rlvr.cli.explain import verdict_of
from rlvr.cli.marked import escaped, print_marked
from rlvr.diff import Flip
from rlvr.types import Explanation

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["parting", "print_flip"]

_WORD = re.compile(r"\w+|\W")
_WORDS = frozenset({"verdict", "rule", "stage"})
_MOST = 300
_Spans = list[tuple[int, int]]


def print_flip(console: "Console", flip: Flip) -> None:
    """Print the row, where each side read in it, and all that the sides say differently."""
    from rich.text import Text

    label = {True: "right", False: "wrong", None: "not labelled"}[flip.row.label]
    kind = f", {escaped(flip.row.kind, most=80)}" if flip.row.kind else ""
    title = f"\n{escaped(flip.row.id, most=80)}{kind} ({label}): {flip.change}"
    console.print(Text(title, style="bold"), soft_wrap=True)
    text = flip.row.completion.text
    if flip.a.spans == flip.b.spans:
        print_marked(console, text, flip.a.spans, margin="     | ")
    else:
        print_marked(console, text, flip.a.spans, margin="     | ", first="  A  | ")
        print_marked(console, text, flip.b.spans, margin="     | ", first="  B  | ")
    one, other = _said(flip.a), _said(flip.b)
    wide = max(map(len, (*one, *other)))
    for name in {**one, **other}:
        _print_pair(console, f"{name:<{wide}}", one.get(name, ""), other.get(name, ""))
    for side, told in (("A", flip.a), ("B", flip.b)):
        for note in told.notes:
            console.print(Text(f"  {side}  {'note':<{wide}}  {escaped(note, most=_MOST)}"), soft_wrap=True)


def parting(one: str, other: str) -> tuple[_Spans, _Spans]:
    """Return where two texts differ, word by word, in each of them.

    >>> parting("x + 1", "x + 2")
    ([(4, 5)], [(4, 5)])
    """
    words: tuple[list[str], list[str]] = _WORD.findall(one), _WORD.findall(other)
    starts = [_starts(found) for found in words]
    spans: tuple[_Spans, _Spans] = ([], [])
    for sort, a, a_end, b, b_end in SequenceMatcher(None, words[0], words[1], autojunk=False).get_opcodes():
        if sort != "equal":
            spans[0].append((starts[0][a], starts[0][a_end]))
            spans[1].append((starts[1][b], starts[1][b_end]))
    return spans


def _print_pair(console: "Console", name: str, one: str, other: str) -> None:
    sides = f"  A  {name}  ", f"  B  {name}  "
    blank = " " * len(sides[0])
    if one == other:
        print_marked(console, one, (), margin=blank, first=f"     {name}  ")
        return
    marked = bool(one and other) and name.strip() not in _WORDS
    both = parting(one, other) if marked else ([], [])
    for side, text, spans in zip(sides, (one, other), both, strict=True):
        print_marked(console, text or "nothing", spans, margin=blank, first=side)


def _said(told: Explanation) -> Mapping[str, str]:
    lines = {
        "verdict": verdict_of(told.score),
        "read": told.read,
        "rule": told.rule,
        **told.forms,
        "stage": told.stage,
    }
    # Already shown as escapes, so that what is escaped twice differs where the texts do.
    return {escaped(name, most=20): escaped(text, most=_MOST) for name, text in lines.items() if text}


def _starts(words: list[str]) -> list[int]:
    found = [0]
    for word in words:
        found.append(found[-1] + len(word))
    return found
