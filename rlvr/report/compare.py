"""What runs reached, and in which settings they differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from rlvr.report.folder import Row, Run, number, table, text
from rlvr.report.survey import Survey
from rlvr.stats import mean

__all__ = ["differences", "flat", "reached", "summary"]

_OWN = ("run.folder", "run.next")


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a nested config as dotted keys with their values as text.

    >>> flat({"run": {"seed": 0}, "model": {"stop": ["a"]}})
    {'run.seed': '0', 'model.stop': '["a"]'}
    """
    found: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[prefix + key] = text(value)
    return found


def differences(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the settings in which runs differ: {key, values}, a value a run, None where it is not set.

    What is a run's own by nature (its folder) is left out; the plugin that was learned from counts.
    """
    configs = [flat(run.config) for run in runs]
    for config, run in zip(configs, runs, strict=True):
        config["environment"] = text(run.surroundings.get("environment"))
    keys = {key: None for config in configs for key in config if key not in _OWN}
    values = {key: [config.get(key) for config in configs] for key in sorted(keys)}
    return [{"key": key, "values": row} for key, row in values.items() if len(set(row)) > 1]


def reached(run: Run) -> list[dict[str, Any]]:
    """Return what a run reached: {what, before, after}, each {value, interval} or None.

    Held-out figures are the first and the last evaluation; those of training are means over the first and
    the last tenth of the steps.
    """
    held = [_held_out(row) for row in run.evaluations]
    first, last = (held[0], held[-1]) if held else ({}, {})
    rows = [
        {"what": what, "before": first.get(what) if len(held) > 1 else None, "after": last.get(what)}
        for what in {**last, **first}
    ]
    for name in ("reward", *([run.measure] if run.measure else [])):
        tenth = max(1, len(run.metrics) // 10)
        before, after = (_mean_of(part, name) for part in (run.metrics[:tenth], run.metrics[-tenth:]))
        if after is not None:
            rows.append({"what": f"training {name}", "before": before, "after": after})
    return rows


def summary(run: Run, found: Survey, kept: int) -> dict[str, Any]:
    """Return what a run did and reached, in numbers; `kept` completions of it are on the page."""
    return {
        "run": run.name,
        "steps": max((row["step"] for row in run.metrics), default=0),
        "steps_s": round(sum(number(row.get("wall_s")) or 0.0 for row in run.metrics), 3),
        "completions": found.rollouts,
        "completions_kept": kept,
        "unscored": found.unscored,
        "groups": len(found.sizes),
        "alarms": len(run.alarms),
        "reached": reached(run),
        "notes": run.notes,
    }


def _held_out(row: Row) -> dict[str, dict[str, Any]]:
    figures = {"held-out mean reward": _figure(row.get("avg"))}
    intervals = table(row.get("interval95"))
    for k, p in table(row.get("pass")).items():
        figures[f"held-out pass@{k}"] = _figure(p, intervals.get(k))
    for name, value in table(row.get("parts")).items():
        figures[f"held-out {name}"] = _figure(value)
    passed = {what: figure for what, figure in figures.items() if "pass@" in what}
    return {what: figure for what, figure in {**passed, **figures}.items() if figure is not None}


def _figure(value: object, interval: object = None) -> dict[str, Any] | None:
    shown = number(value)
    if shown is None:
        return None
    ends = [number(end) for end in interval] if isinstance(interval, list) else []
    return {"value": shown, "interval": ends if len(ends) == 2 and None not in ends else None}


def _mean_of(rows: Sequence[Row], name: str) -> dict[str, Any] | None:
    values = [value for row in rows if (value := number(row.get(name))) is not None]
    return _figure(mean(values))
