"""What a model says of completions that exist: log-probabilities, entropies and values of their tokens.

Tensors end in their shape: B completions, L tokens of prompt and completion, T of the completion, N of all
completions one after the other, H hidden, V vocabulary.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

__all__ = ["LOGITS_AT_ONCE", "Example", "Reading", "read", "read_to_its_end"]

LOGITS_AT_ONCE = 1 << 25
# A config with one of these does more to its logits than multiply by the head's weight.
_SCALES = (
    "final_logit_softcapping",
    "logit_scale",
    "logits_scaling",
    "output_multiplier",
    "lm_head_multiplier",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One completion to learn from.

    Attributes:
        prompt_ids: What the model was asked, at least one token.
        completion_ids: What it said, at least one token, the end token included.
        logprobs: Log-probability of each under the policy that sampled; empty where nothing sampled it.
        advantage: Its weight; for a demonstration 1.
        reward: The reward that was learned from, for a critic.
    """

    prompt_ids: Sequence[int]
    completion_ids: Sequence[int]
    logprobs: Sequence[float] = ()
    advantage: float = 1.0
    reward: float = 0.0

    def __len__(self) -> int:
        """Return how many tokens a forward pass reads."""
        return len(self.prompt_ids) + len(self.completion_ids)


def read_to_its_end(example: Example, end_id: int) -> Example:
    """Return the example with one more token, whose state has seen all that was said.

    A value stands where the model is about to say a token; a reward model must have read the last one.
    """
    return replace(example, completion_ids=(*example.completion_ids, end_id), logprobs=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a model said of a micro-batch; `mask_BT` is 1.0 on completion tokens, all is 0.0 elsewhere."""

    logp_BT: Tensor
    entropy_BT: Tensor
    mask_BT: Tensor
    value_BT: Tensor | None = None


def read(
    model: Any,
    examples: Sequence[Example],
    *,
    temperature: float = 1.0,
    bf16: bool = False,
    entropy_grad: bool = False,
    head: nn.Module | None = None,
) -> Reading:
    """Run a bare transformers model (no wrapper around it) over completions that exist.

    Rows are padded on the right only: with causal attention no mask is needed.
    The head sees completion tokens only, a part at a time where the vocabulary is large.
    """
    ids_BL, at_BL, mask_BT = _rows(examples, model.device)
    cast: AbstractContextManager[Any] = (
        torch.autocast(model.device.type, torch.bfloat16) if bf16 else nullcontext()
    )
    with cast:
        hidden_NH, logits = _hidden(model, ids_BL, at_BL)
        target_N = ids_BL[:, 1:][at_BL[:, :-1]]
        vocabulary = model.config.get_text_config().vocab_size
        step = max(64, LOGITS_AT_ONCE // vocabulary)
        logp_N, entropy_N = _score(logits, target_N, step=step, temperature=temperature, grad=entropy_grad)
        value_N = None if head is None else head(hidden_NH).float().squeeze(-1)
    chosen_BT = mask_BT.bool()
    return Reading(
        logp_BT=_spread(logp_N, chosen_BT),
        entropy_BT=_spread(entropy_N, chosen_BT),
        mask_BT=mask_BT,
        value_BT=None if value_N is None else _spread(value_N, chosen_BT),
    )


def _rows(examples: Sequence[Example], device: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return ids, the positions whose next token is of the completion, and the mask over completions."""
    length = max(map(len, examples))
    longest = max(len(e.completion_ids) for e in examples)
    ids, at, mask = [], [], []
    for example in examples:
        p, c = len(example.prompt_ids), len(example.completion_ids)
        ids.append([*example.prompt_ids, *example.completion_ids, *[0] * (length - p - c)])
        at.append([False] * (p - 1) + [True] * c + [False] * (length - p - c + 1))
        mask.append([1.0] * c + [0.0] * (longest - c))
    return (
        torch.tensor(ids, device=device),
        torch.tensor(at, device=device),
        torch.tensor(mask, device=device),
    )


def _hidden(model: Any, ids_BL: Tensor, at_BL: Tensor) -> tuple[Tensor, Callable[[slice], Tensor]]:
    """Return the hidden states that predict completion tokens, and what makes logits of them."""
    if any(getattr(model.config.get_text_config(), name, None) is not None for name in _SCALES):
        # Its own forward pass knows what it does to logits: they are taken whole.
        out = model(input_ids=ids_BL, use_cache=False, output_hidden_states=True)
        logits_NV = out.logits[at_BL]
        return out.hidden_states[-1][at_BL], lambda part: logits_NV[part]
    hidden_BLH = model.base_model(input_ids=ids_BL, use_cache=False).last_hidden_state
    hidden_NH = hidden_BLH[at_BL]
    head = model.get_output_embeddings()
    return hidden_NH, lambda part: head(hidden_NH[part])


def _score(
    head: Callable[[slice], Tensor], target_N: Tensor, *, step: int, temperature: float, grad: bool
) -> tuple[Tensor, Tensor]:
    def score(part: slice) -> tuple[Tensor, Tensor]:
        logprob_NV = (head(part).float() / temperature).log_softmax(-1)
        with torch.set_grad_enabled(grad and torch.is_grad_enabled()):
            entropy_N = -(logprob_NV.exp() * logprob_NV).sum(-1)
        return logprob_NV.gather(-1, target_N[part][:, None])[:, 0], entropy_N

    n = len(target_N)
    if n <= step:
        return score(slice(0, n))
    # Logits are made again in the backward pass: those of all tokens at once are what fills an accelerator.
    parts = [slice(start, start + step) for start in range(0, n, step)]
    found = [checkpoint(score, part, use_reentrant=False) for part in parts]
    return torch.cat([logp_N for logp_N, _ in found]), torch.cat([entropy_N for _, entropy_N in found])


def _spread(value_N: Tensor, chosen_BT: Tensor) -> Tensor:
    return value_N.new_zeros(chosen_BT.shape).masked_scatter(chosen_BT, value_N)
