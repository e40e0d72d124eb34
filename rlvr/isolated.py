"""Stand-in until the real module of this name is merged. To be dropped."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rlvr.errors import InputError

__all__ = ["interpreter_for"]


def interpreter_for(requirements: Sequence[str], *, say: Callable[[str], None]) -> Path:
    """Refuse."""
    say("no isolated environments yet")
    raise InputError(f"{requirements[0]} cannot be installed yet.")
