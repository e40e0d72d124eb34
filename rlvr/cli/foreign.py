"""Options that say what a file of completions holds, and the tasks that its rows may name."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from rlvr.boundary import prints_are_words
from rlvr.formats import FORMATS, Fields
from rlvr.formats.names import ANSWERS, COMPLETIONS, GROUPS, KINDS, LABELS, PROMPTS
from rlvr.registry import Entry, make
from rlvr.types import Task, first_tasks

__all__ = ["field_options", "tasks_of"]

F = TypeVar("F", bound=Callable[..., Any])

_SHOWN = 3
_HELP = {
    "completion": f"Field with the completion [{', '.join(COMPLETIONS[:_SHOWN])}, ...].",
    "answer": f"Field with the reference [{', '.join(ANSWERS[:_SHOWN])}, ...].",
    "id": "Field with the row's id [id, ..., else the line number].",
    "label": f"Field that says whether the completion is right [{', '.join(LABELS[:_SHOWN])}, ...].",
    "kind": f"Field with the kind of row, a line each in tables [{', '.join(KINDS[:_SHOWN])}, ...].",
    "group": f"Field that rows of one task share [{', '.join(GROUPS[:_SHOWN])}, ...].",
    "prompt": f"Field with the prompt [{', '.join(PROMPTS)}].",
}


def field_options(*names: str) -> Callable[[F], F]:
    """Add --format and an option --NAME-field for each of the names of `Fields` to a command.

    It is called with `fields`, in which the others are empty (not looked for), and `file_format`.
    """

    def add(command: F) -> F:
        @functools.wraps(command)
        def gathered(**options: Any) -> Any:
            told = {name: options.pop(f"{name}_field", "") for name in _HELP}
            return command(fields=Fields(**told), **options)

        wrapped: Any = click.option(
            "--format",
            "file_format",
            type=click.Choice(list(FORMATS)),
            help="What wrote the file [seen by its first row].",
        )(gathered)
        for name in reversed(names):
            wrapped = click.option(f"--{name}-field", metavar="F", help=_HELP[name])(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return add


def tasks_of(entry: Entry, options: Mapping[str, Any]) -> Mapping[str, Task] | None:
    """Return the tasks of a finite environment by id; None for an endless one, and for a verifier."""
    if entry.kind != "environment":
        return None
    with prints_are_words():
        environment = make(entry.full_name, **options)
        if environment.size is None:
            return None
        return {task.id: task for task in first_tasks(environment, None)}
