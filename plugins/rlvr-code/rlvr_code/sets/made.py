"""From problems and templates to the lines of the file; the same at every call, on every machine."""

import json
from collections.abc import Iterator

from rlvr_code.sets.problems import Problem, answer, problems, question
from rlvr_code.sets.templates import Made, templates_of

__all__ = ["lines"]

_FRAMES = (
    "```python\n@```",
    "Here is a solution.\n\n```python\n@```\n\nIt runs through the input once.",
    "<think>\nFirst:\n```python\ndef f(): pass\n```\nNo, like this.\n</think>\n\n```python\n@```",
    "```py\n@```\nThis handles the empty input as well.",
    "First, what not to do:\n\n```\nfor ever:\n    wait\n```\n\nAnd the program:\n\n```python\n@```",
    "@",
    "Step by step:\n\n1. Read the question.\n2. Write the program.\n\n```python3\n@```",
)
"""What stands around a program, `@`; the last fence that binds the function is the answer."""


def lines() -> Iterator[str]:
    """Yield the rows."""
    for number, problem in enumerate(problems()):
        reference, asked = answer(problem), question(problem)
        for index, made in enumerate((*_written(problem), *templates_of(problem, number))):
            row = {
                "id": f"{problem.name}-{index + 1:02}",
                "kind": made.kind,
                "prompt": asked,
                "reference": reference,
                "completion": _framed(made, 3 * number + index),
                "label": made.kind.startswith("good"),
                "why": made.why,
                "group": problem.name,
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _written(problem: Problem) -> Iterator[Made]:
    for one in problem.written:
        yield Made("good" if one.good else "wrong", f"by hand: {one.says}", one.source)


def _framed(made: Made, number: int) -> str:
    return made.source if made.whole else _FRAMES[number % len(_FRAMES)].replace("@", made.source)
