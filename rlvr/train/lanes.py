"""What the slots of a decoder hold: keys and values, each row at its own position, and what was drawn.

Tensors end in their shape: B slots, N some of them, P prompts, T positions, L layers, H key heads, D head
dimension, V vocabulary.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import Cache, DynamicCache
from transformers.cache_utils import CacheLayerMixin

from rlvr.errors import RunError
from rlvr.train.decode import Finished, Sampling
from rlvr.train.draw import draw

__all__ = ["Lanes", "SlotLayer", "Window", "prefill"]


class SlotLayer(CacheLayerMixin):
    """The keys and values of one layer, each row written at its own position."""

    def __init__(self, key_BHTD: Tensor, value_BHTD: Tensor, window: "Window") -> None:
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
class Window:
    """What all layers must know of a step: where each row writes, and how far it may look."""

    slot_B: Tensor
    position_B: Tensor
    visible: int


@dataclass(slots=True, kw_only=True)
class Lanes:
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
    window: Window
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
    def of(cls, model: Any, slots: int, length: int) -> "Lanes":
        """Allocate the slots of a model."""
        device, (key_L1H1D, value_L1H1D) = model.device, prefill(model, [[0]])
        shapes = [(t.shape[0], slots, t.shape[2], length, t.shape[4]) for t in (key_L1H1D, value_L1H1D)]
        key_LBHTD, value_LBHTD = key_L1H1D.new_zeros(shapes[0]), value_L1H1D.new_zeros(shapes[1])
        position_B = torch.zeros(slots, dtype=torch.long, device=device)
        window = Window(torch.arange(slots, device=device), position_B, length)
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
        token_B, logprob_B = draw(logits_BV, rule, self.noise_BT[:width].gather(1, drawn_B1)[:, 0])
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


def prefill(model: Any, prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return keys and values, LPHTD; what lies past a shorter prompt is never looked at."""
    width = max(map(len, prompts))
    ids_PT = torch.tensor([[*ids, *[0] * (width - len(ids))] for ids in prompts], device=model.device)
    cache = DynamicCache(config=model.config)
    position_1T = torch.arange(width, device=model.device)[None]
    model(input_ids=ids_PT, position_ids=position_1T, past_key_values=cache, use_cache=True, logits_to_keep=1)
    return torch.stack([own.keys for own in cache.layers]), torch.stack([own.values for own in cache.layers])
