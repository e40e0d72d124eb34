"""One training run, top to bottom: config in, a folder with everything it left out."""

import dataclasses
import logging
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TextIO

import torch
import transformers
from datasets import Dataset
from transformers.trainer_callback import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from rlvr.advantage import Convention
from rlvr.alarms import DivergenceWatch
from rlvr.boundary import Failure, attempt
from rlvr.errors import InputError, RLVRError, RunError
from rlvr.evaluate import evaluate
from rlvr.registry import find, make
from rlvr.runlog import RunLog
from rlvr.train.decode import Sampling
from rlvr.train.folder import RunFolder, open_folder
from rlvr.train.grpo import tasks_until, trainer_settings, trl_generates
from rlvr.train.models import LoadedModel, load_model
from rlvr.train.policy import TransformersPolicy
from rlvr.train.rollout import RolloutEngine
from rlvr.train.settings import TrainConfig
from rlvr.train.tasks import TaskOrder, places
from rlvr.train.tell import Tell
from rlvr.train.watch import Logs, Measured, Watch
from rlvr.types import Environment, first_tasks
from rlvr.workers import WorkerPool, usable_cores

__all__ = ["Outcome", "train"]

_LITTLE_BYTES = 1 << 20
_CONVENTIONS: Mapping[str, Convention] = {"group": "unbiased_std", "none": "centred"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended: where it is, what was watched, whether Ctrl-C ended it."""

    folder: RunFolder
    watch: Watch
    steps: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a run lives: its folder, its voice, and the stack that closes what it opens."""

    folder: RunFolder
    tell: Tell
    stack: ExitStack


def train(config: TrainConfig, *, name: str, resume: bool, data: TextIO | None = None) -> Outcome:
    """Run a training config; `name` names its folder, `resume` goes on from its last whole checkpoint.

    `data`, if given, gets each step's numbers as a JSON line, in place of words about them on stderr.

    Raises:
        InputError, UnknownName: Something in the config, the data or the model is not as it must be.
        RunError: The run cannot start or go on; the last whole checkpoint is kept.
    """
    settings = trainer_settings(config)
    environments = _environments(config, settings)
    held_out = _held_out(config)
    folder = open_folder(config.run.folder, name, resume=resume)
    if config.run.threads:
        torch.set_num_threads(config.run.threads)
    loaded = load_model(config.model, seed=config.run.seed)
    settings.output_dir = str(folder.checkpoints)
    entry = find("environment", config.environment.name)
    tell = Tell(measure=environments[-1][1].true_measure, data=data)
    if resume:
        tell.changes(folder.changed_since(entry))
    else:
        folder.write_start(config, entry)
    with ExitStack() as stack:
        place = _Place(folder=folder, tell=tell, stack=stack)
        order = TaskOrder(phases=environments, seed=config.run.seed)
        engine = _engine(config, settings, loaded, order, place)
        watch = _watch(config, engine, held_out, place)
        watch.replay()
        trainer = _trainer(loaded, settings, engine, watch)
        stack.callback(watch.listen_for_interrupt())
        stack.callback(watch.tell.end)
        _run(trainer, folder)
    return Outcome(folder=folder, watch=watch, steps=trainer.state.global_step)


def _run(trainer: GRPOTrainer, folder: RunFolder) -> None:
    checkpoint = str(folder.checkpoint) if folder.resumed_step else None
    ended = attempt(lambda: trainer.train(resume_from_checkpoint=checkpoint))
    if not isinstance(ended, Failure):
        return
    if isinstance(ended.exception, RLVRError):
        raise ended.exception
    if isinstance(ended.exception, torch.OutOfMemoryError):
        what = "the accelerator is out of memory"
        way_out = (
            "lower trainer.per_device_train_batch_size or trainer.max_completion_length, set rollout.rows, "
            "or set trainer.gradient_checkpointing = true"
        )
    elif isinstance(ended.exception, OSError) or shutil.disk_usage(folder.path).free < _LITTLE_BYTES:
        # Not every library raises OSError where the disk is full: safetensors has an error of its own.
        what = f"the run folder {str(folder.path)!r} can no longer be written: {ended.summary}"
        way_out = "free some space"
    else:
        log = folder.path / "traceback.log"
        log.write_text(ended.traceback)
        what, way_out = f"the trainer failed: {ended.summary}", f"see {log}"
    raise RunError(f"{what}. What to do: {way_out}; the last whole checkpoint is kept for --resume.")


def _environments(config: TrainConfig, settings: GRPOConfig) -> list[tuple[int, Environment]]:
    """Return (first place, environment) of each curriculum phase, and of the config's own at the end."""
    ends = [tasks_until(settings, round(phase.until * settings.max_steps)) for phase in config.curriculum]
    made = [make(config.environment.name, **options) for options in _options(config)]
    return list(zip([0, *ends], made, strict=True))


def _options(config: TrainConfig) -> list[dict[str, Any]]:
    """Return the environment's options in each curriculum phase, and the config's own at the end."""
    base = config.environment.options
    return [*({**base, **phase.options} for phase in config.curriculum), base]


def _held_out_options(config: TrainConfig) -> dict[str, Any]:
    return {**config.environment.options, **config.evaluation.options}


def _held_out(config: TrainConfig) -> Environment | None:
    if not config.evaluation.tasks:
        return None
    return make(config.environment.name, **_held_out_options(config))


def _pool(config: TrainConfig, options: Mapping[str, Any]) -> WorkerPool:
    # Options may change the verifier as well as the tasks: each set of them is judged by its own.
    return WorkerPool(
        config.environment.name,
        options=options,
        kind="environment",
        workers=config.rollout.workers or max(1, usable_cores() - 1),
        timeout_s=config.rollout.timeout_s,
    )


def _engine(
    config: TrainConfig,
    settings: GRPOConfig,
    loaded: LoadedModel,
    order: TaskOrder,
    place: _Place,
) -> RolloutEngine:
    sampling = Sampling(
        max_new_tokens=settings.max_completion_length,
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k or 0,
        min_p=settings.min_p or 0.0,
    )
    return RolloutEngine(
        order=order,
        policy=TransformersPolicy(loaded=loaded, sampling=sampling, rows=config.rollout.rows),
        pools=[place.stack.enter_context(_pool(config, options)) for options in _options(config)],
        log=place.stack.enter_context(RunLog(place.folder.rollouts)),
        tell=place.tell.plugins,
        seed=config.run.seed,
        max_unscored=config.rollout.max_unscored,
        convention=_CONVENTIONS.get(str(settings.scale_rewards)),
    )


def _watch(
    config: TrainConfig,
    engine: RolloutEngine,
    held_out: Environment | None,
    place: _Place,
) -> Watch:
    measure = engine.order.phases[-1][1].true_measure
    logs = Logs(
        metrics=place.stack.enter_context(RunLog(place.folder.metrics)),
        evaluations=place.stack.enter_context(RunLog(place.folder.evaluations)),
        alarms=place.stack.enter_context(RunLog(place.folder.alarms)),
    )
    return Watch(
        folder=place.folder,
        engine=engine,
        logs=logs,
        evaluate=None if held_out is None else _evaluation(config, engine, held_out, place.stack),
        every=config.evaluation.every,
        divergence=None if measure is None else DivergenceWatch(measure),
        measure=measure,
        tell=place.tell,
        provenance=find("environment", config.environment.name).provenance,
    )


def _evaluation(
    config: TrainConfig, engine: RolloutEngine, held_out: Environment, stack: ExitStack
) -> Callable[[], Measured]:
    table = config.evaluation
    tasks = first_tasks(held_out, table.tasks)
    if not tasks:
        raise InputError(f"the evaluation of {held_out.name!r} has no task: see [evaluation] options.")
    sampling = dataclasses.replace(engine.policy.sampling, temperature=table.temperature)
    policy = dataclasses.replace(engine.policy, sampling=sampling, seed=config.run.seed)
    pool = stack.enter_context(_pool(config, _held_out_options(config)))

    def measure() -> Measured:
        return evaluate(held_out, policy, pool, tasks=tasks, samples=table.samples)

    return measure


def _trainer(loaded: LoadedModel, settings: GRPOConfig, engine: RolloutEngine, watch: Watch) -> GRPOTrainer:
    prompts = places(tasks_until(settings, settings.max_steps))
    theirs = trl_generates(settings)
    rows: Mapping[str, Sequence[Any]] = {"prompt": prompts}
    if theirs:
        numbers = [int(place) for place in prompts]
        rows = {"prompt": [_rendered(engine, loaded, place) for place in numbers], "place": numbers}
    trainer = GRPOTrainer(
        model=loaded.model,
        args=settings,
        train_dataset=Dataset.from_dict(dict(rows)),
        processing_class=loaded.tokenizer,
        reward_funcs=_judge_afterwards(engine, settings) if theirs else verdict,
        rollout_func=None if theirs else engine.generate,
        callbacks=[watch],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def verdict(*, verdict: list[float | None], **_: Any) -> list[float | None]:
    """Return the rewards that came with the completions; TRL leaves None out of means and gradients."""
    return verdict


def _judge_afterwards(engine: RolloutEngine, settings: GRPOConfig) -> Any:
    def verdict(
        *, completions: list[Any], place: list[int], trainer_state: Any, **_: Any
    ) -> list[float | None]:
        step = trainer_state.global_step + 1
        return engine.judge_texts(place, completions, step, settings.num_generations)

    return verdict


def _rendered(engine: RolloutEngine, loaded: LoadedModel, place: int) -> Any:
    turns = engine.order.at(place).prompt
    if loaded.chat:
        return [{"role": turn.role, "content": turn.content} for turn in turns]
    return "\n".join(turn.content for turn in turns)


def quiet() -> None:
    """Keep the libraries from talking over the run."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for name in ("trl", "huggingface_hub"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # Names that newer releases of transformers spell in another way: a matter between TRL and transformers.
    warnings.filterwarnings("ignore", message=".*is deprecated and will be removed", category=FutureWarning)
