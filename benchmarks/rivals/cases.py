"""Labelled rows: a reference, a completion, and whether they are equal."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

__all__ = ["Case", "Fields", "read_cases", "sample"]

BOXES = ("\\boxed", "\\fbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row.

    Attributes:
        id: Its own, or its line number.
        references: The accepted answers.
        equal: The label; None where it joins no accuracy: it has none, or is a matter of policy.
        family: The first word of its rule, or its source.
        model_text: What a language model wrote.
    """

    id: str
    references: tuple[str, ...]
    completion: str
    equal: bool | None
    family: str
    model_text: bool = False

    @property
    def boxed(self) -> bool:
        """Whether the completion has a box, which some checkers insist on."""
        return any(box in self.completion for box in BOXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The names of a file's fields; what is empty is found out from the first row."""

    reference: str = ""
    completion: str = ""
    equal: str = ""
    family: str = ""

    def found_in(self, row: dict[str, Any]) -> "Fields":
        """Return the same with no name empty, for files of rows like this one."""
        ours = ("reference", "completion", "label" if "label" in row else "equal")
        guessed = ("gold", "response", "expected") if "gold" in row else ours
        kinds = ("kind",) if ours[2] == "label" else ("rule",)
        return Fields(
            reference=self.reference or guessed[0],
            completion=self.completion or guessed[1],
            equal=self.equal or guessed[2],
            family=self.family or next((name for name in kinds if name in row), "source"),
        )


def read_cases(path: Path, fields: Fields, model_sources: frozenset[str]) -> list[Case]:
    """Return the rows of a JSONL file; a field that a row must have and has not is a KeyError."""
    lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: U+2028 ends no row
    rows = [json.loads(line) for line in lines if line.strip()]
    names = fields.found_in(rows[0]) if rows else fields
    return [_case(row, index, names, model_sources) for index, row in enumerate(rows)]


def _case(row: dict[str, Any], index: int, names: Fields, model_sources: frozenset[str]) -> Case:
    reference, label = row[names.reference], row[names.equal]
    if str(row.get("kind", "")).startswith("policy:"):
        label = None
    family = str(row.get(names.family) or "other")
    return Case(
        id=str(row.get("id", index)),
        references=tuple(map(str, reference)) if isinstance(reference, list) else (str(reference),),
        completion=row[names.completion],
        equal=label,
        family=re.split(r"[\s:-]", family)[0] if names.family == "rule" else family,
        model_text=row.get("source") in model_sources,
    )


def sample(cases: list[Case], limit: int | None, seed: int) -> list[Case]:
    """Return `limit` of the cases, in random order; all of them, in random order, for None."""
    return Random(seed).sample(cases, len(cases) if limit is None else min(limit, len(cases)))
