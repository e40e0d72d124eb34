"""TRL's GRPOTrainer on our rollouts and verdicts: `engine = "trl"`.

The `[trainer]` table goes to GRPOConfig word for word, over defaults that suit this machine. TRL's public
seams only: `rollout_func`, a reward function, a callback.
"""

import dataclasses
import time
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from rlvr import config as values
from rlvr.advantage import Convention, group_advantages
from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, UnknownName
from rlvr.registry import find
from rlvr.train.context import Context
from rlvr.train.decode import Sampling
from rlvr.train.rollout import Batch, Rollouts, Round, Wanted
from rlvr.train.settings import TrainConfig
from rlvr.train.signal import Group, merged
from rlvr.train.tasks import TaskOrder, places
from rlvr.train.watch import Watch
from rlvr.train.world import World
from rlvr.types import Completion, Environment
from rlvr.workers import WorkerPool

__all__ = ["GroupJudge", "tasks_until", "train", "trainer_settings", "trl_generates"]

# Ours to set: each is decided by another table of the config.
_RESERVED = {
    "output_dir": "run.folder",
    "seed": "run.seed",
    "logging_steps": "nothing: every step is logged",
    "logging_strategy": "nothing: every step is logged",
    "eval_strategy": "evaluation.every",
    "eval_steps": "evaluation.every",
    "shuffle_dataset": "run.seed",
    "remove_unused_columns": "nothing",
}
_CONVENTIONS: Mapping[str, Convention] = {"group": "unbiased_std", "none": "centred"}
_LEARNED = {
    "loss": "loss",
    "entropy": "entropy",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "kl": "kl",
    "clip_ratio/region_mean": "clip_ratio",
}
# Our algorithms in TRL's words; its epsilon_high is the cap of CISPO's ratio itself.
_ALGORITHMS: Mapping[str, Mapping[str, Any]] = {
    "grpo": {"loss_type": "grpo"},
    "dr_grpo": {"loss_type": "dr_grpo", "scale_rewards": "none"},
    "dapo": {"loss_type": "dapo", "epsilon_high": 0.28, "mask_truncated_completions": True},
    "gspo": {
        "loss_type": "grpo",
        "importance_sampling_level": "sequence",
        "epsilon": 3e-4,
        "epsilon_high": 4e-4,
    },
    "cispo": {"loss_type": "cispo", "epsilon_high": 1.28},
    "sapo": {"loss_type": "sapo"},
}
# What only TRL's own generation understands: where one is set, TRL generates and we judge afterwards.
_TRL_GENERATES = (
    "use_vllm",
    "use_transformers_continuous_batching",
    "generation_kwargs",
    "cache_implementation",
    "repetition_penalty",
)


def trainer_settings(config: TrainConfig) -> GRPOConfig:
    """Return TRL's config for a run.

    Raises:
        UnknownName: A key that GRPOConfig has not.
        InputError: A key that another table decides, a value of the wrong type, values that contradict.
    """
    table = config.trainer
    fields = {field.name for field in dataclasses.fields(GRPOConfig) if field.init}
    for key in table:
        if key in _RESERVED:
            raise InputError(f"trainer.{key} is not yours to set: it comes from {_RESERVED[key]}.")
        if key not in fields:
            raise UnknownName("key", f"trainer.{key}", [f"trainer.{field}" for field in fields])
    if int(table.get("max_steps", 0) or 0) <= 0:
        raise InputError("trainer.max_steps is missing: say how many optimiser steps to take.")
    hints = attempt(lambda: typing.get_type_hints(GRPOConfig))
    known = {} if isinstance(hints, Failure) else hints
    checked = {
        key: values.coerce(known.get(key, Any), value, f"trainer.{key}") for key, value in table.items()
    }
    if config.algorithm not in _ALGORITHMS:
        raise InputError(
            f"algorithm = {config.algorithm!r} is not GRPOTrainer's: with engine = 'trl' expected one of "
            f"{', '.join(_ALGORITHMS)}."
        )
    asked = {**_defaults(config), **_ALGORITHMS[config.algorithm], **checked}
    made = attempt(lambda: GRPOConfig(**asked))
    if isinstance(made, Failure):
        raise InputError(f"[trainer] is not consistent: {made.summary.partition(': ')[2] or made.summary}")
    return made


def _defaults(config: TrainConfig) -> dict[str, Any]:
    gpu = torch.cuda.is_available()
    steps = int(config.trainer["max_steps"])
    return {
        "output_dir": "unset",
        "seed": config.run.seed,
        "use_cpu": not gpu,
        "bf16": gpu and torch.cuda.is_bf16_supported(),
        _checkpointing(): False,
        "dataloader_pin_memory": gpu,
        "report_to": "none",
        "disable_tqdm": True,
        "logging_steps": 1,
        "logging_strategy": "steps",
        "save_strategy": "steps",
        "save_steps": max(1, steps // 5),
        "save_total_limit": 2,
        "shuffle_dataset": False,
    }


def _checkpointing() -> str:
    # transformers 5.19 or so renamed it; the old name warns.
    names = {field.name for field in dataclasses.fields(GRPOConfig)}
    return "activation_checkpointing" if "activation_checkpointing" in names else "gradient_checkpointing"


def tasks_until(settings: GRPOConfig, step: int) -> int:
    """Return how many tasks the generations before the end of an optimiser step use up.

    A generation serves `steps_per_generation * num_iterations` micro-batches, a step takes
    `gradient_accumulation_steps` of them.
    """
    served = settings.steps_per_generation * settings.num_iterations
    generations = -(-step * settings.gradient_accumulation_steps // served)
    return int(generations * (settings.generation_batch_size // settings.num_generations))


def trl_generates(settings: GRPOConfig) -> bool:
    """Say whether a key is set that only TRL's own generation understands."""
    return any(getattr(settings, key) not in (None, False, 1.0) for key in _TRL_GENERATES)


@dataclass(slots=True, kw_only=True)
class GroupJudge:
    """TRL's `rollout_func` and reward function.

    Attributes:
        order: Which task stands at each place of the run; TRL's prompts are places.
        pools: The scorers of the order's phases.
        convention: The advantage that the rows of the log carry; None for none.
        batch: What the last step's generations left; one, unless gradients are accumulated over several.
    """

    rollouts: Rollouts
    order: TaskOrder
    pools: Sequence[WorkerPool]
    convention: Convention | None
    world: World
    batch: Batch = field(default_factory=Batch)

    def generate(self, prompts: list[str], trainer: Any) -> dict[str, list[Any]]:
        """Complete the prompts (places, each repeated for its group) and judge them."""
        numbers, samples = groups_of(prompts)
        batch = self._batch_of(trainer.state.global_step + 1)
        wanted = [self._wanted(number) for number in numbers]
        seed = self.rollouts.seed_of(batch.step, batch.generations, self.world.rank)
        sampled = self.rollouts.start(wanted, samples=samples, seed=seed)
        batch.generate_s += sampled.seconds
        groups = sampled.groups(batch)
        self._keep(groups)
        rollouts = [rollout for group in groups for rollout in group.rollouts]
        return {
            "prompt_ids": [list(group.prompt_ids) for group in groups for _ in group.rollouts],
            "completion_ids": [list(r.completion.token_ids) for r in rollouts],
            "logprobs": [list(r.completion.logprobs) for r in rollouts],
            "verdict": [r.score.reward for r in rollouts],
        }

    def judge_texts(self, index: Sequence[int], completions: Sequence[Any], step: int) -> list[float | None]:
        """Judge completions that TRL generated itself (vLLM and the like); the GPU waits meanwhile."""
        texts = [text if isinstance(text, str) else text[-1]["content"] for text in completions]
        wanted = [self._wanted(place) for place in index]
        pairs = zip(wanted, texts, strict=True)
        tickets = [order.pool.submit(order.task, Completion(text=text)) for order, text in pairs]
        judged = Round(wanted=wanted, samples=1, tickets=tickets, prompt_ids=[()] * len(wanted))
        single = judged.groups(self._batch_of(step))
        self._keep(single)
        return [rollout.score.reward for group in single for rollout in group.rollouts]

    def _wanted(self, place: int) -> Wanted:
        phase = self.order.phase(place)
        environment = self.order.phases[phase][1]
        return Wanted(place=place, task=self.order.at(place), pool=self.pools[phase], environment=environment)

    def _batch_of(self, step: int) -> Batch:
        if self.batch.step != step:
            self.batch = Batch(step=step)
        return self.batch

    def _keep(self, mine: list[Group]) -> None:
        """Log the groups of all processes, each put together again where it was cut."""
        groups = merged(self.world.gathered(mine))
        self.batch.groups += groups
        step = self.batch.step
        rows: list[dict[str, Any]] = []
        for group in groups:
            rewards = [rollout.score.reward for rollout in group.rollouts]
            if self.convention is None:
                rows += [{"step": step} for _ in rewards]
                continue
            advantages = group_advantages(rewards, convention=self.convention, eps=1e-4)
            rows += [{"step": step, "advantage": round(advantage, 6)} for advantage in advantages]
        self.rollouts.keep(groups, rows)


def groups_of(prompts: Sequence[str]) -> tuple[list[int], int]:
    """Return the distinct places and how often each is repeated.

    >>> groups_of(["4", "4", "7", "7"])
    ([4, 7], 2)
    >>> groups_of(["4", "4", "7"])
    ([4, 4, 7], 1)
    """
    numbers = list(dict.fromkeys(prompts))
    samples, rest = divmod(len(prompts), len(numbers))
    if rest or [place for place in numbers for _ in range(samples)] != list(prompts):
        return [int(place) for place in prompts], 1  # groups cut apart by a distributed sampler
    return [int(place) for place in numbers], samples


@dataclass(slots=True, kw_only=True)
class _Callback(TrainerCallback):
    """Hands what TRL tells of a step to the run's watch."""

    watch: Watch
    context: Context
    judge: GroupJudge
    _step_began: float = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Measure where the model starts."""
        self.watch.begin(state.global_step)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock: what is neither generation nor scoring is update."""
        self._step_began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop after this step, with a checkpoint, if Ctrl-C was pressed."""
        if self.watch.interrupted and self.context.world.size == 1:
            control.should_save = control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any) -> None:
        """Hand over the step's numbers."""
        if "loss" not in logs:
            return  # the summary that the trainer logs at its end
        batch = self.judge.batch
        batch.step = state.global_step
        learned = {ours: logs[theirs] for theirs, ours in _LEARNED.items() if theirs in logs}
        self.watch.finished(batch, wall_s=time.perf_counter() - self._step_began, learned=learned)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint as whole."""
        provenance = find("environment", self.context.config.environment.name).provenance
        self.context.folder.finish_checkpoint(state.global_step, {"environment": provenance})


def train(context: Context, settings: GRPOConfig) -> tuple[Watch | None, int]:
    """Train with TRL; return what watched, and the step that it came to."""
    settings.output_dir = str(context.folder.checkpoints)
    phases = _phases(context, settings)
    sampling = Sampling(
        max_new_tokens=settings.max_completion_length,
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k or 0,
        min_p=settings.min_p or 0.0,
    )
    judge = GroupJudge(
        rollouts=context.rollouts(sampling),
        order=TaskOrder(phases=[(place, made) for place, made, _ in phases], seed=context.config.run.seed),
        pools=[pool for _, _, pool in phases],
        convention=_CONVENTIONS.get(str(settings.scale_rewards)),
        world=context.world,
    )
    measure = phases[-1][1].true_measure
    watch = None
    trainer = _trainer(context, settings, judge)
    if context.world.first:
        watch = context.watch(sampling, steps=settings.max_steps, measure=measure)
        trainer.add_callback(_Callback(watch=watch, context=context, judge=judge))
    trainer.remove_callback(PrinterCallback)
    checkpoint = context.folder.checkpoint if context.folder.resumed_step else None
    trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    return watch, trainer.state.global_step


def _phases(context: Context, settings: GRPOConfig) -> list[tuple[int, Environment, WorkerPool]]:
    """Return (first place, environment, scorer) of each curriculum phase, and of the config's own."""
    base, steps = context.config.environment.options, settings.max_steps
    starts, options = [0], []
    for phase in context.config.curriculum:
        starts.append(tasks_until(settings, round(phase.until * steps)))
        options.append({**base, **phase.options})
    pairs = zip(starts, [*options, base], strict=True)
    return [(start, context.environment(each), context.pool(each)) for start, each in pairs]


def _trainer(context: Context, settings: GRPOConfig, judge: GroupJudge) -> GRPOTrainer:
    prompts = places(tasks_until(settings, settings.max_steps))
    theirs = trl_generates(settings)
    rows: Mapping[str, Sequence[Any]] = {"prompt": prompts}
    if theirs:
        numbers = [int(place) for place in prompts]
        rows = {"prompt": [_rendered(context, judge, place) for place in numbers], "place": numbers}
    return GRPOTrainer(
        model=context.loaded.model,
        args=settings,
        train_dataset=Dataset.from_dict(dict(rows)),
        processing_class=context.loaded.tokenizer,
        reward_funcs=_judge_afterwards(judge) if theirs else verdict,
        rollout_func=None if theirs else judge.generate,
    )


def verdict(*, verdict: list[float | None], **_: Any) -> list[float | None]:
    """Return the rewards that came with the completions; TRL leaves None out of means and gradients."""
    return verdict


def _judge_afterwards(judge: GroupJudge) -> Any:
    def verdict(
        *, completions: list[Any], place: list[int], trainer_state: Any, **_: Any
    ) -> list[float | None]:
        step = trainer_state.global_step + 1
        return judge.judge_texts(place, completions, step)

    return verdict


def _rendered(context: Context, judge: GroupJudge, place: int) -> Any:
    turns = judge.order.at(place).prompt
    if context.loaded.chat:
        return [{"role": turn.role, "content": turn.content} for turn in turns]
    return "\n".join(turn.content for turn in turns)
