"""Write the rows that are made by rule as JSON lines: `python -m rlvr_exact.sets NAME > FILE`."""

import sys

from rlvr_exact.sets.rules import SETS
from rlvr_exact.sets.rules.made import lines

if len(sys.argv) != 2 or sys.argv[1] not in SETS:
    sys.exit(f"usage: python -m rlvr_exact.sets NAME, of {', '.join(SETS)}")
sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
sys.stdout.writelines(lines(SETS[sys.argv[1]]))
