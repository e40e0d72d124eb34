"""What the fields of anyone's rows are called, in the order in which they are looked for."""

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["ANSWERS", "COMPLETIONS", "GROUPS", "IDS", "KINDS", "LABELS", "PROMPTS", "first_of"]

COMPLETIONS = (
    "completion", "response", "output", "generation", "text", "prediction", "completions", "responses",
    "outputs", "generations",
)  # fmt: skip
ANSWERS = ("reference", "answer", "ground_truth", "expected_answer", "target", "solution", "gold")
IDS = ("id", "task_id", "task", "index", "idx")
PROMPTS = ("prompt", "question", "problem")
LABELS = ("label", "correct", "is_correct", "equal", "expected", "passed")
KINDS = ("kind", "rule", "family", "category", "source")
GROUPS = ("group", "group_id", "task_id", "prompt_id", "problem_id", "question_id")


def first_of(names: Iterable[str], values: Mapping[str, Any]) -> str | None:
    """Return the first of the names that a row has.

    >>> first_of(ANSWERS, {"id": 1, "gold": "4"})
    'gold'
    """
    return next((name for name in names if name in values), None)
