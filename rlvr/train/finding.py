"""What a look at a run before it starts has found: a line of words, and what to do."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Finding", "Level", "as_data", "spoken"]

Level = Literal["ok", "warning", "no-go"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: A `warning` may be meant so; with a `no-go` nothing can come of the run.
        what: One or two words for a table.
        way_out: What to do, where there is something to do.
        numbers: What the words are made of, for programs.
    """

    level: Level
    what: str
    words: str
    way_out: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)


def spoken(finding: Finding) -> str:
    """Say a finding in a line.

    >>> spoken(Finding(level="warning", what="memory", words="12 of 12 GiB", way_out="train less"))
    'memory: 12 of 12 GiB. What to do: train less.'
    """
    way_out = f" What to do: {finding.way_out}." if finding.way_out else ""
    return f"{finding.what}: {finding.words}.{way_out}"


def as_data(findings: list[Finding]) -> dict[str, Any]:
    """Return findings with their verdict as plain data.

    >>> as_data([Finding(level="ok", what="memory", words="little")])["verdict"]
    'go'
    """
    verdict = "no-go" if any(finding.level == "no-go" for finding in findings) else "go"
    return {"verdict": verdict, "findings": [asdict(finding) for finding in findings]}
