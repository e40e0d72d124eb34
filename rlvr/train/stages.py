"""`[trainer]` and `[[stage]]` of our own engine, read, checked and joined with the table of algorithms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rlvr.advantage import BatchConvention, Convention
from rlvr.config import parse, update
from rlvr.errors import InputError
from rlvr.train.algorithms import Aggregation, Algorithm, Estimator, Level, Surrogate, algorithm
from rlvr.train.settings import StageTable, TrainConfig, check_ranges

__all__ = ["Stage", "TrainerTable", "stages"]

Scheduler = Literal[
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant",
    "constant_with_warmup",
    "inverse_sqrt",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerTable:
    """`[trainer]`: how it learns. Names are TRL's where TRL has the thing, verl's where only verl has.

    A step samples `per_device_train_batch_size * gradient_accumulation_steps` completions on each process and
    makes `num_iterations * num_mini_batches` optimiser updates of them.

    Attributes:
        per_device_train_batch_size: Completions in one forward and backward pass.
        lr_scheduler_type: One of transformers' schedulers that are functions of the step.
        warmup_steps: Optimiser updates; below 1 a fraction of all.
        bf16: Compute in bfloat16 over float32 weights; by default where the accelerator can.
        save_steps: Steps between checkpoints; 0 is a fifth of the stage.
        save_total_limit: Checkpoints kept, beside the best one and the ends of stages.
        advantage: One of the ten conventions of `rlvr.advantage`, or `gae` (needs a critic: PPO).
        epsilon_high: The upper clip, where it differs from `epsilon`.
        dual_clip: Bounds the loss of negative advantages (verl's `clip_ratio_c`); 0 is off.
        beta: Weight of the KL divergence to the model that the stage began with.
        entropy_coef: Weight of the bonus on the mean entropy of tokens.
        mask_truncated_completions: What was cut off at `max_completion_length` teaches nothing.
        overlong_buffer_len: The last so many tokens before `max_completion_length` cost up to
            `overlong_penalty_factor`, linearly (DAPO, arXiv 2503.14476, eq. 13).
        skip_zero_variance: Completions without an advantage cost no forward and backward pass. The entropy
            bonus and the KL penalty then act on those that have one.
        dynamic_sampling: Sample more tasks until the step is full of groups that teach, in at most
            `max_num_gen_batches` rounds.
        difficulty: Tasks whose remembered share of full rewards lies outside of [low, high] are passed over
            in nine of ten cases.
        reward_weights: Weights of parts of the score, whose sum is learned from in place of its reward.
        gamma, lam, vf_coef, cliprange_value: Of PPO: discount, GAE's lambda, the weight of the critic's loss,
            and how far a value may move in a step's updates.
    """

    max_steps: int
    per_device_train_batch_size: int = 8
    gradient_accumulation_steps: int = 1
    num_generations: int = 8
    num_iterations: int = 1
    num_mini_batches: int = 1
    max_completion_length: int = 512
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    learning_rate: float = 1e-6
    lr_scheduler_type: Scheduler = "linear"
    warmup_steps: float = 0
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-8
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    bf16: bool | None = None
    gradient_checkpointing: bool = False
    save_steps: int = 0
    save_total_limit: int = 2
    advantage: Convention | BatchConvention | Literal["gae"] = "unbiased_std"
    advantage_eps: float = 1e-4
    surrogate: Surrogate = "clip"
    importance_sampling_level: Level = "token"
    epsilon: float = 0.2
    epsilon_high: float | None = None
    dual_clip: float = 0.0
    loss_agg_mode: Aggregation = "seq-mean-token-mean"
    beta: float = 0.0
    kl_estimator: Estimator = "k3"
    use_bias_correction_kl: bool = True
    entropy_coef: float = 0.0
    mask_truncated_completions: bool = False
    overlong_buffer_len: int = 0
    overlong_penalty_factor: float = 1.0
    skip_zero_variance: bool = True
    dynamic_sampling: bool = False
    max_num_gen_batches: int = 10
    difficulty: tuple[float, ...] = ()
    reward_weights: dict[str, float] = field(default_factory=dict)
    gamma: float = 1.0
    lam: float = 0.95
    vf_coef: float = 0.1
    cliprange_value: float = 0.2

    @property
    def rows(self) -> int:
        """Completions of a step on one process."""
        return self.per_device_train_batch_size * self.gradient_accumulation_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One part of a run, resolved.

    Attributes:
        first: Steps of the run before it.
        phases: (first step of the run, environment options), rising; a curriculum has several.
    """

    index: int
    algorithm: Algorithm
    table: TrainerTable
    first: int
    phases: tuple[tuple[int, dict[str, Any]], ...]

    @property
    def last(self) -> int:
        """The run's step that ends it."""
        return self.first + self.table.max_steps

    @property
    def reads_at(self) -> float:
        """The temperature of the log-probabilities that a loss is made of; a policy's is that of sampling."""
        return self.table.temperature if self.algorithm.kind == "policy" else 1.0


# What a newcomer from TRL would write, and what it is called here.
_TRL_NAMES: Mapping[str, str] = {
    "scale_rewards": "trainer.advantage: unbiased_std for 'group', batch_std for 'batch', centred for 'none'",
    "loss_type": "algorithm, as in algorithm = 'dapo'",
    "delta": "trainer.dual_clip",
    "generation_batch_size": "trainer.gradient_accumulation_steps",
    "steps_per_generation": "trainer.num_mini_batches",
    "logging_steps": "nothing: every step is logged",
    "seed": "run.seed",
    "output_dir": "run.folder",
    "eval_steps": "evaluation.every",
}


def stages(config: TrainConfig, *, processes: int | None = None) -> list[Stage]:
    """Return the parts of a run on our own engine, one after the other.

    With the number of `processes` that train together, groups are checked to fill their batch.

    Raises:
        UnknownName: An algorithm or a key that there is not.
        InputError: A value of the wrong type or out of range, values that contradict.
    """
    parts = config.stage or (StageTable(algorithm=config.algorithm),)
    found: list[Stage] = []
    for index, part in enumerate(parts):
        row = algorithm(part.algorithm)
        table = _trainer(row, update(config.trainer, part.trainer))
        if processes is not None and row.kind != "demonstrations":
            _check_groups(table, processes)
        first = found[-1].last if found else 0
        options = {**config.environment.options, **part.options}
        ends = [first, *(first + round(phase.until * table.max_steps) for phase in config.curriculum)]
        each = [*({**options, **phase.options} for phase in config.curriculum), options]
        phases = tuple(zip(ends, each, strict=True))
        found.append(Stage(index=index, algorithm=row, table=table, first=first, phases=phases))
    return found


def _check_groups(table: TrainerTable, processes: int) -> None:
    rows = table.rows * processes
    if rows % table.num_generations:
        raise InputError(
            f"a step has {rows} completions (trainer.per_device_train_batch_size times "
            f"gradient_accumulation_steps times processes), which trainer.num_generations = "
            f"{table.num_generations} does not divide: make it a multiple."
        )


def _trainer(row: Algorithm, table: Mapping[str, Any]) -> TrainerTable:
    for key in table:
        if key in _TRL_NAMES:
            raise InputError(
                f"trainer.{key} is TRL's: here it is {_TRL_NAMES[key]}; or set engine = 'trl' to use TRL's."
            )
    parsed = parse(TrainerTable, {**row.settings, **table}, where="trainer.")
    _check_trainer(parsed)
    return parsed


def _check_trainer(table: TrainerTable) -> None:
    ranges: Mapping[str, tuple[float, float, float]] = {
        "max_steps": (table.max_steps, 1, 1 << 40),
        "per_device_train_batch_size": (table.per_device_train_batch_size, 1, 1 << 20),
        "gradient_accumulation_steps": (table.gradient_accumulation_steps, 1, 1 << 20),
        "num_generations": (table.num_generations, 1, 1 << 20),
        "num_iterations": (table.num_iterations, 1, 1 << 10),
        "num_mini_batches": (table.num_mini_batches, 1, 1 << 20),
        "max_completion_length": (table.max_completion_length, 1, 1 << 24),
        "temperature": (table.temperature, 1e-3, 100.0),
        "top_p": (table.top_p, 1e-6, 1.0),
        "top_k": (table.top_k, 0, 1 << 24),
        "min_p": (table.min_p, 0.0, 1.0),
        "learning_rate": (table.learning_rate, 0.0, 10.0),
        "warmup_steps": (table.warmup_steps, 0.0, 1 << 40),
        "adam_beta1": (table.adam_beta1, 0.0, 0.999999),
        "adam_beta2": (table.adam_beta2, 0.0, 0.99999999),
        "weight_decay": (table.weight_decay, 0.0, 1e6),
        "max_grad_norm": (table.max_grad_norm, 0.0, 1e9),
        "save_steps": (table.save_steps, 0, 1 << 40),
        "save_total_limit": (table.save_total_limit, 1, 1 << 20),
        "epsilon": (table.epsilon, 0.0, 1.0),
        "epsilon_high": (table.epsilon if table.epsilon_high is None else table.epsilon_high, 0.0, 1e6),
        "beta": (table.beta, 0.0, 1e6),
        "entropy_coef": (table.entropy_coef, -1e3, 1e3),
        "overlong_buffer_len": (table.overlong_buffer_len, 0, table.max_completion_length),
        "max_num_gen_batches": (table.max_num_gen_batches, 1, 1 << 20),
        "gamma": (table.gamma, 0.0, 1.0),
        "lam": (table.lam, 0.0, 1.0),
    }
    check_ranges({f"trainer.{key}": span for key, span in ranges.items()})
    band = table.difficulty
    if band and (len(band) != 2 or not 0 <= band[0] < band[1] <= 1):
        raise InputError(
            f"trainer.difficulty = {list(band)}: expected [low, high] with 0 <= low < high <= 1."
        )
