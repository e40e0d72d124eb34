"""The pages of verifiers: what a bench measured, what a check found, where two verifiers differ."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlvr.report.cases import bench_cases, flips
from rlvr.report.folder import number, table, text
from rlvr.report.page import Design, render, save
from rlvr.report.plain import counts, listed, named, plain, rows_of, short, title_of

__all__ = ["write_bench", "write_check", "write_diff"]

_STYLES = ("page.css", "verdicts.css")
_CASES = ("verdicts.js", "sorting.js", "cases.js", "gallery.js")
BENCH = Design(
    kind="rlvr bench",
    scripts=("dom.js", "charts.js", *_CASES, "figures.js", "errors.js", "bench.js"),
    styles=_STYLES,
)
CHECK = Design(kind="rlvr check", scripts=("dom.js", "verdicts.js", "check.js"), styles=_STYLES)
DIFF = Design(kind="rlvr diff", scripts=("dom.js", *_CASES, "diff.js"), styles=_STYLES)

FIGURES = (
    *("n", "tp", "fp", "fn", "tn", "unscored", "unlabelled", "accuracy", "precision", "recall", "f1"),
    *("unscored_right", "unscored_wrong"),
    *("rate_per_s", "rate_all_per_s", "p50_ms", "p95_ms", "p99_ms", "max_ms"),
    *("hangs", "crashes", "errors", "memory_mb"),
)
INTERVALS = ("accuracy_ci95", "precision_ci95", "recall_ci95")
CONFUSION = ("n", "tp", "fp", "fn", "tn", "unscored")
CHANGES = ("rows", "improved", "regressed", "unlabelled_flips")
NOISE = (
    *("group_size", "groups", "false_positive_rate", "false_negative_rate"),
    *("groups_with_false_positive", "groups_with_false_negative"),
)


def write_bench(result: Mapping[str, Any], path: Path) -> None:
    """Write the page of a bench: the JSON of `rlvr bench`.

    Raises:
        InputError: The file cannot be written.
    """
    verifiers = {text(label): table(one) for label, one in table(result.get("verifiers")).items()}
    data = table(result.get("data"))
    cases = bench_cases(result)
    shown = {
        "data": named(data),
        "settings": named(result.get("settings")),
        "machine": named(result.get("machine")),
        "command": _command(result),
        "right_from": number(table(result.get("settings")).get("right_from")),
        "timeout_s": number(table(result.get("settings")).get("timeout_s")),
        "rows": number(data.get("rows")),
        "verifiers": [{"label": short(label), **_verifier(one)} for label, one in verifiers.items()],
        "kinds": _kinds(verifiers),
        "agreement": _agreement(result.get("agreement")),
        "notes": cases.pop("notes"),
    }
    *others, last = verifiers or [""]
    several = f"{', '.join(others)} and {last}" if others else last
    if len(verifiers) > 3:
        several = f"{len(verifiers)} verifiers"
    title = title_of(f"{several} on {text(data.get('source')) or 'labelled completions'}")
    save(render(BENCH, title, {"shown": {"title": title, **shown}, "held": cases}), path)


def write_check(result: Mapping[str, Any], path: Path) -> None:
    """Write the page of a conformance check: the JSON of `rlvr check`.

    Raises:
        InputError: The file cannot be written.
    """
    title = title_of(text(result.get("environment")) or "an environment")
    shown = {
        "title": title,
        "plugin": short(result.get("plugin")),
        "grade": short(result.get("grade"), 40),
        "command": _command(result),
        "settings": named(result.get("settings")),
        "machine": named(result.get("machine")),
        **{name: number(result.get(name)) for name in ("tasks", "passed", "failed", "skipped")},
        "checks": [_check(row) for row in rows_of(result.get("checks"))],
    }
    save(render(CHECK, title, {"shown": shown}), path)


def write_diff(result: Mapping[str, Any], path: Path) -> None:
    """Write the page of two verifiers over the same rows: the JSON of `rlvr diff`.

    Raises:
        InputError: The file cannot be written.
    """
    sides = {name: table(result.get(name)) for name in ("a", "b")}
    labels = {name: text(side.get("label")) or name.upper() for name, side in sides.items()}
    title = title_of(f"{labels['a']} against {labels['b']}")
    found = flips(result)
    shown = {
        "title": title,
        "sides": [
            {"label": short(labels[name]), "plugin": short(side.get("plugin"))}
            for name, side in sides.items()
        ],
        "data": named(result.get("data")),
        "command": _command(result),
        "machine": named(result.get("machine")),
        **{name: number(result.get(name)) for name in ("same", *CHANGES)},
        "kinds": listed(result.get("by_kind"), CHANGES, by=("regressed", "improved")),
        "notes": found.pop("notes"),
    }
    save(render(DIFF, title, {"shown": shown, "held": found}), path)


def _command(result: Mapping[str, Any]) -> str:
    found = result.get("command") or table(result.get("settings")).get("command")
    return short(" ".join(map(text, found)) if isinstance(found, list | tuple) else found)


def _verifier(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "plugin": short(one.get("plugin")),
        **{name: number(one.get(name)) for name in FIGURES},
        **{
            f"{name}_ci95": _interval(one.get(f"{name}_ci95")) for name in ("accuracy", "precision", "recall")
        },
        "reasons": counts(one.get("reasons")),
        "unscored_reasons": counts(one.get("unscored_reasons")),
        "noise": _noise(one.get("noise")),
        "latency": _latency(one.get("latency"), number(one.get("max_ms"))),
        "ratio": _ratio(one.get("ratio")),
        "findings": [_finding(row) for row in rows_of(one.get("findings"))],
    }


def _interval(value: object) -> list[float] | None:
    ends = [number(end) for end in value] if isinstance(value, list | tuple) else []
    found = [end for end in ends if end is not None]
    return found if len(found) == 2 else None


def _noise(value: object) -> dict[str, Any] | None:
    found = table(value)
    if not found:
        return None
    return {**{name: number(found.get(name)) for name in NOISE}, "measured": found.get("measured") is True}


def _latency(value: object, slowest: float | None) -> list[list[float]]:
    """Return [upper ms, count] in order; the bucket without an upper end ends at the slowest."""
    found = []
    for bucket in value if isinstance(value, list | tuple) else []:
        if isinstance(bucket, list | tuple) and len(bucket) == 2:
            upper, count = (number(end) for end in bucket)
            upper = slowest if upper is None else upper
            if upper is not None and upper > 0 and count:
                found.append([upper, count])
    return sorted(found)


def _ratio(value: object) -> dict[str, Any] | None:
    found = table(value)
    middle = number(found.get("p50"))
    if middle is None:
        return None
    ends = {name: number(found.get(name)) for name in ("p10", "p90")}
    return {"to": short(found.get("to"), 200), "p50": middle, **ends}


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    rows = row.get("rows")
    ids = [short(name, 300) for name in rows[:50]] if isinstance(rows, list | tuple) else []
    return {
        "what": short(row.get("what"), 300),
        "count": number(row.get("count")),
        "detail": short(row.get("detail")),
        "rows": ids,
    }


def _kinds(verifiers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of each kind: {rows: [[kind, a list of counts or None a verifier]], left_out}."""
    tables = [
        listed(one.get("by_kind"), CONFUSION, by=("fp", "fn", "unscored")) for one in verifiers.values()
    ]
    kinds = {kind: None for found in tables for kind, *_ in found["rows"]}
    places = [{kind: figures for kind, *figures in found["rows"]} for found in tables]
    rows = [[kind, *(place.get(kind) for place in places)] for kind in kinds]
    return {"rows": rows, "left_out": max((found["left_out"] for found in tables), default=0)}


def _agreement(value: object) -> dict[str, Any] | None:
    found = table(value)
    names = [short(name, 200) for name in found.get("names") or ()]
    if len(names) < 2:
        return None
    return {"names": names, **{name: plain(found.get(name)) for name in ("share", "kappa")}}


def _check(row: Mapping[str, Any]) -> dict[str, Any]:
    examples = [
        {name: short(example.get(name)) for name in ("task", "text", "detail")}
        for example in rows_of(row.get("examples"))
    ]
    words = {
        name: short(row.get(name)) for name in ("name", "title", "severity", "status", "detail", "way_out")
    }
    return {**words, "ms": number(row.get("ms")), "examples": examples[:100], "of": len(examples)}
