"""GSM8K: grade-school word problems, whose worked solutions end in `#### N`."""

from collections.abc import Mapping
from typing import Any, Literal

from rlvr.extract import after_marker
from rlvr.rows import rows
from rlvr.types import Environment, Task
from rlvr_math.problems import TEMPLATE, Reading, Wording, environment, text_of

__all__ = ["load"]


def load(  # noqa: PLR0913 - the options of an environment, each named by its user
    *,
    source: str = "openai/gsm8k",
    split: Literal["train", "test"] = "train",
    config: str = "main",
    template: str = TEMPLATE,
    system: str = "",
    limit: int = 0,
    reading: Reading = "marked",
) -> Environment:
    """Make the environment `gsm8k` from the hub, or from a local file with the fields question and answer.

    The reference is what stands after the last `####`; a row without one is an unreadable reference. With a
    local file, `split` only names the tasks: `gsm8k-test-17` is the row at index 17.
    """
    wording = Wording(template=template, system=system)

    def tasks() -> list[Task]:
        found = rows(source, split=split, config=config, limit=limit)
        return [_task(row, index, split, wording) for index, row in enumerate(found)]

    return environment("gsm8k", tasks, reading=reading)


def _task(row: Mapping[str, Any], index: int, split: str, wording: Wording) -> Task:
    solution = text_of(row, "answer", index=index)
    return Task(
        id=f"gsm8k-{split}-{index}",
        prompt=wording.ask(text_of(row, "question", index=index)),
        answer=after_marker(solution, "####") or None,
        metadata={"solution": solution},
    )
