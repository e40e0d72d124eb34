"""The labelled sets of this plugin: rows made by rule (`python -m rlvr_exact.sets NAME`), then rows by hand.

Labels follow what the verifiers promise (README) and are computed from what a text was made of, never taken
from a verifier.
"""

from itertools import chain
from pathlib import Path

from rlvr.testing import load_labelled
from rlvr.types import LabelledSet

__all__ = ["choice", "countdown", "exact", "number", "sort"]

_HERE = Path(__file__).parent


def choice() -> LabelledSet:
    """Return multiple-choice answers; the choices of each task are in its metadata."""
    return _set("choice", version="1")


def number() -> LabelledSet:
    """Return answers that are a number."""
    return _set("number", version="1")


def exact() -> LabelledSet:
    """Return answers that are a word or a short phrase."""
    return _set("exact", version="1")


def countdown() -> LabelledSet:
    """Return expressions that must reach a target; numbers and target are in the metadata."""
    return _set("countdown", version="1")


def sort() -> LabelledSet:
    """Return lists that must be sorted; full reward is right."""
    return _set("sort", version="1")


def _set(name: str, *, version: str) -> LabelledSet:
    files = (_HERE / f"{name}.jsonl", _HERE / f"{name}_by_hand.jsonl")
    return LabelledSet(
        name=name,
        version=version,
        verifier=name,
        rows=lambda: chain.from_iterable(load_labelled(file) for file in files),
    )
