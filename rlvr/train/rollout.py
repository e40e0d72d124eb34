"""Groups of completions, each judged the moment it ends, in the shape TRL's trainer takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rlvr.advantage import Convention, group_advantages
from rlvr.errors import RunError
from rlvr.runlog import RunLog, row_of
from rlvr.train.policy import TransformersPolicy
from rlvr.train.tasks import TaskOrder
from rlvr.types import Completion, Rollout
from rlvr.workers import Ticket, WorkerPool

__all__ = ["Batch", "RolloutEngine"]


@dataclass(slots=True, kw_only=True)
class Batch:
    """What the generations of a step left: rollouts in groups, and where the time went.

    `score_s` is what the trainer had to wait for verdicts after the last completion ended.
    """

    step: int = 0
    generations: int = 0
    groups: list[list[Rollout]] = field(default_factory=list)
    generate_s: float = 0.0
    score_s: float = 0.0

    @property
    def rollouts(self) -> list[Rollout]:
        """All rollouts, group by group."""
        return [rollout for group in self.groups for rollout in group]


@dataclass(slots=True, kw_only=True)
class RolloutEngine:
    """TRL's `rollout_func` and reward function: generate a group, judge it, keep what became of it.

    Attributes:
        pools: The scorers of the order's phases, whose options may make other verifiers.
        tell: Tells plugins, by hook.
        convention: The advantage that the rows of the log carry beside the reward; None for none.
        batch: What the last step's generations left; one, unless gradients are accumulated over several.
    """

    order: TaskOrder
    policy: TransformersPolicy
    pools: Sequence[WorkerPool]
    log: RunLog
    tell: Callable[..., None]
    seed: int
    max_unscored: float
    convention: Convention | None
    batch: Batch = field(default_factory=Batch)

    def generate(self, prompts: list[str], trainer: Any) -> dict[str, list[Any]]:
        """Complete the prompts (places in the task order, each repeated for its group) and judge them."""
        places, samples = _groups(prompts)
        tasks = [self.order.at(place) for place in places]
        tickets: list[Ticket | None] = [None] * len(prompts)

        def judge(row: int, completion: Completion) -> None:
            place = places[row // samples]
            tickets[row] = self.pools[self.order.phase(place)].submit(tasks[row // samples], completion)

        step = trainer.state.global_step + 1
        started = time.perf_counter()
        prompt_ids = self.policy.sample(tasks, samples=samples, seed=self._seed_of(step), done=judge)
        generated = time.perf_counter()
        rollouts = [ticket.result() for ticket in tickets if ticket is not None]
        waited = time.perf_counter() - generated
        self._keep(step, _in_groups(rollouts, samples), generated - started, waited)
        return {
            "prompt_ids": [ids for ids in prompt_ids for _ in range(samples)],
            "completion_ids": [list(r.completion.token_ids) for r in rollouts],
            "logprobs": [list(r.completion.logprobs) for r in rollouts],
            "verdict": [r.score.reward for r in rollouts],
        }

    def judge_texts(
        self, index: Sequence[int], completions: Sequence[Any], step: int, samples: int
    ) -> list[float | None]:
        """Judge completions that TRL generated itself (vLLM and the like); the GPU waits meanwhile."""
        texts = [text if isinstance(text, str) else text[-1]["content"] for text in completions]
        tasks = [self.order.at(place) for place in index]
        started = time.perf_counter()
        pools = [self.pools[self.order.phase(place)] for place in index]
        judged = zip(pools, tasks, texts, strict=True)
        tickets = [pool.submit(task, Completion(text=text)) for pool, task, text in judged]
        rollouts = [ticket.result() for ticket in tickets]
        self._keep(step, _in_groups(rollouts, samples), 0.0, time.perf_counter() - started)
        return [rollout.score.reward for rollout in rollouts]

    def _keep(self, step: int, groups: list[list[Rollout]], generate_s: float, score_s: float) -> None:
        before = self.batch if self.batch.step == step else Batch(step=step)
        self.batch = Batch(
            step=step,
            generations=before.generations + 1,
            groups=[*before.groups, *groups],
            generate_s=before.generate_s + generate_s,
            score_s=before.score_s + score_s,
        )
        self.log.write(*(row for group in groups for row in self._rows(step, group)))
        rollouts = [rollout for group in groups for rollout in group]
        for rollout in rollouts:
            self.tell("rlvr_rollout_scored", rollout=rollout)
        _stop_if_broken(rollouts, self.max_unscored)

    def _seed_of(self, step: int) -> int:
        # A function of the run's seed, the step, and which generation of the step it is.
        earlier = self.batch.generations if self.batch.step == step else 0
        # The CPU's generator looks at no more than 32 bits of it.
        return (self.seed * 1_000_003 + step + earlier * 2_654_435_761) % (1 << 32)

    def _rows(self, step: int, group: list[Rollout]) -> list[dict[str, Any]]:
        if self.convention is None:
            return [{"step": step, **row_of(rollout)} for rollout in group]
        rewards = [rollout.score.reward for rollout in group]
        advantages = group_advantages(rewards, convention=self.convention, eps=1e-4)
        rows = zip(group, advantages, strict=True)
        return [{"step": step, "advantage": round(a, 6), **row_of(rollout)} for rollout, a in rows]


def _stop_if_broken(rollouts: Sequence[Rollout], max_unscored: float) -> None:
    failed = [r for r in rollouts if r.score.error is not None]
    if len(failed) > max_unscored * len(rollouts):
        example = failed[0]
        raise RunError(
            f"the verifier failed on {len(failed)} of {len(rollouts)} completions of a step, more than "
            f"rollout.max_unscored = {max_unscored:g}: {example.score.error} (task {example.task.id!r}). "
            "Mend the verifier and go on with --resume."
        )
    if rollouts and all(r.score.reward is None for r in rollouts):
        reasons = sorted({r.score.reason for r in rollouts})
        raise RunError(
            f"no completion of a step could be scored ({', '.join(reasons)}): nothing can be learned. "
            "See rollouts.jsonl, mend the tasks or the sandbox, and go on with --resume."
        )


def _groups(prompts: Sequence[str]) -> tuple[list[int], int]:
    """Return the distinct places and how often each is repeated.

    >>> _groups(["4", "4", "7", "7"])
    ([4, 7], 2)
    >>> _groups(["4", "4", "7"])
    ([4, 4, 7], 1)
    """
    places = list(dict.fromkeys(prompts))
    samples, rest = divmod(len(prompts), len(places))
    if rest or [place for place in places for _ in range(samples)] != list(prompts):
        return [int(place) for place in prompts], 1  # groups cut apart by a distributed sampler
    return [int(place) for place in places], samples


def _in_groups(rollouts: list[Rollout], samples: int) -> list[list[Rollout]]:
    return [rollouts[i : i + samples] for i in range(0, len(rollouts), samples)]
