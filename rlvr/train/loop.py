"""Our own engine: the loop over stages and steps, from top to bottom."""

import time
from collections.abc import Sequence
from typing import Any

import torch

from rlvr.registry import find
from rlvr.train.checkpoint import Saver, load_weights, restore, state_of
from rlvr.train.collect import Collector
from rlvr.train.context import Context
from rlvr.train.learner import Learner, learner_for
from rlvr.train.policy import sampling_of
from rlvr.train.reward_model import export
from rlvr.train.signal import Signal
from rlvr.train.stages import Stage
from rlvr.train.watch import Watch
from rlvr.types import Environment

__all__ = ["train", "train_step"]


def train_step(learner: Learner, signal: Signal, step: int) -> dict[str, float]:
    """Learn from what was collected: passes over parts of it, an optimiser update for each part."""
    learner.model.train()
    torch.manual_seed(step)  # of dropout, if there is any
    norms = []
    for number, update in enumerate(learner.updates(signal, step)):
        for micro in update.micros:
            learner.loss(micro, update.totals).backward()
        norms.append(learner.apply(step, number))
    numbers = learner.numbers()
    numbers["loss"] = numbers.get("loss", 0.0) / len(norms)
    if learner.model.device.type == "cuda":
        numbers["peak_memory_mb"] = torch.cuda.max_memory_allocated() / 2**20
    return {
        **numbers,
        "grad_norm": sum(norms) / len(norms),
        "learning_rate": learner.optimizer.param_groups[0]["lr"],
        "examples": sum(map(len, signal.units)),
    }


def train(context: Context, stages: Sequence[Stage]) -> tuple[Watch | None, int]:
    """Train stage after stage; return what watched, and the step that it came to."""
    phases = [_phases(context, stage) for stage in stages]
    measure = phases[-1][-1][0].true_measure
    rollouts = context.rollouts(sampling_of(stages[0].table))
    watch = None
    if context.world.first:
        steps = stages[-1].last
        watch = context.watch(sampling_of(stages[-1].table), steps=steps, measure=measure)
    saver = Saver(
        folder=context.folder,
        loaded=context.loaded,
        provenance=find("environment", context.config.environment.name).provenance,
        limit=stages[-1].table.save_total_limit,
        ends=frozenset(stage.last for stage in stages),
        best=watch.best[1] if watch is not None and watch.best is not None else None,
    )
    step = context.folder.resumed_step
    if watch is not None:
        watch.begin(step)
    for stage, phase in zip(stages, phases, strict=True):
        if stage.last <= step and stage is not stages[-1]:
            continue
        rollouts.policy.sampling = sampling_of(stage.table)
        collector = Collector(
            rollouts=rollouts,
            stage=stage,
            phases=phase,
            loaded=context.loaded,
            world=context.world,
            seed=context.config.run.seed,
            ahead=context.config.rollout.ahead,
        )
        context.world.wait()  # until the checkpoint of the stage before lies there
        learner = _learner(context, stage, collector, step)
        step = _run_stage(learner, collector, watch, saver, step)
        if step < stage.last:
            break
        if stage.algorithm.kind == "reward_pairs" and context.world.first:
            _export(context, learner)
    return watch, step


def _run_stage(learner: Learner, collector: Collector, watch: Watch | None, saver: Saver, done: int) -> int:
    """Take a stage's steps; return the last one taken."""
    world, stage = learner.world, learner.stage
    every = stage.table.save_steps or max(1, stage.table.max_steps // 5)
    for step in range(done + 1, stage.last + 1):
        began = time.perf_counter()
        batch, signal = collector.signal(step)
        learned = train_step(learner, signal, step)
        if watch is not None:
            watch.finished(batch, wall_s=time.perf_counter() - began, learned=learned)
        stop, better = world.told(_wishes(watch, step))
        if stop or better or step == stage.last or (step - stage.first) % every == 0:
            state = collector.state()
            saver.best = step if better else saver.best
            if world.first:
                saver.save(learner, state, step)
        if stop:
            return step
    return stage.last


def _wishes(watch: Watch | None, step: int) -> tuple[bool, bool]:
    """Say whether to stop after this step, and whether its evaluation was the best."""
    if watch is None:
        return False, False
    return watch.interrupted, watch.best is not None and watch.best[1] == step


def _learner(context: Context, stage: Stage, collector: Collector, step: int) -> Learner:
    """Return what learns in a stage, at the step that the run has come to."""
    model, places = context.loaded.model, context.folder.checkpoints
    if stage.first:  # it begins where the stage before ended
        load_weights(places / f"checkpoint-{stage.first}", model)
        collector.restore(state_of(places / f"checkpoint-{stage.first}"))
    learner = learner_for(model, stage, world=context.world)
    learner.moved |= context.config.rollout.ahead > 0
    if step > stage.first:
        restore(places / f"checkpoint-{step}", learner, collector)
    return learner


def _export(context: Context, learner: Learner) -> None:
    """Write the reward model, and how often it is wrong on held-out tasks."""
    table = learner.table
    measure = context.evaluation(sampling_of(table), samples=table.num_generations)
    groups = [] if measure is None else measure()[1]
    export(learner, context.loaded, context.folder.path / "reward_model", groups)


def _phases(context: Context, stage: Stage) -> list[tuple[Environment, Any]]:
    return [(context.environment(options), context.pool(options)) for _, options in stage.phases]
