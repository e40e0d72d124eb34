"""TRL's GRPOConfig from the `[trainer]` table, word for word, over defaults that suit this machine."""

import dataclasses
import typing
from typing import Any

import torch
from trl import GRPOConfig

from rlvr import config as values
from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, RunError, UnknownName
from rlvr.train.settings import TrainConfig

__all__ = ["tasks_until", "trainer_settings", "trl_generates"]

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
    made = attempt(lambda: GRPOConfig(**{**_defaults(config), **checked}))
    if isinstance(made, Failure):
        raise InputError(f"[trainer] is not consistent: {made.summary.partition(': ')[2] or made.summary}")
    if made.world_size > 1:
        raise RunError("several training processes were started: rlvr trains in one, for now. Start one.")
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
