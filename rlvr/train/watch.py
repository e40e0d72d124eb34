"""What is known of a run while it runs: the numbers of each step, evaluations, alarms, the way to stop."""

import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from rlvr.advantage import is_informative
from rlvr.alarms import (
    NUMBERS,
    Alarm,
    Alarms,
    Seen,
    Suspicious,
    seen_of,
    suspicious,
)
from rlvr.evaluate import Report, mean_parts, row_of_report
from rlvr.runlog import RunLog, read, rollout_of
from rlvr.stats import mean
from rlvr.train.folder import RunFolder
from rlvr.train.rollout import Batch
from rlvr.train.settings import TrainConfig
from rlvr.train.stages import stages
from rlvr.train.tell import Tell
from rlvr.train.track import Trackers
from rlvr.types import Rollout

__all__ = ["Logs", "Measured", "Watch", "numbers_of"]

_BLOCK_BYTES = 1 << 20
Measured = tuple[Report, list[list[Rollout]]]


@dataclass(slots=True, kw_only=True)
class Logs:
    """The open logs of a run."""

    metrics: RunLog
    evaluations: RunLog
    alarms: RunLog


@dataclass(slots=True, kw_only=True)
class Watch:
    """Sees each step end: writes its row, evaluates when due, rings alarms, ends the run when asked.

    Attributes:
        weights: (last step, weights of parts that are learned from in place of the reward) of each stage.
    """

    folder: RunFolder
    logs: Logs
    steps: int
    evaluate: Callable[[], Measured] | None
    every: int
    config: TrainConfig
    measure: str | None
    tell: Tell
    trackers: Trackers
    interrupted: bool = False
    first: Measured | None = None
    last: Measured | None = None
    best: tuple[float, int] | None = None
    rung: list[Alarm] = field(default_factory=list)
    batch: Batch = field(default_factory=Batch)
    alarms: Alarms = field(init=False)
    window: int = field(init=False)
    weights: list[tuple[int, Mapping[str, float]]] = field(init=False)

    def __post_init__(self) -> None:
        """Take from the run's config what the alarms must know."""
        config = self.config
        parts = [] if config.engine == "trl" else stages(config)
        limits = config.alarms
        if any(part.table.num_iterations * part.table.num_mini_batches > 1 for part in parts):
            # the policy of a step's later updates is not the one that sampled
            limits = replace(limits, mismatch_start=max(limits.mismatch_start, limits.mismatch))
        self.alarms = Alarms(limits, measure=self.measure, deadline_s=config.rollout.timeout_s)
        self.window = limits.window
        self.weights = [(part.last, part.table.reward_weights) for part in parts]

    def begin(self, done: int) -> None:
        """Measure where the model starts, unless an earlier process of this run has."""
        self.tell.begin(self.steps, done)
        if self.evaluate is not None and done == 0:
            self._evaluate(0)

    def finished(self, batch: Batch, *, wall_s: float, learned: Mapping[str, Any]) -> None:
        """Write a step's row, let alarms look at it, and evaluate when it is due."""
        # TRL takes several steps on one batch: it is looked at once, as it is logged once.
        rollouts = [] if batch is self.batch else batch.rollouts
        step, self.batch = batch.step, batch
        row = numbers_of(batch, self.measure, wall_s=wall_s, learned=learned)
        self.logs.metrics.write({"step": step, **row})
        self._look(self._seen(step, rollouts, row))
        self.tell.plugins("rlvr_step_finished", step=step, metrics=row)
        self.tell.step(step, row)
        self.trackers.log(step, row)
        if self.evaluate is not None and (step == self.steps or (self.every and step % self.every == 0)):
            self._evaluate(step)

    def replay(self) -> None:
        """Learn of what an earlier process of this run has logged: no alarm rings twice, the best stays."""
        for row in read(self.folder.evaluations):
            self._consider(row["pass"].get("1", 0.0), row["step"])
        self.rung += [_alarm(row) for row in read(self.folder.alarms)]
        self.alarms.recall(self._earlier(), [alarm.kind for alarm in self.rung])

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

    def _seen(self, step: int, rollouts: Sequence[Rollout], row: Mapping[str, Any]) -> Seen:
        weights = next((weights for last, weights in self.weights if step <= last), {})
        return seen_of(step, rollouts, row, measure=self.measure, weights=weights)

    def _earlier(self) -> list[Seen]:
        """Return the first window of the run so far and the last three, each read from its end of the log."""
        log, numbers = (
            self.folder.rollouts,
            {row["step"]: row for row in map(_few, read(self.folder.metrics))},
        )
        found: dict[int, Seen] = {}
        for rows, most in ((read(log), self.window), (_backwards(log), 3 * self.window)):
            for step, of_step in islice(groupby(rows, key=itemgetter("step")), most):
                rollouts = [rollout_of(row) for row in of_step]
                found[step] = self._seen(step, rollouts, numbers.get(step, {}))
        return [found[step] for step in sorted(found)]

    def _look(self, seen: Seen) -> None:
        for alarm in self.alarms.step(seen):
            self.rung.append(alarm)
            self.logs.alarms.write(_row_of_alarm(alarm))
            self.tell.alarm(alarm)

    def _evaluate(self, step: int) -> None:
        if self.evaluate is None:
            return
        self.last = self.evaluate()
        self.first = self.first or self.last
        report, groups = self.last
        little = suspicious([rollout for group in groups for rollout in group])
        listed = [asdict(each) for each in little]
        self.logs.evaluations.write({"step": step, **row_of_report(report), "suspicious": listed})
        self._consider(report.passed.get(1, 0.0), step)
        self.tell.evaluation(step, report)
        if little and step == self.steps and self.tell.data is None:
            self.tell.say(_words_of(little[0]))

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
        "tokens": int(sum(lengths)),
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


def _row_of_alarm(alarm: Alarm) -> dict[str, Any]:
    return {
        "step": alarm.step,
        "kind": alarm.kind,
        "words": alarm.words,
        "examples": list(alarm.examples),
        "steps": [step for step, _ in alarm.rows],
    }


def _alarm(row: Mapping[str, Any]) -> Alarm:
    rows = zip(row.get("steps", []), row["examples"], strict=False)
    return Alarm(kind=row["kind"], step=row["step"], words=row["words"], rows=tuple(rows))


def _words_of(little: Suspicious) -> str:
    text = little.completion if len(little.completion) <= 60 else little.completion[:57] + "..."
    return (
        f"  paid in full for the least: {text!r} ({little.id}, {little.tokens} tokens where {little.usual:g} "
        "are usual); evaluations.jsonl lists such ones"
    )


def _few(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("step", *NUMBERS) if name in row}


def _backwards(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a log from its end on; what a crash has torn is passed over, as `read` does."""
    with path.open("rb") as file:
        end, rest = file.seek(0, os.SEEK_END), b""
        while end:
            start = max(0, end - _BLOCK_BYTES)
            file.seek(start)
            rest, *lines = (file.read(end - start) + rest).split(b"\n")
            end = start
            yield from _rows([*reversed(lines), *([] if start else [rest])])


def _rows(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        yield row


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
