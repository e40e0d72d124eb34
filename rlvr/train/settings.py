"""One TOML file is one run: the tables of a training config, read and checked before anything loads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rlvr.alarms import KINDS, RANGES, AlarmsTable
from rlvr.config import parse, parse_words, read_toml, update
from rlvr.errors import InputError, UnknownName

__all__ = [
    "EnvironmentTable",
    "EvaluationTable",
    "ModelTable",
    "PhaseTable",
    "RolloutTable",
    "RunTable",
    "StageTable",
    "TrainConfig",
    "check_ranges",
    "load",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTable:
    """`[run]`: what concerns the whole run.

    Attributes:
        folder: Where it leaves what it leaves; by default `runs/CONFIG-N`, N the next free number.
        threads: CPU threads for torch; 0 leaves it to torch. Tiny models are fastest with 1.
        report_to: Trackers that get each step's numbers too, as `["tensorboard"]`: those of accelerate.
        next: What to try after this run, printed at its end; {folder} is the run's.
    """

    seed: int = 0
    folder: str = ""
    threads: int = 0
    report_to: tuple[str, ...] = ()
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentTable:
    """`[environment]`: what is learned; `options` go to its factory."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTable:
    """`[[curriculum]]`: other environment options for the steps up to `until` (a fraction of all steps)."""

    until: float
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """`[model]`: what learns.

    Attributes:
        name: A hub id, a folder, a GGUF file, `smollm2`, or `scratch` (made from the fields below).
        prompt: `chat` renders the tokenizer's chat template, `text` joins the messages as they are; `auto`
            is `chat` where there is a template.
        stop: Texts of one token each that end a completion, beside the model's own end token.
        vocabulary: The words, separated by spaces, that a `scratch` model knows.
    """

    name: str
    prompt: Literal["auto", "chat", "text"] = "auto"
    stop: tuple[str, ...] = ()
    dtype: Literal["float32", "bfloat16"] = "float32"
    vocabulary: str = ""
    hidden_size: int = 64
    layers: int = 2
    heads: int = 4
    max_length: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutTable:
    """`[rollout]`: how completions are judged.

    Attributes:
        workers: Scoring processes; 0 is one for each core but one.
        timeout_s: Seconds for one completion.
        max_unscored: The run stops when our side fails on a larger share of a step's completions.
        rows: At most so many completions are decoded at once; 0 is all of a step.
        decoder: `growing` keeps a cache that grows with the completions and drops rows that end; `slots`
            keeps a static one of `rows` slots (256 where that is 0), refilled, with CUDA graphs on a GPU.
        dtype: What `slots` samples in, from a copy of the weights that is refreshed each step; `bfloat16`
            leaves the float32 weights as they are.
        ahead: 1 samples the next step's completions while this one's are judged: scoring costs no time until
            it takes longer than sampling. The policy is then one update older than the one that learns, which
            the importance ratio accounts for. 0 waits for the last verdict.
    """

    workers: int = 0
    timeout_s: float = 10.0
    max_unscored: float = 0.01
    rows: int = 0
    decoder: Literal["growing", "slots"] = "growing"
    dtype: Literal["", "bfloat16"] = ""
    ahead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationTable:
    """`[evaluation]`: measuring on tasks that are not trained on.

    Attributes:
        every: Steps between evaluations; 0 evaluates before and after only.
        tasks: How many of them.
        options: What of the environment's options differs, as in `split = "test"`.
        temperature: 0 is greedy.
        also: Name -> environment options of other rules that judge the same completions, as in
            `also.strict = { reading = "box" }`.
    """

    every: int = 0
    tasks: int = 200
    samples: int = 1
    temperature: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)
    also: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTable:
    """`[[stage]]`: one part of a pipeline; what it does not say is the config's own.

    Attributes:
        trainer: Changes to `[trainer]`, `max_steps` among them.
        options: Changes to the environment's options.
    """

    algorithm: str
    trainer: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """A whole config.

    Attributes:
        algorithm: A row of `rlvr list algorithms`.
        engine: `rlvr` is our own loop; with `trl` the `[trainer]` table goes to TRL's config word for word.
        peft: Fields of PEFT's LoraConfig, word for word (`r`, `lora_alpha`, `target_modules`, ...); with any
            of them only an adapter is trained.
    """

    environment: EnvironmentTable
    model: ModelTable
    trainer: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "grpo"
    engine: Literal["rlvr", "trl"] = "rlvr"
    stage: tuple[StageTable, ...] = ()
    peft: dict[str, Any] = field(default_factory=dict)
    run: RunTable = RunTable()
    rollout: RolloutTable = RolloutTable()
    evaluation: EvaluationTable = EvaluationTable()
    curriculum: tuple[PhaseTable, ...] = ()
    alarms: AlarmsTable = field(default_factory=AlarmsTable)


def load(path: Path, changes: Sequence[str] = ()) -> TrainConfig:
    """Read a config with `key=value` changes.

    Raises:
        InputError: The file cannot be read, or a value is of the wrong type or out of range.
        UnknownName: A key that nothing reads.
    """
    config = parse(TrainConfig, update(read_toml(path), parse_words(changes)))
    _check(config)
    return config


def _check(config: TrainConfig) -> None:
    ranges: Mapping[str, tuple[float, float, float]] = {
        "rollout.timeout_s": (config.rollout.timeout_s, 1e-3, 1e6),
        "rollout.max_unscored": (config.rollout.max_unscored, 0.0, 1.0),
        "rollout.workers": (config.rollout.workers, 0, 4096),
        "rollout.rows": (config.rollout.rows, 0, 1 << 30),
        "rollout.ahead": (config.rollout.ahead, 0, 1),
        "evaluation.every": (config.evaluation.every, 0, 1 << 30),
        "evaluation.tasks": (config.evaluation.tasks, 0, 1 << 30),
        "evaluation.samples": (config.evaluation.samples, 1, 1 << 20),
        "evaluation.temperature": (config.evaluation.temperature, 0.0, 100.0),
        "run.threads": (config.run.threads, 0, 4096),
        "model.hidden_size": (config.model.hidden_size, 8, 1 << 16),
        "model.layers": (config.model.layers, 1, 1024),
        "model.heads": (config.model.heads, 1, 1024),
        "model.max_length": (config.model.max_length, 8, 1 << 24),
    }
    limits = asdict(config.alarms)
    check_ranges(ranges)
    check_ranges({f"alarms.{name}": (limits[name], *span) for name, span in RANGES.items()})
    unknown = [kind for kind in config.alarms.off if kind not in KINDS]
    if unknown:
        raise UnknownName("alarm", unknown[0], KINDS)
    if config.model.name == "scratch" and not config.model.vocabulary.split():
        raise InputError("model.vocabulary is empty: a scratch model needs its words, separated by spaces.")
    if config.model.hidden_size % config.model.heads:
        sizes = f"model.hidden_size = {config.model.hidden_size} and model.heads = {config.model.heads}"
        raise InputError(f"{sizes}: expected the first to be a multiple of the second.")
    if config.stage and (config.curriculum or config.engine == "trl"):
        other = "curriculum" if config.curriculum else "engine = 'trl'"
        raise InputError(f"stage and {other} cannot be combined: give each stage its own options instead.")
    ends = [phase.until for phase in config.curriculum]
    if ends != sorted(ends) or any(not 0 < end < 1 for end in ends):
        raise InputError(
            f"curriculum: until = {ends}: expected rising fractions of the steps between 0 and 1."
        )


def check_ranges(ranges: Mapping[str, tuple[float, float, float]]) -> None:
    """Raise InputError for the first key whose (value, low, high) is out of range."""
    for key, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise InputError(f"{key} = {value!r} is out of range: expected {low:g} to {high:g}.")
