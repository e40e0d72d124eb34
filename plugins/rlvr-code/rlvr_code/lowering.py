"""Assertions of a data set into calls and values, wherever they say no more than `f(arguments) == value`.

What is lowered is judged outside of the program's process; the rest is left to an examiner. Only the text of
a data set comes here, never that of a model.
"""

import ast
import builtins
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rlvr_code.compare import PYTHON, Equality
from rlvr_code.kinds import Case
from rlvr_code.syntax import parsed

__all__ = ["cases_of_asserts", "cases_of_check", "test_tree"]

_BUILTINS = frozenset(dir(builtins))


def test_tree(text: str) -> ast.Module:
    """Return the tree of a test.

    Raises:
        ValueError: It is no program.
    """
    tree = parsed(text, most=None)
    if tree is None:
        raise ValueError(f"a test that is no program: {text!r:.60}")
    return tree


@lru_cache(maxsize=4_096)
def cases_of_check(text: str, entry_point: str) -> tuple[Case, ...]:
    r"""Return the calls of a text that defines `check(candidate)`; none if it does more than compare.

    >>> cases_of_check("def check(candidate):\n    assert candidate(1, [2]) == 3", "f")[0].args
    (1, [2])
    >>> cases_of_check("def check(candidate):\n    assert candidate(1) > 3", "f")
    ()
    """
    tree = test_tree(text)
    checks = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"]
    rest = [node for node in tree.body if node not in checks]
    if len(checks) != 1 or len(checks[0].args.args) != 1 or not all(_says_nothing(node) for node in rest):
        return ()
    candidate = checks[0].args.args[0].arg
    return _cases(checks[0].body, names=(candidate, entry_point), entry_point=entry_point, known=_BUILTINS)


@lru_cache(maxsize=4_096)
def cases_of_asserts(texts: tuple[str, ...], entry_point: str) -> tuple[Case, ...]:
    """Return the calls of assertions that name the function; none if one of them is more than that.

    >>> cases_of_asserts(("assert f(Node(1)) == True",), "f")[0].call
    'f(Node(1))'
    """
    body = [node for text in texts for node in test_tree(text).body]
    return _cases(body, names=(entry_point,), entry_point=entry_point, known=None)


def _cases(
    body: Sequence[ast.stmt], *, names: Sequence[str], entry_point: str, known: frozenset[str] | None
) -> tuple[Case, ...]:
    asserts = [node for node in body if not _says_nothing(node)]
    found = [
        _case(node.test, names, entry_point, known) if isinstance(node, ast.Assert) else None
        for node in asserts
    ]
    return tuple(case for case in found if case) if None not in found else ()


def _says_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Assign(targets=[ast.Name(id="METADATA")]):
            return True
        case ast.Assert(test=ast.Constant(value=value)):
            return bool(value)
        case _:
            return False


def _case(
    test: ast.expr, names: Sequence[str], entry_point: str, known: frozenset[str] | None
) -> Case | None:
    match test:
        case ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[value]):
            equality = PYTHON
        case ast.Compare(left=ast.Call() as call, ops=[ast.Is()], comparators=[ast.Constant() as value]):
            equality = Equality()
            if not (value.value is None or isinstance(value.value, bool)):
                return None
        case ast.Compare(
            left=ast.Call(
                func=ast.Name(id="abs"),
                args=[ast.BinOp(left=ast.Call() as call, op=ast.Sub(), right=value)],
                keywords=[],
            ),
            ops=[ast.Lt()],
            comparators=[ast.Constant(value=float() as most)],
        ):
            equality = Equality(numbers="python", tolerance=math.nextafter(most, 0.0))
        case _:
            return None
    if not isinstance(call.func, ast.Name) or call.func.id not in names:
        return None
    expected = _literal(value)
    return None if expected is None else _called(call, expected[0], entry_point, known, equality)


def _called(
    call: ast.Call, expected: Any, entry_point: str, known: frozenset[str] | None, equality: Equality
) -> Case | None:
    args = [_literal(arg) for arg in call.args]
    if not call.keywords and None not in args:
        plain = tuple(arg[0] for arg in args if arg)
        return Case(args=plain, expected=expected, equality=equality)
    inside = [node for part in (*call.args, *call.keywords) for node in ast.walk(part)]
    if known is not None and any(isinstance(node, ast.Name) and node.id not in known for node in inside):
        return None
    renamed = ast.Call(func=ast.Name(id=entry_point), args=call.args, keywords=call.keywords)
    return Case(call=ast.unparse(renamed), expected=expected, equality=equality)


def _literal(node: ast.expr) -> tuple[Any] | None:
    """Return the value of a literal in a tuple of one, or None."""
    try:
        return (ast.literal_eval(node),)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return None
