"""What a step of our own engine learns from: tasks drawn, completed, judged, and drawn again where dull."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from rlvr.errors import InputError
from rlvr.train.forward import Example, read_to_its_end
from rlvr.train.models import LoadedModel
from rlvr.train.rollout import Batch, Rollouts, Round, Wanted
from rlvr.train.signal import (
    Group,
    Signal,
    advantages_of,
    demonstrations_of,
    group_of,
    merged,
    pairs_of,
    plain_group,
    signal_of,
    teaches,
)
from rlvr.train.stages import Stage
from rlvr.train.tasks import TaskOrder
from rlvr.train.world import World
from rlvr.types import RIGHT, Environment
from rlvr.workers import WorkerPool

__all__ = ["Collector", "Memory"]

_TASKS_REMEMBERED = 100_000
_KEPT_OF_OLD = 0.7
_LET_THROUGH = 0.1


@dataclass(slots=True, kw_only=True)
class Memory:
    """How often each task of a finite set was solved: a moving mean of the share of full rewards."""

    shares: dict[str, float] = field(default_factory=dict)

    def note(self, group: Group) -> None:
        """Take a group's verdicts into account."""
        rewards = [r.score.reward for r in group.rollouts if r.score.reward is not None]
        if not rewards:
            return
        now = sum(reward >= RIGHT for reward in rewards) / len(rewards)
        name = group.rollouts[0].task.id
        old = self.shares.pop(name, now)  # the least recently seen stands first
        self.shares[name] = _KEPT_OF_OLD * old + (1 - _KEPT_OF_OLD) * now
        if len(self.shares) > _TASKS_REMEMBERED:
            del self.shares[next(iter(self.shares))]

    def outside(self, name: str, band: Sequence[float]) -> bool:
        """Say whether a task was seen, and is solved less often than band[0] or more often than band[1]."""
        share = self.shares.get(name)
        return bool(band) and share is not None and not band[0] <= share <= band[1]


@dataclass(slots=True, kw_only=True)
class Collector:
    """Where a stage's tasks come from and what becomes of them.

    Attributes:
        phases: (environment, who judges it) of each phase of the stage.
        ahead: 1 samples the next step's completions while this one's are judged, one update off policy.
        cursor: Tasks drawn in the whole run.
        memory: How often tasks of finite sets were solved.
        pending: What was sampled ahead.
    """

    rollouts: Rollouts
    stage: Stage
    phases: Sequence[tuple[Environment, WorkerPool]]
    loaded: LoadedModel
    world: World
    seed: int
    ahead: int = 0
    cursor: int = 0
    memory: Memory = field(default_factory=Memory)
    pending: Round | None = None

    def signal(self, step: int) -> tuple[Batch, Signal]:
        """Return what a step learns from."""
        table, kind = self.stage.table, self.stage.algorithm.kind
        if kind == "demonstrations":
            examples = [self._demonstration(self._draw(step)) for _ in range(self._rows_of_a_step())]
            return Batch(step=step), demonstrations_of(examples, table)
        batch = self._sampled(step)
        if kind == "policy":
            return batch, signal_of(batch.groups, table)
        pairs = pairs_of(batch.groups, table)
        if kind == "reward_pairs":
            end = self.loaded.end_id
            units = [tuple(read_to_its_end(example, end) for example in pair) for pair in pairs.units]
            pairs = Signal(units=units, totals=pairs.totals)
        return batch, pairs

    def state(self) -> dict[str, Any]:
        """Return what a resumed run must know, as plain data; waits for the verdicts of what is pending."""
        own = [] if self.pending is None else self.pending.groups(Batch())
        pending = [plain_group(group) for part in self.world.gathered(own) for group in part]
        return {"cursor": self.cursor, "memory": self.memory.shares, "pending": pending}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.cursor = state["cursor"]
        self.memory = Memory(shares=state["memory"])
        groups = [group_of(row) for row in state["pending"]]
        if groups:
            judged = list(self.world.share(groups))
            self.pending = Round(wanted=[], samples=0, tickets=[], prompt_ids=[], judged=judged)

    def _sampled(self, step: int) -> Batch:
        """Sample until the step is full, of groups that teach where dynamic sampling is on."""
        table, batch = self.stage.table, Batch(step=step)
        teaching: list[Group] = []
        dull: list[Group] = []
        for _ in range(table.max_num_gen_batches if table.dynamic_sampling else 1):
            for group in self._groups(self._tasks() - len(teaching), batch):
                if self.phases[self._phase(step)][0].size is not None:  # else no task comes twice
                    self.memory.note(group)
                (teaching if teaches(group, table) else dull).append(group)
            if len(teaching) >= self._tasks():
                break
        if table.dynamic_sampling and teaching:
            batch.groups, batch.passed_over = teaching, dull
        else:
            batch.groups = sorted([*teaching, *dull], key=lambda group: group.place)
        self.rollouts.keep([*batch.groups, *batch.passed_over], self._rows(batch))
        return batch

    def _groups(self, tasks: int, batch: Batch) -> list[Group]:
        """Return so many groups; each process completes its share, all of them get all."""
        sampled = self.pending or self._start(tasks, batch.step, batch)
        self.pending = None
        if self.ahead and not batch.generations and batch.step < self.stage.last:
            self.pending = self._start(self._tasks(), batch.step + 1, batch)
        return merged(self.world.gathered(sampled.groups(batch)))

    def _start(self, tasks: int, step: int, batch: Batch) -> Round:
        """Sample this process's share of tasks for a step, in the time of a batch."""
        wanted = [self._draw(step) for _ in range(tasks)]
        samples, size, rank = self.stage.table.num_generations, self.world.size, self.world.rank
        if tasks % size and samples >= size:  # groups are spread over processes
            samples = samples // size + (rank < samples % size)
        else:
            wanted = list(self.world.share(wanted))
        generation = batch.generations if step == batch.step else 0
        seed = self.rollouts.seed_of(step, generation, rank)
        started = self.rollouts.start(wanted, samples=samples, seed=seed)
        batch.generate_s += started.seconds
        return started

    def _rows(self, batch: Batch) -> list[dict[str, Any]]:
        weights = advantages_of(batch.groups, self.stage.table)
        rows: list[dict[str, Any]] = [
            {"step": batch.step, "advantage": round(advantage, 6)} for group in weights for advantage in group
        ]
        over = sum(len(group.rollouts) for group in batch.passed_over)
        return rows + [{"step": batch.step, "advantage": 0.0, "passed_over": True}] * over

    def _tasks(self) -> int:
        return self._rows_of_a_step() // self.stage.table.num_generations

    def _rows_of_a_step(self) -> int:
        return self.stage.table.rows * self.world.size

    def _draw(self, step: int) -> Wanted:
        """Return the next task of the step's phase, passing over most of those outside of the band."""
        environment, pool = self.phases[self._phase(step)]
        order = TaskOrder(phases=[(0, environment)], seed=self.seed)
        band = self.stage.table.difficulty
        for _ in range(environment.size or 1):
            place = self.cursor
            self.cursor += 1
            task = order.at(place)
            lucky = Random(f"{self.seed}:{place}").random() < _LET_THROUGH
            if lucky or not self.memory.outside(task.id, band):
                break
        return Wanted(place=place, task=task, pool=pool, environment=environment)

    def _phase(self, step: int) -> int:
        return max(index for index, (first, _) in enumerate(self.stage.phases) if first < step)

    def _demonstration(self, wanted: Wanted) -> Example:
        task = wanted.task
        reference = wanted.environment.reference(task)
        if reference is None:
            raise InputError(
                f"the task {task.id!r} has no reference to learn from: algorithm 'sft' needs an "
                "environment whose tasks have one."
            )
        ids = self.loaded.encode_completion(reference)[: self.stage.table.max_completion_length]
        return Example(prompt_ids=self.loaded.encode(task.prompt), completion_ids=ids)
