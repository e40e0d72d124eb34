"""Texts of strangers on a terminal: nothing in them commands it, and what was read is underlined."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Row", "escaped", "print_marked", "rows_of"]

_ESCAPED = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_AROUND = 240
_WHOLE = 1_200
_PIECE = 600
_NAMED = {"\t": "\\t", "\r": "\\r", "\n": "\\n"}
_Spans = Sequence[tuple[int, int]]


@dataclass(slots=True, kw_only=True)
class Row:
    """One line to show: what its characters are shown as, and which of them are marked.

    Attributes:
        cells: What each character is shown as, and whether it is marked.
        gap: Instead of those: how many characters are left out here.
    """

    cells: list[tuple[str, bool]] = field(default_factory=list)
    gap: int = 0

    @property
    def is_marked(self) -> bool:
        """Whether anything in it is marked."""
        return any(marked for _, marked in self.cells)


def escaped(text: str, *, most: int = 0) -> str:
    r"""Return a text on one line that commands no terminal: control and invisible characters as escapes.

    `most` characters of it are shown, 0 for all.

    >>> print(escaped("a\x1b[2Jb\nc\u202ed"))
    a\x1b[2Jb\nc\u202ed
    >>> escaped("abcdefgh", most=5)
    'ab...'
    """
    short = text if not most or len(text) <= most else text[: most - 3] + "..."
    return "".join(map(_shown, short))


def rows_of(text: str, spans: _Spans, *, width: int) -> list[Row]:
    r"""Return the lines to show of a text, none wider than `width`: all of it, or what is around the spans.

    >>> ["".join(shown for shown, _ in row.cells) for row in rows_of("so\nit is 4", [(9, 10)], width=4)]
    ['so', 'it i', 's 4']
    """
    marks = sorted((max(0, start), min(end, len(text))) for start, end in spans)
    found: list[Row] = []
    at = 0
    for start, end in _windows(len(text), marks):
        if start > at:
            found.append(Row(gap=start - at))
        found.extend(_rows(text, start, end, marks, width))
        at = end
    if at < len(text):
        found.append(Row(gap=len(text) - at))
    return found


def print_marked(
    console: "Console", text: str, spans: _Spans, *, margin: str = "  | ", first: str = ""
) -> None:
    """Print a text with its spans underlined; with carets below them where the console has no styles.

    Each line begins with `margin`, the first one with `first`, where that is given: as long.
    """
    from rich.text import Text

    styled, start = console.is_terminal, first or margin
    for row in rows_of(text, spans, width=max(20, console.width - len(margin))):
        if row.gap:
            console.print(Text(f"{start}[... {row.gap:,} characters ...]", style="dim"), soft_wrap=True)
            continue
        line = Text(start)
        start = margin
        for marked, cells in groupby(row.cells, key=lambda cell: cell[1]):
            line.append("".join(shown for shown, _ in cells), style="bold underline" if marked else "")
        console.print(line, soft_wrap=True)
        if row.is_marked and not styled:
            console.print(Text(" " * len(margin) + _carets(row)), soft_wrap=True)


def _shown(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable() or unicodedata.category(character) not in _ESCAPED:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _windows(length: int, marks: _Spans) -> Iterator[tuple[int, int]]:
    """Yield what to show of a text of this length, in order and apart."""
    if length <= _WHOLE:
        yield 0, length
        return
    places = sorted(place for start, end in marks for place in _ends(start, end)) or [
        (0, 0),
        (length, length),
    ]
    current_start, current_end = _widened(places[0], length)
    for place in places[1:]:
        start, end = _widened(place, length)
        if start <= current_end:
            current_end = max(current_end, end)
        else:
            yield current_start, current_end
            current_start, current_end = start, end
    yield current_start, current_end


def _ends(start: int, end: int) -> list[tuple[int, int]]:
    """Return a span, or the two ends of a long one."""
    if end - start <= _PIECE:
        return [(start, end)]
    return [(start, start + _PIECE // 2), (end - _PIECE // 2, end)]


def _widened(place: tuple[int, int], length: int) -> tuple[int, int]:
    return max(0, place[0] - _AROUND), min(length, place[1] + _AROUND)


def _rows(text: str, start: int, end: int, marks: _Spans, width: int) -> list[Row]:
    from rich.cells import cell_len

    rows, used = [Row()], 0
    inside = iter(marks)
    mark = next(inside, None)
    for index in range(start, end):
        while mark is not None and mark[1] <= index:
            mark = next(inside, None)
        character = text[index]
        if character == "\n":
            rows.append(Row())
            used = 0
            continue
        shown = _shown(character)
        used += cell_len(shown)
        if used > width:
            rows.append(Row())
            used = cell_len(shown)
        rows[-1].cells.append((shown, mark is not None and mark[0] <= index))
    return rows


def _carets(row: Row) -> str:
    from rich.cells import cell_len

    return "".join(("^" if marked else " ") * cell_len(shown) for shown, marked in row.cells).rstrip()
