"""How `math` came to a verdict: as it is kept while judging, and as it is told to people afterwards."""

from dataclasses import dataclass

from rlvr import types
from rlvr.extract import Box, boxes
from rlvr.types import Completion, Score
from rlvr_math.read import Reading
from rlvr_math.text import normal
from rlvr_math.understand import Answer
from rlvr_math.values.written import form

__all__ = ["Explanation", "spans", "told"]

_PHRASE_CHARS = 2_000
_STEPS = ("read", "understand", "compare")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a completion was judged.

    Attributes:
        score: The verdict.
        reading: Which words were read, by which rule, and where they stand; None if none.
        answer: What they were understood as.
        reference: The reference that decided: the one it equals, else the first.
        stage: The stage that decided.
        ms: Milliseconds for reading, understanding and comparing.
    """

    score: Score
    reading: Reading | None = None
    answer: Answer | None = None
    reference: Answer | None = None
    stage: str = ""
    ms: tuple[float, float, float] = (0.0, 0.0, 0.0)


def told(completion: Completion, said: Explanation) -> types.Explanation:
    """Return what the verifier says of itself, told for people."""
    found = said.reading
    sides = {"answer": said.answer, "reference": said.reference}
    shown = {name: answer for name, answer in sides.items() if answer is not None}
    return types.Explanation(
        score=said.score,
        read=found.text if found else "",
        rule=found.rule if found else "",
        spans=spans(completion.text, found) if found else (),
        forms={name: form(one.tree) if one.tree is not None else one.text for name, one in shown.items()},
        stage=said.stage,
        ms=dict(zip(_STEPS, said.ms, strict=True)),
        notes=_notes(said, shown),
    )


def spans(text: str, found: Reading) -> tuple[tuple[int, int], ...]:
    r"""Return where in a completion the words stand that were read, piece by piece.

    >>> from rlvr_math.read import read
    >>> text = r"so \boxed{1} or \boxed{-1}, that is all"
    >>> [text[a:b] for a, b in spans(text, read(text))]
    ['1', '-1']
    """
    if found.rule == "boxes":
        return _in_order(text, found.pieces, found.start, found.end) or ((found.start, found.end),)
    if found.rule == "box" and text[found.start : found.end] != found.text:
        return _around(text, found)
    end = found.start + _PHRASE_CHARS if found.rule == "phrase" else found.end
    pieces = _in_order(text, (found.text,), found.start, end)
    # A list was joined by commas, whatever stood between its items.
    pieces = pieces or _in_order(text, tuple(found.text.split(", ")), found.start, end)
    return pieces or (_stripped(text, found.start, found.end),)


def _in_order(text: str, pieces: tuple[str, ...], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Return where pieces stand one after the other; nothing if one of them does not."""
    places = []
    for piece in pieces:
        at = text.find(piece, start, end)
        if at < 0:
            return ()
        start = at + len(piece)
        places.append((at, start))
    return tuple(place for place in places if place[0] < place[1])


def _around(text: str, found: Reading) -> tuple[tuple[int, int], ...]:
    r"""Return the pieces of `\boxed{5 or \boxed{6}}`: what stands around the inner box, and in it."""
    every = boxes(text)
    inner = next(box for box in every if box.content == found.start)
    outer = next(box for box in every if box.start <= inner.start and box.end >= inner.end)
    pieces = _pieces(outer, inner)
    return tuple(piece for piece in pieces if piece[0] < piece[1])


def _pieces(outer: Box, inner: Box) -> tuple[tuple[int, int], ...]:
    return (
        (outer.content, inner.start),
        (inner.content, inner.content_end),
        (inner.end, outer.content_end),
    )


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    region = text[start:end]
    return start + len(region) - len(region.lstrip()), start + len(region.rstrip())


def _notes(said: Explanation, shown: dict[str, Answer]) -> tuple[str, ...]:
    notes = [
        f"The {name} is not understood: it is compared as text."
        for name, answer in shown.items()
        if answer.tree is None
    ]
    found, wanted = said.reading, said.reference
    in_words = said.score.reward == 1.0 and said.stage == "text" and said.answer != wanted
    if in_words and found is not None and wanted is not None and normal(found.whole) == wanted.text:
        notes.append("All that follows the phrase is, as text, the reference.")
    return tuple(notes)
