"""How the verdicts of the galleries came to be: asked after the run, outside of all times."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rlvr.bench.contender import Contender
from rlvr.bench.engine import Bench
from rlvr.bench.gallery import Seen
from rlvr.bench.nouns import Settings
from rlvr.errors import PoolError
from rlvr.explain import as_json, explanation_of
from rlvr.types import Explanation, Rollout
from rlvr.workers import WorkerPool

__all__ = ["explanations"]

_Found = dict[tuple[str, str], Mapping[str, Any]]
_KEYS = ("read", "rule", "spans", "forms", "stage", "ms", "notes")
_LOST = ("timeout", "worker_died")
_TRIED = 8


def explanations(bench: Bench) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Return an explanation by (label of the verifier, id of the row) of what the galleries show.

    Not asked for: rows that hung or killed a worker (they would again), and rows whose text was cut. What a
    verifier cannot explain has none; one that explains none of the first rows is asked for no more.
    """
    found: _Found = {}
    for contender in bench.contenders:
        asked = _asked(contender)
        if asked and contender.active:
            with suppress(PoolError):
                found.update(_told(contender, bench.settings, asked))
    return found


def _asked(contender: Contender) -> Sequence[Seen]:
    shown = [seen for rows in contender.gallery.items().values() for seen in rows]
    return [seen for seen in shown if not seen.cut and seen.score.reason not in _LOST]


def _told(contender: Contender, settings: Settings, asked: Sequence[Seen]) -> _Found:
    one = contender.entrant
    with (
        Path(os.devnull).open("wb") as output,
        WorkerPool(
            one.name,
            options=one.options,
            workers=settings.workers,
            timeout_s=settings.timeout_s,
            kind=one.kind,
            interpreter=one.interpreter,
            explain=True,
            output=output.fileno(),
        ) as pool,
    ):
        told = [*pool.stream((seen.row.task, seen.row.completion) for seen in asked[:_TRIED])]
        if any(_says_more(explanation_of(rollout.score)) for rollout in told):
            told += pool.stream((seen.row.task, seen.row.completion) for seen in asked[_TRIED:])
    named = ((seen.row.id, _shown(rollout)) for seen, rollout in zip(asked, told, strict=False))
    return {(one.label, name): shown for name, shown in named if shown is not None}


def _shown(rollout: Rollout) -> Mapping[str, Any] | None:
    explanation = explanation_of(rollout.score)
    told = as_json(explanation)
    return {key: told[key] for key in _KEYS} if _says_more(explanation) else None


def _says_more(explanation: Explanation) -> bool:
    """Whether it tells more than the verdict itself does."""
    return bool(
        explanation.rule or explanation.spans or explanation.forms or explanation.stage or explanation.notes
    )
