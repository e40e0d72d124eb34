"""Mean reward by kind of task and by time: what is easy, what is hard, what is being learned."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rlvr.report.folder import Row, table, text

__all__ = ["Difficulty", "prompt_text"]

COLUMNS = 24
ROWS = 40
_MOST_KINDS = 20_000
_MOST_KEYS = 8

_Cells = dict[int, list[float]]


@dataclass(slots=True, kw_only=True)
class Difficulty:
    """Sums of rewards by column of time, for each way of telling tasks apart: by id, prompt, reference, ...

    A way with more than 20,000 kinds is given up: it tells every task apart and says nothing.
    """

    last_step: int
    groups: int = 0
    _by: dict[str, dict[str, _Cells]] = field(default_factory=dict)
    _lengths: dict[int, _Cells] = field(default_factory=dict)
    _given_up: set[str] = field(default_factory=set)

    def add(self, row: Row, rewards: Sequence[float]) -> None:
        """Take the rewards of a group into account; `row` is any of its rollouts."""
        if not rewards:
            return
        self.groups += 1
        column = self._column(row["step"])
        for way, kind in _kinds(row).items():
            self._add(way, kind, column, rewards)
        _sum(self._lengths.setdefault(len(prompt_text(row)), {}), column, rewards)

    def maps(self) -> list[dict[str, Any]]:
        """Return the maps worth showing, the most telling first: {by, rows, columns, left_out}."""
        shown = [self._map(way, kinds) for way, kinds in self._telling()]
        if len(self._lengths) > 1:
            shown.append(self._map("length of the prompt", _ranges(self._lengths), in_order=True))
        return shown

    def _add(self, way: str, kind: str, column: int, rewards: Sequence[float]) -> None:
        kinds = self._by.setdefault(way, {})
        if way in self._given_up:
            return
        _sum(kinds.setdefault(kind, {}), column, rewards)
        if len(kinds) > _MOST_KINDS:
            kinds.clear()
            self._given_up.add(way)

    def _column(self, step: int) -> int:
        columns = min(COLUMNS, self.last_step) or 1
        return min(max(0, step - 1) * columns // (self.last_step or 1), columns - 1)

    def _telling(self) -> list[tuple[str, dict[str, _Cells]]]:
        """A way tells something if it has two kinds at least, and most of them are met more than once."""
        return [
            (way, kinds)
            for way, kinds in self._by.items()
            if len(kinds) > 1 and 2 * len(kinds) <= self.groups and not self._same_as_task(way, kinds)
        ]

    def _same_as_task(self, way: str, kinds: dict[str, _Cells]) -> bool:
        return way in ("prompt", "reference") and len(kinds) == len(self._by.get("task", ()))

    def _map(self, way: str, kinds: dict[str, _Cells], *, in_order: bool = False) -> dict[str, Any]:
        seen = {kind: sum(n for _, n in cells.values()) for kind, cells in kinds.items()}
        total = {kind: sum(s for s, _ in cells.values()) / seen[kind] for kind, cells in kinds.items()}
        rows = sorted(kinds, key=seen.__getitem__, reverse=True)[:ROWS]
        rows.sort(key=list(kinds).index if in_order else total.__getitem__)
        columns = min(COLUMNS, self.last_step) or 1
        return {
            "by": way,
            "columns": [self._steps(column, columns) for column in range(columns)],
            "rows": [
                {
                    "kind": kind[:300],
                    "completions": int(seen[kind]),
                    "mean": _short(total[kind]),
                    "cells": [_mean(kinds[kind].get(column)) for column in range(columns)],
                }
                for kind in rows
            ],
            "left_out": len(kinds) - len(rows),
        }

    def _steps(self, column: int, columns: int) -> list[int]:
        first = -(-column * self.last_step // columns)
        after = -(-(column + 1) * self.last_step // columns)
        return [first + 1, max(after, first + 1)]


def prompt_text(row: Row) -> str:
    """Return what the model was asked, as one text."""
    prompt = row.get("prompt")
    if not isinstance(prompt, list):
        return text(prompt)
    return "\n".join(text(table(turn).get("content")) for turn in prompt)


def _kinds(row: Row) -> dict[str, str]:
    kinds = {"task": text(row.get("id"))}
    metadata = list(table(row.get("metadata")).items())[:_MOST_KEYS]
    kinds |= {
        f"{key} (metadata)": text(value) for key, value in metadata if isinstance(value, str | int | float)
    }
    return {**kinds, "prompt": prompt_text(row), "reference": text(row.get("reference"))}


def _sum(cells: _Cells, column: int, rewards: Sequence[float]) -> None:
    cell = cells.setdefault(column, [0.0, 0])
    cell[0] += sum(rewards)
    cell[1] += len(rewards)


def _mean(cell: list[float] | None) -> float | None:
    return None if cell is None else _short(cell[0] / cell[1])


def _short(value: float) -> float:
    return round(value, 4)


def _ranges(lengths: dict[int, _Cells], most: int = 10) -> dict[str, _Cells]:
    """Join lengths into at most so many ranges, each with about as many completions."""
    total = sum(n for cells in lengths.values() for _, n in cells.values())
    joined: list[tuple[int, int, _Cells]] = []
    full = total / most
    room = 0.0
    for length in sorted(lengths):
        if room <= 0:
            joined.append((length, length, {}))
            room += full
        first, _, cells = joined[-1]
        for column, (value, n) in lengths[length].items():
            cell = cells.setdefault(column, [0.0, 0])
            cell[0] += value
            cell[1] += n
            room -= n
        joined[-1] = (first, length, cells)
    return {
        f"{first} to {last} characters" if first < last else f"{first} characters": cells
        for first, last, cells in joined
    }
