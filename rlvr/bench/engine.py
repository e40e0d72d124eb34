"""The bench itself: block by block, each verifier alone on all cores, in an order drawn anew each time.

So no verifier has the quiet minutes of a machine to itself, nothing is kept but bounded samples, and a
block costs as long as its slowest row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from random import Random
from typing import Any

from rlvr.bench.agreement import Absent, Agreement
from rlvr.bench.contender import Contender, Judged
from rlvr.bench.gallery import shown_row, shown_score
from rlvr.bench.noise import Groups
from rlvr.bench.nouns import Settings
from rlvr.errors import RLVRError
from rlvr.stats import Quantiles, Reservoir
from rlvr.types import Labelled, Rollout

__all__ = ["Bench", "Verdicts"]

_MOST_DIFFERENCES = 200
_MOST_KINDS = 1_000

Verdicts = Callable[[str, Sequence[Labelled], Sequence[Rollout]], None]
"""Is told the label of a verifier, a block of rows and what became of them."""


class Bench:
    """A run over labelled rows, and what it has found so far."""

    def __init__(self, contenders: Sequence[Contender], settings: Settings) -> None:
        self.contenders = contenders
        self.settings = settings
        self.rows = 0
        self.labelled = 0
        self.blocks = 0
        self.kinds: Counter[str] = Counter()
        self.interrupted = False
        self.fault: RLVRError | None = None
        self.agreement = Agreement([contender.entrant.label for contender in contenders])
        self.groups = Groups(len(contenders), seed=settings.seed)
        drawn = Random(f"{settings.seed}:differences")
        self.differences = Reservoir[dict[str, Any]](_MOST_DIFFERENCES, random=drawn)
        self.differing = 0
        self.ratios = [Quantiles() for _ in contenders]
        self._random = Random(settings.seed)

    def run(
        self,
        rows: Iterable[Labelled],
        *,
        advance: Callable[[], None] = lambda: None,
        tell: Verdicts = lambda *_: None,
    ) -> None:
        """Judge all rows, or those up to an interrupt or a row that cannot be read (`fault`)."""
        try:
            for block in self._blocks(rows):
                self._take(block, advance, tell)
                if not any(contender.active for contender in self.contenders):
                    break
        except KeyboardInterrupt:
            self.interrupted = True
        except RLVRError as error:
            self.fault = error

    def _blocks(self, rows: Iterable[Labelled]) -> Iterator[list[Labelled]]:
        waiting, size = iter(rows), self.settings.warm_up_rows or self.settings.block_rows
        while block := self._next(waiting, size):
            yield block
            size = self.settings.block_rows

    def _next(self, rows: Iterator[Labelled], size: int) -> list[Labelled]:
        block: list[Labelled] = []
        if self.fault is None:
            try:
                block.extend(islice(rows, size))
            except RLVRError as error:
                self.fault = error  # what was read before it is judged all the same
        return block

    def _take(self, block: Sequence[Labelled], advance: Callable[[], None], tell: Verdicts) -> None:
        judged: dict[int, Judged] = {}
        for index in self._random.sample(range(len(self.contenders)), len(self.contenders)):
            found = self.contenders[index].judge(block, advance)
            if found is not None:
                judged[index] = found
        # Only now: an interrupt before this leaves every figure of every verifier at the same row.
        self._count(block, judged)
        for index in sorted(judged):
            tell(self.contenders[index].entrant.label, block, judged[index].rollouts)

    def _count(self, block: Sequence[Labelled], judged: dict[int, Judged]) -> None:
        timed = self.blocks > 0 or not self.settings.warm_up_rows
        self.blocks += 1
        self.rows += len(block)
        self.labelled += sum(row.label is not None for row in block)
        for row in block:
            known = row.kind in self.kinds or len(self.kinds) < _MOST_KINDS
            self.kinds[row.kind if known else "(other)"] += 1
        verdicts: list[Sequence[bool | str | None]] = [[Absent] * len(block) for _ in self.contenders]
        for index, found in judged.items():
            verdicts[index] = self.contenders[index].count(block, found, timed=timed)
        if timed:
            self._compare_times(judged)
        by_row = list(zip(*verdicts, strict=True))
        self.agreement.add(by_row)
        for place, (row, given) in enumerate(zip(block, by_row, strict=True)):
            if row.group and row.label is not None:
                self.groups.add(row.group, row.label, given)
            if len(set(given) - {Absent}) > 1:
                self._differ(row, {index: found.rollouts[place] for index, found in judged.items()})

    def _compare_times(self, judged: dict[int, Judged]) -> None:
        first = judged[0].ms if 0 in judged else 0.0
        for index, found in judged.items():
            if index and first and found.ms:
                self.ratios[index].add(found.ms / first)

    def _differ(self, row: Labelled, rollouts: dict[int, Rollout]) -> None:
        named = {self.contenders[index].entrant.label: rollouts[index] for index in sorted(rollouts)}
        self.differing += 1
        self.differences.offer(
            {**shown_row(row), "verdicts": {label: shown_score(r.score) for label, r in named.items()}}
        )
