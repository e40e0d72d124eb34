"""What the untrained model makes of some tasks: whether there is anything to learn, and what it will take."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from rlvr.evaluate import report_of, row_of_report
from rlvr.stats import quantile
from rlvr.train import tell
from rlvr.train.finding import Finding
from rlvr.train.forward import Example, read
from rlvr.train.learner import Learner
from rlvr.train.loop import train_step
from rlvr.train.losses import kl_estimate
from rlvr.train.rollout import Batch, Rollouts, Wanted
from rlvr.train.settings import TrainConfig
from rlvr.train.signal import Group, advantages_of, pairs_of, signal_of, teaches
from rlvr.train.stages import Stage
from rlvr.types import RIGHT, Environment, Rollout

__all__ = [
    "Trial",
    "apart",
    "duration",
    "mismatch",
    "sample",
    "scoring",
    "signal",
    "update_s_of",
]

_FEW_TEACH = 0.1
_MOSTLY_CUT = 0.75
_APART = 1e-3
_TOO_FAR_APART = 1e-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Groups that the untrained model sampled, and where the time went."""

    groups: Sequence[Group]
    generate_s: float
    score_s: float

    @property
    def rollouts(self) -> list[Rollout]:
        """All rollouts, group by group."""
        return [rollout for group in self.groups for rollout in group.rollouts]


def sample(rollouts: Rollouts, wanted: Sequence[Wanted], *, stage: Stage) -> Trial:
    """Complete tasks and judge what was said, as many at once as a step of the stage does."""
    samples, batch = stage.table.num_generations, Batch()
    together = max(1, stage.table.rows // samples)
    for first in range(0, len(wanted), together):
        part = wanted[first : first + together]
        begun = rollouts.start(part, samples=samples, seed=rollouts.seed_of(0, first))
        batch.generate_s += begun.seconds
        batch.groups += begun.groups(batch)
    return Trial(groups=batch.groups, generate_s=batch.generate_s, score_s=batch.score_s)


def signal(trial: Trial, environment: Environment, stage: Stage, *, max_unscored: float) -> list[Finding]:
    """Say how well the model does before it has learned, and whether that gives it something to learn."""
    report = report_of(environment, [g.rollouts for g in trial.groups], samples=stage.table.num_generations)
    failed = [r for r in trial.rollouts if r.score.error is not None]
    if not report.tasks or len(failed) > max_unscored * report.completions:
        return [_unscored(trial, failed)]
    kinds = _kinds(trial.groups, stage)
    n = len(trial.groups)
    cut = sum(r.completion.finish_reason == "length" for r in trial.rollouts) / report.completions
    reasons = ", ".join(f"{name} {count}" for name, count in report.reasons.items())
    numbers = {**row_of_report(report), "groups": dict(kinds), "truncated": cut}
    shares = ", ".join(f"{kinds[kind] / n:.0%} {kind}" for kind in _KINDS)
    words = f"{tell.spoken(report)}; of {n} groups {shares}; {cut:.0%} cut off; {reasons}"
    found = [_learnable(kinds, stage, words, numbers)]
    if cut > _MOSTLY_CUT:
        words = f"{cut:.0%} of the completions were cut off at {stage.table.max_completion_length} tokens"
        way_out = "raise trainer.max_completion_length, or name what ends a completion in model.stop"
        numbers = {"truncated": cut}
        found.append(
            Finding(level="warning", what="truncation", words=words, way_out=way_out, numbers=numbers)
        )
    return found


_KINDS = ("teach", "all full", "all zero", "alike", "unscored")


def _kinds(groups: Sequence[Group], stage: Stage) -> Counter[str]:
    """Count the groups that teach, and why the others do not."""
    weights = advantages_of(groups, stage.table)
    counts: Counter[str] = Counter()
    for group, advantages in zip(groups, weights, strict=True):
        rewards = [r.score.reward for r in group.rollouts if r.score.reward is not None]
        taught = any(advantages) if stage.algorithm.kind == "policy" else teaches(group, stage.table)
        if taught:
            counts["teach"] += 1
        elif not rewards:
            counts["unscored"] += 1
        elif min(rewards) >= RIGHT:
            counts["all full"] += 1
        else:
            counts["alike" if max(rewards) > 0 else "all zero"] += 1
    return counts


def _learnable(kinds: Counter[str], stage: Stage, words: str, numbers: dict[str, Any]) -> Finding:
    found = partial(Finding, what="signal", numbers=numbers)
    n = kinds.total()
    easier = "take easier tasks, put an sft stage first, or give partial credit"
    ways = {
        "all zero": easier,
        "all full": "take harder tasks: these are solved",
        "alike": "let the reward tell better from worse, or raise trainer.temperature",
    }
    if not kinds["teach"]:
        most = max(ways, key=lambda kind: kinds[kind])
        whole = (
            most
            if kinds[most] + kinds["unscored"] == n
            else f"no group has two rewards that differ, most are {most}"
        )
        if stage.first:
            return found(
                level="warning", words=f"nothing could be learned before the first stages: {whole}; {words}"
            )
        return found(level="no-go", words=f"nothing can be learned: {whole}; {words}", way_out=ways[most])
    if kinds["teach"] < _FEW_TEACH * n:
        way_out = f"{easier}; or set trainer.dynamic_sampling = true"
        return found(level="warning", words=f"few groups teach; {words}", way_out=way_out)
    return found(level="ok", words=words)


def _unscored(trial: Trial, failed: Sequence[Rollout]) -> Finding:
    n = len(trial.rollouts)
    numbers = {"completions": n, "errors": len(failed)}
    if failed:
        words = f"the verifier fails on {len(failed)} of {n} completions: {failed[0].score.error}"
        words += f" (task {failed[0].task.id!r}); the run would stop"
    else:
        reasons = ", ".join(sorted({r.score.reason for r in trial.rollouts}))
        words = f"no completion could be scored ({reasons})"
    way_out = "mend the verifier, its sandbox or the tasks"
    return Finding(level="no-go", what="signal", words=words, way_out=way_out, numbers=numbers)


def scoring(trial: Trial, workers: int) -> Finding:
    """Set the seconds of scoring beside those of sampling."""
    times = [rollout.ms for rollout in trial.rollouts]
    p50, p99, busy_s = quantile(times, 0.5) or 0.0, quantile(times, 0.99) or 0.0, sum(times) / 1e3
    numbers = {
        "verifier_p50_ms": p50,
        "verifier_p99_ms": p99,
        "verifier_s": busy_s,
        "generate_s": trial.generate_s,
        "score_s": trial.score_s,
        "workers": workers,
    }
    words = (
        f"a verdict takes {p50:.3g} ms (p99 {p99:.3g} ms); {busy_s:.2f} s of verifying by {workers} workers "
        f"beside {trial.generate_s:.2f} s of sampling, waited for {trial.score_s:.2f} s"
    )
    if trial.score_s > trial.generate_s:
        way_out = "raise rollout.workers, or set rollout.ahead = 1"
        return Finding(level="warning", what="scoring", words=words, way_out=way_out, numbers=numbers)
    return Finding(level="ok", what="scoring", words=words, numbers=numbers)


@torch.no_grad()
def mismatch(learner: Learner, groups: Sequence[Group]) -> Finding:
    """Say how far the sampler's log-probabilities are from the trainer's own: mean k3 over tokens.

    k3 = exp(d) - d - 1 with d = trainer's - sampler's (Schulman 2020), as `mismatch_kl` in metrics.jsonl.
    """
    table = learner.table
    examples = [
        Example(
            prompt_ids=group.prompt_ids,
            completion_ids=r.completion.token_ids,
            logprobs=r.completion.logprobs,
        )
        for group in groups
        for r in group.rollouts
    ]
    examples.sort(key=len)
    learner.model.train()
    total, size = 0.0, table.per_device_train_batch_size
    for first in range(0, len(examples), size):
        part = examples[first : first + size]
        seen = read(learner.model, part, temperature=table.temperature, bf16=learner.bf16)
        for row, example in enumerate(part):
            sampled_T = torch.tensor(example.logprobs, dtype=torch.float64)
            own_T = seen.logp_BT[row, : len(example.logprobs)].cpu().double()
            total += float(kl_estimate(sampled_T, own_T, estimator="k3").sum())
    return apart(total / max(1, sum(len(example.logprobs) for example in examples)))


def apart(kl: float) -> Finding:
    """Judge the mean divergence of the sampler from the trainer."""
    words = f"the sampler and the trainer differ by a KL divergence of {kl:.1e} a token"
    found = partial(Finding, what="mismatch", words=words, numbers={"mismatch_kl": kl})
    if kl <= _APART:
        return found(level="ok")
    way_out = "set trainer.bf16 = false or model.dtype = 'float32', or look for dropout in the model's config"
    return found(level="no-go" if not kl <= _TOO_FAR_APART else "warning", way_out=way_out)


def update_s_of(learner: Learner, groups: Sequence[Group]) -> float:
    """Measure the update of one step; it is taken twice, since the first makes the optimiser's state."""
    stage, size = learner.stage, learner.table.num_generations
    part = groups[: max(1, stage.table.rows // size)]
    made = (signal_of if stage.algorithm.kind == "policy" else pairs_of)(part, stage.table)
    train_step(learner, made, stage.first + 1)
    began = time.perf_counter()
    train_step(learner, made, stage.first + 1)
    if learner.model.device.type == "cuda":
        torch.cuda.synchronize()
    taken = time.perf_counter() - began
    return taken * stage.table.rows / (len(part) * size)


def duration(
    trial: Trial, update_s: float, stages: Sequence[Stage], stage: Stage, config: TrainConfig
) -> Finding:
    """Estimate the time of the whole run: each stage's steps at the pace of the one that was measured."""
    n = len(trial.rollouts)
    taught = sum(teaches(group, stage.table) for group in trial.groups) / len(trial.groups)
    again = (
        min(stage.table.max_num_gen_batches, 1 / max(taught, 1e-9)) if stage.table.dynamic_sampling else 1.0
    )
    rows = sum(s.table.max_steps * s.table.rows for s in stages if s.algorithm.kind != "demonstrations")
    every = [s.table.max_steps * s.table.num_iterations * s.table.rows for s in stages]
    steps, table = stages[-1].last, config.evaluation
    evaluations = (1 + -(-steps // (table.every or steps))) if table.tasks else 0
    parts = {
        "sampling": again * rows * trial.generate_s / n,
        "waiting for verdicts": again * rows * trial.score_s / n,
        "updates": sum(every) * update_s / (stage.table.rows * stage.table.num_iterations),
        "evaluation": evaluations * table.tasks * table.samples * (trial.generate_s + trial.score_s) / n,
    }
    total = sum(parts.values())
    numbers = {"total_s": total, **{f"{name.replace(' ', '_')}_s": value for name, value in parts.items()}}
    each = ", ".join(f"{name} {_spoken_s(value)}" for name, value in parts.items())
    words = f"about {_spoken_s(total)} for {steps:,} steps ({each})"
    return Finding(level="ok", what="time", words=words, numbers=numbers)


def _spoken_s(seconds: float) -> str:
    """Say a time.

    >>> _spoken_s(3.14), _spoken_s(200), _spoken_s(9000)
    ('3.1 s', '3.3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.2g} min" if seconds < 5400 else f"{seconds / 3600:.2g} h"
