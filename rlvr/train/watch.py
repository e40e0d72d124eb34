"""What is known of a run while it runs: the numbers of each step, evaluations, alarms, the way to stop."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from rlvr.advantage import is_informative
from rlvr.alarms import Alarm, DivergenceWatch
from rlvr.evaluate import Report, mean_parts
from rlvr.runlog import RunLog, read, rollout_of
from rlvr.stats import mean
from rlvr.train.folder import RunFolder
from rlvr.train.rollout import Batch
from rlvr.train.tell import Tell
from rlvr.types import Rollout

__all__ = ["Logs", "Measured", "Watch", "numbers_of", "row_of_report"]

Measured = tuple[Report, list[list[Rollout]]]


@dataclass(slots=True, kw_only=True)
class Logs:
    """The open logs of a run."""

    metrics: RunLog
    evaluations: RunLog
    alarms: RunLog


@dataclass(slots=True, kw_only=True)
class Watch:
    """Sees each step end: writes its row, evaluates when due, rings alarms, ends the run when asked."""

    folder: RunFolder
    logs: Logs
    steps: int
    evaluate: Callable[[], Measured] | None
    every: int
    divergence: DivergenceWatch | None
    measure: str | None
    tell: Tell
    interrupted: bool = False
    first: Measured | None = None
    last: Measured | None = None
    best: tuple[float, int] | None = None
    rung: list[Alarm] = field(default_factory=list)
    batch: Batch = field(default_factory=Batch)

    def begin(self, done: int) -> None:
        """Measure where the model starts, unless an earlier process of this run has."""
        self.tell.begin(self.steps, done)
        if self.evaluate is not None and done == 0:
            self._evaluate(0)

    def finished(self, batch: Batch, *, wall_s: float, learned: Mapping[str, Any]) -> None:
        """Write a step's row, let alarms look at it, and evaluate when it is due."""
        step, self.batch = batch.step, batch
        row = numbers_of(batch, self.measure, wall_s=wall_s, learned=learned)
        self.logs.metrics.write({"step": step, **row})
        self._look(step)
        self.tell.plugins("rlvr_step_finished", step=step, metrics=row)
        self.tell.step(step, row)
        if self.evaluate is not None and (step == self.steps or (self.every and step % self.every == 0)):
            self._evaluate(step)

    def replay(self) -> None:
        """Learn of what an earlier process of this run has logged: no alarm rings twice, the best stays."""
        for row in read(self.folder.evaluations):
            self._consider(row["pass"].get("1", 0.0), row["step"])
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
        for alarm in self._alarms(step, self.batch.rollouts):
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
        self._consider(self.last[0].passed.get(1, 0.0), step)
        self.tell.evaluation(step, self.last[0])

    def _consider(self, rate: float, step: int) -> None:
        if self.best is None or rate > self.best[0]:
            self.best = (rate, step)


def numbers_of(
    batch: Batch, measure: str | None, *, wall_s: float, learned: Mapping[str, Any]
) -> dict[str, float | None]:
    """Return the numbers of a step; a mean over nothing is None."""
    rollouts = batch.rollouts
    scored = [r for r in rollouts if r.score.reward is not None]
    rewards = [[r.score.reward for r in g.rollouts] for g in [*batch.groups, *batch.passed_over]]
    lengths = [float(len(r.completion.token_ids)) for r in rollouts]
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
        "passed_over": len(batch.passed_over),
        "mean_length": mean(lengths),
        "truncated": _share([r.completion.finish_reason == "length" for r in rollouts]),
        **learned,
        "generate_s": round(batch.generate_s, 4),
        "score_s": round(batch.score_s, 4),
        "verifier_s": round(busy_s, 4),
        "hidden": max(0.0, 1 - batch.score_s / batch.alone_s) if batch.alone_s else None,
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
