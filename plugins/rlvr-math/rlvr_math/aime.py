r"""AIME: competition problems, thirty a year, whose answers are whole numbers from 0 to 999."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from rlvr.extract import boxed
from rlvr.rows import rows
from rlvr.types import Environment, Task
from rlvr_math.problems import TEMPLATE, Reading, Wording, environment, text_of

__all__ = ["load"]

# Each set has one split, which its makers named as they liked.
_SETS = {"2024": ("HuggingFaceH4/aime_2024", "train"), "2025": ("math-ai/aime25", "test")}
_ANSWER = re.compile(r"0{0,3}[0-9]{1,3}")


def load(  # noqa: PLR0913 - the options of an environment, each named by its user
    *,
    year: Literal["2024", "2025", 2024, 2025] = "2025",
    source: str = "",
    split: str = "",
    template: str = TEMPLATE,
    system: str = "",
    limit: int = 0,
    reading: Reading = "marked",
) -> Environment:
    """Make the environment `aime` from the hub, or from a local file with the fields problem and answer.

    The year says which set; with a `source` of your own it only names the tasks, as `aime-2025-17`. A row
    whose answer is no whole number from 0 to 999 is an unreadable reference.
    """
    wording = Wording(template=template, system=system)
    own_source, own_split = _SETS[str(year)]
    stem = "-".join(filter(None, ("aime", str(year), split)))

    def tasks() -> list[Task]:
        found = rows(source or own_source, split=split or own_split, config="", limit=limit)
        return [_task(row, index, stem, wording) for index, row in enumerate(found)]

    return environment("aime", tasks, reading=reading)


def _task(row: Mapping[str, Any], index: int, stem: str, wording: Wording) -> Task:
    answer = _whole(text_of(row, "answer", index=index))
    solution = str(row.get("solution") or "")
    worked = answer is not None and _whole(boxed(solution) or "") == answer
    return Task(
        id=f"{stem}-{index}",
        prompt=wording.ask(text_of(row, "problem", index=index)),
        answer=answer,
        metadata={"solution": solution if worked else answer and f"\\boxed{{{answer}}}"},
    )


def _whole(text: str) -> str | None:
    """Return a whole number from 0 to 999 without leading zeros, or None.

    >>> _whole("033"), _whole("0"), _whole("1000"), _whole("7.5")
    ('33', '0', None, None)
    """
    found = _ANSWER.fullmatch(text.strip())
    return str(int(found.group())) if found else None
