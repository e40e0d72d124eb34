"""Long texts cut so that what a verifier read of them stays in sight."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rlvr.report.folder import number

__all__ = ["Passage", "Passages", "Span", "fitting", "passage", "spans_of"]

Span = tuple[int, int]
Passage = list[str | list[str] | int]
"""Pieces of a text: a text, [a text that was read], or how many characters are left out here."""

AROUND = 300
MOST_SPANS = 40
SIZES = (16_000, 6_000, 2_000, 600, 200)


@dataclass(slots=True, kw_only=True)
class Passages:
    """The passages of a page, each held once.

    Attributes:
        most: Characters of a text that are kept, about.
        held: The passages; others name them by their place.
    """

    most: int
    held: list[Passage] = field(default_factory=list)
    _places: dict[tuple[str, tuple[Span, ...]], int] = field(default_factory=dict)

    def place(self, text: str, spans: Sequence[Span] = ()) -> int:
        """Return the place of a text with what was read of it."""
        key = (text, tuple(spans))
        if key not in self._places:
            self._places[key] = len(self.held)
            self.held.append(passage(text, spans, most=self.most))
        return self._places[key]


def fitting(lengths: Iterable[int], characters: int) -> int:
    """Return to what length texts are to be cut so that all of them have so many characters, about.

    >>> fitting([100, 100_000], 20_000), fitting([100, 100_000], 5_000), fitting([100] * 9, 1)
    (16000, 2000, 200)
    """
    found = list(lengths)
    return next((size for size in SIZES if sum(min(n, size) for n in found) <= characters), SIZES[-1])


def spans_of(value: object, length: int) -> tuple[Span, ...]:
    """Return spans as they were given, those that lie in no text left out, in order and apart.

    >>> spans_of([[4, 6], [0, 2], [5, 9], [3, 3], ["a", 2], [8, 99], None], length=10)
    ((0, 2), (4, 10))
    """
    given = value if isinstance(value, list | tuple) else []
    pairs = [pair for pair in given if isinstance(pair, list | tuple) and len(pair) == 2]
    ends = [(number(first), number(last)) for first, last in pairs]
    whole = [(max(0, int(a)), min(length, int(b))) for a, b in ends if a is not None and b is not None]
    return tuple(_joined(span for span in whole if span[0] < span[1])[:MOST_SPANS])


def passage(text: str, spans: Sequence[Span] = (), *, most: int = SIZES[0]) -> Passage:
    """Return a text in pieces; of a long one its beginning, its end, and what is around the spans.

    >>> passage("so x=2, or", [(3, 6)])
    ['so ', ['x=2'], ', or']
    >>> passage("0123456789" * 10, most=15)
    ['0123456789', 85, '56789']
    """
    length = len(text)
    kept = [(0, length)]
    if length > most:
        tail = most // 3
        kept = _joined([(0, most - tail), (length - tail, length), *_surroundings(spans, length, most)])
    pieces: Passage = []
    last = 0
    for first, end in kept:
        if first > last:
            pieces.append(first - last)
        pieces += _marked(text, first, end, spans)
        last = end
    return pieces


def _surroundings(spans: Sequence[Span], length: int, most: int) -> list[Span]:
    """Return where each span begins and ends, with some of what is around it; all together at most a page."""
    around = min(AROUND, most // (4 * max(1, len(spans))))
    ends = [end for first, last in spans for end in (first, last)]
    return [(max(0, end - around), min(length, end + around)) for end in ends if around >= 20]


def _marked(text: str, first: int, end: int, spans: Sequence[Span]) -> Passage:
    pieces: Passage = []
    at = first
    for a, b in spans:
        read = (max(a, first), min(b, end))
        if read[0] >= read[1]:
            continue
        if read[0] > at:
            pieces.append(text[at : read[0]])
        pieces.append([text[read[0] : read[1]]])
        at = read[1]
    if at < end:
        pieces.append(text[at:end])
    return pieces


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
