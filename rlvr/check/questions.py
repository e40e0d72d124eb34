"""What is known of a task before it is judged: its reference, the right answer, and a wrong one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rlvr.extract import accepted
from rlvr.types import Task

__all__ = ["Question", "put", "questions"]

_LONGEST = 200
_LETTERS = "ABCDE"
_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A task to probe a verifier with.

    Attributes:
        reference: A completion that should earn full reward; None where none is known.
        gold: The right answer as a short text; empty where there is none.
        other: An answer that should be wrong; empty where none is known.
        listed: Several different answers with the right one among them, neither first nor last.
    """

    task: Task
    reference: str | None
    gold: str = ""
    other: str = ""
    listed: tuple[str, ...] = ()


def questions(tasks: Sequence[Task], references: Sequence[str | None]) -> list[Question]:
    """Return a question for each task; wrong answers of one are right answers of the others."""
    golds = [_gold(task, reference) for task, reference in zip(tasks, references, strict=True)]
    return [
        Question(
            task=task,
            reference=reference,
            gold=gold,
            other=next(iter(_others(task, gold, golds)), ""),
            listed=_listed(gold, _others(task, gold, golds)),
        )
        for task, reference, gold in zip(tasks, references, golds, strict=True)
    ]


def put(question: Question, answer: str) -> str:
    r"""Return a completion that gives an answer in the way in which the reference gives the right one.

    >>> asked = Question(task=Task(id="t", prompt=()), reference=r"so \boxed{4}", gold="4")
    >>> put(asked, "5")
    'so \\boxed{5}'
    """
    reference = question.reference or ""
    before, found, after = reference.rpartition(question.gold) if question.gold else ("", "", "")
    return f"{before}{answer}{after}" if found else answer


def _gold(task: Task, reference: str | None) -> str:
    given = accepted(task.answer)
    gold = given[0] if given else reference or ""
    return gold if gold.strip() and len(gold) <= _LONGEST and "\n" not in gold else ""


def _others(task: Task, gold: str, golds: Sequence[str]) -> list[str]:
    if not gold:
        return []
    right = {text.strip().casefold() for text in (gold, *accepted(task.answer))}
    return [text for text in _made(task, gold, golds) if text.strip().casefold() not in right][:6]


def _made(task: Task, gold: str, golds: Sequence[str]) -> list[str]:
    if _NUMBER.fullmatch(gold):
        return [str(int(gold) + step) for step in (1, -1, 2)]
    if gold in _LETTERS:
        count = len(_choices(task)) or len(_LETTERS)
        place = _LETTERS.index(gold)
        return [_LETTERS[(place + step) % count] for step in range(1, count)]
    return list(dict.fromkeys(text for text in golds if text))


def _choices(task: Task) -> list[Any]:
    given = task.metadata.get("choices")
    return list(given)[: len(_LETTERS)] if isinstance(given, list | tuple | dict) else []


def _listed(gold: str, others: Sequence[str]) -> tuple[str, ...]:
    if len(others) < 2:
        return ()
    middle = len(others) // 2
    return (*others[:middle], gold, *others[middle:])
