"""How the verdicts of the galleries came to be: asked after the run, outside of all times."""

from collections.abc import Mapping
from typing import Any

from rlvr.bench.engine import Bench

__all__ = ["explanations"]


def explanations(bench: Bench) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """Return an explanation by (label of the verifier, id of the row) of what the galleries show."""
    return {}
