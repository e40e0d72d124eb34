"""Tests as they stand in the answer of a task of rlvr-code, and in the forms that the rivals take.

    {"entry_point": "f", "check": "def check(candidate): ..."}      as in HumanEval
    {"entry_point": "f", "asserts": ["assert f(1) == 2", ...]}      as in MBPP; "setup", "imports" beside it
    {"entry_point": "f", "inputs": [[1], ...], "outputs": [2, ...]} lists of arguments, and values

All but the entry point and `prefix` (code that a completion may continue) may stand in an object `tests`.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent
from typing import Any

__all__ = ["Tests", "Unreadable", "program_of", "read"]

_BLOCK = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)


class Unreadable(Exception):
    """Tests that are none, or that a rival cannot be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests:
    """The tests of one function.

    Attributes:
        prefix: Code that a completion may continue.
        code: Test code that defines `check`; empty where there are pairs.
        setup: Code that runs before it.
        pairs: Arguments and the value, for each call; None where there is code.
        dataset: Which set's own ways EvalPlus follows.
    """

    entry_point: str
    prefix: str
    code: str
    setup: str
    pairs: tuple[tuple[list[Any], Any], ...] | None
    dataset: str

    def check_text(self) -> str:
        """Return code that defines `check`, a function of the candidate that raises if it is wrong."""
        if self.pairs is None:
            return f"{self.setup}\n{self.code}"
        lines = (f"assert candidate(*{args!r}) == {value!r}" for args, value in self.pairs)
        return "def check(candidate):\n" + indent("\n".join(lines), "    ")

    def calls(self) -> tuple[list[list[Any]], list[Any]]:
        """Return the arguments of each call, and the values.

        Raises:
            Unreadable: The test code is more than assertions that a call of literals equals a literal.
        """
        pairs = self.pairs if self.pairs is not None else self._lowered()
        return [args for args, _ in pairs], [value for _, value in pairs]

    def _lowered(self) -> tuple[tuple[list[Any], Any], ...]:
        try:
            tree = ast.parse(self.code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unreadable from None
        check = next(
            (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "check"), None
        )
        asserts = [one for one in (check.body if check else []) if not _is_idle(one)]
        if self.setup.strip() or not asserts:
            raise Unreadable
        return tuple(_pair(one, {self.entry_point, "candidate"}) for one in asserts)


def read(answer: Any) -> Tests:
    """Read the tests of a task.

    Raises:
        Unreadable: There are none, in no known form.

    >>> read({"entry_point": "f", "asserts": ["assert f(1) == 2"]}).calls()
    ([[1]], [2])
    """
    if not isinstance(answer, Mapping):
        raise Unreadable
    inner = answer.get("tests")
    fields = {**answer, **inner} if isinstance(inner, Mapping) else dict(answer)
    entry_point = str(fields.get("entry_point") or "")
    if fields.get("stdio") or not entry_point.isidentifier():
        raise Unreadable
    code, pairs = _code(fields), _pairs(fields)
    if not code and not pairs:
        raise Unreadable
    return Tests(
        entry_point=entry_point,
        prefix=str(fields.get("prefix") or fields.get("prompt") or ""),
        code=code,
        setup="\n".join([*map(str, fields.get("imports") or []), str(fields.get("setup") or "")]),
        pairs=None if code else pairs,
        dataset="mbpp" if "asserts" in fields else "humaneval",
    )


def program_of(text: str, tests: Tests) -> str:
    r"""Return the program of a completion: its last fenced block, else the whole, after what it continues.

    >>> tests = read({"entry_point": "f", "check": "def check(f): ...", "prefix": "def f(x):\n"})
    >>> program_of("Like this:\n```python\n    return x\n```", tests)
    'def f(x):\n    return x\n'
    """
    blocks = _BLOCK.findall(text)
    return tests.prefix + (blocks[-1] if blocks else text)


def _code(fields: Mapping[str, Any]) -> str:
    check, asserts = fields.get("check"), fields.get("asserts")
    if isinstance(check, str):
        return check
    if isinstance(asserts, list) and asserts:
        return "def check(candidate):\n" + indent("\n".join(map(str, asserts)), "    ")
    return ""


def _pairs(fields: Mapping[str, Any]) -> tuple[tuple[list[Any], Any], ...]:
    inputs, outputs = fields.get("inputs"), fields.get("outputs")
    if not isinstance(inputs, list) or not isinstance(outputs, list) or len(inputs) != len(outputs):
        return ()
    if not all(isinstance(args, list) for args in inputs):
        return ()
    return tuple(zip(inputs, outputs, strict=True))


def _is_idle(statement: ast.stmt) -> bool:
    """Whether a statement of test code tests nothing: a constant, or `assert True`."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Constant)


def _pair(statement: ast.stmt, names: set[str]) -> tuple[list[Any], Any]:
    match statement:
        case ast.Assert(
            test=ast.Compare(
                left=ast.Call(func=ast.Name(id=name), args=args, keywords=[]),
                ops=[ast.Eq()],
                comparators=[value],
            )
        ) if name in names:
            try:
                return [ast.literal_eval(one) for one in args], ast.literal_eval(value)
            except (ValueError, TypeError, RecursionError, MemoryError):
                raise Unreadable from None
    raise Unreadable
