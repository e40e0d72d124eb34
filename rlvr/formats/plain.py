"""Rows of anyone's: the fields are found by their names, or told."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlvr.formats.labels import says_truth
from rlvr.formats.names import ANSWERS, COMPLETIONS, GROUPS, IDS, KINDS, LABELS, PROMPTS, first_of
from rlvr.formats.nouns import Fields, Format, Piece, Record

__all__ = ["FORMAT"]


def _fields(first: Mapping[str, Any]) -> Fields:
    scalars = {name: value for name, value in first.items() if isinstance(value, str | int | float)}
    return Fields(
        completion=first_of(COMPLETIONS, first),
        answer=first_of(ANSWERS, first),
        id=first_of(IDS, first) or "",
        label=next((name for name in LABELS if name in first and says_truth(name, first[name])), ""),
        kind=first_of(KINDS, scalars) or "",
        group=first_of(GROUPS, scalars) or "",
        prompt=first_of(PROMPTS, first) or "",
    )


def _read(_: Record, __: Mapping[str, Any]) -> Iterable[Piece]:
    return (Piece(text=""),)  # all of it is taken from the fields


FORMAT = Format(
    name="plain",
    summary="Rows with a completion and its reference, fields named by option or found by name.",
    origin="the lists in docs/formats.md",
    needs=(),
    fields=_fields,
    sniff=lambda _: False,  # taken where no other is
    read=_read,
)
