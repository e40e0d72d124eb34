"""Sampling in slots: a fixed number of rows, each refilled from the queue when its completion ends.

The shapes of a step never change, so that on CUDA it is captured once in a graph and replayed. Tensors end in
their shape: R rows asked for, T positions; others as in `lanes`.
"""

import copy
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate, takewhile
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import Parameter
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from rlvr.errors import InputError
from rlvr.train.decode import Finished, Sampling
from rlvr.train.lanes import Lanes, prefill

__all__ = ["SlotDecoder", "cache_bytes", "cuda_graphs"]

Step = Callable[[], None]
Capture = Callable[[Step], Step]

PREFILL_TOKENS = 8192


def cache_bytes(config: Any, slots: int, max_len: int, dtype: torch.dtype) -> int:
    """Return the bytes that the keys and values of all slots take."""
    text = config.get_text_config()
    head_dim = text.to_dict().get("head_dim") or text.hidden_size // text.num_attention_heads
    token = 2 * text.num_hidden_layers * text.num_key_value_heads * head_dim * dtype.itemsize
    return int(slots * max_len * token)


def cuda_graphs() -> Capture:
    """Return what records a step in a CUDA graph; all graphs share one memory pool."""
    pool = torch.cuda.graph_pool_handle()

    def capture(step: Step) -> Step:
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            step()
        return graph.replay

    return capture


@dataclass(slots=True, kw_only=True)
class SlotDecoder:
    """`decode` over a static cache, for a GPU; keep it between calls, as its cache and graphs stay warm.

    A row's draws are a function of the generator's state and its number, whatever the number of slots.

    Attributes:
        model: In evaluation mode; its weights may change between calls.
        slots: So many rows are decoded at once.
        max_len: Positions of a slot, prompt and completion; by default it grows with what is asked for.
        dtype: Sample with a copy of the weights in this type, made anew at each call; None: with the model.
        check_every: Steps between two looks at which rows ended; by default 8 on CUDA, else 1.
        capture: What turns a step into one that is replayed; `auto` is CUDA graphs where there is CUDA, None
            runs each step as it is.
    """

    model: Any
    slots: int
    max_len: int | None = None
    dtype: torch.dtype | None = None
    check_every: int | None = None
    capture: Capture | Literal["auto"] | None = "auto"
    _sampler: Any = field(default=None, init=False, repr=False)
    _capture: Capture | None = field(default=None, init=False, repr=False)
    _places: tuple[int, ...] = field(default=(), init=False, repr=False)
    _lanes: Lanes | None = field(default=None, init=False, repr=False)
    _captured: dict[Any, Step | None] = field(default_factory=dict, init=False, repr=False)

    @torch.no_grad()
    def decode(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        samples: int,
        sampling: Sampling,
        stop_ids: Sequence[int],
        generator: torch.Generator,
        finished: Callable[[list[Finished]], None],
    ) -> None:
        """Draw `samples` completions of each prompt; `finished` is told of rows some steps after they end.

        Rows are numbered, and log-probabilities meant, as those of `decode`.

        Raises:
            InputError: The model or the prompts do not fit a static cache.
            RunError: The model's probabilities are not numbers.
        """
        lanes = self._ready(prompts, sampling.max_new_tokens)
        lanes.reset(stop_ids, sampling.max_new_tokens)
        shape = (len(prompts) * samples, sampling.max_new_tokens)
        noise_RT = torch.rand(shape, generator=generator, device=generator.device, dtype=torch.float64)
        noise_RT = noise_RT.to(lanes.token_B.device)
        queue = _Queue(self._sampler, prompts, samples, noise_RT, deque(range(len(noise_RT))))
        held: dict[int, Finished] = {}
        width, rule = self.slots, replace(sampling, max_new_tokens=0)
        look = self.check_every or (8 if self.model.device.type == "cuda" else 1)
        over: list[Finished] = []
        while True:
            queue.fill(lanes, held, width)
            if held:
                width = self._narrow(lanes, held, width)
                steps = min(look, sampling.max_new_tokens - min(lanes.drawn[slot] for slot in held))
                visible = self._length(max(lanes.at[slot] for slot in held) + steps, lanes.length)
                for _ in range(steps):
                    self._advance(lanes, (width, visible, rule))
            if over:  # told while the device is at work
                finished(over)
            if not held:
                return
            over = lanes.collect(held, stop_ids)

    def _ready(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> Lanes:
        places = tuple(weight.data_ptr() for weight in self.model.parameters())
        if places != self._places:  # the model was moved, or this is the first call
            self._places, self._lanes = places, None
            same = self.dtype in (None, self.model.dtype)
            self._sampler = self.model if same else _copy_in(self.model, self.dtype)
            cuda = self.model.device.type == "cuda"
            self._capture = self.capture if self.capture != "auto" else cuda_graphs() if cuda else None
        if self._sampler is not self.model:
            _refresh(self._sampler, self.model)
        if not all(prompts):
            raise InputError("a prompt has no tokens, expected at least one.")
        needed = max(map(len, prompts), default=1) + new_tokens
        if self.max_len is not None and needed > self.max_len:
            raise InputError(
                f"a prompt and its completion may take {needed} positions, but a slot has max_len = "
                f"{self.max_len}: raise it, or ask for fewer new tokens."
            )
        if self._lanes is None or self._lanes.length < needed:
            self._lanes = None  # its memory goes before new memory is asked for
            self._captured.clear()
            length = self.max_len or _rung(needed)
            _refuse_what_does_not_fit(self._sampler, length)
            self._lanes = Lanes.of(self._sampler, self.slots, length)
        return self._lanes

    def _length(self, needed: int, most: int) -> int:
        """Return how many positions a step looks at: few different numbers, where each is a graph."""
        return min(most, _rung(needed) if self._capture else needed + -needed % 32)

    def _narrow(self, lanes: Lanes, held: dict[int, Finished], width: int) -> int:
        """Drop the slots that stay empty, as nothing waits: move rows to the front, return the new width."""
        if len(held) == width:
            return width
        target = len(held)
        if self._capture:
            target = width
            while target % 2 == 0 and target // 2 >= max(len(held), 8):
                target //= 2
        far = [slot for slot in held if slot >= target]
        free = [slot for slot in range(target) if slot not in held][: len(far)]
        if far:
            lanes.move(far, free)
        for source, place in zip(far, free, strict=True):
            held[place] = held.pop(source)
        return target

    def _advance(self, lanes: Lanes, shape: tuple[int, int, Sampling]) -> None:
        step = partial(lanes.step, self._sampler, *shape)
        if self._capture is None:
            step()
        elif shape not in self._captured:
            step()  # as it is, once: a capture must find its kernels loaded
            self._captured[shape] = None
        else:
            self._captured[shape] = replay = self._captured[shape] or self._capture(step)
            replay()


@dataclass(slots=True)
class _Queue:
    """The rows that wait for a slot; their prompts run through the model once, several at a time."""

    model: Any
    prompts: Sequence[Sequence[int]]
    samples: int
    noise_RT: Tensor
    rows: deque[int]
    chunk: range = range(0)
    kv: tuple[Tensor, Tensor] | None = None

    def fill(self, lanes: Lanes, held: dict[int, Finished], width: int) -> None:
        """Give each free slot a row that waits."""
        groups: dict[int, dict[int, int]] = {}
        for slot in [slot for slot in range(width) if slot not in held][: len(self.rows)]:
            row = self.rows.popleft()
            held[slot] = Finished(row=row)
            groups.setdefault(row // self.samples, {})[slot] = row
        for prompt, rows in groups.items():
            lanes.put(list(rows), self.prompts[prompt], self._of(prompt), self.noise_RT[list(rows.values())])

    def _of(self, prompt: int) -> tuple[Tensor, Tensor]:
        if self.kv is None or prompt not in self.chunk:
            self.kv = None
            widths = accumulate(map(len, self.prompts[prompt:]), max)
            fits = takewhile(lambda at: at[0] * at[1] <= PREFILL_TOKENS, enumerate(widths, start=1))
            self.chunk = range(prompt, prompt + max(1, len(list(fits))))
            self.kv = prefill(self.model, [self.prompts[p] for p in self.chunk])
        key_LPHTD, value_LPHTD = self.kv
        place = prompt - self.chunk.start
        return key_LPHTD[:, place], value_LPHTD[:, place]


def _rung(needed: int) -> int:
    """Return the least length on a ladder of steps of a half and a third.

    >>> [_rung(n) for n in (1, 129, 192, 193, 300, 400)]
    [128, 192, 192, 256, 384, 512]
    """
    power = max(128, 1 << (needed - 1).bit_length())
    return power * 3 // 4 if power > 128 and needed <= power * 3 // 4 else power


def _copy_in(model: Any, dtype: torch.dtype) -> Any:
    """Return a copy whose weights are of another type; rotary frequencies stay as they are."""
    weights = list(model.parameters())
    own = {id(weight): Parameter(weight.to(dtype), requires_grad=False) for weight in weights}
    made = copy.deepcopy(model, own)
    made.__dict__.pop("forward", None)  # what accelerate puts there would call the original
    return made.eval()


def _refresh(made: Any, model: Any) -> None:
    for own, master in zip(made.parameters(), model.parameters(), strict=True):
        own.copy_(master)


def _refuse_what_does_not_fit(model: Any, length: int) -> None:
    for layer in DynamicCache(config=model.config).layers:
        if type(layer) is DynamicSlidingWindowLayer and layer.sliding_window >= length:
            continue
        if type(layer) is not DynamicLayer:
            raise InputError(
                f"{type(model).__name__} keeps a {type(layer).__name__}, which slots of {length} positions "
                "cannot hold: expected full attention, or a sliding window no shorter. Use `decode`."
            )
    attention = model.config._attn_implementation
    if attention not in ("sdpa", "eager"):
        raise InputError(f"slots need the attention 'sdpa' or 'eager', not {attention!r}. Use `decode`.")
    rope = model.config.get_text_config().to_dict().get("rope_parameters") or {}
    kind = rope.get("rope_type", "default")
    if kind in ("dynamic", "longrope"):
        raise InputError(
            f"a rotary embedding of type {kind!r} depends on who shares the batch. Use `decode`."
        )
