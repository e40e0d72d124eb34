"""The problems of the set, with programs for each: read from the texts in problems/.

A problem starts with `=== name` and its question; `inputs` and `outputs` (lists of arguments, and values), or
`stdin` and `stdout`, are Python literals on a line each; `form` says how the tests are written. After them
come programs under `--- good: style` or `--- wrong: why`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Problem", "Written", "answer", "problems", "question"]

_FOLDER = Path(__file__).with_name("problems")
_FILES = ("numbers", "lists", "texts", "stdio")
_FIELD = re.compile(r"(form|inputs|outputs|stdin|stdout): (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A program written by hand, and its style or what is wrong with it."""

    good: bool
    says: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A question, its tests, and programs.

    Attributes:
        name: Of the problem, and of the function that is asked for.
        form: `values`, `asserts`, `check`, or `stdio` for a whole program.
        inputs: Arguments of each call, or what is to be read.
        outputs: What each returns or writes.
    """

    name: str
    text: str
    form: str
    inputs: list[Any]
    outputs: list[Any]
    written: tuple[Written, ...]


def problems() -> Iterator[Problem]:
    """Yield all problems in order."""
    for name in _FILES:
        text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
        for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
            yield _problem(block)


def question(problem: Problem) -> str:
    """Return the question with its first test as an example."""
    given, wanted = problem.inputs[0], problem.outputs[0]
    if problem.form == "stdio":
        return f"{problem.text}\n\nFor example, for the input\n\n{given}\nit prints\n\n{wanted}"
    return f"{problem.text}\n\nFor example, {_call(problem.name, given)} returns {wanted!r}."


def answer(problem: Problem) -> dict[str, Any]:
    """Return the tests in one of the forms that `rlvr_code.reference` reads."""
    if problem.form == "stdio":
        return {"stdio": True, "inputs": problem.inputs, "outputs": problem.outputs}
    if problem.form == "asserts":
        pairs = zip(problem.inputs, problem.outputs, strict=True)
        texts = [f"assert {_call(problem.name, given)} == {wanted!r}" for given, wanted in pairs]
        return {"entry_point": problem.name, "asserts": texts}
    if problem.form == "check":
        cases = list(zip(problem.inputs, problem.outputs, strict=True))
        loop = f"    for given, wanted in {cases!r}:\n        assert candidate(*given) == wanted\n"
        return {"entry_point": problem.name, "check": f"def check(candidate):\n{loop}"}
    return {"entry_point": problem.name, "inputs": problem.inputs, "outputs": problem.outputs}


def _call(name: str, given: list[Any]) -> str:
    return f"{name}({', '.join(map(repr, given))})"


def _problem(block: str) -> Problem:
    head, *programs = re.split(r"^--- ", block, flags=re.MULTILINE)
    name, *lines = head.rstrip("\n").split("\n")
    fields = {found[1]: found[2] for line in lines if (found := _FIELD.fullmatch(line))}
    stdio = "stdin" in fields
    return Problem(
        name=name,
        text="\n".join(line for line in lines if not _FIELD.fullmatch(line)),
        form="stdio" if stdio else fields.get("form", "values"),
        inputs=ast.literal_eval(fields["stdin" if stdio else "inputs"]),
        outputs=ast.literal_eval(fields["stdout" if stdio else "outputs"]),
        written=tuple(map(_written, programs)),
    )


def _written(text: str) -> Written:
    title, _, source = text.partition("\n")
    kind, _, says = title.partition(": ")
    return Written(good=kind == "good", says=says, source=source.rstrip("\n") + "\n")
