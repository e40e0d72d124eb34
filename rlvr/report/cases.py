"""The rows that a page of verifiers shows one by one: those that were judged amiss, and those that divide."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from rlvr.report.folder import number, table, text
from rlvr.report.passages import Passages, fitting, spans_of
from rlvr.report.plain import dropped, pairs, rows_of, short
from rlvr.report.survey import Budget

__all__ = ["ERRORS", "bench_cases", "flips"]

ERRORS = ("false_positives", "false_negatives", "unscored")
Row = Mapping[str, Any]
T = TypeVar("T")


def bench_cases(result: Row, budget: Budget | None = None) -> dict[str, Any]:
    """Return {passages, cases, differences, notes} of a bench's result."""
    verifiers = list(table(result.get("verifiers")).values())
    galleries = [table(table(one).get("gallery")) for one in verifiers]
    found = [
        (place, error, row)
        for place, gallery in enumerate(galleries)
        for error in ERRORS
        for row in rows_of(gallery.get(error))
    ]
    differing = rows_of(result.get("differences"))
    limit = budget or Budget()
    kept, others = evenly(found, limit.rollouts), evenly(differing, limit.rollouts // 2)
    passages = _passages([*(row for _, _, row in kept), *others], limit)
    labels = list(table(result.get("verifiers")))
    return {
        "cases": [
            {"verifier": place, "sort": ERRORS.index(error), **_asked(row), **_verdict(row, row, passages)}
            for place, error, row in kept
        ],
        "differences": [_difference(row, labels, passages) for row in others],
        "passages": passages.held,
        "notes": [
            *_left_out(len(kept), len(found), "rows that were judged amiss"),
            *_left_out(len(others), len(differing), "rows on which verifiers differ"),
        ],
    }


def flips(result: Row, budget: Budget | None = None) -> dict[str, Any]:
    """Return {passages, flips, notes} of a diff's result."""
    limit = budget or Budget()
    found = rows_of(result.get("flips"))
    kept = evenly(found, limit.rollouts)
    passages = _passages(kept, limit)
    return {
        "flips": [
            {
                **_asked(row),
                "change": short(row.get("change"), 40),
                "sides": [_verdict(row, table(row.get(side)), passages) for side in ("a", "b")],
            }
            for row in kept
        ],
        "passages": passages.held,
        "notes": _left_out(len(kept), len(found), "flips"),
    }


def evenly(rows: Sequence[T], most: int) -> list[T]:
    """Return the rows, or of too many an even sample.

    >>> evenly(range(10), 4), evenly(range(3), 4)
    ([0, 2, 5, 7], [0, 1, 2])
    """
    if len(rows) <= most:
        return list(rows)
    return [rows[place * len(rows) // most] for place in range(most)]


def _passages(rows: Iterable[Row], limit: Budget) -> Passages:
    texts = {text(row.get("completion")) for row in rows}
    return Passages(most=fitting(map(len, texts), limit.characters))


def _left_out(kept: int, found: int, what: str) -> list[str]:
    return [] if kept == found else [f"This page holds {kept:,} of {found:,} {what}: an even sample."]


def _asked(row: Row) -> dict[str, Any]:
    label = row.get("label")
    words = {name: short(row.get(name)) for name in ("id", "kind", "reference", "why")}
    return dropped({**words, "label": label if isinstance(label, bool) else None})


def _verdict(row: Row, verdict: Row, passages: Passages) -> dict[str, Any]:
    said = text(row.get("completion"))
    explanation = table(verdict.get("explanation"))
    spans = spans_of(explanation.get("spans"), len(said))
    words = {name: short(verdict.get(name)) for name in ("reason", "error")}
    answer = verdict.get("answer")
    return {
        "text": passages.place(said, spans),
        "reward": number(verdict.get("reward")),
        "answer": None if answer is None else short(answer),
        **dropped({**words, "ms": number(verdict.get("ms"))}),
        **({"explanation": _explanation(explanation)} if explanation else {}),
    }


def _explanation(found: Row) -> dict[str, Any]:
    words = {name: short(found.get(name)) for name in ("read", "rule", "stage")}
    times = [[name, number(value)] for name, value in table(found.get("ms")).items()]
    notes = found.get("notes")
    return dropped(
        {
            **words,
            "forms": pairs(found.get("forms")),
            "ms": [[short(name, 100), value] for name, value in times[:20] if value is not None],
            "notes": [short(note) for note in notes[:20]] if isinstance(notes, list | tuple) else [],
        }
    )


def _difference(row: Row, labels: Iterable[str], passages: Passages) -> dict[str, Any]:
    verdicts = table(row.get("verdicts"))
    said = [table(verdicts.get(label)) for label in labels]
    return {
        **_asked(row),
        "text": passages.place(text(row.get("completion"))),
        "verdicts": [_brief(verdict) if verdict else None for verdict in said],
    }


def _brief(verdict: Row) -> dict[str, Any]:
    answer = verdict.get("answer")
    return {
        "reward": number(verdict.get("reward")),
        "answer": None if answer is None else short(answer, 300),
        "reason": short(verdict.get("reason"), 300),
    }
