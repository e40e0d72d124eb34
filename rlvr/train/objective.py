"""What is minimised of a micro-batch, by the kind of algorithm; and what is noted of it on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from rlvr.errors import RunError
from rlvr.train.forward import Example, Reading
from rlvr.train.losses import (
    Clip,
    Totals,
    aggregate,
    bradley_terry_loss,
    clipped,
    dpo_loss,
    kl_estimate,
    ratio,
    surrogate_loss,
    value_loss,
)
from rlvr.train.stages import Stage, TrainerTable
from rlvr.train.world import World

__all__ = ["Micro", "Tally", "loss_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Micro:
    """A micro-batch with all that stays the same over a step's updates.

    Attributes:
        old_BT: Log-probabilities under the policy that sampled; None where the policy has not moved since.
        sampled_BT: The same, as the sampler gave them; None for demonstrations.
        ref_BT: Log-probabilities under the reference model; None without one.
    """

    examples: Sequence[Example]
    advantage_BX: Tensor
    old_BT: Tensor | None = None
    sampled_BT: Tensor | None = None
    ref_BT: Tensor | None = None
    value_BT: Tensor | None = None
    return_BT: Tensor | None = None


@dataclass(slots=True, kw_only=True)
class Tally:
    """Sums of what a step's log is made of, added up where the tensors are."""

    sums: dict[str, Tensor] = field(default_factory=dict)

    def add(self, name: str, value: Tensor) -> None:
        """Add to a sum."""
        value = value.detach()
        self.sums[name] = self.sums.get(name, torch.zeros_like(value)) + value

    def note(self, name: str, value_BX: Tensor, mask_BT: Tensor) -> None:
        """Add to a mean: over tokens, or over all values where there is one for each row."""
        over_tokens = value_BX.shape == mask_BT.shape
        self.add(name, (value_BX * mask_BT).sum() if over_tokens else value_BX.sum())
        self.add(f"{name}/n", mask_BT.sum() if over_tokens else mask_BT.new_tensor(value_BX.numel()))

    def taken(self, world: World, device: torch.device) -> dict[str, float]:
        """Return the means and the sums over all processes, and begin anew."""
        names = world.told(sorted(self.sums))
        if not names:
            return {}
        zero = torch.zeros((), device=device)
        values = world.add(torch.stack([self.sums.get(name, zero).float() for name in names])).tolist()
        found = dict(zip(names, values, strict=True))
        self.sums.clear()
        return {
            name: value / max(found[f"{name}/n"], 1.0) if f"{name}/n" in found else value
            for name, value in found.items()
            if not name.endswith("/n")
        }


def loss_of(stage: Stage, seen: Reading, micro: Micro, totals: Totals, tally: Tally) -> Tensor:
    """Return a micro-batch's share of the loss of an update."""
    if stage.algorithm.kind == "reward_pairs":
        loss = _reward_loss(seen, totals, tally)
    else:
        tally.note("entropy", seen.entropy_BT, seen.mask_BT)
        if micro.sampled_BT is not None and stage.reads_at == stage.table.temperature:
            mismatch_BT = kl_estimate(micro.sampled_BT, seen.logp_BT, estimator="k3")
            tally.note("mismatch_kl", mismatch_BT, seen.mask_BT)
        made = _preference_loss if stage.algorithm.kind == "pairs" else _policy_loss
        loss = made(stage.table, seen, micro, totals, tally)
    tally.add("loss", loss)
    return loss


def _policy_loss(table: TrainerTable, seen: Reading, micro: Micro, totals: Totals, tally: Tally) -> Tensor:
    clip = Clip(
        low=table.epsilon,
        high=table.epsilon if table.epsilon_high is None else table.epsilon_high,
        dual=table.dual_clip,
    )
    old_BT = seen.logp_BT.detach() if micro.old_BT is None else micro.old_BT
    ratio_BX = ratio(seen.logp_BT, old_BT, seen.mask_BT, level=table.importance_sampling_level)
    loss_BT = surrogate_loss(seen.logp_BT, ratio_BX, micro.advantage_BX, surrogate=table.surrogate, clip=clip)
    tally.note("clip_ratio", clipped(ratio_BX, micro.advantage_BX, clip=clip), seen.mask_BT)
    if micro.ref_BT is not None:
        kl_BT = kl_estimate(seen.logp_BT, micro.ref_BT, estimator=table.kl_estimator)
        tally.note("kl", kl_BT, seen.mask_BT)
        loss_BT = loss_BT + table.beta * (kl_BT * ratio_BX if table.use_bias_correction_kl else kl_BT)
    loss = aggregate(loss_BT, seen.mask_BT, mode=table.loss_agg_mode, totals=totals)
    if table.entropy_coef:
        entropy = aggregate(seen.entropy_BT, seen.mask_BT, mode="token-mean", totals=totals)
        loss = loss - table.entropy_coef * entropy
    if table.advantage == "gae":
        loss = loss + table.vf_coef * _critic_loss(table, seen, micro, totals, tally)
    return loss


def _critic_loss(table: TrainerTable, seen: Reading, micro: Micro, totals: Totals, tally: Tally) -> Tensor:
    if seen.value_BT is None or micro.value_BT is None or micro.return_BT is None:
        raise RunError("a critic needs a head and values from before the update: this is a fault of rlvr.")
    error_BT = value_loss(seen.value_BT, micro.value_BT, micro.return_BT, cliprange=table.cliprange_value)
    tally.note("value_loss", error_BT, seen.mask_BT)
    return aggregate(error_BT, seen.mask_BT, mode="token-mean", totals=totals)


def _preference_loss(
    table: TrainerTable, seen: Reading, micro: Micro, totals: Totals, tally: Tally
) -> Tensor:
    if micro.ref_BT is None:
        raise RunError("preference optimisation needs a reference model: this is a fault of rlvr.")
    logp_P2 = (seen.logp_BT * seen.mask_BT).sum(-1).view(-1, 2)
    ref_P2 = (micro.ref_BT * seen.mask_BT).sum(-1).view(-1, 2)
    margin_P2 = logp_P2 - ref_P2
    loss_P = dpo_loss(logp_P2, ref_P2, beta=table.beta)
    tally.note("preferred", (margin_P2[:, 0] > margin_P2[:, 1]).float(), torch.ones_like(loss_P))
    return loss_P.sum() / max(totals.rows, 1)


def _reward_loss(seen: Reading, totals: Totals, tally: Tally) -> Tensor:
    if seen.value_BT is None:
        raise RunError("a reward model needs a head: this is a fault of rlvr.")
    last_B = seen.mask_BT.sum(-1).long() - 1
    reward_P2 = seen.value_BT.gather(1, last_B[:, None]).view(-1, 2)
    loss_P = bradley_terry_loss(reward_P2)
    tally.note("preferred", (reward_P2[:, 0] > reward_P2[:, 1]).float(), torch.ones_like(loss_P))
    return loss_P.sum() / max(totals.rows, 1)
