"""What a bench found, as tables for people."""

import shutil
from collections.abc import Callable, Mapping, Sequence, Sized
from typing import Any

import click

from rlvr.cli.common import table

__all__ = ["show"]

_KINDS = 12
_TEXT = 60
_REASONS = 6
_FEW = 4
_Cell = Callable[[Mapping[str, Any]], str]


def show(found: Mapping[str, Any], *, differences: int) -> None:
    """Print the result: figures, worst kinds, agreement, rows that differ, findings."""
    verifiers = found["verifiers"]
    _headline(found)
    _figures(verifiers)
    _unscored(verifiers)
    _noise(verifiers)
    if len(verifiers) > _FEW:  # their names would not fit above columns
        click.echo(f"\nBelow: {', '.join(f'{n} {label}' for n, label in enumerate(verifiers, start=1))}.")
    _kinds(verifiers)
    if len(verifiers) > 1:
        _agreement(found["agreement"])
        _differences(found, differences)
    _findings(verifiers)


def _headline(found: Mapping[str, Any]) -> None:
    data, settings = found["data"], found["settings"]
    version = f" {data['version']}" if data.get("version") else ""
    click.echo(
        f"{data['source']}{version}: {data['rows']:,} rows, {data['labelled']:,} labelled. "
        f"{settings['workers']} workers, {settings['timeout_s']:g} s a row; "
        f"times without the first {settings['warm_up_rows']} rows.\n"
    )


_JUDGING: Mapping[str, _Cell] = {
    "accuracy (95%)": lambda v: _with_interval(v["accuracy"], v["accuracy_ci95"]),
    "FP": lambda v: f"{v['fp']:,}",
    "FN": lambda v: f"{v['fn']:,}",
    "unscored": lambda v: f"{v['unscored']:,}",
    "precision": lambda v: _percent(v["precision"]),
    "recall": lambda v: _percent(v["recall"]),
    "F1": lambda v: _percent(v["f1"]),
}
_TIMES: Mapping[str, _Cell] = {
    "p50 ms": lambda v: _ms(v["p50_ms"]),
    "p95": lambda v: _ms(v["p95_ms"]),
    "p99": lambda v: _ms(v["p99_ms"]),
    "max": lambda v: _ms(v["max_ms"]),
    "x first (p10-p90)": lambda v: _ratio(v["ratio"]),
    "/s core": lambda v: _rate(v["rate_per_s"]),
    "/s all": lambda v: _rate(v["rate_all_per_s"]),
    "hangs": lambda v: f"{v['hangs']:,}",
    "crashes": lambda v: f"{v['crashes']:,}",
    "MB": lambda v: "-" if v["memory_mb"] is None else f"{v['memory_mb']:,.0f}",
}


def _ratio(ratio: Mapping[str, Any] | None) -> str:
    return "-" if ratio is None else f"{ratio['p50']:.3g} ({ratio['p10']:.3g}-{ratio['p90']:.3g})"


def _figures(verifiers: Mapping[str, Any]) -> None:
    """Print one table, or two where the terminal is too narrow for one."""
    if _width({**_JUDGING, **_TIMES}, verifiers) <= shutil.get_terminal_size().columns:
        _columns({**_JUDGING, **_TIMES}, verifiers)
        return
    _columns(_JUDGING, verifiers)
    click.echo()
    _columns(_TIMES, verifiers)


def _columns(cells: Mapping[str, _Cell], verifiers: Mapping[str, Any]) -> None:
    rows = [[label, *(cell(figures) for cell in cells.values())] for label, figures in verifiers.items()]
    table(["verifier", *cells], rows, numbers_from=1)


def _width(cells: Mapping[str, _Cell], verifiers: Mapping[str, Any]) -> int:
    widest = [max(len(name), *(len(cell(v)) for v in verifiers.values())) for name, cell in cells.items()]
    return max(map(len, ("verifier", *verifiers))) + sum(widest) + 2 * len(cells)


def _unscored(verifiers: Mapping[str, Any]) -> None:
    lines = []
    for label, figures in verifiers.items():
        reasons = list(figures["unscored_reasons"].items())
        shown = [f"{reason or 'no reason'} {_percent(n / figures['n'])}" for reason, n in reasons[:_REASONS]]
        more = [f"{len(reasons) - _REASONS} other reasons"] if len(reasons) > _REASONS else []
        lines += [f"  {label}: {', '.join((*shown, *more))}"] if shown else []
    if lines:
        click.echo("\n".join(("\nUnscored rows by reason", *lines)))


def _noise(verifiers: Mapping[str, Any]) -> None:
    rows = []
    for label, figures in verifiers.items():
        noise = figures["noise"]
        how = f"{noise['groups']:,} groups" if noise["measured"] else "estimated"
        shares = [noise[f"{what}_rate"] for what in ("false_positive", "false_negative")]
        groups = [noise[f"groups_with_{what}"] for what in ("false_positive", "false_negative")]
        rows.append([label, *map(_percent, (*shares, *groups)), f"{noise['group_size']:g}", how])
    if any(figures["accuracy"] is not None for figures in verifiers.values()):
        columns = ["verifier", "FP rate", "FN rate", "groups with FP", "with FN", "of size", "measured in"]
        click.echo()
        table(columns, rows, title="Reward noise", numbers_from=1)


def _kinds(verifiers: Mapping[str, Any]) -> None:
    """Print right / labelled of each kind, those with the most errors of any verifier first."""
    errors: dict[str, int] = {}
    for figures in verifiers.values():
        for kind, cells in figures["by_kind"].items():
            errors[kind] = errors.get(kind, 0) + _labelled(cells) - cells["tp"] - cells["tn"]
    worst = sorted((kind for kind in errors if errors[kind]), key=lambda kind: -errors[kind])
    if len(errors) < 2 or not worst:
        return
    rows = [
        [
            kind or "(none)",
            *(
                _right(figures["by_kind"].get(kind), few=_are_few(verifiers))
                for figures in verifiers.values()
            ),
        ]
        for kind in worst[:_KINDS]
    ]
    more = f", the worst {_KINDS} of {len(worst)}" if len(worst) > _KINDS else ""
    click.echo()
    table(
        ["kind", *_heads(list(verifiers))], rows, title=f"Judged as labelled, by kind{more}", numbers_from=1
    )


def _labelled(cells: Mapping[str, int]) -> int:
    return cells["n"] - cells["unlabelled"]


def _right(cells: Mapping[str, int] | None, *, few: bool) -> str:
    if not cells or not _labelled(cells):
        return "-"
    right = cells["tp"] + cells["tn"]
    return f"{right:,}/{_labelled(cells):,}" if few else f"{100 * right / _labelled(cells):.0f}%"


def _are_few(verifiers: Sized) -> bool:
    return len(verifiers) <= _FEW


def _heads(labels: Sequence[str]) -> list[str]:
    return list(labels) if _are_few(labels) else [str(number) for number in range(1, len(labels) + 1)]


def _agreement(agreement: Mapping[str, Any]) -> None:
    names, few = agreement["names"], _are_few(agreement["names"])
    rows = [
        [
            name,
            *(
                "" if i == j else _pair(share, kappa, few=few)
                for j, (share, kappa) in enumerate(zip(shares, kappas, strict=True))
            ),
        ]
        for i, (name, shares, kappas) in enumerate(
            zip(names, agreement["share"], agreement["kappa"], strict=True)
        )
    ]
    click.echo()
    title = "Same verdict (Cohen's kappa)" if few else "Same verdict, in percent of the rows"
    table(["", *_heads(names)], rows, title=title, numbers_from=1)


def _pair(share: float | None, kappa: float | None, *, few: bool) -> str:
    if share is None:
        return "-"
    if not few:
        return f"{100 * share:.0f}"
    return f"{_percent(share)} ({'-' if kappa is None else f'{kappa:.2f}'})"


def _differences(found: Mapping[str, Any], most: int) -> None:
    rows = found["differences"][:most]
    if not rows:
        return
    labels = list(found["verifiers"])
    cells = [
        [
            _short(row["id"], 20),
            {True: "right", False: "wrong", None: "-"}[row["label"]],
            _short(row["reference"], 24),
            _short(row["completion"][-_TEXT:], _TEXT),
            *(_reward(row["verdicts"].get(label), few=_are_few(labels)) for label in labels),
        ]
        for row in rows
    ]
    columns = ["row", "label", "reference", "completion ends", *_heads(labels)]
    click.echo()
    table(columns, cells, title=f"Where they differ: {len(rows)} of {found['differing']:,} rows")


def _reward(verdict: Mapping[str, Any] | None, *, few: bool) -> str:
    if verdict is None:
        return "-"
    if verdict["reward"] is None:
        return "unscored" if few else "?"
    return f"{verdict['reward']:.3g}"


def _findings(verifiers: Mapping[str, Any]) -> None:
    found = [(label, one) for label, figures in verifiers.items() for one in figures["findings"]]
    if found:
        click.echo("\nFindings")
    for label, one in found:
        times = "once" if one["count"] == 1 else f"{one['count']:,} times"
        click.echo(f"  {label}: {one['what']}, {times}{_rows(one['rows'])}.\n    {one['detail']}")


def _rows(names: Sequence[str]) -> str:
    return f" (rows {', '.join(_short(name, 30) for name in names)})" if names else ""


def _with_interval(share: float | None, interval: Sequence[float]) -> str:
    low, high = (f"{100 * bound:.1f}" for bound in interval)
    return "-" if share is None else f"{_percent(share)} {low}-{high}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f}%"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _short(value: object, longest: int) -> str:
    text = " ".join(str(value).split())
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
