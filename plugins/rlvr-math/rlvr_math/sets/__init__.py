"""The labelled sets `math` (made by rule: rlvr_math.pairs) and `math-traps` (thought up one by one).

Labels follow docs/math-policy.md and are never taken from a verifier: where ours is wrong, the label stays.
"""

from pathlib import Path

from rlvr.testing import load_labelled
from rlvr.types import LabelledSet

__all__ = ["math", "math_traps"]

_PAIRS = Path(__file__).parents[1] / "pairs" / "math_pairs.jsonl"
_TRAPS = Path(__file__).with_name("math_traps.jsonl")


def math() -> LabelledSet:
    """Return the set made by rule; kinds are the families of rules, and each row names its rule."""
    return LabelledSet(name="math", version="1", verifier="math", rows=lambda: load_labelled(_PAIRS))


def math_traps() -> LabelledSet:
    """Return the set written by hand: what looks equal and is not, and what does not and is."""
    return LabelledSet(name="math-traps", version="1", verifier="math", rows=lambda: load_labelled(_TRAPS))
