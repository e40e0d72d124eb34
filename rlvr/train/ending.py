"""How a run is summed up when it ends: what changed, the curve, what was wrong, what to do next."""

import json
from typing import Any

from rlvr import report
from rlvr.runlog import read
from rlvr.stats import mean
from rlvr.train.run import Outcome
from rlvr.train.settings import TrainConfig
from rlvr.train.tell import before_and_after, curve_png, curve_text, spoken
from rlvr.train.watch import Watch

__all__ = ["conclude"]


def conclude(outcome: Outcome, config: TrainConfig) -> None:
    """Draw the curve and the page into the run folder, and say how the run went."""
    watch, folder = outcome.watch, outcome.folder
    if watch is None:
        return  # another process of the run speaks
    names = ["reward", *([watch.measure] if watch.measure else [])]
    curve_png(folder.metrics, folder.evaluations, names, folder.path / "curve.png")
    report.write([folder.path], folder.path / "report.html")
    if watch.tell.data is not None:
        watch.tell.data.write(json.dumps(_summary(outcome, watch)) + "\n")
        return
    _speak(outcome, watch, config, names)


def _speak(outcome: Outcome, watch: Watch, config: TrainConfig, names: list[str]) -> None:
    folder, say = outcome.folder, watch.tell.say
    say("")
    if plot := curve_text(folder.metrics, names):
        say(plot)
    if watch.first and watch.last and watch.first is not watch.last:
        say("\nHeld-out tasks, never trained on:")
        say(f"  before: {spoken(watch.first[0])}")
        say(f"  after:  {spoken(watch.last[0])}")
        for line in before_and_after(watch.first[1], watch.last[1], 5):
            say(line)
    for alarm in watch.rung:
        say(f"\nALARM (since step {alarm.step}): {alarm.words}. {_now(outcome, watch)}")
    say(f"\n{outcome.steps} steps; everything is in {folder.path}/, to be looked at in report.html.")
    if watch.best is not None and watch.last and watch.best[1] != outcome.steps:
        rate, step = watch.best
        way = f"`rlvr evaluate {folder.path} --checkpoint best`"
        say(f"Step {step} did best on held-out tasks ({rate:.3f}): {way}.")
    if watch.interrupted:
        say(f"Interrupted: go on with `rlvr train {folder.path} --resume`.")
    elif config.run.next:
        say("Next: " + config.run.next.replace("{folder}", str(folder.path)))


def _now(outcome: Outcome, watch: Watch) -> str:
    """Say where reward and true measure stand at the end, so that an early alarm can be weighed."""
    last = list(read(outcome.folder.metrics))[-20:]
    means = {
        n: mean([r[n] for r in last if r.get(n) is not None]) for n in ("reward", watch.measure or "reward")
    }
    words = ", ".join(f"{name} {value:.2f}" for name, value in means.items() if value is not None)
    return f"In the last {len(last)} steps: {words}."


def _summary(outcome: Outcome, watch: Watch) -> dict[str, Any]:
    last = watch.last[0] if watch.last else None
    return {
        "folder": str(outcome.folder.path),
        "steps": outcome.steps,
        "interrupted": watch.interrupted,
        "alarms": [alarm.kind for alarm in watch.rung],
        "held_out": None if last is None else {"avg": last.avg, "pass@1": last.passed.get(1)},
        "reward": mean([r.score.reward for r in watch.batch.rollouts if r.score.reward is not None]),
    }
