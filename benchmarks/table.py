"""The summary of a bench (`--summary FILE`) as a Markdown table: `python benchmarks/table.py FILE`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLUMNS = (
    *("verifier", "accuracy % (95%)", "false positives", "false negatives", "unscored"),
    *("a second, one core", "p50 ms", "p99 ms", "hangs"),
)


def main() -> None:
    """Print the table, the most accurate first."""
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/table.py SUMMARY.json")
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    verifiers = found["verifiers"].items()
    for label, one in sorted(verifiers, key=lambda pair: -(pair[1]["accuracy"] or 0)):
        print(f"| {' | '.join(cells(label, one))} |")


def cells(label: str, one: Mapping[str, Any]) -> list[str]:
    """Return the cells of a verifier."""
    low, high = one["accuracy_ci95"]
    return [
        label,
        f"{100 * one['accuracy']:.1f} ({100 * low:.1f}-{100 * high:.1f})",
        *(str(one[name]) for name in ("fp", "fn", "unscored")),
        *(brief(one[name]) for name in ("rate_per_s", "p50_ms", "p99_ms")),
        str(one["hangs"]),
    ]


def brief(number: float) -> str:
    """Say a number in three digits, or whole.

    >>> brief(0.01234), brief(12345.6)
    ('0.0123', '12,346')
    """
    return f"{number:.3g}" if number < 100 else f"{number:,.0f}"


if __name__ == "__main__":
    main()
