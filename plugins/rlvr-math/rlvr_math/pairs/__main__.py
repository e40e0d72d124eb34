"""Write the set as JSON lines: `python -m rlvr_math.pairs > FILE`."""

import sys

from rlvr_math.pairs.make import rows
from rlvr_math.pairs.rule import line

sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
sys.stdout.writelines(line(row) for row in rows())
