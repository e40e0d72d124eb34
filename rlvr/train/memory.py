"""How much memory a run will take, from the shapes of its model and its batches."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from rlvr.train.finding import Finding
from rlvr.train.forward import LOGITS_AT_ONCE
from rlvr.train.slots import cache_bytes

__all__ = ["Memory", "Sizes", "estimate", "finding", "free_gib"]

_GIB = 1 << 30
_MOST = 0.9
_GROUP_FILES = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What of a run decides its memory.

    Attributes:
        rows: Completions in one forward and backward pass.
        sampled: Completions that are decoded at once.
        prompt, completion: The most tokens of each.
        copies: Whole models held beside the one that learns: a reference, a reward model's policy.
        sampler: The type of a copy of the weights to sample with, if there is one.
    """

    rows: int
    sampled: int
    prompt: int
    completion: int
    bf16: bool = False
    checkpointing: bool = False
    copies: int = 0
    sampler: torch.dtype | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where the memory goes, in GiB."""

    weights_gib: float
    copies_gib: float
    optimizer_gib: float
    gradients_gib: float
    activations_gib: float
    logits_gib: float
    sampler_gib: float
    cache_gib: float

    @property
    def held_gib(self) -> float:
        """What is there in every phase of a step."""
        return self.weights_gib + self.copies_gib + self.optimizer_gib + self.sampler_gib

    @property
    def peak_gib(self) -> float:
        """The most that is there at once: in the backward pass, or while sampling."""
        learning = self.gradients_gib + self.activations_gib + self.logits_gib
        return self.held_gib + max(learning, self.cache_gib)


def estimate(model: Any, sizes: Sizes) -> Memory:
    """Estimate the memory of a run.

    With P the bytes of all weights, V the vocabulary, h, q, k, i the sizes of hidden states, queries, keys
    and the feed-forward layer, and N = rows * (prompt + completion) tokens of a micro-batch:

    - weights P, copies P each, a sampler's copy in its own type;
    - gradients: those of what is trained, and once more the largest of them, made before it is added;
    - optimiser: two moments of what is trained;
    - activations, kept for the backward pass, of each layer N * 4 bytes * (6 h + 2 q + 2 k + 4 i): the norms'
      inputs and their normalised selves and outputs, what attention and the feed-forward layer multiply. In
      bfloat16 26 h + 4 (q + k) + 8 i bytes, since norms stay in float32, and the cast weights. With
      gradient checkpointing N * 4 h for each layer, and one layer whole. The backward pass itself makes
      N * 16 i bytes, of one layer;
    - logits of completion tokens, at most 2^25 of them at once, four times in float32: the scaled ones, their
      log-probabilities and the gradients of both;
    - cache: keys and values of all rows decoded at once at full length, one layer of them twice while it
      grows, and the logits of a step four times.

    Learning and sampling do not meet: the larger counts. What libraries hold themselves is not in it.
    """
    config = model.config.get_text_config()
    shape = _shape(config, model)
    parameters = list(model.parameters())
    weights = sum(p.numel() * p.itemsize for p in parameters)
    trained = [p.numel() * p.itemsize for p in parameters if p.requires_grad]
    tokens = sizes.rows * (sizes.prompt + sizes.completion)
    vocabulary = int(config.vocab_size)
    at_once = min(sizes.rows * sizes.completion, max(64, LOGITS_AT_ONCE // vocabulary))
    kept = _kept(shape, sizes) * tokens
    cast = sum(p.numel() * 2 for p in parameters) if sizes.bf16 and model.dtype == torch.float32 else 0
    length = sizes.prompt + sizes.completion
    cache = cache_bytes(config, sizes.sampled, length, sizes.sampler or model.dtype)
    drawn = 16 * sizes.sampled * vocabulary
    copy = 0 if sizes.sampler is None else sum(p.numel() for p in parameters) * sizes.sampler.itemsize
    return Memory(
        weights_gib=weights / _GIB,
        copies_gib=sizes.copies * weights / _GIB,
        optimizer_gib=2 * sum(trained) / _GIB,
        gradients_gib=(sum(trained) + max(trained, default=0)) / _GIB,
        activations_gib=(kept + cast) / _GIB,
        logits_gib=16 * at_once * vocabulary / _GIB,
        sampler_gib=copy / _GIB,
        cache_gib=(cache * (1 + 1 / shape["layers"]) + drawn) / _GIB,
    )


def _shape(config: Any, model: Any) -> Mapping[str, int]:
    """Return the sizes of a model's layers; what a config does not say is as in most."""
    table = config.to_dict()
    h, heads = int(config.hidden_size), int(config.num_attention_heads)
    head = int(table.get("head_dim") or h // heads)
    experts = int(table.get("num_experts_per_tok") or 1)
    width = table.get("moe_intermediate_size") or table.get("intermediate_size") or 4 * h
    return {
        "layers": int(config.num_hidden_layers),
        "h": h,
        "q": heads * head,
        "k": int(table.get("num_key_value_heads") or heads) * head,
        "i": int(width) * experts,
        "norms": 2 if any(name.endswith("q_norm.weight") for name, _ in model.named_parameters()) else 0,
    }


def _kept(shape: Mapping[str, int], sizes: Sizes) -> int:
    """Return the bytes that a token leaves for the backward pass."""
    h, q, k, i, layers = (shape[name] for name in ("h", "q", "k", "i", "layers"))
    layer = 26 * h + 4 * (q + k) + 8 * i if sizes.bf16 else 4 * (6 * h + 2 * q + 2 * k + 4 * i)
    layer += 4 * shape["norms"] * (q + k)
    return (4 * h * layers + layer if sizes.checkpointing else layers * layer) + 16 * i


def finding(model: Any, sizes: Sizes, *, processes: int = 1) -> Finding:
    """Set the estimate beside what the device has free.

    On an accelerator the weights lie there already; in main memory they are a file until they are written to.
    """
    device = torch.device("cuda") if torch.cuda.is_available() else model.device  # where it will be
    memory, free = estimate(model, sizes), free_gib(device)
    numbers = {**asdict(memory), "peak_gib": memory.peak_gib, "free_gib": free}
    there = memory.weights_gib if model.device.type == "cuda" else 0.0
    shared = 1 if device.type == "cuda" else processes
    to_come = memory.peak_gib * shared - there
    words = f"about {_said(memory.peak_gib)} GiB at the most ({_parts(memory)})"
    if free is None:
        return Finding(level="ok", what="memory", words=f"{words}; what is free is unknown", numbers=numbers)
    words += f", {_said(to_come)} of it to come, {_said(free)} free"
    if to_come <= _MOST * free:
        return Finding(level="ok", what="memory", words=words, numbers=numbers)
    room = (_MOST * free + there) / shared
    return Finding(
        level="warning", what="memory", words=words, way_out=_way_out(model, sizes, room), numbers=numbers
    )


def _parts(memory: Memory) -> str:
    named = [
        ("weights", memory.weights_gib),
        ("copies", memory.copies_gib),
        ("optimiser", memory.optimizer_gib),
        ("gradients", memory.gradients_gib),
        ("activations", memory.activations_gib),
        ("logits", memory.logits_gib),
        ("sampling copy", memory.sampler_gib),
        ("cache", memory.cache_gib),
    ]
    return ", ".join(f"{name} {_said(value)}" for name, value in named if value)


def _way_out(model: Any, sizes: Sizes, room: float) -> str:
    """Say which numbers to change, and to what."""
    if estimate(model, sizes).held_gib > room:
        return "take a smaller model: its weights and the optimiser alone are too much"
    found, advice = sizes, []
    while estimate(model, replace(found, sampled=1)).peak_gib > room and found.rows > 1:
        found = replace(found, rows=max(1, found.rows // 2))
    if found.rows < sizes.rows:
        raised = -(-sizes.rows // found.rows)
        advice.append(
            f"set trainer.per_device_train_batch_size = {found.rows} and raise gradient_accumulation_steps "
            f"{raised} times"
        )
    while estimate(model, found).peak_gib > room and found.sampled > 1:
        found = replace(found, sampled=max(1, found.sampled // 2))
    if found.sampled < sizes.sampled:
        advice.append(f"set rollout.rows = {found.sampled}")
    if estimate(model, found).peak_gib > room:
        advice.append("set trainer.gradient_checkpointing = true, or lower trainer.max_completion_length")
    return "; ".join(advice)


def free_gib(device: torch.device) -> float | None:
    """Return what a device has free; on a CPU the memory of the machine or of the control group, if known."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0]) / _GIB
    found = [value for value in (_of_the_machine(), _of_the_group()) if value is not None]
    return min(found, default=None) if found else None


def _of_the_machine() -> float | None:
    place = Path("/proc/meminfo")
    if not place.exists():
        return None
    rows = dict(line.split(":", 1) for line in place.read_text().splitlines() if ":" in line)
    return int(rows["MemAvailable"].split()[0]) / (1 << 20) if "MemAvailable" in rows else None


def _of_the_group() -> float | None:
    root = Path("/sys/fs/cgroup")
    for limit, used, parts in _GROUP_FILES:
        if (root / limit).exists() and (root / used).exists():
            most = (root / limit).read_text().strip()
            rows = dict(line.split() for line in (root / parts).read_text().splitlines())
            spare = int(rows.get("total_inactive_file", rows.get("inactive_file", 0)))  # given up when needed
            return (int(most) - int((root / used).read_text()) + spare) / _GIB if most.isdigit() else None
    return None


def _said(gib: float) -> str:
    return f"{gib:.3f}" if gib < 0.1 else f"{gib:.2f}" if gib < 10 else f"{gib:.0f}"
