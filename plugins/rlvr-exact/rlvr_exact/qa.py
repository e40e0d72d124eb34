"""The `qa` environment: the questions and answers of a local file or a hub data set."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from rlvr.errors import InputError
from rlvr.prompts import prompt
from rlvr.rows import field, rows
from rlvr.types import Environment, LazyTasks, Task, Verifier
from rlvr_exact.choice import choice
from rlvr_exact.exact import exact, references
from rlvr_exact.number import number
from rlvr_exact.procedural import require

__all__ = ["first_reference", "qa", "read_tasks", "text_field"]

_VERIFIERS: Mapping[str, Callable[[], Verifier]] = {"exact": exact, "choice": choice, "number": number}


def qa(  # noqa: PLR0913 - the options of an environment are its arguments
    *,
    source: str,
    split: str = "train",
    config: str = "",
    question_field: str = "question",
    answer_field: str = "answer",
    id_field: str = "",
    verifier: Literal["exact", "choice", "number"] = "exact",
    template: str = "{question}",
    system: str = "",
    limit: int = 0,
) -> Environment:
    """Return the environment over the rows of `source`, or over its first `limit`.

    An answer is a text or a number, or a list of all that are accepted. A row whose answer is none of
    these is kept, and its completions stay unscored. The data are read when the first task is looked at.
    """
    require("{question}" in template, f"qa: template = {template!r}", "a text with {question} in it")
    require(limit >= 0, f"qa: limit = {limit}", "0 for all rows, or a number of them")

    def make(row: Mapping[str, Any], name: str, where: str) -> Task:
        question = text_field(row, question_field, where=where, option="question_field")
        answer = field(row, answer_field, where=where, way_out="Name it with answer_field.")
        return Task(id=name, prompt=prompt(template, system=system, question=question), answer=answer)

    def load() -> Sequence[Task]:
        found = rows(source, split=split, config=config, limit=limit)
        return read_tasks(found, make, name="qa", source=source, id_field=id_field)

    judge = _VERIFIERS[verifier]()
    return Environment(name="qa", tasks=LazyTasks(load), verifier=judge, reference=first_reference)


def read_tasks(
    found: Sequence[Mapping[str, Any]],
    make: Callable[[Mapping[str, Any], str, str], Task],
    *,
    name: str,
    source: str,
    id_field: str,
) -> list[Task]:
    """Return the task of each row, named by `id_field` or else by its place.

    Raises:
        InputError: Two rows have the same id.
    """
    tasks: dict[str, Task] = {}
    for index, row in enumerate(found):
        where = f"{source!r} row {index + 1}"
        given = field(row, id_field, where=where, way_out="Name it with id_field.") if id_field else None
        task_id = str(given) if id_field else f"{name}-{index}"
        if task_id in tasks:
            raise InputError(f"{where}: the id {task_id!r} is taken: expected one id a row, or no id_field.")
        tasks[task_id] = make(row, task_id, where)
    return list(tasks.values())


def text_field(row: Mapping[str, Any], name: str, *, where: str, option: str) -> str:
    """Return a field of a row that must be text.

    Raises:
        InputError: There is no such field, or it is not text.
    """
    value = field(row, name, where=where, way_out=f"Name it with {option}.")
    if not isinstance(value, str):
        raise InputError(f"{where}: {name} = {value!r:.80} is not text: name a text field with {option}.")
    return value


def first_reference(task: Task) -> str | None:
    """Return the first readable reference of a task, which is a completion that earns full reward."""
    return next(iter(references(task.answer)), None)
