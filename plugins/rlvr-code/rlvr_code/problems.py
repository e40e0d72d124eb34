"""What the environments share: fields of a row, prompts from a template, and the environment of the tasks."""

from collections.abc import Callable, Mapping
from typing import Any

from rlvr.errors import InputError
from rlvr.prompts import prompt
from rlvr.rows import field, unique
from rlvr.types import Environment, LazyTasks, Message, Task, Verifier

__all__ = ["environment", "fenced", "first_of", "messages"]

_WAY_OUT = "Expected the fields of the set on the hub."


def environment(name: str, load: Callable[[], list[Task]], verifier: Verifier) -> Environment:
    """Return the environment of tasks whose metadata hold a solution; they are loaded at the first look."""
    return Environment(
        name=name,
        tasks=LazyTasks(lambda: unique(load())),
        verifier=verifier,
        reference=_solution,
        true_measure="solved",
    )


def first_of(row: Mapping[str, Any], *names: str, index: int) -> Any:
    """Return the first of these fields that a row has; `index` counts rows from 0."""
    name = next((name for name in names if name in row), names[0])
    return field(row, name, where=f"row {index + 1}", way_out=_WAY_OUT)


def messages(template: str, *, system: str, **fields: str) -> tuple[Message, ...]:
    """Fill a template, which must have a place for the question.

    Raises:
        InputError: It has none.
    """
    if "{question}" not in template:
        raise InputError(f"template = {template!r} has no place for the question: expected {{question}}.")
    return prompt(template, system=system, **fields)


def fenced(source: str) -> str:
    r"""Return a program as a completion.

    >>> fenced("x = 1\r\n")
    '```python\nx = 1\n```'
    """
    return "```python\n" + source.replace("\r\n", "\n").strip("\n") + "\n```"


def _solution(task: Task) -> str | None:
    solution: str | None = task.metadata["solution"]
    return solution
