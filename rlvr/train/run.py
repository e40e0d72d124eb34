"""One training run, top to bottom: config in, a folder with everything it left out."""

import logging
import shutil
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import torch
import transformers

from rlvr.boundary import Failure, attempt
from rlvr.errors import RLVRError, RunError
from rlvr.registry import find
from rlvr.train import preflight
from rlvr.train.context import Context, open_environments
from rlvr.train.finding import Finding
from rlvr.train.folder import RunFolder, open_folder
from rlvr.train.models import LoadedModel, load_model
from rlvr.train.settings import TrainConfig
from rlvr.train.stages import Stage, stages
from rlvr.train.tell import Tell
from rlvr.train.track import check_trackers
from rlvr.train.watch import Watch
from rlvr.train.world import World, join_world

__all__ = ["Outcome", "check", "quiet", "train"]

_LITTLE_BYTES = 1 << 20
_Engine = Callable[[Context], tuple[Watch | None, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended: where it is, the step it came to, and what was watched (by the first process)."""

    folder: RunFolder
    watch: Watch | None
    steps: int


def train(
    config: TrainConfig, *, name: str, resume: bool, data: TextIO | None = None, look: bool = True
) -> Outcome:
    """Run a training config; `name` names its folder, `resume` goes on from its last whole checkpoint.

    `data`, if given, gets each step's numbers as a JSON line, in place of words about them on stderr. With
    `look` a fresh run is looked at in brief before its first step.

    Raises:
        InputError, UnknownName: Something in the config, the data or the model is not as it must be.
        RunError: The run cannot start or go on; the last whole checkpoint is kept.
    """
    entry = find("environment", config.environment.name)
    world = join_world()
    parts, engine = _engine(config, world)
    environments = open_environments(config, _options(parts))
    check_trackers(config.run.report_to)
    folder = _folder(config, name, world, resume=resume)
    loaded = _model(config, place=config.engine == "rlvr")
    tell = Tell(data=data)
    if world.first and resume:
        tell.changes(folder.changed_since(entry))
    with ExitStack() as stack:
        stack.callback(world.leave)
        context = Context(
            config=config,
            folder=folder,
            tell=tell,
            stack=stack,
            world=world,
            loaded=loaded,
            environments=environments,
        )

        def run() -> tuple[Watch | None, int]:
            if look and not resume:
                _look(context, parts)
            if world.first and not resume:
                folder.write_start(config, entry)
            return engine(context)

        ended = attempt(run)
    if isinstance(ended, Failure):
        raise _told(ended, folder, config.engine)
    watch, steps = ended
    return Outcome(folder=folder, watch=watch, steps=steps)


def check(config: TrainConfig) -> list[Finding]:
    """Look at a run in full, and leave nothing behind; raises as `train` does."""
    find("environment", config.environment.name)
    parts, _ = _engine(config, World())
    environments = open_environments(config, _options(parts))
    loaded = _model(config, place=True)
    with ExitStack() as stack:
        folder = RunFolder(path=Path(stack.enter_context(TemporaryDirectory())))
        context = Context(
            config=config,
            folder=folder,
            tell=Tell(data=None),
            stack=stack,
            world=World(),
            loaded=loaded,
            environments=environments,
        )
        return preflight.look(context, parts, full=True)


def _model(config: TrainConfig, *, place: bool) -> LoadedModel:
    if config.run.threads:
        torch.set_num_threads(config.run.threads)
    return load_model(config.model, seed=config.run.seed, adapter=config.peft, place=place)


def _look(context: Context, parts: Sequence[Stage]) -> None:
    """Let the first process look at a run that starts; all of them stop if nothing can come of it."""
    found = preflight.look(context, parts, full=False) if context.world.first else []
    preflight.say_brief(context.world.told(found), context.tell.say if context.world.first else _hush)


def _hush(_: str) -> None:
    """Say nothing: another process of the run does."""


def _options(parts: Sequence[Stage]) -> list[dict[str, Any]]:
    """Return the environment's options of each phase of each stage."""
    return [options for stage in parts for _, options in stage.phases]


def _engine(config: TrainConfig, world: World) -> tuple[Sequence[Stage], _Engine]:
    """Return the parts of the run and what trains, their settings read and checked."""
    if config.engine == "trl":
        from rlvr.train import trl_engine

        settings = trl_engine.trainer_settings(config)
        parts = preflight.trl_stages(config, settings)
        return parts, lambda context: trl_engine.train(context, settings)
    from rlvr.train import loop

    parts = stages(config, processes=world.size)
    return parts, lambda context: loop.train(context, parts)


def _folder(config: TrainConfig, name: str, world: World, *, resume: bool) -> RunFolder:
    """Open the run's folder in the first process, and let the others know where it is."""
    opened = attempt(lambda: open_folder(config.run.folder, name, resume=resume)) if world.first else None
    if isinstance(opened, Failure):
        world.told(opened.summary)
        raise opened.exception
    told = world.told(opened)
    if not isinstance(told, RunFolder):
        raise RunError("the first process could not open the run folder.")
    return told


def _told(ended: Failure, folder: RunFolder, engine: str) -> BaseException:
    """Return what a user is told of a run that failed."""
    if isinstance(ended.exception, RLVRError):
        return ended.exception
    if isinstance(ended.exception, torch.OutOfMemoryError):
        what = "the accelerator is out of memory"
        way_out = (
            "lower trainer.per_device_train_batch_size (and raise gradient_accumulation_steps as much), "
            "lower trainer.max_completion_length, set rollout.rows, or set "
            "trainer.gradient_checkpointing = true"
        )
    elif isinstance(ended.exception, OSError) or shutil.disk_usage(folder.path).free < _LITTLE_BYTES:
        # Not every library raises OSError where the disk is full: safetensors has an error of its own.
        what = f"the run folder {str(folder.path)!r} can no longer be written: {ended.summary}"
        way_out = "free some space"
    else:
        log = folder.path / "traceback.log"
        log.write_text(ended.traceback)
        name = "TRL's trainer" if engine == "trl" else "the trainer"
        what, way_out = f"{name} failed: {ended.summary}", f"see {log}"
    return RunError(f"{what}. What to do: {way_out}; the last whole checkpoint is kept for --resume.")


def quiet() -> None:
    """Keep the libraries from talking over the run."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in ("trl", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Names that newer releases of transformers spell in another way: a matter between TRL and transformers.
    warnings.filterwarnings("ignore", message=".*is deprecated and will be removed", category=FutureWarning)
