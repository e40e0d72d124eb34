r"""Any set of problems with answers, as an environment: from a local file or a hub, over named fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from rlvr.errors import InputError
from rlvr.prompts import prompt
from rlvr.rows import field, rows, unique
from rlvr.types import Environment, LazyTasks, Message, Task
from rlvr_math.read import reference
from rlvr_math.verify import math

__all__ = ["TEMPLATE", "Reading", "Wording", "environment", "load", "text_of"]

Reading: TypeAlias = Literal["box", "marked", "any"]
"""How far down the rules of reading a verifier goes: a box, anything marked as the answer, or any number."""

TEMPLATE = "{question}\n\nThink step by step, then give the final answer alone in \\boxed{}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How a question is put; `{question}` in the template is replaced by it."""

    template: str = TEMPLATE
    system: str = ""

    def __post_init__(self) -> None:
        if "{question}" not in self.template:
            raise InputError(
                f"template = {self.template!r} has no place for the question: expected {{question}}."
            )

    def ask(self, question: str) -> tuple[Message, ...]:
        """Return the messages that put a question."""
        return prompt(self.template, system=self.system, question=question)


def load(  # noqa: PLR0913 - the options of an environment, each named by its user
    *,
    source: str,
    problem_field: str = "problem",
    answer_field: str = "answer",
    answer_from: Literal["field", "solution"] = "field",
    id_field: str = "",
    split: str = "train",
    config: str = "",
    template: str = TEMPLATE,
    system: str = "",
    limit: int = 0,
    reading: Reading = "marked",
) -> Environment:
    r"""Make the environment `math`: any set whose rows hold a problem and its answer.

    With `answer_from="solution"` the answer field holds a worked solution, and the answer is read from its
    last `\boxed{}` or `####`; one that has neither is an unreadable reference. Ids are the name of the
    source, the split, and the index of the row or its field `id_field`.
    """
    wording = Wording(template=template, system=system)
    stem = f"{Path(source).name.partition('.')[0]}-{split}"

    def tasks() -> list[Task]:
        found = rows(source, split=split, config=config, limit=limit)
        return [task(row, index) for index, row in enumerate(found)]

    def task(row: Mapping[str, Any], index: int) -> Task:
        answer = _value(row, answer_field, "answer_field", index)
        return Task(
            id=f"{stem}-{_value(row, id_field, 'id_field', index) if id_field else index}",
            prompt=wording.ask(str(_value(row, problem_field, "problem_field", index))),
            answer=_read(answer) if answer_from == "solution" else answer,
            metadata={"solution": str(answer) if answer_from == "solution" else _boxed(answer)},
        )

    return environment("math", tasks, reading=reading)


def text_of(row: Mapping[str, Any], name: str, *, index: int) -> str:
    """Return a field of a row as text; `index` counts rows from 0."""
    way_out = "Use the environment 'math', which takes the names of the fields."
    return str(field(row, name, where=f"row {index + 1}", way_out=way_out))


def environment(name: str, load: Callable[[], list[Task]], *, reading: Reading = "marked") -> Environment:
    """Return the environment of these tasks, whose metadata hold their worked solutions.

    They are loaded at the first look, which raises InputError where two have the same id.
    """
    tasks = LazyTasks(lambda: unique(load(), way_out="Give another id_field."))
    verifier = math(reading=reading, unevaluated="refuse")
    return Environment(name=name, tasks=tasks, verifier=verifier, reference=_solution)


def _solution(task: Task) -> str | None:
    solution: str | None = task.metadata["solution"]
    return solution


def _value(row: Mapping[str, Any], name: str, option: str, index: int) -> Any:
    return field(row, name, where=f"row {index + 1}", way_out=f"Give {option}=NAME.")


def _read(answer: Any) -> str | None:
    r"""Read the answer of a worked solution: only a `\boxed{}` or `####` in it counts."""
    text = str(answer)
    return reference(text) if reference(text) != text.strip() else None


def _boxed(answer: Any) -> str | None:
    r"""Return a completion that gives an answer, the first where several are accepted."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    return None if first is None else f"\\boxed{{{first}}}"
