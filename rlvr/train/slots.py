"""Sampling in slots: a fixed number of rows, each refilled from the queue when its completion ends.

The shapes of a step never change, so that on CUDA it is captured once in a graph and replayed. Tensors end in
their shape: B slots, N some of them, P prompts, R rows asked for, T positions, L layers, H key heads, D head
dimension, V vocabulary, C chunks of it, S tokens of a chunk.
"""

import copy
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate, takewhile
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.functional import pad
from transformers import Cache, DynamicCache
from transformers.cache_utils import CacheLayerMixin, DynamicLayer, DynamicSlidingWindowLayer

from rlvr.errors import InputError, RunError
from rlvr.train.decode import Finished, Sampling, _warpers

__all__ = ["SlotDecoder", "cache_bytes", "cuda_graphs"]

Step = Callable[[], None]
Capture = Callable[[Step], Step]

PREFILL_TOKENS = 8192
CHUNK = 256


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
    _lanes: "_Lanes | None" = field(default=None, init=False, repr=False)
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

    def _ready(self, prompts: Sequence[Sequence[int]], new_tokens: int) -> "_Lanes":
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
            self._lanes = _Lanes.of(self._sampler, self.slots, length)
        return self._lanes

    def _length(self, needed: int, most: int) -> int:
        """Return how many positions a step looks at: few different numbers, where each is a graph."""
        return min(most, _rung(needed) if self._capture else needed + -needed % 32)

    def _narrow(self, lanes: "_Lanes", held: dict[int, Finished], width: int) -> int:
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

    def _advance(self, lanes: "_Lanes", shape: tuple[int, int, Sampling]) -> None:
        step = partial(lanes.step, self._sampler, *shape)
        if self._capture is None:
            step()
        elif shape not in self._captured:
            step()  # as it is, once: a capture must find its kernels loaded
            self._captured[shape] = None
        else:
            self._captured[shape] = replay = self._captured[shape] or self._capture(step)
            replay()


class SlotLayer(CacheLayerMixin):
    """The keys and values of one layer, each row written at its own position."""

    def __init__(self, key_BHTD: Tensor, value_BHTD: Tensor, window: "_Window") -> None:
        super().__init__()
        self.keys, self.values, self.window = key_BHTD, value_BHTD, window
        self.is_initialized = True

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Do nothing: it is made with its memory."""

    def update(
        self, key_states: Tensor, value_states: Tensor, *_args: Any, **_options: Any
    ) -> tuple[Tensor, Tensor]:
        """Write one token a row, for the first rows; return what these see."""
        width, visible = len(key_states), self.window.visible
        slot_B, position_B = self.window.slot_B[:width], self.window.position_B[:width]
        self.keys[slot_B, :, position_B] = key_states[:, :, 0]
        self.values[slot_B, :, position_B] = value_states[:, :, 0]
        return self.keys[:width, :, :visible], self.values[:width, :, :visible]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:  # noqa: ARG002
        """Return how many positions are seen, and from which on."""
        return self.window.visible, 0

    def get_seq_length(self) -> int:
        """Return the positions that may be filled; rows differ."""
        return self.window.visible

    def get_max_length(self) -> int:
        """Return the positions of a slot."""
        return int(self.keys.shape[-2])

    get_max_cache_shape = get_max_length  # its name in earlier versions of transformers


@dataclass(slots=True)
class _Window:
    """What all layers must know of a step: where each row writes, and how far it may look."""

    slot_B: Tensor
    position_B: Tensor
    visible: int


@dataclass(slots=True, kw_only=True)
class _Lanes:
    """What the slots hold; a captured step reads and writes these very tensors.

    Attributes:
        token_B: The last token, not yet seen by the model.
        position_B: Where it goes.
        drawn_B: How many tokens of the completion there are.
        noise_BT: A uniform number for each token to be drawn.
        at: What the host knows of `position_B`; `drawn` is that of `drawn_B`.
    """

    length: int
    cache: Cache
    window: _Window
    key_LBHTD: Tensor
    value_LBHTD: Tensor
    token_B: Tensor
    position_B: Tensor
    drawn_B: Tensor
    ended_B: Tensor
    noise_BT: Tensor
    token_BT: Tensor
    logprob_BT: Tensor
    stops_V: Tensor
    limit: Tensor
    at: list[int]
    drawn: list[int]

    @classmethod
    def of(cls, model: Any, slots: int, length: int) -> "_Lanes":
        """Allocate the slots of a model."""
        device, (key_L1H1D, value_L1H1D) = model.device, _prefill(model, [[0]])
        shapes = [(t.shape[0], slots, t.shape[2], length, t.shape[4]) for t in (key_L1H1D, value_L1H1D)]
        key_LBHTD, value_LBHTD = key_L1H1D.new_zeros(shapes[0]), value_L1H1D.new_zeros(shapes[1])
        position_B = torch.zeros(slots, dtype=torch.long, device=device)
        window = _Window(torch.arange(slots, device=device), position_B, length)
        layers = [SlotLayer(k, v, window) for k, v in zip(key_LBHTD, value_LBHTD, strict=True)]
        vocabulary = model.get_output_embeddings().weight.shape[0]
        return cls(
            length=length,
            cache=Cache(layers=layers),
            window=window,
            key_LBHTD=key_LBHTD,
            value_LBHTD=value_LBHTD,
            token_B=torch.zeros_like(position_B),
            position_B=position_B,
            drawn_B=torch.zeros_like(position_B),
            ended_B=torch.ones_like(position_B, dtype=torch.bool),
            noise_BT=torch.zeros(slots, length, dtype=torch.float64, device=device),
            token_BT=torch.zeros(slots, length, dtype=torch.long, device=device),
            logprob_BT=torch.zeros(slots, length, device=device),
            stops_V=torch.zeros(vocabulary, dtype=torch.bool, device=device),
            limit=torch.zeros((), dtype=torch.long, device=device),
            at=[0] * slots,
            drawn=[0] * slots,
        )

    def reset(self, stop_ids: Sequence[int], limit: int) -> None:
        """Empty all slots, whatever an earlier call left there."""
        for state in (self.key_LBHTD, self.value_LBHTD, self.token_B, self.position_B, self.drawn_B):
            state.zero_()  # a NaN of diverged weights would outlast its row: nothing times NaN is NaN
        self.ended_B.fill_(True)
        self.stops_V.zero_()
        known = [token for token in stop_ids if token < len(self.stops_V)]
        self.stops_V[torch.tensor(known, dtype=torch.long, device=self.stops_V.device)] = True
        self.limit.fill_(limit)

    def put(
        self, slots: list[int], prompt: Sequence[int], kv: tuple[Tensor, Tensor], noise_NT: Tensor
    ) -> None:
        """Start completions of one prompt, its last token to be seen once more, by each of them."""
        slot_N, n = torch.tensor(slots, device=self.token_B.device), len(prompt)
        for own_LBHTD, prompt_LHTD in zip((self.key_LBHTD, self.value_LBHTD), kv, strict=True):
            own_LBHTD[:, slot_N, :, :n] = prompt_LHTD[:, None, :, :n]
        self.token_B[slot_N] = prompt[-1]
        self.position_B[slot_N] = n - 1
        self.drawn_B[slot_N] = 0
        self.ended_B[slot_N] = False
        self.noise_BT[slot_N, : noise_NT.shape[1]] = noise_NT
        for slot in slots:
            self.at[slot], self.drawn[slot] = n - 1, 0

    def move(self, sources: list[int], places: list[int]) -> None:
        """Copy rows to other slots."""
        source_N, place_N = (torch.tensor(slots, device=self.token_B.device) for slots in (sources, places))
        end = max(self.at[slot] for slot in sources)
        for cache_LBHTD in (self.key_LBHTD, self.value_LBHTD):
            cache_LBHTD[:, place_N, :, :end] = cache_LBHTD[:, source_N, :, :end]
        states = (self.token_B, self.position_B, self.drawn_B, self.ended_B)
        for state in (*states, self.noise_BT, self.token_BT, self.logprob_BT):
            state[place_N] = state[source_N]
        for source, place in zip(sources, places, strict=True):
            self.at[place], self.drawn[place] = self.at[source], self.drawn[source]

    def step(self, model: Any, width: int, visible: int, rule: Sampling) -> None:
        """Draw a token for each of the first slots; those that have ended stand still."""
        self.window.visible = visible
        position_B, drawn_B1 = self.position_B[:width], self.drawn_B[:width, None]
        place_T = torch.arange(visible, device=position_B.device)
        mask_BT = torch.zeros(width, visible, dtype=model.dtype, device=position_B.device)
        mask_BT.masked_fill_(place_T > position_B[:, None], -math.inf)
        logits_BV = model(
            input_ids=self.token_B[:width, None],
            attention_mask=mask_BT[:, None, None],
            position_ids=position_B[:, None],
            past_key_values=self.cache,
            use_cache=True,
        ).logits[:, -1]
        token_B, logprob_B = _draw(logits_BV, rule, self.noise_BT[:width].gather(1, drawn_B1)[:, 0])
        # What a slot that has ended writes here lies past its completion.
        self.token_BT[:width].scatter_(1, drawn_B1, token_B[:, None])
        self.logprob_BT[:width].scatter_(1, drawn_B1, logprob_B[:, None])
        self.token_B[:width] = token_B
        live_B = ~self.ended_B[:width]
        position_B += live_B
        self.drawn_B[:width] += live_B
        self.ended_B[:width] |= self.stops_V[token_B] | (self.drawn_B[:width] >= self.limit)

    def collect(self, held: dict[int, Finished], stop_ids: Sequence[int]) -> list[Finished]:
        """Take the rows that have ended out of `held`; the host waits for the device here, and only here."""
        ended, self.drawn, self.at = torch.stack([self.ended_B, self.drawn_B, self.position_B]).tolist()
        over = sorted(slot for slot in held if ended[slot])
        if not over:
            return []
        slot_N, most = torch.tensor(over, device=self.token_B.device), max(self.drawn[slot] for slot in over)
        tokens, logprobs = self.token_BT[slot_N, :most].tolist(), self.logprob_BT[slot_N, :most].tolist()
        rows = [held.pop(slot) for slot in over]
        for row, slot, token_ids, each in zip(rows, over, tokens, logprobs, strict=True):
            row.token_ids, row.logprobs = token_ids[: self.drawn[slot]], each[: self.drawn[slot]]
            row.stopped = row.token_ids[-1] in stop_ids
            if any(map(math.isnan, row.logprobs)):
                raise RunError("the model's probabilities are not numbers: its weights have diverged.")
        return rows


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

    def fill(self, lanes: _Lanes, held: dict[int, Finished], width: int) -> None:
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
            self.kv = _prefill(self.model, [self.prompts[p] for p in self.chunk])
        key_LPHTD, value_LPHTD = self.kv
        place = prompt - self.chunk.start
        return key_LPHTD[:, place], value_LPHTD[:, place]


def _prefill(model: Any, prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return keys and values, LPHTD; what lies past a shorter prompt is never looked at."""
    width = max(map(len, prompts))
    ids_PT = torch.tensor([[*ids, *[0] * (width - len(ids))] for ids in prompts], device=model.device)
    cache = DynamicCache(config=model.config)
    position_1T = torch.arange(width, device=model.device)[None]
    model(input_ids=ids_PT, position_ids=position_1T, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return torch.stack([own.keys for own in cache.layers]), torch.stack([own.values for own in cache.layers])


def _draw(logits_BV: Tensor, rule: Sampling, noise_B: Tensor) -> tuple[Tensor, Tensor]:
    logprob_BV = (logits_BV.float() / (rule.temperature or 1.0)).log_softmax(-1)
    if rule.temperature == 0:
        token_B = logprob_BV.argmax(-1)
    else:
        warpers = _warpers(rule)
        token_B = _inverse((warpers(None, logprob_BV) if warpers else logprob_BV).exp(), noise_B)
    return token_B, logprob_BV.gather(-1, token_B[:, None])[:, 0]


def _inverse(weight_BV: Tensor, noise_B: Tensor) -> Tensor:
    """Return the token at which the cumulated weight passes a uniform number.

    The chunk is found first and the token within it, as a scan over a whole vocabulary is slow on a GPU; in
    double precision, so that a token of weight zero is not drawn for a rounding error.
    """
    vocabulary = weight_BV.shape[-1]
    if vocabulary % CHUNK:
        weight_BV = pad(weight_BV, (0, -vocabulary % CHUNK))
    weight_BCS = weight_BV.unflatten(-1, (-1, CHUNK))
    upto_BC = pad(weight_BCS.sum(-1, dtype=torch.float64).cumsum(-1), (1, 0))
    mark_B1 = noise_B[:, None] * upto_BC[:, -1:]
    chunk_B1 = torch.searchsorted(upto_BC[:, 1:].contiguous(), mark_B1, right=True)
    chunk_B1.clamp_(max=weight_BCS.shape[1] - 1)
    weight_BS = weight_BCS.gather(1, chunk_B1[:, :, None].expand(-1, -1, CHUNK))[:, 0].double()
    mark_B1 = mark_B1 - upto_BC.gather(-1, chunk_B1)
    within_B1 = torch.searchsorted(weight_BS.cumsum(-1), mark_B1, right=True)
    return (chunk_B1 * CHUNK + within_B1)[:, 0].clamp(max=vocabulary - 1)


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
