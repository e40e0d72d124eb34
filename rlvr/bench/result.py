"""What a bench has found, as plain data: the keys that `--json`, pages and gates read."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlvr.bench.contender import Contender
from rlvr.bench.engine import Bench
from rlvr.bench.gallery import Seen, shown_row, shown_score
from rlvr.bench.noise import estimated
from rlvr.workers import usable_cores

__all__ = ["Explained", "result"]

Explained = Mapping[tuple[str, str], Mapping[str, Any]]
"""Explanations by (label of the verifier, id of the row)."""


def result(bench: Bench, data: Mapping[str, Any], explained: Explained | None = None) -> dict[str, Any]:
    """Return everything that was found; `data` says where the rows came from."""
    settings = bench.settings
    return {
        "data": {**data, "rows": bench.rows, "labelled": bench.labelled, "kinds": len(bench.kinds)},
        "settings": {
            "workers": settings.workers,
            "timeout_s": settings.timeout_s,
            "seed": settings.seed,
            "warm_up_rows": min(settings.warm_up_rows, bench.rows),
            "block_rows": settings.block_rows,
            "right_from": settings.right_from,
        },
        "machine": _machine(),
        "interrupted": bench.interrupted,
        "verifiers": {
            contender.entrant.label: _verifier(bench, index, explained or {})
            for index, contender in enumerate(bench.contenders)
        },
        "agreement": bench.agreement.table(),
        "differing": bench.differing,
        "differences": bench.differences.items(),
    }


def _verifier(bench: Bench, index: int, explained: Explained) -> dict[str, Any]:
    contender = bench.contenders[index]
    counts, gallery = contender.counts, contender.gallery.items()
    return {
        "plugin": contender.pool.plugin,
        **counts.cells(),
        **counts.figures(),
        **_times(contender),
        "hangs": contender.pool.timeouts,
        "crashes": contender.pool.deaths,
        "errors": contender.errors,
        "unsafe": contender.unsafe,
        "memory_mb": _rounded(contender.watch.memory_mb, 1),
        "reasons": dict(contender.reasons.most_common()),
        "unscored_reasons": dict(contender.unscored_reasons.most_common()),
        "by_kind": {kind: found.cells() for kind, found in contender.kinds.items()},
        "noise": _noise(bench, index),
        "latency": [[round(upper, 6), count] for upper, count in contender.times.each.histogram()],
        "ratio": _ratio(bench, index),
        "findings": contender.all_findings(),
        "gallery": {
            name: [_row(seen, explained.get((contender.entrant.label, seen.row.id))) for seen in rows]
            for name, rows in gallery.items()
        },
    }


def _times(contender: Contender) -> dict[str, float | None]:
    times = contender.times
    each = times.each
    return {
        "timed_rows": each.count,
        "rate_per_s": _rounded(each.count / times.ms * 1e3 if times.ms else None, 1),
        "rate_all_per_s": _rounded(each.count / times.wall_s if times.wall_s else None, 1),
        "p50_ms": _rounded(each.at(0.5), 4),
        "p95_ms": _rounded(each.at(0.95), 4),
        "p99_ms": _rounded(each.at(0.99), 4),
        "max_ms": _rounded(each.maximum if each.count else None, 4),
    }


def _noise(bench: Bench, index: int) -> dict[str, Any]:
    contender = bench.contenders[index]
    counts = contender.counts
    # One that was left out half-way would seem to do no wrong in the groups that came later.
    measured = bench.groups.measured(index) if contender.active else None
    return {
        **(measured or estimated(counts, bench.settings.group_size)),
        "false_positive_rate": counts.false_positives / counts.wrong if counts.wrong else None,
        "false_negative_rate": counts.false_negatives / counts.right if counts.right else None,
    }


def _ratio(bench: Bench, index: int) -> dict[str, Any] | None:
    ratios = bench.ratios[index]
    if not ratios.count:
        return None
    spread = {name: _rounded(ratios.at(q), 4) for name, q in (("p50", 0.5), ("p10", 0.1), ("p90", 0.9))}
    return {"to": bench.contenders[0].entrant.label, **spread}


def _row(seen: Seen, explanation: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        **shown_row(seen.row),
        "why": seen.row.why,
        **shown_score(seen.score),
        "error": seen.score.error,
        "ms": round(seen.ms, 4),
        "explanation": explanation,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _machine() -> dict[str, Any]:
    return {
        "platform": platform.platform(),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": usable_cores(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
