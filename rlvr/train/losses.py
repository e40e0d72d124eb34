"""The losses that train: pure functions of log-probabilities, advantages and masks.

Tensors end in their shape: B completions, T tokens of each. `mask_BT` is 1.0 on the tokens that count.
Log-probabilities are natural, of the temperature-scaled distribution. Every loss is to be minimised.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from rlvr.train.algorithms import Aggregation, Estimator, Level, Surrogate

__all__ = [
    "Clip",
    "Totals",
    "aggregate",
    "bradley_terry_loss",
    "clipped",
    "dpo_loss",
    "gae",
    "kl_estimate",
    "ratio",
    "surrogate_loss",
    "value_loss",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a mean divides by, counted over the whole batch of an update, however it is cut for memory.

    Attributes:
        rows: Completions that were scored and are not masked, those without an advantage included.
        tokens: Their tokens.
        length: `max_completion_length`, the constant of Dr. GRPO.
    """

    rows: float
    tokens: float
    length: int


def ratio(logp_BT: Tensor, old_BT: Tensor, mask_BT: Tensor, *, level: Level) -> Tensor:
    """Return the importance ratio of the policy to the one that sampled, [B, T] or [B, 1].

    `token`: exp(logp - old) of each token (PPO). `sequence`: the geometric mean over a completion, s_i of
    GSPO (arXiv 2507.18071, eq. 7). `product`: that of the whole completion (RLOO, arXiv 2402.14740).
    """
    log_ratio_BT = (logp_BT - old_BT) * mask_BT
    if level == "token":
        return log_ratio_BT.exp()
    summed_B1 = log_ratio_BT.sum(-1, keepdim=True)
    if level == "product":
        return summed_B1.exp()
    return (summed_B1 / mask_BT.sum(-1, keepdim=True).clamp(min=1.0)).exp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Where ratios are cut.

    Attributes:
        low: The ratio counts from 1 - low ...
        high: ... to 1 + high. In CISPO 1 + high is the cap (TRL's `epsilon_high` is that cap itself).
        dual: For negative advantages the loss is at most -advantage * dual (arXiv 1912.09729); 0 is off.
        temperatures: SAPO's, for positive and negative advantages (arXiv 2511.20347).
    """

    low: float = 0.2
    high: float = 0.2
    dual: float = 0.0
    temperatures: tuple[float, float] = (1.0, 1.05)


def surrogate_loss(
    logp_BT: Tensor, ratio_BX: Tensor, advantage_BX: Tensor, *, surrogate: Surrogate, clip: Clip
) -> Tensor:
    """Return the policy-gradient loss of each token, [B, T]; X is T or 1.

    `likelihood`: -A logp (REINFORCE). `ratio`: -r A. `clip`: -min(r A, clip(r) A) (PPO, arXiv 1707.06347,
    eq. 7). `cispo`: -sg(min(r, 1 + high)) A logp (arXiv 2506.13585). `sapo`: -4/tau sigmoid(tau (r - 1)) A.
    """
    if surrogate == "likelihood":
        return -advantage_BX * logp_BT
    if surrogate == "cispo":
        return -ratio_BX.clamp(max=1 + clip.high).detach() * advantage_BX * logp_BT
    if surrogate == "sapo":
        positive, negative = clip.temperatures
        tau_BX = torch.where(advantage_BX > 0, positive, negative)
        return (-4 / tau_BX * torch.sigmoid(tau_BX * (ratio_BX - 1)) * advantage_BX).expand_as(logp_BT)
    plain_BX = ratio_BX * advantage_BX
    if surrogate == "ratio":
        return -plain_BX.expand_as(logp_BT)
    loss_BX = -torch.min(plain_BX, ratio_BX.clamp(1 - clip.low, 1 + clip.high) * advantage_BX)
    if clip.dual:
        loss_BX = torch.where(advantage_BX < 0, torch.min(loss_BX, -advantage_BX * clip.dual), loss_BX)
    return loss_BX.expand_as(logp_BT)


def clipped(ratio_BX: Tensor, advantage_BX: Tensor, *, clip: Clip) -> Tensor:
    """Say where clipping takes the gradient away: 1.0 there, else 0.0; [B, X]."""
    low_BX = (ratio_BX < 1 - clip.low) & (advantage_BX < 0)
    return (low_BX | ((ratio_BX > 1 + clip.high) & (advantage_BX > 0))).float()


def kl_estimate(logp_BT: Tensor, ref_BT: Tensor, *, estimator: Estimator) -> Tensor:
    """Estimate KL(policy || reference) at each token the policy sampled, [B, T].

    k1 = logp - ref, k2 = (logp - ref)^2 / 2, k3 = exp(ref - logp) - (ref - logp) - 1 (Schulman 2020,
    "Approximating KL divergence"; k3 is GRPO's, arXiv 2402.03300, eq. 4).
    """
    difference_BT = logp_BT - ref_BT
    if estimator == "k1":
        return difference_BT
    if estimator == "k2":
        return difference_BT.square() / 2
    return (-difference_BT).exp() + difference_BT - 1


def aggregate(value_BT: Tensor, mask_BT: Tensor, *, mode: Aggregation, totals: Totals) -> Tensor:
    """Return this part's share of the mean over the batch; the shares of all its parts add up to it.

    Names are verl's. `token-mean` (DAPO, arXiv 2503.14476), `seq-mean-token-mean` (GRPO),
    `seq-mean-token-sum` (REINFORCE on whole completions), `seq-mean-token-sum-norm`: the sum over rows times
    `max_completion_length` (Dr. GRPO, arXiv 2503.20783).
    """
    summed_B = (value_BT * mask_BT).sum(-1)
    if mode == "token-mean":
        return summed_B.sum() / max(totals.tokens, 1)
    if mode == "seq-mean-token-mean":
        summed_B = summed_B / mask_BT.sum(-1).clamp(min=1.0)
    constant = totals.length if mode == "seq-mean-token-sum-norm" else 1
    return summed_B.sum() / max(totals.rows * constant, 1)


def gae(
    reward_BT: Tensor, value_BT: Tensor, mask_BT: Tensor, *, gamma: float, lam: float
) -> tuple[Tensor, Tensor]:
    """Return advantages and returns, each [B, T], by generalised advantage estimation.

    delta_t = r_t + gamma V_{t+1} - V_t, A_t = delta_t + gamma lam A_{t+1} (arXiv 1506.02438, eq. 16), with
    V = 0 after the last token of a completion. Returns are A + V. Values are taken as constants.
    """
    value_BT = value_BT.detach() * mask_BT
    advantage_BT = torch.zeros_like(value_BT)
    later_B = value_BT.new_zeros(len(value_BT))
    after_B = value_BT.new_zeros(len(value_BT))
    for t in reversed(range(value_BT.shape[1])):
        delta_B = reward_BT[:, t] + gamma * after_B - value_BT[:, t]
        later_B = (delta_B + gamma * lam * later_B) * mask_BT[:, t]
        advantage_BT[:, t] = later_B
        after_B = value_BT[:, t]
    return advantage_BT, advantage_BT + value_BT


def value_loss(value_BT: Tensor, old_BT: Tensor, return_BT: Tensor, *, cliprange: float) -> Tensor:
    """Return the critic's loss of each token, [B, T]: half the larger squared error, plain or clipped.

    As in PPO's implementations (OpenAI baselines, verl): the value may move `cliprange` from what it was when
    the completion was sampled; 0 does not clip.
    """
    plain_BT = (value_BT - return_BT).square()
    if not cliprange:
        return plain_BT / 2
    held_BT = old_BT + (value_BT - old_BT).clamp(-cliprange, cliprange)
    return torch.max(plain_BT, (held_BT - return_BT).square()) / 2


def dpo_loss(logp_P2: Tensor, ref_P2: Tensor, *, beta: float) -> Tensor:
    """Return the loss of each pair, [P]; column 0 is the chosen completion's summed log-probability.

    -log sigmoid(beta ((logp_c - ref_c) - (logp_r - ref_r))) (arXiv 2305.18290, eq. 7).
    """
    margin_P2 = logp_P2 - ref_P2
    return -functional.logsigmoid(beta * (margin_P2[:, 0] - margin_P2[:, 1]))


def bradley_terry_loss(reward_P2: Tensor) -> Tensor:
    """Return the loss of each pair, [P]: -log sigmoid(r_chosen - r_rejected) (Bradley and Terry 1952)."""
    return -functional.logsigmoid(reward_P2[:, 0] - reward_P2[:, 1])
