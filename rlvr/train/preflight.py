"""A look at a run before it starts: in brief at the start of each, in full by `rlvr train CONFIG --check`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from rlvr.boundary import Failure, attempt
from rlvr.errors import RunError
from rlvr.train import memory, soundness, trial
from rlvr.train.context import Context, held_out_options
from rlvr.train.finding import Finding, spoken
from rlvr.train.learner import copies_reference, learner_for
from rlvr.train.models import computes_in_bf16
from rlvr.train.policy import sampling_of
from rlvr.train.rollout import Wanted
from rlvr.train.settings import TrainConfig
from rlvr.train.stages import Stage, stages
from rlvr.train.world import World
from rlvr.types import first_tasks

__all__ = ["look", "say_brief", "say_full", "trl_stages"]

_TASKS_IN_FULL = 32
_TASKS_IN_BRIEF = 8


def look(context: Context, parts: Sequence[Stage], *, full: bool) -> list[Finding]:
    """Return what is to be said of a run; in brief no model is asked and nothing random is drawn.

    Looked at are the references of what samples first and of each stage that learns from them.
    """
    config, n = context.config, _TASKS_IN_FULL if full else _TASKS_IN_BRIEF
    samples = [stage for stage in parts if stage.algorithm.kind != "demonstrations"]
    found: list[Finding] = []
    longest = 1
    for stage in [*samples[:1], *(stage for stage in parts if stage not in samples)]:
        options = stage.phases[0][1]
        looked = soundness.look_at(context.environment(options), n, seed=config.run.seed)
        needed = stage.algorithm.kind == "demonstrations"
        found += soundness.verdicts(looked, context.pool(options).stream, needed=needed)
        lengths, prompt = soundness.lengths(looked, context.loaded, stage.table)
        found.append(lengths)
        longest = max(longest, prompt)
    found += _held_out(context, parts)
    stage = max(parts, key=lambda part: _peak(context, part, longest))
    sizes = _sizes(context, stage, longest)
    found.append(memory.finding(context.loaded.model, sizes, processes=context.world.size))
    found = list({spoken(one): one for one in found}.values())  # two stages may say the same
    return found + (_tried(context, parts, samples[0]) if full and samples else [])


def _held_out(context: Context, parts: Sequence[Stage]) -> list[Finding]:
    """Compare the tasks of all phases with those that are measured on."""
    if not context.config.evaluation.tasks:
        return []
    measured = context.environment(held_out_options(context.config))
    every = [context.environment(options) for stage in parts for _, options in stage.phases]
    distinct = {id(environment): environment for environment in every}  # made once for the same options
    training = [task for each in distinct.values() for task in soundness.training_tasks(each)]
    return [soundness.held_out(training, first_tasks(measured, context.config.evaluation.tasks))]


def _peak(context: Context, stage: Stage, longest: int) -> float:
    return memory.estimate(context.loaded.model, _sizes(context, stage, longest)).peak_gib


def _sizes(context: Context, stage: Stage, longest: int) -> memory.Sizes:
    config, table, kind = context.config, stage.table, stage.algorithm.kind
    rollout, slots = config.rollout, config.rollout.decoder == "slots"
    step = 0 if kind == "demonstrations" else table.rows
    measured = config.evaluation.tasks * config.evaluation.samples
    return memory.Sizes(
        rows=table.per_device_train_batch_size,
        sampled=rollout.rows or 256 if slots else min(max(step, measured), rollout.rows or 1 << 40),
        prompt=longest,
        completion=table.max_completion_length,
        bf16=computes_in_bf16(context.loaded.model, table.bf16),
        checkpointing=table.gradient_checkpointing,
        copies=copies_reference(context.loaded.model, stage) + (kind == "reward_pairs"),
        sampler=torch.bfloat16 if slots and rollout.dtype == "bfloat16" else None,
    )


def _tried(context: Context, parts: Sequence[Stage], stage: Stage) -> list[Finding]:
    """Let the untrained model try, unless there is no room for that."""
    done = attempt(lambda: _trial(context, parts, stage))
    if not isinstance(done, Failure):
        return done
    if isinstance(done.exception, torch.OutOfMemoryError):
        words = "the accelerator ran out of it while the model was tried"
        return [Finding(level="no-go", what="memory", words=words, way_out="see the numbers above")]
    raise done.exception


def _trial(context: Context, parts: Sequence[Stage], stage: Stage) -> list[Finding]:
    config, table, options = context.config, stage.table, stage.phases[0][1]
    environment, pool = context.environment(options), context.pool(options)
    looked = soundness.look_at(environment, _TASKS_IN_FULL, seed=config.run.seed)
    wanted = [
        Wanted(place=place, task=task, pool=pool, environment=environment)
        for place, task in enumerate(looked.tasks)
    ]
    tried = trial.sample(context.rollouts(sampling_of(table)), wanted, stage=stage)
    found = trial.signal(tried, environment, stage, max_unscored=config.rollout.max_unscored)
    found.append(trial.scoring(tried, pool.workers))
    learner = learner_for(context.loaded.model, stage, world=World())
    found.append(trial.mismatch(learner, tried.groups))
    if all(one.level != "no-go" for one in found):
        update_s = trial.update_s_of(learner, tried.groups)
        found.append(trial.duration(tried, update_s, parts, stage, config))
    return found


def trl_stages(config: TrainConfig, settings: Any) -> list[Stage]:
    """Return what our own engine would call the run of a GRPOConfig, to look at it in the same way.

    A step is then what TRL makes of one generation.
    """
    served = settings.steps_per_generation * settings.num_iterations
    own: Mapping[str, Any] = {
        "max_steps": -(-settings.max_steps * settings.gradient_accumulation_steps // served),
        "per_device_train_batch_size": settings.per_device_train_batch_size,
        "gradient_accumulation_steps": settings.steps_per_generation,
        "num_generations": settings.num_generations,
        "num_iterations": settings.num_iterations,
        "max_completion_length": settings.max_completion_length or 512,
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": settings.top_k or 0,
        "min_p": settings.min_p or 0.0,
        "beta": settings.beta,
        "bf16": settings.bf16,
        "gradient_checkpointing": bool(vars(settings).get("gradient_checkpointing")),
        "advantage": "centred" if str(settings.scale_rewards) == "none" else "unbiased_std",
    }
    made = replace(config, engine="rlvr", algorithm="grpo", trainer=dict(own))
    return stages(made, processes=settings.world_size)


def say_brief(findings: Sequence[Finding], say: Callable[[str], None]) -> None:
    """Say what is wrong with a run that starts.

    Raises:
        RunError: Nothing can come of it.
    """
    for finding in findings:
        if finding.level == "warning":
            say(f"Warning: {spoken(finding)}")
    hopeless = [finding for finding in findings if finding.level == "no-go"]
    if hopeless:
        more = f" ({len(hopeless) - 1} more: see rlvr train CONFIG --check.)" if hopeless[1:] else ""
        raise RunError(f"{spoken(hopeless[0])} Or start it all the same by --no-check.{more}")


def say_full(findings: Sequence[Finding], say: Callable[[str], None]) -> None:
    """Say all that was found, and the verdict."""
    for finding in findings:
        say(f"  {finding.level:<8} {spoken(finding)}")
    hopeless = list(dict.fromkeys(finding.what for finding in findings if finding.level == "no-go"))
    say(f"No-go: {', '.join(hopeless)}." if hopeless else "Go.")
