"""The `choice-qa` environment: the multiple-choice questions of a local file or a hub data set."""

from collections.abc import Mapping, Sequence
from typing import Any

from rlvr.errors import InputError
from rlvr.prompts import prompt
from rlvr.rows import field, rows
from rlvr.types import Environment, LazyTasks, Task
from rlvr_exact.choice import ALPHABET, choice
from rlvr_exact.procedural import require
from rlvr_exact.qa import read_tasks, text_field

__all__ = ["choice_qa"]

_TEMPLATE = "{question}\n\n{choices}\n\nAnswer with the letter of the right choice alone."


def choice_qa(  # noqa: PLR0913 - the options of an environment are its arguments
    *,
    source: str,
    split: str = "train",
    config: str = "",
    question_field: str = "question",
    choices_field: str = "choices",
    answer_field: str = "answer",
    id_field: str = "",
    template: str = _TEMPLATE,
    system: str = "",
    limit: int = 0,
) -> Environment:
    """Return the environment over the rows of `source`, or over its first `limit`.

    Choices are a list of texts, a table letter -> text, or a table of the lists `label` and `text` (as
    ARC has them); they are listed as A, B, C... An answer is a letter or label, an index from 0, or the
    text of a choice; a row with any other is kept, and its completions stay unscored.
    """
    places = all(place in template for place in ("{question}", "{choices}"))
    require(places, f"choice-qa: template = {template!r}", "a text with {question} and {choices} in it")
    require(limit >= 0, f"choice-qa: limit = {limit}", "0 for all rows, or a number of them")

    def make(row: Mapping[str, Any], name: str, where: str) -> Task:
        question = text_field(row, question_field, where=where, option="question_field")
        given = field(row, choices_field, where=where, way_out="Name it with choices_field.")
        answer = field(row, answer_field, where=where, way_out="Name it with answer_field.")
        labels, texts = _choices(given, f"{where}: {choices_field}")
        listed = "\n".join(f"{letter}. {text}" for letter, text in zip(ALPHABET, texts, strict=False))
        turns = prompt(template, system=system, question=question, choices=listed)
        return Task(id=name, prompt=turns, answer=_letter(answer, labels), metadata={"choices": texts})

    def load() -> Sequence[Task]:
        found = rows(source, split=split, config=config, limit=limit)
        return read_tasks(found, make, name="choice-qa", source=source, id_field=id_field)

    return Environment(name="choice-qa", tasks=LazyTasks(load), verifier=choice())


def _choices(given: Any, where: str) -> tuple[list[str], list[str]]:
    table = given if isinstance(given, Mapping) else {"text": given}
    if "text" in table and isinstance(table["text"], list | tuple):
        texts = [str(text) for text in table["text"]]
        labels = [str(label) for label in table.get("label", ALPHABET[: len(texts)])]
    else:
        labels, texts = [str(label) for label in table], [str(text) for text in table.values()]
    if not 2 <= len(texts) <= len(ALPHABET) or len(labels) != len(texts):
        raise InputError(f"{where} = {given!r:.80}: expected 2 to 26 texts, or letter -> text.")
    return labels, texts


def _letter(answer: Any, labels: list[str]) -> Any:
    if isinstance(answer, int) and not isinstance(answer, bool):
        return ALPHABET[answer] if 0 <= answer < len(labels) else None
    if isinstance(answer, str):
        label = answer.strip().strip("().")
        return ALPHABET[labels.index(label)] if label in labels else answer
    return None
