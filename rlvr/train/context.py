"""What both engines stand on: the folder, the voice, the pools, the evaluation and the watch of a run."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import torch

from rlvr.errors import InputError
from rlvr.evaluate import evaluate, judged_also
from rlvr.registry import make
from rlvr.runlog import RunLog
from rlvr.train.decode import Sampling
from rlvr.train.folder import RunFolder
from rlvr.train.models import LoadedModel, computes_in_bf16
from rlvr.train.policy import TransformersPolicy
from rlvr.train.rollout import Rollouts
from rlvr.train.settings import TrainConfig
from rlvr.train.slots import SlotDecoder
from rlvr.train.tell import Tell
from rlvr.train.track import open_trackers
from rlvr.train.watch import Logs, Measured, Watch
from rlvr.train.world import World
from rlvr.types import Environment, first_tasks
from rlvr.workers import WorkerPool, usable_cores

__all__ = ["Context"]


@dataclass(slots=True, kw_only=True)
class Context:
    """One run: where it lives and what it opened.

    Attributes:
        stack: Closes what the run opens.
        environments: By their options, as `open_environments` made them.
    """

    config: TrainConfig
    folder: RunFolder
    tell: Tell
    stack: ExitStack
    world: World
    loaded: LoadedModel
    _pools: dict[str, WorkerPool] = field(default_factory=dict)
    _slots: SlotDecoder | None = None
    environments: dict[str, Environment]

    def environment(self, options: Mapping[str, Any]) -> Environment:
        """Return the run's environment with these options."""
        return self.environments[_key(options)]

    def pool(self, options: Mapping[str, Any]) -> WorkerPool:
        """Return the scorer for these options, which may change the verifier as well as the tasks."""
        key = _key(options)
        if key not in self._pools:
            pool = WorkerPool(
                self.config.environment.name,
                options=options,
                kind="environment",
                workers=self.config.rollout.workers or max(1, usable_cores() // self.world.size - 1),
                timeout_s=self.config.rollout.timeout_s,
            )
            self._pools[key] = self.stack.enter_context(pool)
        return self._pools[key]

    def rollouts(self, sampling: Sampling) -> Rollouts:
        """Return what samples and judges; only the first process logs."""
        first = self.world.first
        return Rollouts(
            policy=self._policy(sampling),
            log=self.stack.enter_context(RunLog(self.folder.rollouts)) if first else None,
            tell=self.tell.plugins if first else _tell_nobody,
            seed=self.config.run.seed,
            max_unscored=self.config.rollout.max_unscored,
        )

    def _policy(self, sampling: Sampling) -> TransformersPolicy:
        table = self.config.rollout
        if table.decoder == "slots" and self._slots is None:
            dtype = torch.bfloat16 if table.dtype == "bfloat16" else None
            self._slots = SlotDecoder(model=self.loaded.model, slots=table.rows or 256, dtype=dtype)
        return TransformersPolicy(
            loaded=self.loaded,
            sampling=sampling,
            rows=table.rows,
            seed=self.config.run.seed,
            slots=self._slots,
            bf16=computes_in_bf16(self.loaded.model, self.config.trainer.get("bf16")),
        )

    def watch(self, sampling: Sampling, *, steps: int, measure: str | None) -> Watch:
        """Return what sees each step end, having seen those of earlier processes of the run."""
        folder, enter = self.folder, self.stack.enter_context
        self.tell.measure = measure
        logs = Logs(
            metrics=enter(RunLog(folder.metrics)),
            evaluations=enter(RunLog(folder.evaluations)),
            alarms=enter(RunLog(folder.alarms)),
        )
        watch = Watch(
            folder=folder,
            logs=logs,
            steps=steps,
            evaluate=self.evaluation(
                dataclasses.replace(sampling, temperature=self.config.evaluation.temperature),
                samples=self.config.evaluation.samples,
            ),
            every=self.config.evaluation.every,
            config=self.config,
            measure=measure,
            tell=self.tell,
            trackers=open_trackers(
                self.config.run.report_to,
                folder.path,
                dataclasses.asdict(self.config),
                say=self.tell.say,
            ),
        )
        self.stack.callback(watch.trackers.finish)
        watch.replay()
        self.stack.callback(watch.listen_for_interrupt())
        self.stack.callback(self.tell.end)
        return watch

    def evaluation(self, sampling: Sampling, *, samples: int) -> Callable[[], Measured] | None:
        """Return what tries the held-out tasks, or None where the config wants no evaluation."""
        table = self.config.evaluation
        if not table.tasks:
            return None
        options = held_out_options(self.config)
        held_out = self.environment(options)
        tasks = first_tasks(held_out, table.tasks)
        policy = self._policy(sampling)
        pool = self.pool(options)
        others = {}
        for name, changed in table.also.items():
            every = {**options, **changed}
            others[name] = (self.environment(every), self.pool(every))

        def measure() -> Measured:
            report, groups = evaluate(held_out, policy, pool, tasks=tasks, samples=samples)
            return judged_also(report, groups, others), groups

        return measure


def _tell_nobody(_: str, **__: Any) -> None:
    """Tell no plugin: another process of the run does."""


def open_environments(config: TrainConfig, trained_on: Iterable[Mapping[str, Any]]) -> dict[str, Environment]:
    """Make the environments of a run, those it trains on and those it measures with, before a model loads.

    Raises:
        InputError, UnknownName: There is no such environment or option, or its data cannot be read.
    """
    every = list(trained_on)
    if config.evaluation.tasks:
        measured = held_out_options(config)
        every += [measured, *({**measured, **changed} for changed in config.evaluation.also.values())]
    made = {_key(options): make(config.environment.name, **options) for options in every}
    for environment in made.values():
        if not first_tasks(environment, 1):
            raise InputError(
                f"the environment {environment.name!r} has no task: see its options and its data."
            )
    return made


def _key(options: Mapping[str, Any]) -> str:
    return json.dumps(options, sort_keys=True, default=str)


def held_out_options(config: TrainConfig) -> dict[str, Any]:
    """Return the environment's options of the evaluation."""
    return {**config.environment.options, **config.evaluation.options}
