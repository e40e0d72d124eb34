"""Groups of completions, each judged the moment it ends."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rlvr.errors import RunError
from rlvr.runlog import RunLog, row_of
from rlvr.train.policy import TransformersPolicy
from rlvr.train.signal import Group
from rlvr.types import Completion, Environment, Rollout, Task
from rlvr.workers import Ticket, WorkerPool

__all__ = ["Batch", "Rollouts", "Wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A task to be completed: its place in the run's order, where it is from, and who judges it."""

    place: int
    task: Task
    pool: WorkerPool
    environment: Environment


@dataclass(slots=True, kw_only=True)
class Batch:
    """What the generations of a step left: groups, and where the time went.

    Attributes:
        groups: What is learned from.
        passed_over: Groups that dynamic sampling found to teach nothing.
        score_s: What the trainer had to wait for verdicts after the last completion ended.
    """

    step: int = 0
    generations: int = 0
    groups: list[Group] = field(default_factory=list)
    passed_over: list[Group] = field(default_factory=list)
    generate_s: float = 0.0
    score_s: float = 0.0

    @property
    def rollouts(self) -> list[Rollout]:
        """All rollouts, group by group, those passed over at the end."""
        return [rollout for group in [*self.groups, *self.passed_over] for rollout in group.rollouts]


@dataclass(slots=True, kw_only=True)
class Rollouts:
    """Samples and judges, and keeps what became of it.

    Attributes:
        tell: Tells plugins, by hook.
        batch: What the last step's generations left.
    """

    policy: TransformersPolicy
    log: RunLog | None
    tell: Callable[..., None]
    seed: int
    max_unscored: float
    batch: Batch = field(default_factory=Batch)

    def sample(self, wanted: Sequence[Wanted], *, samples: int, step: int, salt: int = 0) -> list[Group]:
        """Complete tasks and judge each completion the moment it ends."""
        tickets: list[Ticket | None] = [None] * (len(wanted) * samples)

        def judge(row: int, completion: Completion) -> None:
            order = wanted[row // samples]
            tickets[row] = order.pool.submit(order.task, completion)

        batch = self._at(step)
        started = time.perf_counter()
        tasks = [order.task for order in wanted]
        prompt_ids = self.policy.sample(tasks, samples=samples, seed=self._seed_of(batch, salt), done=judge)
        generated = time.perf_counter()
        rollouts = [ticket.result() for ticket in tickets if ticket is not None]
        batch.generate_s += generated - started
        batch.score_s += time.perf_counter() - generated
        batch.generations += 1
        return [
            Group(
                rollouts=tuple(rollouts[t * samples : (t + 1) * samples]),
                prompt_ids=tuple(ids),
                place=order.place,
            )
            for t, (order, ids) in enumerate(zip(wanted, prompt_ids, strict=True))
        ]

    def judge(
        self, wanted: Sequence[Wanted], texts: Sequence[str], *, step: int, samples: int
    ) -> list[Group]:
        """Judge completions that were generated elsewhere, `samples` of each task."""
        batch = self._at(step)
        started = time.perf_counter()
        tickets = [
            order.pool.submit(order.task, Completion(text=text))
            for order, text in zip(wanted, texts, strict=True)
        ]
        rollouts = [ticket.result() for ticket in tickets]
        batch.score_s += time.perf_counter() - started
        batch.generations += 1
        return [
            Group(rollouts=tuple(rollouts[i : i + samples]), prompt_ids=(), place=wanted[i].place)
            for i in range(0, len(rollouts), samples)
        ]

    def keep(self, groups: Sequence[Group], rows: Sequence[dict[str, Any]]) -> None:
        """Log what was judged, tell plugins, and stop the run if our side failed too often.

        `rows` are what the log says of each rollout beside the rollout itself.
        """
        rollouts = [rollout for group in groups for rollout in group.rollouts]
        if self.log is not None:
            self.log.write(*({**row, **row_of(r)} for row, r in zip(rows, rollouts, strict=True)))
        for rollout in rollouts:
            self.tell("rlvr_rollout_scored", rollout=rollout)
        _stop_if_broken(rollouts, self.max_unscored)

    def _at(self, step: int) -> Batch:
        if self.batch.step != step:
            self.batch = Batch(step=step)
        return self.batch

    def _seed_of(self, batch: Batch, salt: int) -> int:
        # A function of the run's seed, the step, which generation of the step it is, and the process.
        mixed = self.seed * 1_000_003 + batch.step + batch.generations * 2_654_435_761 + salt * 97_531_357
        return mixed % (1 << 32)  # the CPU's generator looks at no more bits of it


def _stop_if_broken(rollouts: Sequence[Rollout], max_unscored: float) -> None:
    failed = [r for r in rollouts if r.score.error is not None]
    if len(failed) > max_unscored * len(rollouts):
        example = failed[0]
        raise RunError(
            f"the verifier failed on {len(failed)} of {len(rollouts)} completions of a step, more than "
            f"rollout.max_unscored = {max_unscored:g}: {example.score.error} (task {example.task.id!r}). "
            "Mend the verifier and go on with --resume."
        )
    if rollouts and all(r.score.reward is None for r in rollouts):
        reasons = sorted({r.score.reason for r in rollouts})
        raise RunError(
            f"no completion of a step could be scored ({', '.join(reasons)}): nothing can be learned. "
            "See rollouts.jsonl, mend the tasks or the sandbox, and go on with --resume."
        )
