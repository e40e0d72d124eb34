"""Sampling completions from a causal language model, prompt prefilled once a group, finished rows dropped.

Tensors end in their shape: B rows still decoding, P prompts, T positions, V vocabulary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessorList, MinPLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

__all__ = ["Finished", "Sampling", "decode", "warpers_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is drawn; temperature 0 is greedy."""

    max_new_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0


@dataclass(slots=True, kw_only=True)
class Finished:
    """A row that has ended: the index it was asked for as, its tokens, their log-probabilities."""

    row: int
    token_ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    stopped: bool = False


@torch.no_grad()
def decode(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    samples: int,
    sampling: Sampling,
    stop_ids: Sequence[int],
    generator: torch.Generator,
    finished: Callable[[list[Finished]], None],
) -> None:
    """Draw `samples` completions of each prompt; `finished` is told of rows at the step in which they end.

    Row `p * samples + s` is sample s of prompt p. Log-probabilities are those of the temperature-scaled
    distribution before top-k, top-p and min-p, which is what a trainer computes again.
    """
    prompt_PT, mask_PT = _left_padded(prompts, pad=stop_ids[0], device=model.device)
    position_PT = (mask_PT.cumsum(-1) - 1).clamp(min=0)
    out = model(
        input_ids=prompt_PT,
        attention_mask=mask_PT,
        position_ids=position_PT,
        use_cache=True,
        logits_to_keep=1,
    )
    cache, logits_BV = out.past_key_values, out.logits[:, -1].repeat_interleave(samples, 0)
    cache.batch_repeat_interleave(samples)
    mask_BT, position_B1 = (t.repeat_interleave(samples, 0) for t in (mask_PT, position_PT[:, -1:]))
    stop_S = torch.tensor(list(stop_ids), device=model.device)
    rows = [Finished(row=row) for row in range(len(prompts) * samples)]
    warpers = warpers_of(sampling)
    for step in range(sampling.max_new_tokens):
        token_B, logprob_B = _draw(logits_BV, sampling, warpers, generator)
        last = step == sampling.max_new_tokens - 1
        keep = _note(rows, token_B, logprob_B, torch.isin(token_B, stop_S), last, finished)
        rows = [rows[i] for i in keep]
        if not rows:
            return
        if len(keep) < len(token_B):
            keep_B = torch.tensor(keep, device=model.device)
            cache.batch_select_indices(keep_B)
            token_B, mask_BT, position_B1 = token_B[keep_B], mask_BT[keep_B], position_B1[keep_B]
        mask_BT = torch.cat([mask_BT, mask_BT.new_ones(len(rows), 1)], dim=1)
        position_B1 = position_B1 + 1
        out = model(
            input_ids=token_B[:, None],
            attention_mask=mask_BT,
            position_ids=position_B1,
            past_key_values=cache,
            use_cache=True,
        )
        logits_BV = out.logits[:, -1]


def _draw(
    logits_BV: Tensor, sampling: Sampling, warpers: LogitsProcessorList, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    scaled_BV = logits_BV.float() / (sampling.temperature or 1.0)
    logprob_BV = scaled_BV.log_softmax(-1)
    if sampling.temperature == 0:
        token_B = scaled_BV.argmax(-1)
    else:
        warped_BV = warpers(None, scaled_BV) if warpers else scaled_BV
        token_B = torch.multinomial(warped_BV.softmax(-1), 1, generator=generator)[:, 0]
    return token_B, logprob_BV.gather(-1, token_B[:, None])[:, 0]


def _note(
    rows: list[Finished],
    token_B: Tensor,
    logprob_B: Tensor,
    stopped_B: Tensor,
    last: bool,
    finished: Callable[[list[Finished]], None],
) -> list[int]:
    """Add the drawn tokens to their rows, tell of those that ended, and return the places of the others."""
    ended, keep = [], []
    drawn = zip(rows, token_B.tolist(), logprob_B.tolist(), stopped_B.tolist(), strict=True)
    for place, (row, token, logprob, stopped) in enumerate(drawn):
        row.token_ids.append(token)
        row.logprobs.append(logprob)
        row.stopped = stopped
        (ended.append(row) if stopped or last else keep.append(place))
    if ended:
        finished(ended)
    return keep


def warpers_of(sampling: Sampling) -> LogitsProcessorList:
    """Return what takes tokens out of a distribution before one is drawn."""
    found = LogitsProcessorList()
    if sampling.top_k:
        found.append(TopKLogitsWarper(sampling.top_k))
    if sampling.top_p < 1.0:
        found.append(TopPLogitsWarper(sampling.top_p))
    if sampling.min_p:
        found.append(MinPLogitsWarper(sampling.min_p))
    return found


def _left_padded(prompts: Sequence[Sequence[int]], *, pad: int, device: Any) -> tuple[Tensor, Tensor]:
    width = max(len(ids) for ids in prompts)
    ids_PT = torch.tensor([[pad] * (width - len(ids)) + list(ids) for ids in prompts], device=device)
    mask_PT = torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts], device=device)
    return ids_PT, mask_PT
