"""Write the set as JSON lines: `python -m rlvr_code.sets > FILE`."""

import sys

from rlvr_code.sets.made import lines

sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
sys.stdout.writelines(lines())
