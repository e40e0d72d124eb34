"""What every phase of a run over the checks has in its hands."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from rlvr.check.catalogue import Finding
from rlvr.check.outside import Job
from rlvr.check.probes import HUGE
from rlvr.check.result import Ledger
from rlvr.isolated import interpreter_of
from rlvr.registry import Entry
from rlvr.workers import WorkerPool

__all__ = ["Kit", "Settings"]


@cache
def _nowhere() -> int:
    return os.open(os.devnull, os.O_WRONLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How hard to look.

    Attributes:
        options: Of the factory.
        tasks: How many tasks to look at, from the first on.
        only: Names of checks, or what they start with; all by default.
        answer: For a verifier: a reference to judge by.
        timeout_s: The deadline of one verdict.
        start_timeout_s: How long importing, making and drawing the tasks may take.
        texts: How many drawn texts to try.
        huge: Characters of the longest texts.
        kind: Where a name is both; by default the environment.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    tasks: int = 20
    only: tuple[str, ...] = ()
    answer: Any = None
    timeout_s: float = 10.0
    start_timeout_s: float = 60.0
    texts: int = 200
    huge: int = HUGE
    kind: Literal["verifier", "environment"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """Who is checked, how, for what, and the ledger of what was found."""

    entry: Entry
    settings: Settings
    wanted: frozenset[str]
    ledger: Ledger = field(default_factory=Ledger)

    def pool(self, *, workers: int, deadlines: int = 1) -> WorkerPool:
        """Return workers that judge with it, each verdict within so many deadlines."""
        return WorkerPool(
            self.entry.full_name,
            options=self.settings.options,
            kind=self.entry.kind,  # type: ignore[arg-type]
            workers=workers,
            timeout_s=deadlines * self.settings.timeout_s,
            start_timeout_s=self.settings.start_timeout_s,
            output=_nowhere(),  # what it prints is found out where nothing else runs
        )

    def job(self, **fields: Any) -> Job:
        """Return a job for an interpreter of its own."""
        return Job(
            name=self.entry.full_name,
            kind=self.entry.kind,
            options=self.settings.options,
            module=self.entry.plugin.module,
            interpreter=interpreter_of(self.entry) if self.entry.spec.extra else None,
            **fields,
        )

    def effects(self, name: str, changed: Sequence[str], printed: str) -> None:
        """Note what changed in a process, and what was printed."""
        self.ledger.add(Finding(check=name, task="", detail=detail) for detail in changed)
        if printed:
            finding = Finding(
                check=f"{name}_prints", task="", detail=f"printed {printed!r:.120}", text=printed
            )
            self.ledger.add([finding])
