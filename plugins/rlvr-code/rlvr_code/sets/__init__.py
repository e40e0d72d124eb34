"""The labelled set `code`: sound, wrong and cheating programs for problems of our own.

Sound and wrong programs are written by hand (problems/*.txt), three and two for each problem; the others are
what the templates (rlvr_code.sets.templates) make for it: `python -m rlvr_code.sets`. A label is known by
construction; no verdict is ever taken for one.
"""

from pathlib import Path

from rlvr.testing import load_labelled
from rlvr.types import LabelledSet

__all__ = ["code"]

_FILE = Path(__file__).with_name("code.jsonl")


def code() -> LabelledSet:
    """Return the set; its limits are short, since some programs never end and some take all memory."""
    return LabelledSet(
        name="code",
        version="1",
        verifier="code",
        rows=lambda: load_labelled(_FILE),
        options={"timeout_s": 2.0, "total_s": 6.0, "memory_mb": 256},
    )
