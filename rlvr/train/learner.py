"""The model that learns: prepared micro-batches in, a loss, an optimiser update."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
from torch import Tensor, nn
from transformers import get_scheduler

from rlvr.errors import RunError
from rlvr.train.forward import Example, Reading, read
from rlvr.train.losses import (
    Clip,
    Totals,
    aggregate,
    bradley_terry_loss,
    clipped,
    dpo_loss,
    gae,
    kl_estimate,
    ratio,
    surrogate_loss,
    value_loss,
)
from rlvr.train.models import computes_in_bf16
from rlvr.train.signal import Signal
from rlvr.train.stages import Stage, TrainerTable
from rlvr.train.world import World

__all__ = ["Learner", "Micro", "Update", "learner_of"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What one optimiser update learns from."""

    micros: Sequence[Micro]
    totals: Totals


@dataclass(slots=True, kw_only=True)
class Learner:
    """A model, its optimiser, and what it is held to.

    Attributes:
        model: The transformers model; adapters, if any, live inside of it.
        head: Values of states for PPO, or the reward of a reward model; else None.
        reference: The model that the stage began with, where the algorithm looks back at it.
        schedule: The learning rate's factor at an optimiser update of the stage.
        moved: Whether the policy that sampled is an earlier one by the time of some update.
        sums: What a step's log is made of, added up where the tensors are.
    """

    model: Any
    head: nn.Linear | None
    reference: Callable[[Sequence[Example]], Reading] | None
    stage: Stage
    optimizer: torch.optim.Optimizer
    schedule: Callable[[int], float]
    world: World
    bf16: bool
    moved: bool
    sums: dict[str, Tensor] = field(default_factory=dict)

    @property
    def table(self) -> TrainerTable:
        """The stage's settings."""
        return self.stage.table

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All that is trained, in a fixed order."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    def updates(self, signal: Signal, step: int) -> Iterator[Update]:
        """Yield a step's updates: `num_iterations` passes over `num_mini_batches` parts of the examples."""
        k = self.table.num_mini_batches
        units = list(signal.units)
        if k > 1:
            Random(f"{self.stage.index}:{step}").shuffle(units)
        totals = Totals(
            rows=signal.totals.rows / k, tokens=signal.totals.tokens / k, length=signal.totals.length
        )
        parts = [Update(micros=self._micros(units[i::k]), totals=totals) for i in range(k)]
        for _ in range(self.table.num_iterations):
            yield from parts

    def _micros(self, units: list[tuple[Example, ...]]) -> list[Micro]:
        mine = sorted(self.world.share(units), key=lambda unit: max(map(len, unit)))
        size = max(1, self.table.per_device_train_batch_size // len(mine[0])) if mine else 1
        cuts = [mine[i : i + size] for i in range(0, len(mine), size)]
        micros = [self._prepared([example for unit in cut for example in unit]) for cut in cuts]
        return self._valued(micros) if self.table.advantage == "gae" else micros

    @torch.no_grad()
    def _prepared(self, examples: list[Example]) -> Micro:
        sampled_BT = (
            _padded([e.logprobs for e in examples], self.model.device) if examples[0].logprobs else None
        )
        return Micro(
            examples=examples,
            advantage_BX=torch.tensor([[e.advantage] for e in examples], device=self.model.device),
            old_BT=sampled_BT if self.moved else None,
            sampled_BT=sampled_BT,
            ref_BT=None if self.reference is None else self.reference(examples).logp_BT,
        )

    @torch.no_grad()
    def _valued(self, micros: list[Micro]) -> list[Micro]:
        """Let the critic see each micro-batch before the first update, and make advantages of it."""
        table, found = self.table, []
        for micro in micros:
            seen = self.read(micro.examples)
            reward_BT = torch.zeros_like(seen.logp_BT)
            for row, example in enumerate(micro.examples):
                reward_BT[row, len(example.completion_ids) - 1] = example.reward
            value_BT = seen.logp_BT if seen.value_BT is None else seen.value_BT
            advantage_BT, return_BT = gae(reward_BT, value_BT, seen.mask_BT, gamma=table.gamma, lam=table.lam)
            found.append((micro, seen.mask_BT, advantage_BT, value_BT, return_BT))
        moments = [torch.stack([m.sum(), (a * m).sum(), (a * a * m).sum()]) for _, m, a, _, _ in found]
        zero = torch.zeros(3, device=self.model.device)
        n, total, squares = self.world.add(torch.stack([zero, *moments]).sum(0)).tolist()
        mean = total / max(n, 1.0)
        spread = math.sqrt(max(squares / max(n, 1.0) - mean * mean, 0.0)) + 1e-8
        return [
            Micro(
                examples=micro.examples,
                advantage_BX=(advantage_BT - mean) / spread,
                old_BT=micro.old_BT,
                sampled_BT=micro.sampled_BT,
                ref_BT=micro.ref_BT,
                value_BT=value_BT,
                return_BT=return_BT,
            )
            for micro, _, advantage_BT, value_BT, return_BT in found
        ]

    def read(self, examples: Sequence[Example]) -> Reading:
        """Return what the model says of completions, as it was asked to sample them."""
        table = self.table
        return read(
            self.model,
            examples,
            temperature=table.temperature if self.stage.algorithm.kind == "policy" else 1.0,
            bf16=self.bf16,
            entropy_grad=bool(table.entropy_coef),
            head=self.head,
        )

    def loss(self, micro: Micro, totals: Totals) -> Tensor:
        """Return a micro-batch's share of the loss."""
        seen = self.read(micro.examples)
        if self.stage.algorithm.kind == "pairs":
            return self._preference_loss(seen, micro, totals)
        if self.stage.algorithm.kind == "reward_pairs":
            return self._reward_loss(seen, totals)
        return self._policy_loss(seen, micro, totals)

    def _policy_loss(self, seen: Reading, micro: Micro, totals: Totals) -> Tensor:
        table, mask_BT = self.table, seen.mask_BT
        clip = Clip(
            low=table.epsilon,
            high=table.epsilon if table.epsilon_high is None else table.epsilon_high,
            dual=table.dual_clip,
        )
        old_BT = seen.logp_BT.detach() if micro.old_BT is None else micro.old_BT
        ratio_BX = ratio(seen.logp_BT, old_BT, mask_BT, level=table.importance_sampling_level)
        loss_BT = surrogate_loss(
            seen.logp_BT, ratio_BX, micro.advantage_BX, surrogate=table.surrogate, clip=clip
        )
        if micro.ref_BT is not None:
            kl_BT = kl_estimate(seen.logp_BT, micro.ref_BT, estimator=table.kl_estimator)
            self._note("kl", kl_BT, mask_BT)
            loss_BT = loss_BT + table.beta * (kl_BT * ratio_BX if table.use_bias_correction_kl else kl_BT)
        loss = aggregate(loss_BT, mask_BT, mode=table.loss_agg_mode, totals=totals)
        if table.entropy_coef:
            loss = loss - table.entropy_coef * aggregate(
                seen.entropy_BT, mask_BT, mode="token-mean", totals=totals
            )
        if seen.value_BT is not None and micro.value_BT is not None and micro.return_BT is not None:
            error_BT = value_loss(
                seen.value_BT, micro.value_BT, micro.return_BT, cliprange=table.cliprange_value
            )
            self._note("value_loss", error_BT, mask_BT)
            loss = loss + table.vf_coef * aggregate(error_BT, mask_BT, mode="token-mean", totals=totals)
        self._note("clip_ratio", clipped(ratio_BX, micro.advantage_BX, clip=clip), mask_BT)
        self._note_policy(seen, micro, loss)
        return loss

    def _preference_loss(self, seen: Reading, micro: Micro, totals: Totals) -> Tensor:
        if micro.ref_BT is None:
            raise RunError("preference optimisation needs a reference model: this is a fault of rlvr.")
        logp_P2 = (seen.logp_BT * seen.mask_BT).sum(-1).view(-1, 2)
        ref_P2 = (micro.ref_BT * seen.mask_BT).sum(-1).view(-1, 2)
        loss_P = dpo_loss(logp_P2, ref_P2, beta=self.table.beta)
        margin_P2 = logp_P2 - ref_P2
        self._note("preferred", (margin_P2[:, 0] > margin_P2[:, 1]).float(), torch.ones_like(loss_P))
        loss = loss_P.sum() / max(totals.rows, 1)
        self._note_policy(seen, micro, loss)
        return loss

    def _reward_loss(self, seen: Reading, totals: Totals) -> Tensor:
        if seen.value_BT is None:
            raise RunError("a reward model needs a head: this is a fault of rlvr.")
        last_B = seen.mask_BT.sum(-1).long() - 1
        reward_P2 = seen.value_BT.gather(1, last_B[:, None]).view(-1, 2)
        loss_P = bradley_terry_loss(reward_P2)
        self._note("preferred", (reward_P2[:, 0] > reward_P2[:, 1]).float(), torch.ones_like(loss_P))
        loss = loss_P.sum() / max(totals.rows, 1)
        self._add("loss", loss.detach())
        return loss

    def _note_policy(self, seen: Reading, micro: Micro, loss: Tensor) -> None:
        self._add("loss", loss.detach())
        self._note("entropy", seen.entropy_BT, seen.mask_BT)
        if micro.sampled_BT is not None:
            mismatch_BT = kl_estimate(micro.sampled_BT, seen.logp_BT, estimator="k3")
            self._note("mismatch_kl", mismatch_BT, seen.mask_BT)

    def _note(self, name: str, value_BX: Tensor, mask_BX: Tensor) -> None:
        value_BX = value_BX.detach()
        self._add(name, (value_BX * mask_BX).sum() if value_BX.shape == mask_BX.shape else value_BX.sum())
        count = mask_BX.sum() if value_BX.shape == mask_BX.shape else value_BX.new_tensor(value_BX.numel())
        self._add(f"{name}/n", count)

    def _add(self, name: str, value: Tensor) -> None:
        self.sums[name] = self.sums.get(name, torch.zeros_like(value)) + value

    def apply(self, step: int, update: int) -> float:
        """Take an optimiser step with the gradients that were gathered; return their norm before clipping.

        Raises:
            RunError: A gradient is not finite; the weights are as they were.
        """
        self.world.add_gradients(self.parameters)
        limit = self.table.max_grad_norm or math.inf
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, limit))
        if not math.isfinite(norm):
            raise RunError(
                f"the gradient of step {step} is not finite, and the weights were left as they are. "
                "Lower trainer.learning_rate or trainer.max_grad_norm, or look at the rewards of that step"
            )
        done = (
            step - self.stage.first - 1
        ) * self.table.num_iterations * self.table.num_mini_batches + update
        for group in self.optimizer.param_groups:
            group["lr"] = self.table.learning_rate * self.schedule(done)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return norm

    def numbers(self) -> dict[str, float]:
        """Return the means of what was noted since the last call, over all processes."""
        names = self.world.told(sorted(self.sums))
        zero = torch.zeros((), device=self.model.device)
        if not names:
            return {}
        values = self.world.add(torch.stack([self.sums.get(name, zero).float() for name in names])).tolist()
        found = dict(zip(names, values, strict=True))
        self.sums.clear()
        return {
            name: value / max(found[f"{name}/n"], 1.0) if f"{name}/n" in found else value
            for name, value in found.items()
            if not name.endswith("/n")
        }


def learner_of(model: Any, stage: Stage, *, world: World, reference: Any = None) -> Learner:
    """Return a learner for a stage of a run; where `reference` is the model itself, its adapter goes off."""
    table = stage.table
    bf16 = computes_in_bf16(model, table.bf16)
    needs_head = table.advantage == "gae" or stage.algorithm.kind == "reward_pairs"
    head = _head(model) if needs_head else None
    if table.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    trained = [p for p in model.parameters() if p.requires_grad] + ([*head.parameters()] if head else [])
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.ndim >= 2], "weight_decay": table.weight_decay},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
        ],
        lr=table.learning_rate,
        betas=(table.adam_beta1, table.adam_beta2),
        eps=table.adam_epsilon,
        fused=True,
    )
    return Learner(
        model=model,
        head=head,
        reference=None if reference is None else _held(model, reference, stage, bf16=bf16),
        stage=stage,
        optimizer=optimizer,
        schedule=_schedule(table, optimizer),
        world=world,
        bf16=bf16,
        moved=table.num_iterations * table.num_mini_batches > 1,
    )


def _held(model: Any, reference: Any, stage: Stage, *, bf16: bool) -> Callable[[Sequence[Example]], Reading]:
    """Return what reads completions with the reference; if that is the model, with its adapter off."""
    temperature = stage.table.temperature if stage.algorithm.kind == "policy" else 1.0

    def held(examples: Sequence[Example]) -> Reading:
        if reference is not model:
            return read(reference, examples, temperature=temperature, bf16=bf16)
        model.disable_adapters()
        seen = read(model, examples, temperature=temperature, bf16=bf16)
        model.enable_adapters()
        return seen

    return held


def _head(model: Any) -> nn.Linear:
    head = nn.Linear(model.config.get_text_config().hidden_size, 1).to(model.device)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return head


def _schedule(table: TrainerTable, optimizer: torch.optim.Optimizer) -> Callable[[int], float]:
    updates = table.max_steps * table.num_iterations * table.num_mini_batches
    warmup = round(table.warmup_steps if table.warmup_steps >= 1 else table.warmup_steps * updates)
    made = get_scheduler(
        table.lr_scheduler_type, optimizer, num_warmup_steps=warmup, num_training_steps=updates
    )
    factor: Callable[[int], float] = made.lr_lambdas[0]
    return factor


def _padded(rows: Sequence[Sequence[float]], device: Any) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[0.0] * (longest - len(row))] for row in rows], device=device)
