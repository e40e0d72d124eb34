"""What a run says while it runs and when it ends, on stderr; and its curve, as text and as PNG."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from rlvr.alarms import Alarm
from rlvr.evaluate import Report
from rlvr.plugins import host
from rlvr.runlog import read
from rlvr.stats import mean
from rlvr.types import Rollout

__all__ = ["Tell", "before_and_after", "curve_png", "curve_text", "smoothed"]

_LINES = 20


class Tell:
    """Words for a person: a live line on a terminal, else one now and then; `data`, if given, gets JSON."""

    def __init__(self, *, data: TextIO | None) -> None:
        self.measure: str | None = None
        self.data = data
        self._steps = 0
        self._began = time.monotonic()
        self._began_at = 0
        self._bar: Any = None
        self._job: Any = None

    def begin(self, steps: int, done: int) -> None:
        """Start to count."""
        self._steps, self._began_at, self._began = steps, done, time.monotonic()
        if sys.stderr.isatty() and self.data is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = [BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.description}")]
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._bar.start()
            self._job = self._bar.add_task("", total=steps, completed=done)

    def step(self, step: int, row: Mapping[str, float | None]) -> None:
        """Tell of a finished step."""
        if self.data is not None:
            print(json.dumps({"step": step, **row}), file=self.data, flush=True)
            return
        words = self._words(step, row)
        if self._bar is not None:
            self._bar.update(self._job, completed=step, description=words)
        elif step == self._began_at + 1 or step == self._steps or step % max(1, self._steps // _LINES) == 0:
            self.say(f"step {step:>{len(str(self._steps))}}/{self._steps}  {words}")

    def evaluation(self, step: int, report: Report) -> None:
        """Tell of an evaluation."""
        if self.data is None:
            self.say(f"  held out at step {step}: {spoken(report)}")

    def alarm(self, alarm: Alarm) -> None:
        """Tell of an alarm."""
        where = f" Look at the rollouts of {', '.join(alarm.examples[:3])}." if alarm.examples else ""
        self.say(f"  ALARM at step {alarm.step}: {alarm.words}.{where}")

    def plugins(self, hook: str, **arguments: Any) -> None:
        """Tell plugins of something by its hook, and say which of them failed at it."""
        for name in host().tell(hook, **arguments):
            error = host().plugins[name].error
            self.say(f"Warning: the plugin {name} failed and is told no more: {error}.")

    def changes(self, found: Sequence[str]) -> None:
        """Warn of what is not as it was when the run began."""
        for change in found:
            self.say(f"Warning: {change}: the run may go on differently.")

    def say(self, words: str) -> None:
        """Say something on stderr, above the live line if there is one."""
        if self._bar is not None:
            self._bar.console.print(words, markup=False, highlight=False)
        else:
            print(words, file=sys.stderr, flush=True)  # noqa: T201 - words

    def end(self) -> None:
        """Stop the live line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _words(self, step: int, row: Mapping[str, float | None]) -> str:
        shown = ["reward", *([self.measure] if self.measure else []), "entropy"]
        numbers = [f"{name} {_short(row.get(name))}" for name in shown]
        seconds = [f"{name} {row.get(f'{name}_s') or 0:.2f}s" for name in ("generate", "score", "update")]
        pace_s = (time.monotonic() - self._began) / max(1, step - self._began_at)
        left = time.strftime("%H:%M:%S", time.gmtime(pace_s * (self._steps - step)))
        zero = f"zero-variance {row.get('zero_variance') or 0:.0%}"
        unscored = f"unscored {row.get('unscored') or 0:.0f}"
        return "  ".join([*numbers, zero, unscored, *seconds, f"ETA {left}"])


def spoken(report: Report) -> str:
    """Say a report in a line."""
    rates = [
        f"pass@{k} {p:.3f} [{report.interval[k][0]:.3f}, {report.interval[k][1]:.3f}]"
        for k, p in report.passed.items()
    ]
    avg = "none scored" if report.avg is None else f"mean reward {report.avg:.3f}"
    parts = "".join(f", {name} {value:.3f}" for name, value in report.parts.items())
    parts += "".join(
        f", {name} {p:.3f} [{low:.3f}, {high:.3f}]" for name, (p, (low, high)) in report.also.items()
    )
    unscored = f", {report.unscored} unscored" if report.unscored else ""
    size = f"{report.tasks} tasks x {report.samples}{unscored}"
    return f"{', '.join(rates) or 'no task scored'}; {avg}{parts} ({size})"


def before_and_after(
    first: Sequence[Sequence[Rollout]], last: Sequence[Sequence[Rollout]], n: int
) -> list[str]:
    """Return lines that set the first and the last completion of some tasks side by side."""
    lines = []
    for old, new in list(zip(first, last, strict=True))[:n]:
        question = " ".join(turn.content for turn in old[0].task.prompt)
        shown = question if len(question) <= 48 else "..." + question[-45:]
        lines.append(f"  {shown!r}: before {_said(old[0])}  after {_said(new[0])}")
    return lines


def _said(rollout: Rollout) -> str:
    text, reward = rollout.completion.text, rollout.score.reward
    shown = text if len(text) <= 40 else text[:37] + "..."
    return f"{shown!r} ({'unscored' if reward is None else f'{reward:.2f}'})"


def smoothed(values: Sequence[float], window: int) -> list[float]:
    """Return the mean of each value and up to `window - 1` before it.

    >>> smoothed([1.0, 3.0, 5.0], 2)
    [1.0, 2.0, 4.0]
    """
    return [mean(values[max(0, i + 1 - window) : i + 1]) or 0.0 for i in range(len(values))]


def _series(metrics: Path, names: Sequence[str]) -> tuple[list[int], dict[str, list[float]]]:
    rows = list(read(metrics))
    steps = [int(row["step"]) for row in rows]
    return steps, {name: [float(row.get(name) or 0.0) for row in rows] for name in names}


def curve_text(metrics: Path, names: Sequence[str]) -> str:
    """Return the curves as a plot of characters; empty where there are too few steps."""
    import plotille

    steps, series = _series(metrics, names)
    if len(steps) < 2:
        return ""
    figure = plotille.Figure()
    figure.width, figure.height, figure.color_mode = 70, 10, "names"
    figure.x_label, figure.y_label = "step", "mean"
    figure.set_x_limits(min_=0, max_=steps[-1])
    figure.set_y_limits(min_=0, max_=max(1.0, *(max(values) for values in series.values())))
    figure.x_ticks_fkt = lambda low, _: f"{low:.0f}"
    figure.y_ticks_fkt = lambda low, _: f"{low:.1f}"
    for name, marker in zip(series, "*o+x", strict=False):
        figure.plot(steps, smoothed(series[name], max(1, len(steps) // 30)), label=name, marker=marker)
    return str(figure.show(legend=True))


def curve_png(metrics: Path, evaluations: Path, names: Sequence[str], target: Path) -> None:
    """Draw the curves, and the held-out points where there are any, into a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    steps, series = _series(metrics, names)
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, values in series.items():
        (line,) = axes.plot(steps, values, alpha=0.25, linewidth=0.8)
        window = max(1, len(steps) // 30)
        axes.plot(steps, smoothed(values, window), color=line.get_color(), label=f"{name} (sampled)")
    held = list(read(evaluations)) if evaluations.exists() else []
    if held:
        axes.plot(
            [r["step"] for r in held], [r["pass"].get("1") for r in held], "o-", label="held out, pass@1"
        )
    axes.set(xlabel="step", ylabel="mean of a step", title=target.parent.name)
    axes.legend(loc="best", frameon=False)
    axes.grid(alpha=0.25)
    figure.savefig(target, dpi=120)


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
