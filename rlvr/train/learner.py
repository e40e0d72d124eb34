"""The model that learns: prepared micro-batches in, a loss, an optimiser update."""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import torch
from torch import Tensor, nn
from transformers import get_scheduler

from rlvr.errors import RunError
from rlvr.train.forward import Example, Reading, read
from rlvr.train.losses import Totals, gae
from rlvr.train.models import adapted, computes_in_bf16
from rlvr.train.objective import Micro, Tally, loss_of
from rlvr.train.signal import Signal
from rlvr.train.stages import Stage, TrainerTable
from rlvr.train.world import World

__all__ = ["Learner", "Update", "copies_reference", "learner_for", "learner_of", "looks_back"]


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
        tally: What a step's log is made of.
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
    tally: Tally = field(default_factory=Tally)

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
            replace(
                micro,
                advantage_BX=(advantage_BT - mean) / spread,
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
            temperature=self.stage.reads_at,
            bf16=self.bf16,
            entropy_grad=bool(table.entropy_coef),
            head=self.head,
        )

    def loss(self, micro: Micro, totals: Totals) -> Tensor:
        """Return a micro-batch's share of the loss."""
        return loss_of(self.stage, self.read(micro.examples), micro, totals, self.tally)

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
        return self.tally.taken(self.world, self.model.device)


def looks_back(stage: Stage) -> bool:
    """Say whether a stage compares with the model that it began with."""
    return bool(stage.table.beta) or stage.algorithm.kind == "pairs"


def copies_reference(model: Any, stage: Stage) -> bool:
    """Say whether that takes a copy: a fresh adapter is put off instead, an earlier stage's cannot be."""
    return looks_back(stage) and (stage.first > 0 or not adapted(model))


def learner_for(model: Any, stage: Stage, *, world: World) -> Learner:
    """Return a learner on the model as it is, with what the stage is held to."""
    reference = model if looks_back(stage) else None
    if copies_reference(model, stage):
        reference = copy.deepcopy(model).eval().requires_grad_(False)
    if stage.algorithm.kind == "reward_pairs":  # the policy goes on sampling as it is
        model = copy.deepcopy(model)
    return learner_of(model, stage, world=world, reference=reference)


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
    temperature = stage.reads_at

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
