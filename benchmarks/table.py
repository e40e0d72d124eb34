"""The summary of a bench (`--summary FILE`) as the README's Markdown table: `python benchmarks/table.py FILE`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLUMNS = (
    ("verifier", "accuracy % (95%)", "false positives", "false negatives", "unscored"),
    ("a second, one core", "x the first", "p50 ms", "p99 ms", "hangs", "MB"),
)


def main() -> None:
    """Print the table, the most accurate first."""
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/table.py SUMMARY.json")
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    names = [name for part in COLUMNS for name in part]
    print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}")
    verifiers = found["verifiers"].items()
    for label, one in sorted(verifiers, key=lambda pair: -(pair[1]["accuracy"] or 0)):
        print(f"| {' | '.join(cells(label, one))} |")


def cells(label: str, one: Mapping[str, Any]) -> list[str]:
    """Return the cells of a verifier."""
    low, high = one["accuracy_ci95"]
    ratio = one["ratio"]
    return [
        label,
        f"{100 * one['accuracy']:.1f} ({100 * low:.1f}-{100 * high:.1f})",
        str(one["fp"]),
        str(one["fn"]),
        str(one["unscored"]),
        f"{one['rate_per_s']:,.0f}" if one["rate_per_s"] >= 100 else f"{one['rate_per_s']:.3g}",
        f"{ratio['p50']:.3g} ({ratio['p10']:.3g}-{ratio['p90']:.3g})" if ratio else "1",
        f"{one['p50_ms']:.3g}",
        f"{one['p99_ms']:.3g}",
        str(one["hangs"]),
        "-" if one["memory_mb"] is None else f"{one['memory_mb']:.0f}",
    ]


if __name__ == "__main__":
    main()
