r"""MATH-500: competition problems in seven subjects, whose solutions hold `\boxed{}`."""

from collections.abc import Mapping
from typing import Any

from rlvr.rows import rows
from rlvr.types import Environment, Task
from rlvr_math.problems import TEMPLATE, Reading, Wording, environment, text_of

__all__ = ["load"]


def load(
    *,
    source: str = "HuggingFaceH4/MATH-500",
    split: str = "test",
    template: str = TEMPLATE,
    system: str = "",
    limit: int = 0,
    reading: Reading = "marked",
) -> Environment:
    """Make the environment `math500` from the hub, or from a local file with its fields."""
    wording = Wording(template=template, system=system)

    def tasks() -> list[Task]:
        found = rows(source, split=split, config="", limit=limit)
        return [_task(row, index, split, wording) for index, row in enumerate(found)]

    return environment("math500", tasks, reading=reading)


def _task(row: Mapping[str, Any], index: int, split: str, wording: Wording) -> Task:
    return Task(
        id=str(row.get("unique_id") or f"math500-{split}-{index}"),
        prompt=wording.ask(text_of(row, "problem", index=index)),
        answer=text_of(row, "answer", index=index),
        metadata={
            "solution": text_of(row, "solution", index=index),
            "subject": text_of(row, "subject", index=index),
            "level": row.get("level"),
        },
    )
