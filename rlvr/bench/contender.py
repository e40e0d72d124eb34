"""One verifier on the bench: its workers, and everything that is learned of it, in constant memory."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from rlvr.bench.confusion import Confusion
from rlvr.bench.findings import Findings, fault_of
from rlvr.bench.gallery import Gallery
from rlvr.bench.heard import Heard
from rlvr.bench.nouns import Entrant, Settings
from rlvr.bench.processes import Watch
from rlvr.errors import PoolError
from rlvr.scoring import verdict_of
from rlvr.stats import Quantiles
from rlvr.types import Labelled, Rollout
from rlvr.workers import WorkerPool

__all__ = ["Contender", "Judged", "Times"]

_MOST_KINDS = 1_000
_MOST_REASONS = 256
_OTHER = "(other)"
_RESIDENT_THREADS = 8
_RESIDENT_PROCESSES = 16
_DEAD_PROCESSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A block of rows as one verifier judged it."""

    rollouts: Sequence[Rollout]
    wall_s: float

    @property
    def ms(self) -> float:
        """Milliseconds that the verdicts took, summed over the workers."""
        return sum(rollout.ms for rollout in self.rollouts)


@dataclass(slots=True)
class Times:
    """How long the timed verdicts took, in all and each."""

    wall_s: float = 0.0
    ms: float = 0.0
    each: Quantiles = field(default_factory=Quantiles)

    def add(self, judged: Judged) -> None:
        """Take a block into account; a verdict of a worker that died took nobody knows how long."""
        self.wall_s += judged.wall_s
        self.ms += judged.ms
        for rollout in judged.rollouts:
            if rollout.ms:
                self.each.add(rollout.ms)


class Contender:
    """A verifier in its own worker processes, and its figures.

    Raises:
        PoolError: It cannot be made; the message begins with its label.
    """

    def __init__(self, entrant: Entrant, settings: Settings) -> None:
        self.entrant = entrant
        self.counts = Confusion()
        self.kinds: dict[str, Confusion] = {}
        self.reasons: Counter[str] = Counter()
        self.unscored_reasons: Counter[str] = Counter()
        self.errors = 0
        self.unsafe = 0
        self.times = Times()
        self.gallery = Gallery(seed=f"{settings.seed}:{entrant.label}")
        self.findings = Findings()
        self.watch = Watch()
        self.active = True
        self.divided = False
        self._right_from = settings.right_from
        with ExitStack() as made:
            self._file = made.enter_context(tempfile.TemporaryFile("a+b"))
            self._heard = Heard(self._file)
            self.pool = self._started(entrant, settings)
            made.pop_all()  # from here on it lives as long as the pool
        self._heard.listen(self.findings, when="while it was made")

    def judge(self, block: Sequence[Labelled], advance: Callable[[], None]) -> Judged | None:
        """Judge a block of rows on all workers; None where the pool broke down, now or before."""
        if not self.active:
            return None
        started = perf_counter()
        try:
            tickets = [self.pool.submit(row.task, row.completion) for row in block]
            rollouts = []
            for ticket in tickets:
                rollouts.append(ticket.result())
                advance()
        except PoolError as error:
            self._leave(error)
            return None
        judged = Judged(rollouts=rollouts, wall_s=perf_counter() - started)
        self.watch.look(self.pool.pids(), now=not self.counts.n)
        self.divided |= self.pool.divided()
        self._heard.listen(self.findings, when="while judging")
        return judged

    def count(self, block: Sequence[Labelled], judged: Judged, *, timed: bool) -> list[bool | None]:
        """Take a judged block into all figures and return its verdicts."""
        if timed:
            self.times.add(judged)
        return [self._count(row, rollout) for row, rollout in zip(block, judged.rollouts, strict=True)]

    def all_findings(self) -> list[Mapping[str, Any]]:
        """Return the findings, those about its processes included."""
        self._look_back()
        return self.findings.rows()

    def close(self) -> None:
        """End the workers and whatever they left running."""
        if self.active:
            self.watch.look(self.pool.pids(), now=True)
        self.pool.close()
        self.watch.clear_up()
        self._file.close()

    def __enter__(self) -> Self:
        """Return the contender itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers."""
        self.close()

    def _started(self, entrant: Entrant, settings: Settings) -> WorkerPool:
        try:
            return WorkerPool(
                entrant.name,
                options=entrant.options,
                workers=settings.workers,
                timeout_s=settings.timeout_s,
                kind=entrant.kind,
                interpreter=entrant.interpreter,
                output=self._file.fileno(),
            )
        except PoolError as error:
            said = self._heard.last_line()
            words = f" The last that it printed: {said}" if said and "words above" in str(error) else ""
            raise PoolError(f"{entrant.label}: {error}{words}") from None

    def _count(self, row: Labelled, rollout: Rollout) -> bool | None:
        score = rollout.score
        verdict = verdict_of(score, right_from=self._right_from)
        self.counts.add(row.label, verdict)
        self._of_kind(row.kind).add(row.label, verdict)
        _tally(self.reasons, score.reason)
        if verdict is None:
            _tally(self.unscored_reasons, score.reason)
        self.errors += score.error is not None
        self.unsafe += bool(score.parts.get("unsafe"))
        self.gallery.offer(row, rollout, verdict)
        if fault := fault_of(rollout, timeout_s=self.pool.timeout_s):
            self.findings.add(*fault, row.id)
        return verdict

    def _of_kind(self, kind: str) -> Confusion:
        if kind not in self.kinds and len(self.kinds) >= _MOST_KINDS:
            kind = _OTHER
        return self.kinds.setdefault(kind, Confusion())

    def _leave(self, error: PoolError) -> None:
        self.active = False
        detail = f"It was left out from there on, after {self.counts.n} rows: {error}"
        self.findings.add("broke its worker pool", detail)

    def _look_back(self) -> None:
        watch, crew = self.watch, self.pool.workers
        if self.divided:
            self.findings.at(
                "forked, and the child came back",
                "Each completion has one verdict, so the child was ended: end a child where it was made.",
                peak=1,
            )
        elif watch.copies or watch.dead > _DEAD_PROCESSES * crew or watch.left > _RESIDENT_PROCESSES * crew:
            self.findings.at(
                "left processes running",
                f"At the end of a block {watch.left} ran ({watch.copies} of them copies of the worker) "
                f"and {watch.dead} had ended without being waited for: end and wait for what is started.",
                peak=watch.left + watch.dead,
            )
        if watch.threads > _RESIDENT_THREADS:
            self.findings.at(
                "left threads running",
                "At most this many in one worker at the end of a block: they share its time with later rows.",
                peak=watch.threads - 1,
            )
        if watch.moved_to:
            self.findings.at(
                "changed the working directory",
                f"To {watch.moved_to!r}: later rows see other files. Pass absolute paths instead.",
                peak=1,
            )


def _tally(counts: Counter[str], reason: str | None) -> None:
    known = (reason or "")[:80]
    if known not in counts and len(counts) >= _MOST_REASONS:
        known = _OTHER
    counts[known] += 1
