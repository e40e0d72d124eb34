"""Who is measured, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rlvr.types import RIGHT
from rlvr.workers import usable_cores

__all__ = ["Entrant", "Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A verifier that is to be measured.

    Attributes:
        label: What it is called in every table.
        name: Under which the workers make it.
        options: With which they make it.
        kind: Whether the name is a verifier's or an environment's; None: its workers find out.
        interpreter: The Python that its workers run under; None for ours, or what its plugin asks for.
    """

    label: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    kind: Literal["verifier", "environment"] | None = None
    interpreter: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How it is measured.

    Attributes:
        workers: Processes of each verifier; only one verifier's are busy at a time.
        timeout_s: Seconds for one row.
        seed: Draws the order of the verifiers in each block, and the samples.
        warm_up_rows: The first rows: they count for correctness, not for times.
        block_rows: How many rows each verifier judges in a turn.
        right_from: The reward from which a verdict is positive.
        group_size: Rows of a group where the data has no groups.
    """

    workers: int = 1
    timeout_s: float = 10.0
    seed: int = 0
    warm_up_rows: int = 32
    block_rows: int = 256
    right_from: float = RIGHT
    group_size: int = 8

    @staticmethod
    def warm_up_for(workers: int | None) -> int:
        """Return how many rows it takes that each process has judged some."""
        return max(32, 4 * (workers or usable_cores()))
