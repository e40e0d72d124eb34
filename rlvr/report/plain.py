"""Results of any shape as data that a page can rely on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rlvr.report.embed import cut
from rlvr.report.folder import number, table, text

__all__ = ["counts", "dropped", "listed", "named", "pairs", "plain", "rows_of", "short", "title_of"]

SHORT = 2_000
MOST_KINDS = 1_000
MOST_PAIRS = 40


def short(value: object, most: int = SHORT) -> str:
    """Return a value as text that is not long."""
    return cut(value, most)


def title_of(words: str) -> str:
    r"""Return words as a title: one short line of characters that can be seen.

    >>> title_of("a\x00b\u202ec on " + "d" * 200)[:10]
    'a b c on d'
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    return line if len(line) <= 160 else f"{line[:157]}..."


def rows_of(value: object) -> list[Mapping[str, Any]]:
    """Return the tables of a list, nothing of anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list | tuple) else []


def plain(value: object) -> Any:
    """Return lists of numbers as they are, whatever is neither as None.

    >>> plain([[1.0, None], [float("nan"), "x"]])
    [[1.0, None], [None, None]]
    """
    return [plain(one) for one in value] if isinstance(value, list | tuple) else number(value)


def pairs(value: object) -> list[list[str]]:
    """Return a table as [name, text] in its order."""
    found = list(table(value).items())[:MOST_PAIRS]
    return [[short(name, 200), short(_said(one))] for name, one in found]


def named(value: object) -> list[list[str]]:
    """Return what there is to know of a table as [name, text]: without what is not set, and without commands.

    >>> named({"rows": 3, "fields": {"answer": "gold", "id": None}, "kind": None})
    [['rows', '3'], ['fields', 'answer: gold']]
    """
    known = {name: one for name, one in table(value).items() if one not in (None, "", [], {})}
    known.pop("command", None)
    return pairs(known)


def counts(value: object) -> list[list[Any]]:
    """Return what was counted as [what, count], the most frequent first.

    >>> counts({"wrong_answer": 1, "correct": 5, "odd": None})
    [['correct', 5], ['wrong_answer', 1]]
    """
    found = [(short(name, 200), number(count)) for name, count in table(value).items()]
    known = [[name, count] for name, count in found if count is not None]
    return sorted(known, key=_count, reverse=True)[:MOST_PAIRS]


def listed(value: object, names: Sequence[str], *, by: Iterable[str]) -> dict[str, Any]:
    """Return figures by kind as {rows: [[kind, *figures]], left_out}; of very many those with most of `by`.

    >>> listed({"a": {"n": 3, "fp": 1}, "b": {"n": 2}}, ("n", "fp"), by=("fp",))
    {'rows': [['a', 3, 1], ['b', 2, 0]], 'left_out': 0}
    """
    found: list[list[Any]] = [
        [short(kind, 300), *(number(table(row).get(name)) or 0 for name in names)]
        for kind, row in table(value).items()
    ]
    places = [names.index(name) + 1 for name in by]
    found.sort(key=lambda row: sum(row[place] for place in places), reverse=True)
    return {"rows": found[:MOST_KINDS], "left_out": max(0, len(found) - MOST_KINDS)}


def dropped(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row without what is empty: a page of thousands is smaller so."""
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text(one)}" for name, one in value.items() if one is not None)
    return ", ".join(map(text, value)) if isinstance(value, list | tuple) else text(value)


def _count(row: list[Any]) -> float:
    return float(row[1])
