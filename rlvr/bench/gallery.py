"""Rows to look at: an even sample of those that a verifier got wrong or left unscored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from rlvr.stats import Reservoir
from rlvr.types import Labelled, Rollout, Score

__all__ = ["Gallery", "Seen", "shown_row", "shown_score", "shown_text"]

_SIZES = {"false_positives": 200, "false_negatives": 200, "unscored": 100}
_LONGEST = 1 << 16
_LONGEST_WORD = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A row and what became of it; texts may be cut."""

    row: Labelled
    score: Score
    ms: float
    cut: bool


class Gallery:
    """The samples of one verifier, by what went wrong."""

    def __init__(self, *, seed: str) -> None:
        self._samples = {
            name: Reservoir[Seen](size, random=Random(f"{seed}:{name}")) for name, size in _SIZES.items()
        }

    def offer(self, row: Labelled, rollout: Rollout, verdict: bool | None) -> None:
        """Take a row if it belongs here and the draw says so."""
        if verdict is None:
            self._samples["unscored"].offer(_seen(row, rollout))
        elif row.label is not None and verdict is not row.label:
            name = "false_positives" if verdict else "false_negatives"
            self._samples[name].offer(_seen(row, rollout))

    def items(self) -> Mapping[str, list[Seen]]:
        """Return the samples in the order of the rows."""
        return {name: sample.items() for name, sample in self._samples.items()}


def shown_text(text: str, longest: int = _LONGEST) -> str:
    """Return a text of at most `longest` characters, cut where it is longer than anyone reads.

    >>> shown_text("a" * 100, 35)
    'aaaaaaaa... (100 characters in all)'
    """
    note = f"... ({len(text)} characters in all)"
    return text if len(text) <= longest else text[: max(0, longest - len(note))] + note


def shown_row(row: Labelled) -> dict[str, Any]:
    """Return what there is to show of a row, as plain data."""
    return {
        "id": row.id,
        "kind": row.kind,
        "label": row.label,
        "reference": _shown_answer(row.task.answer),
        "completion": shown_text(row.completion.text),
    }


def shown_score(score: Score) -> dict[str, Any]:
    """Return reward, answer and reason as plain data."""
    answer = None if score.answer is None else shown_text(score.answer, _LONGEST_WORD)
    return {
        "reward": score.reward,
        "answer": answer,
        "reason": shown_text(score.reason or "", _LONGEST_WORD),
    }


def _shown_answer(answer: Any) -> Any:
    if isinstance(answer, str):
        return shown_text(answer)
    try:
        text = json.dumps(answer, allow_nan=False)
    except ValueError:  # what reads a result must not meet a nan: that is no JSON
        return shown_text(json.dumps(answer))
    return answer if len(text) <= _LONGEST else shown_text(text)


def _seen(row: Labelled, rollout: Rollout) -> Seen:
    # A sample of 500 rows must not hold 500 texts of ten megabytes.
    cut = len(row.completion.text) > _LONGEST
    if cut:
        row = replace(row, completion=replace(row.completion, text=shown_text(row.completion.text)))
    return Seen(row=row, score=rollout.score, ms=rollout.ms, cut=cut)
