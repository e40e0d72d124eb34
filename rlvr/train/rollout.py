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

__all__ = ["Batch", "Rollouts", "Round", "Wanted"]


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
        generations: How many rounds of sampling there were.
        generate_s: Seconds of sampling within the step.
        score_s: Seconds that the trainer had to wait for verdicts.
        alone_s: Seconds that the same workers would have taken to score, had nothing gone on beside them.
    """

    step: int = 0
    groups: list[Group] = field(default_factory=list)
    passed_over: list[Group] = field(default_factory=list)
    generations: int = 0
    generate_s: float = 0.0
    score_s: float = 0.0
    alone_s: float = 0.0

    @property
    def rollouts(self) -> list[Rollout]:
        """All rollouts, group by group, those passed over at the end."""
        return [rollout for group in [*self.groups, *self.passed_over] for rollout in group.rollouts]


@dataclass(slots=True, kw_only=True)
class Round:
    """Completions that were sampled and are being judged, `samples` of each task.

    Attributes:
        seconds: What sampling them took.
        judged: The groups, where an earlier process of the run has judged them.
    """

    wanted: Sequence[Wanted]
    samples: int
    tickets: list[Ticket]
    prompt_ids: Sequence[Sequence[int]]
    seconds: float = 0.0
    judged: list[Group] = field(default_factory=list)

    def groups(self, batch: Batch) -> list[Group]:
        """Wait for the verdicts, and let the batch know how long that took."""
        if self.judged:
            batch.generations += 1
            return self.judged
        began = time.perf_counter()
        rollouts = [ticket.result() for ticket in self.tickets]
        batch.score_s += time.perf_counter() - began
        batch.generations += 1
        samples = self.samples
        for t, order in enumerate(self.wanted):
            own = rollouts[t * samples : (t + 1) * samples]
            batch.alone_s += sum(rollout.ms for rollout in own) / 1e3 / order.pool.workers
        return [
            Group(
                rollouts=tuple(rollouts[t * samples : (t + 1) * samples]),
                prompt_ids=tuple(ids),
                place=order.place,
            )
            for t, (order, ids) in enumerate(zip(self.wanted, self.prompt_ids, strict=True))
        ]


@dataclass(slots=True, kw_only=True)
class Rollouts:
    """Samples and judges, and keeps what became of it.

    Attributes:
        tell: Tells plugins, by hook.
    """

    policy: TransformersPolicy
    log: RunLog | None
    tell: Callable[..., None]
    seed: int
    max_unscored: float

    def start(self, wanted: Sequence[Wanted], *, samples: int, seed: int) -> Round:
        """Complete tasks; each completion goes to be judged the moment it ends."""
        tickets: list[Ticket | None] = [None] * (len(wanted) * samples)

        def judge(row: int, completion: Completion) -> None:
            order = wanted[row // samples]
            tickets[row] = order.pool.submit(order.task, completion)

        began = time.perf_counter()
        tasks = [order.task for order in wanted]
        prompt_ids = [] if not tasks else self.policy.sample(tasks, samples=samples, seed=seed, done=judge)
        return Round(
            wanted=wanted,
            samples=samples,
            tickets=[ticket for ticket in tickets if ticket is not None],
            prompt_ids=prompt_ids,
            seconds=time.perf_counter() - began,
        )

    def seed_of(self, step: int, generation: int, process: int = 0) -> int:
        """Return the seed of a round of sampling: a function of the run's, and of where it stands."""
        mixed = self.seed * 1_000_003 + step + generation * 2_654_435_761 + process * 97_531_357
        return mixed % (1 << 32)  # the CPU's generator looks at no more bits of it

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
