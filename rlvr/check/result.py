"""From findings to a report: what passed, what failed, what could not be looked at, and a grade."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rlvr.check.catalogue import Check, Finding, Grade

__all__ = ["Ledger", "grade_of", "rows"]

_EXAMPLES = 5
_SHOWN = 400
_ORDER: tuple[Grade, ...] = ("A", "B", "C", "D", "F")


@dataclass(slots=True)
class Ledger:
    """What is known so far: findings, what was skipped and why, and milliseconds by check."""

    findings: list[Finding] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    ms: dict[str, float] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        """Note what was found."""
        self.findings += findings

    def skip(self, names: Iterable[str], why: str) -> None:
        """Note that checks could not be made; what was said first counts."""
        for name in names:
            self.skipped.setdefault(name, why)

    def spend(self, name: str, ms: float) -> None:
        """Note what a check took."""
        self.ms[name] = self.ms.get(name, 0.0) + ms

    def failed(self, name: str) -> bool:
        """Say whether a check has failed."""
        return any(finding.check == name for finding in self.findings)


def rows(checks: Sequence[Check], ledger: Ledger) -> list[dict[str, Any]]:
    """Return one row for each check."""
    return [_row(check, ledger) for check in checks]


def grade_of(checks: Sequence[Check], failed: Iterable[str]) -> Grade:
    """Return the worst of the grades that the failed checks leave.

    >>> from rlvr.check.catalogue import CHECKS
    >>> grade_of(CHECKS, []), grade_of(CHECKS, ["tasks.duplicates", "tasks.prompt"])
    ('A', 'C')
    """
    names = set(failed)
    return max((check.grade for check in checks if check.name in names), key=_ORDER.index, default="A")


def _row(check: Check, ledger: Ledger) -> dict[str, Any]:
    found = [finding for finding in ledger.findings if finding.check == check.name]
    status = "fail" if found else "skip" if check.name in ledger.skipped else "pass"
    details: Mapping[str, str] = {"fail": _summed(found), "skip": ledger.skipped.get(check.name, "")}
    return {
        "name": check.name,
        "title": check.title,
        "severity": check.severity,
        "status": status,
        "detail": _printable(details.get(status, "")),
        "way_out": check.way_out,
        "examples": [
            {
                "task": _printable(one.task),
                "text": _printable(_short(one.text)),
                "detail": _printable(one.detail),
            }
            for one in found[:_EXAMPLES]
        ],
        "ms": round(ledger.ms.get(check.name, 0.0), 3),
    }


def _summed(found: Sequence[Finding]) -> str:
    if not found:
        return ""
    tasks = {finding.task for finding in found if finding.task}
    more = f" ({len(found)} times, on {len(tasks)} tasks)" if len(found) > 1 and tasks else ""
    return f"{found[0].detail}{more}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"


def _printable(text: str) -> str:
    # An unpaired surrogate in a report would break whoever writes it: to a terminal, or as UTF-8.
    return text.encode("utf-8", "backslashreplace").decode()
