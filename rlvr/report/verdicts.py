"""Stand-in until the real module of this name is merged. To be dropped."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_bench"]


def write_bench(result: Mapping[str, Any], path: Path) -> None:
    """Write the result."""
    path.write_text(json.dumps(result))
