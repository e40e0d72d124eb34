"""The `exact` verifier: the answer is one of the references, but for what carries no meaning.

Policy. What the answer is, `rlvr_exact.reading` says; without a declaration it is the whole visible text,
if that is one short line. The answer is right if it equals one of the references after both lost case
(unless `case_sensitive`), runs of spacing, and the punctuation around them; composed and decomposed
accents are the same. The whole visible text may also be a reference as it stands, however long.

Nothing else pays: not a reference somewhere within an answer, not two answers in one ("Paris or London"),
unless exactly that is a reference. Several declarations are not two answers: the last one counts.
"""

import unicodedata
from typing import Any

from rlvr.explain import explaining
from rlvr.extract import accepted, normalise
from rlvr.scoring import judged
from rlvr.types import Completion, Explanation, Score, Task, Verifier
from rlvr_exact.reading import Place, Read, answer_place, read_answer, shown, visible, visible_at

__all__ = ["exact", "key", "references"]

_MARKS = " \t\n.,;:!?\"'`*"
_SPARE = 500


def exact(*, case_sensitive: bool = False, read: Read = "auto") -> Verifier:
    """Return the verifier; `read` names the one kind of declaration to look for.

    Reasons: correct, wrong_answer, no_answer; unreadable_reference (unscored).
    """

    def verify(task: Task, completion: Completion) -> Score:
        wanted = {key(one, case_sensitive=case_sensitive) for one in references(task.answer)}
        if not wanted:
            return Score.unscored("unreadable_reference")
        text = visible(completion.text)
        answer = read_answer(text, read)
        candidates = [one for one in (answer, text if read == "auto" else None) if one]
        longest = max(map(len, wanted))
        for candidate in candidates:
            if _fits(candidate, longest) and key(candidate, case_sensitive=case_sensitive) in wanted:
                return Score(reward=1.0, answer=shown(candidate), reason="correct")
        if not answer:
            return Score(reward=0.0, reason="no_answer")
        return Score(reward=0.0, answer=shown(answer), reason="wrong_answer")

    def explain(task: Task, completion: Completion) -> Explanation:
        tried = judged(verify, task, completion)
        wanted = [key(one, case_sensitive=case_sensitive) for one in references(task.answer)]
        text, at = visible(completion.text), visible_at(completion.text)
        place = answer_place(text, read)
        if tried.score.reward and (
            place is None or shown(text[place.start : place.end]) != tried.score.answer
        ):
            place = Place(0, len(text), "whole")
        found = text[place.start : place.end] if place else ""
        fits = wanted and _fits(found, max(map(len, wanted)))
        compared = key(found, case_sensitive=case_sensitive) if fits else f"{len(found)} characters: too long"
        return Explanation(
            score=tried.score,
            read=found,
            rule=place.rule if place else "",
            spans=((at + place.start, at + place.end),) if place else (),
            forms={"answer": compared if found else "", "reference": " or ".join(wanted)},
            stage="text" if found and wanted else "",
            ms={"total": tried.ms},
        )

    return explaining(verify, explain)


def key(text: str, *, case_sensitive: bool = False) -> str:
    """Return what two texts that mean the same have in common; a text of marks alone stays as it is.

    >>> key(" The  Louvre. "), key(" The  Louvre. ", case_sensitive=True), key("?!")
    ('the louvre', 'The Louvre', '?!')
    """
    composed = unicodedata.normalize("NFC", text)
    bare = " ".join(composed.split()).strip(_MARKS) if case_sensitive else normalise(composed)
    return bare or composed.strip()


def references(answer: Any) -> list[str]:
    """Return the readable references of a task: texts and numbers, alone or in a list, that say something.

    >>> references(["Paris", "", None, 4]), references({"a": 1}), references("  ")
    (['Paris', '4'], [], [])
    """
    listed = answer if isinstance(answer, list | tuple) else [answer]
    readable = [one for one in listed if isinstance(one, str | int | float)]
    return [one for one in accepted(readable) if one.strip()]


def _fits(candidate: str, longest: int) -> bool:
    # Composing accents costs the square of their number: what is much longer than every reference is wrong.
    return len(candidate) <= 3 * longest + _SPARE
