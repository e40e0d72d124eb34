"""Tokens a second of three decoders, way by way, interleaved: `python benchmarks/decode.py --model smollm2`.

The ways are transformers' `generate`, `decode` and `SlotDecoder`, the last with CUDA graphs and without
where there is CUDA. Counted are the tokens up to a completion's end; what is computed past it is waste. A
model that is called `scratch-...` has that shape and random weights, so nothing is downloaded: its next token
is nearly uniform, and as many tokens are made end tokens as give completions the mean length asked for, with
a long tail. One JSON object is printed. A way's first call is apart, as it captures and allocates. Where
others use the processor, look at the tokens of a second of it, not of the wall.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
import transformers
from transformers import LlamaConfig, LlamaForCausalLM, Qwen3Config, Qwen3ForCausalLM

from rlvr.train.decode import Finished, Sampling, decode
from rlvr.train.slots import SlotDecoder, cache_bytes

# hidden, intermediate, layers, heads, key heads, head dimension, vocabulary
SHAPES = {
    "tiny": (LlamaForCausalLM, LlamaConfig, (64, 256, 2, 4, 4, 16, 512)),
    "smollm2-135m": (LlamaForCausalLM, LlamaConfig, (576, 1536, 30, 9, 3, 64, 49152)),
    "smollm2-360m": (LlamaForCausalLM, LlamaConfig, (960, 2560, 32, 15, 5, 64, 49152)),
    "smollm2-1.7b": (LlamaForCausalLM, LlamaConfig, (2048, 8192, 24, 32, 32, 64, 49152)),
    "qwen3-0.6b": (Qwen3ForCausalLM, Qwen3Config, (1024, 3072, 28, 16, 8, 128, 151936)),
    "qwen3-1.7b": (Qwen3ForCausalLM, Qwen3Config, (2048, 6144, 28, 16, 8, 128, 151936)),
}
FIELDS = (
    *("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
    *("num_key_value_heads", "head_dim", "vocab_size"),
)
QUESTIONS = (
    "What is the capital of France?",
    "What is 17 + 25? Answer with the number only.",
    "Name a colour.",
    "Tom has 3 apples and buys 4 more, then eats 2. How many has he?",
    "Say hello in Spanish.",
    "Write one sentence about the sea.",
    "Is 51 a prime number? Explain.",
    "Which is heavier, a pound of feathers or a pound of lead?",
)
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}

# Draws completions of all prompts with a seed, and returns how many tokens were of use.
Way = Callable[[int], int]


def scratch(shape: str, seed: int) -> Any:
    """Return a model of a shape, its weights random."""
    kind, config, numbers = SHAPES[shape]
    torch.manual_seed(seed)
    return kind(config(**dict(zip(FIELDS, numbers, strict=True)), tie_word_embeddings=True)).float()


def work(options: argparse.Namespace) -> tuple[Any, list[list[int]], list[int]]:
    """Return a model, prompts and end tokens."""
    if options.model == "smollm2":
        from rlvr.train.models import load_model
        from rlvr.train.settings import ModelTable
        from rlvr.types import Message

        loaded = load_model(ModelTable(name="smollm2"), seed=options.seed)
        asked = [QUESTIONS[i % len(QUESTIONS)] for i in range(options.prompts)]
        prompts = [loaded.encode((Message(role="user", content=text),)) for text in asked]
        return loaded.model, prompts, list(loaded.stop_ids)
    model = scratch(options.model.removeprefix("scratch-"), options.seed)
    draw, size = torch.Generator().manual_seed(options.seed), model.config.vocab_size
    lengths = torch.randint(
        options.prompt_tokens // 2, options.prompt_tokens + 1, (options.prompts,), generator=draw
    )
    prompts = [torch.randint(size, (n,), generator=draw).tolist() for n in lengths.tolist()]
    return model, prompts, list(range(0, size, options.mean_tokens))


def useful(token_ids: Sequence[int], stops: frozenset[int]) -> int:
    """Return how many tokens there are up to the first end token.

    >>> useful([5, 6, 2, 2, 2], frozenset({2})), useful([5, 6], frozenset({2}))
    (3, 2)
    """
    return next((i for i, token in enumerate(token_ids, start=1) if token in stops), len(token_ids))


def by_generate(model: Any, prompts: list[list[int]], stops: list[int], options: argparse.Namespace) -> Way:
    """Return transformers' own way, each prompt repeated for its samples."""
    width = max(map(len, prompts))
    rows = [ids for ids in prompts for _ in range(options.samples)]
    ids = torch.tensor([[stops[0]] * (width - len(row)) + row for row in rows], device=model.device)
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=model.device)
    drawn = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0}
    ends = {"eos_token_id": stops, "pad_token_id": stops[0], "max_new_tokens": options.new_tokens}

    def run(seed: int) -> int:
        torch.manual_seed(seed)
        found = model.generate(ids, attention_mask=mask, **drawn, **ends)[:, width:]
        return sum(useful(row, frozenset(stops)) for row in found.tolist())

    return run


def by_ours(
    decoder: Callable[..., None],
    prompts: list[list[int]],
    stops: list[int],
    options: argparse.Namespace,
) -> Way:
    """Return a way that takes what `decode` takes."""

    def run(seed: int) -> int:
        found: list[Finished] = []
        decoder(
            prompts,
            samples=options.samples,
            sampling=Sampling(max_new_tokens=options.new_tokens),
            stop_ids=stops,
            generator=torch.Generator(device=options.device).manual_seed(seed),
            finished=found.extend,
        )
        return sum(len(row.token_ids) for row in found)

    return run


def ways(
    model: Any, prompts: list[list[int]], stops: list[int], options: argparse.Namespace
) -> Iterator[tuple[str, Way]]:
    """Name the ways; those in bfloat16 that have no fp32 weights beside share a model."""
    for name in options.dtypes:
        dtype = DTYPES[name]
        own = model
        if dtype is not model.dtype:
            own = type(model)(model.config).to(device=model.device, dtype=dtype).eval()
            own.load_state_dict(model.state_dict())
        given = (prompts, stops, options)
        yield f"generate {name}", by_generate(own, *given)
        yield f"decode {name}", by_ours(lambda *a, own=own, **k: decode(own, *a, **k), *given)
        for slots in options.slots or [len(prompts) * options.samples]:
            for capture in ("auto", None) if options.device == "cuda" else (None,):
                decoder = SlotDecoder(
                    model=model,
                    slots=slots,
                    dtype=None if dtype is model.dtype else dtype,
                    check_every=options.check_every,
                    capture=capture,
                )
                graphs = " graphs" if capture else ""
                yield f"slots={slots}{graphs} {name}", by_ours(decoder.decode, *given)


def timed(way: Way, seed: int, device: str) -> tuple[float, float, int]:
    """Return the seconds of the wall, those of the processor, and the useful tokens of one call."""
    started, worked = time.perf_counter(), time.process_time()
    tokens = way(seed)
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started, time.process_time() - worked, tokens


def measure(found: dict[str, Way], options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Call each way once, then all of them in turns."""
    rows: dict[str, dict[str, Any]] = {}
    for name, way in found.items():
        first_s, _, _ = timed(way, options.seed, options.device)
        rows[name] = {"first_s": round(first_s, 3), "wall_s": [], "cpu_s": [], "tokens": []}
    for repeat in range(1, options.repeats + 1):
        for name, way in found.items():
            wall_s, cpu_s, tokens = timed(way, options.seed + repeat, options.device)
            rate = f"{tokens / wall_s:.1f} tokens/s, {tokens / cpu_s:.1f} tokens/cpu-s"
            print(f"{repeat}/{options.repeats} {name}: {rate}", file=sys.stderr, flush=True)
            rows[name]["wall_s"].append(round(wall_s, 3))
            rows[name]["cpu_s"].append(round(cpu_s, 3))
            rows[name]["tokens"].append(tokens)
    for row in rows.values():
        for seconds, rate in (("wall_s", "tokens_per_s"), ("cpu_s", "tokens_per_cpu_s")):
            row[rate] = spread([n / s for n, s in zip(row["tokens"], row[seconds], strict=True)])
    return rows


def spread(rates: list[float]) -> dict[str, float]:
    """Return median, least and most."""
    ends = {"median": statistics.median(rates), "min": min(rates), "max": max(rates)}
    return {name: round(rate, 1) for name, rate in ends.items()}


def parsed() -> argparse.Namespace:
    """Return the options."""
    listed: Callable[[str], list[str]] = lambda text: text.split(",")  # noqa: E731
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = ["smollm2", *(f"scratch-{shape}" for shape in SHAPES)]
    parser.add_argument("--model", choices=names, default="scratch-tiny")
    parser.add_argument("--prompts", type=int, default=4)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--prompt-tokens", type=int, default=48, help="the longest prompt of a scratch model")
    parser.add_argument("--mean-tokens", type=int, default=40, help="of a scratch model's completions")
    parser.add_argument("--new-tokens", type=int, default=96)
    parser.add_argument("--slots", type=lambda text: [int(n) for n in text.split(",")], default=[])
    parser.add_argument("--check-every", type=int, default=None)
    parser.add_argument("--dtypes", type=listed, default=None, help="fp32,bf16")
    parser.add_argument("--only", default="", help="ways whose name has this in it")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    options.dtypes = options.dtypes or (["fp32", "bf16"] if options.device == "cuda" else ["fp32"])
    return options


def main() -> None:
    """Print one JSON object."""
    options = parsed()
    if options.threads:
        torch.set_num_threads(options.threads)
    model, prompts, stops = work(options)
    model = model.to(options.device).eval()
    found = {name: way for name, way in ways(model, prompts, stops, options) if options.only in name}
    rows = measure(found, options)
    need = max(map(len, prompts)) + options.new_tokens
    cuda = options.device == "cuda"
    print(
        json.dumps(
            {
                "options": vars(options),
                "device": torch.cuda.get_device_name() if cuda else f"cpu, {torch.get_num_threads()} threads",
                "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
                "prompt_tokens": [len(ids) for ids in prompts],
                "cache_mb_of_a_slot": round(cache_bytes(model.config, 1, need, torch.float32) / 2**20, 2),
                "peak_mb": torch.cuda.max_memory_allocated() >> 20 if cuda else None,
                "ways": rows,
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
