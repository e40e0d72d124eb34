"""What is known of a run while it runs: the numbers of each step, evaluations, alarms, the way to stop."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from transformers import TrainerCallback

from rlvr.advantage import is_informative
from rlvr.alarms import Alarm, DivergenceWatch
from rlvr.evaluate import Report, mean_parts
from rlvr.runlog import RunLog, read, rollout_of
from rlvr.stats import mean
from rlvr.train.folder import RunFolder
from rlvr.train.rollout import Batch, RolloutEngine
from rlvr.types import Rollout

__all__ = ["Logs", "Measured", "Watch", "numbers_of", "row_of_report"]

Measured = tuple[Report, list[list[Rollout]]]
_FROM_TRL = {
    "loss": "loss",
    "entropy": "entropy",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "kl": "kl",
    "clip_ratio/region_mean": "clip_ratio",
    "completions/mean_length": "mean_length",
    "completions/clipped_ratio": "truncated",
    "num_tokens": "tokens",
}


@dataclass(slots=True, kw_only=True)
class Logs:
    """The open logs of a run."""

    metrics: RunLog
    evaluations: RunLog
    alarms: RunLog


@dataclass(slots=True, kw_only=True)
class Watch(TrainerCallback):
    """Sees each step end: writes its row, evaluates when due, rings alarms, ends the run when asked."""

    folder: RunFolder
    engine: RolloutEngine
    logs: Logs
    evaluate: Callable[[], Measured] | None
    every: int
    divergence: DivergenceWatch | None
    measure: str | None
    tell: Any
    provenance: str
    interrupted: bool = False
    first: Measured | None = None
    last: Measured | None = None
    rung: list[Alarm] = field(default_factory=list)
    _step_began: float = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Measure where the model starts, unless an earlier process of this run has."""
        self.tell.begin(state.max_steps, state.global_step)
        if self.evaluate is not None and state.global_step == 0:
            self._evaluate(0)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock: what is neither generation nor scoring is update."""
        self._step_began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop after this step, with a checkpoint, if Ctrl-C was pressed."""
        if self.interrupted:
            control.should_save = control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any) -> None:
        """Write the step's row, let alarms look at it, and evaluate when it is due."""
        if "loss" not in logs:
            return  # the summary that the trainer logs at its end
        step = state.global_step
        wall_s = time.perf_counter() - self._step_began
        row = numbers_of(self.engine.batch, self.measure, wall_s=wall_s, logs=logs)
        self.logs.metrics.write({"step": step, **row})
        self._look(step)
        self.engine.tell("rlvr_step_finished", step=step, metrics=row)
        self.tell.step(step, row)
        if self.evaluate is not None and (step == state.max_steps or (self.every and step % self.every == 0)):
            self._evaluate(step)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint as whole."""
        self.folder.finish_checkpoint(state.global_step, {"environment": self.provenance})

    def replay(self) -> None:
        """Show the alarms the steps that an earlier process of this run has logged: none rings twice."""
        if self.divergence is not None:
            for step, rows in groupby(read(self.folder.rollouts), key=itemgetter("step")):
                self.rung += self._alarms(step, [rollout_of(row) for row in rows])

    def listen_for_interrupt(self) -> Callable[[], None]:
        """Let the first Ctrl-C end the run after its step, the second at once; return what undoes it."""

        def first_time(*_: object) -> None:
            self.interrupted = True
            self.tell.say("Stopping after this step; press Ctrl-C again to stop at once.")
            signal.signal(signal.SIGINT, signal.default_int_handler)

        before = signal.signal(signal.SIGINT, first_time)

        def undo() -> None:
            signal.signal(signal.SIGINT, before)

        return undo

    def _alarms(self, step: int, rollouts: Sequence[Rollout]) -> list[Alarm]:
        if self.divergence is None or self.measure is None:
            return []
        scored = [r for r in rollouts if r.score.reward is not None]
        rewards = [r.score.reward or 0.0 for r in scored]
        measures = [r.score.parts.get(self.measure, 0.0) for r in scored]
        return self.divergence.step(step, rewards, measures, [r.task.id for r in scored])

    def _look(self, step: int) -> None:
        for alarm in self._alarms(step, self.engine.batch.rollouts):
            self.rung.append(alarm)
            row = {"step": step, "kind": alarm.kind, "words": alarm.words, "examples": list(alarm.examples)}
            self.logs.alarms.write(row)
            self.tell.alarm(alarm)

    def _evaluate(self, step: int) -> None:
        if self.evaluate is None:
            return
        self.last = self.evaluate()
        self.first = self.first or self.last
        self.logs.evaluations.write({"step": step, **row_of_report(self.last[0])})
        self.tell.evaluation(step, self.last[0])


def numbers_of(
    batch: Batch, measure: str | None, *, wall_s: float, logs: Mapping[str, Any]
) -> dict[str, float | None]:
    """Return the numbers of a step; a mean over nothing is None."""
    rollouts = batch.rollouts
    scored = [r for r in rollouts if r.score.reward is not None]
    rewards = [[r.score.reward for r in group] for group in batch.groups]
    parts = mean_parts(scored)
    busy_s = sum(r.ms for r in rollouts) / 1e3
    return {
        "reward": mean([r.score.reward or 0.0 for r in scored]),
        **({measure: parts.pop(measure, None)} if measure else {}),
        **{f"parts/{name}": value for name, value in parts.items()},
        "completions": len(rollouts),
        "unscored": len(rollouts) - len(scored),
        "errors": sum(r.score.error is not None for r in rollouts),
        "timeouts": sum(r.score.reason == "timeout" for r in rollouts),
        "zero_variance": _share([not is_informative(group) for group in rewards]),
        **{ours: logs.get(theirs) for theirs, ours in _FROM_TRL.items() if theirs in logs},
        "generate_s": round(batch.generate_s, 4),
        "score_s": round(batch.score_s, 4),
        "verifier_s": round(busy_s, 4),
        "update_s": round(wall_s - batch.generate_s - batch.score_s, 4),
        "wall_s": round(wall_s, 4),
    }


def row_of_report(report: Report) -> dict[str, Any]:
    """Return a report as plain data."""
    return {
        "tasks": report.tasks,
        "samples": report.samples,
        "avg": report.avg,
        "pass": {str(k): p for k, p in report.passed.items()},
        "interval95": {str(k): list(interval) for k, interval in report.interval.items()},
        "parts": report.parts,
        "reasons": report.reasons,
        "completions": report.completions,
        "unscored": report.unscored,
        "errors": report.errors,
    }


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
