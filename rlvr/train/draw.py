"""Drawing tokens by a uniform number each: B rows, V vocabulary, C chunks of it, S tokens of a chunk."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from rlvr.train.decode import Sampling, warpers_of

__all__ = ["draw"]

CHUNK = 256


def draw(logits_BV: Tensor, rule: Sampling, noise_B: Tensor) -> tuple[Tensor, Tensor]:
    """Return a token for each row, and its log-probability at the rule's temperature, nothing taken out."""
    logprob_BV = (logits_BV.float() / (rule.temperature or 1.0)).log_softmax(-1)
    if rule.temperature == 0:
        token_B = logprob_BV.argmax(-1)
    else:
        warpers = warpers_of(rule)
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
