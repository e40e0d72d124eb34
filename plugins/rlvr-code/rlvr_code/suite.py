"""The environment `pytest`: a suite decides over the files that a completion gives.

The answer of a task is an object of plain JSON:

    {"tests": {"test_solution.py": "..."},  texts by path; a text alone is test_solution.py
     "files": {"shop/cart.py": "..."},      what is there already; a completion's files go over it
     "module": "solution.py",               what a fence without a path is (rlvr_code.trees)
     "expected": ["test_solution.py::test_a"],
     "reference": {"solution.py": "..."},   files that pass
     "modules": ["solution"]}               what the tests may import of the files

Only `tests` must be there. The tests that count are fixed before a completion is looked at: those in
`expected`; else all that the text of the suite shows; else, where only running it tells (parameters, marks,
hooks), those that pass on the reference. Of these alone, each by its id, is the reward.

The suite runs with pytest in a process of its own, where the modules are proxies of what the completion's
files have in theirs (docs/decisions/0007-suites.md has what that can and cannot do).

`Score.reason` is `correct`; the model's faults `wrong_answer` (a test failed), `crash` (a test did not run,
or the process ended), `timeout`, `memory`, `no_code`, `syntax_error`; and, unscored, `unreadable_reference`
(no suite of that form, or the reference does not pass). `Score.parts` are as those of `code`.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rlvr.errors import InputError
from rlvr.explain import explaining
from rlvr.protocols import Sandbox
from rlvr.rows import field, rows
from rlvr.types import Completion, Environment, Score, Task, Verifier
from rlvr.untrusted import Limits, Reported, Suite, is_path
from rlvr_code.collected import checked_files, ids_of, modules_of
from rlvr_code.kinds import Examine
from rlvr_code.problems import environment, fenced, messages
from rlvr_code.sandboxes import Where, checked, shared
from rlvr_code.scores import marked, shown
from rlvr_code.suite_explaining import JudgedFiles, told
from rlvr_code.suspicion import SIGNS, Sign, signs
from rlvr_code.trees import Tree, files_of
from rlvr_code.verify import Reward

__all__ = ["TEMPLATE", "Given", "load", "pytest", "read", "verifier"]

TEMPLATE = (
    "{question}\n\nAnswer with each file in a ```python block of its own, with the path of the file on the "
    "line before it. A block without a path is {module}."
)
TIMEOUT_S = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a task gives: its tests, the files around them, and which tests count, if the text tells."""

    tests: Mapping[str, str]
    files: Mapping[str, str]
    module: str
    modules: tuple[str, ...]
    expected: tuple[str, ...] | None
    reference: Mapping[str, str]

    @property
    def suite(self) -> Suite:
        """The tests as a sandbox takes them."""
        return Suite(files=self.tests, modules=self.modules)


def load(  # noqa: PLR0913 - the options of an environment, each named by its user
    *,
    source: str,
    split: str = "train",
    config: str = "",
    question_field: str = "question",
    tests_field: str = "tests",
    files_field: str = "files",
    expected_field: str = "expected",
    solution_field: str = "solution",
    id_field: str = "",
    module: str = "solution.py",
    template: str = TEMPLATE,
    system: str = "",
    limit: int = 0,
    sandbox: Where = "local",
    timeout_s: float = TIMEOUT_S,
    memory_mb: int = 1024,
    reward: Reward = "binary",
) -> Environment:
    """Make the environment `pytest` from a local file or a hub set, over named fields.

    The question and the tests must be there, the other fields may be. Tests, files and solution are texts by
    path, such an object as JSON text, or one text. Rows whose tests are no such thing are kept, and their
    completions stay unscored. Ids are the name of the source, the split, and the index or `id_field`.

    Raises:
        InputError: The module is no path of a Python file (also what the verifier raises).
    """
    if not is_path(module) or not module.endswith(".py"):
        raise InputError(f"module = {module!r}: expected the path of a Python file, as 'solution.py'.")
    judge = pytest(sandbox=sandbox, timeout_s=timeout_s, memory_mb=memory_mb, reward=reward)
    stem = f"{Path(source).name.partition('.')[0]}-{split}"

    def task(row: Mapping[str, Any], index: int) -> Task:
        question, tests = (
            field(row, name, where=f"row {index + 1}", way_out=f"Give {option}=NAME.")
            for name, option in ((question_field, "question_field"), (tests_field, "tests_field"))
        )
        solution = _by_path(row.get(solution_field), module)
        answer = {
            "tests": _by_path(tests, "test_solution.py"),
            "files": _by_path(row.get(files_field), module),
            "module": module,
            "expected": row.get(expected_field) or None,
            "reference": solution,
        }
        shown = messages(template, system=system, question=str(question), module=module)
        known = row.get(id_field, index) if id_field else index
        completion = _completion(solution) if solution else None
        return Task(id=f"{stem}-{known}", prompt=shown, answer=answer, metadata={"solution": completion})

    def tasks() -> list[Task]:
        found = rows(source, split=split, config=config, limit=limit)
        return [task(row, index) for index, row in enumerate(found)]

    return environment("pytest", tasks, judge)


def pytest(
    *,
    sandbox: Where = "local",
    timeout_s: float = TIMEOUT_S,
    memory_mb: int = 1024,
    reward: Reward = "binary",
) -> Verifier:
    """Return the verifier; the sandbox is started at the first judgement, in the process that judges.

    Args:
        sandbox: A sandbox by name (`rlvr list sandboxes`), or a table of `name` and its options.
        timeout_s: For the whole suite; keep it two seconds below the deadline of the pool.
        memory_mb: For each process.
        reward: 1.0 for all tests that count and else nothing (`binary`), or their share (`fraction`).

    Raises:
        InputError: A limit is not above 0.
        UnknownName: No such sandbox.
    """
    for name, value in (("timeout_s", timeout_s), ("memory_mb", memory_mb)):
        if value <= 0:
            raise InputError(f"{name} = {value}: expected a limit above 0.")
    where = checked(sandbox)
    return verifier(lambda: shared(where), Limits(wall_s=timeout_s, memory_mb=memory_mb), reward=reward)


def verifier(sandbox: Callable[[], Sandbox], limits: Limits, *, reward: Reward = "binary") -> Verifier:
    """Return the verifier over a sandbox that is asked for when something is to be run."""

    @lru_cache(maxsize=4_096)
    def passing(answer: str) -> tuple[str, ...]:
        given = read(json.loads(answer))
        reported = sandbox().examine_suite({**given.files, **given.reference}, given.suite, limits)
        found = tuple(name for name, result in reported.results.items() if result == "passed")
        if not (found and reported.finished):
            raise ValueError(f"the reference does not pass: {reported.why}")
        return found

    def judged(task: Task, completion: Completion) -> JudgedFiles:
        started = time.perf_counter()
        try:
            given = read(task.answer)
            found = files_of(completion.text, module=given.module, tests=frozenset(given.tests))
            expected = given.expected or passing(json.dumps(task.answer))
        except ValueError:
            return JudgedFiles(score=Score.unscored("unreadable_reference"))
        ms = {"extract": (time.perf_counter() - started) * 1e3}
        if found.problem:
            scored = _score(found, given, found.problem, reward=0.0, passed=0.0)
            return JudgedFiles(score=scored, found=found, ms=ms)
        box = sandbox()
        reported = box.examine_suite({**given.files, **found.files}, given.suite, limits)
        ms["run"] = (time.perf_counter() - started) * 1e3 - ms["extract"]
        passed = sum(reported.results.get(name) == "passed" for name in expected) / len(expected)
        reason = _reason(reported, expected, passed)
        paid = passed if reward == "fraction" else float(reason == "correct")
        scored = marked(_score(found, given, reason, reward=paid, passed=passed), box)
        return JudgedFiles(
            score=scored, found=found, expected=expected, reported=reported, sandbox=box, ms=ms
        )

    return explaining(
        lambda task, completion: judged(task, completion).score,
        lambda task, completion: told(completion, judged(task, completion)),
    )


def read(answer: Any) -> Given:
    r"""Read what a task gives.

    Raises:
        ValueError: It is not of the form above, or a test is no program.

    >>> read({"tests": "from solution import f\ndef test_f(): assert f(1)"}).expected
    ('test_solution.py::test_f',)
    """
    if not isinstance(answer, Mapping):
        raise ValueError(f"a suite as {type(answer).__name__}, expected an object")  # noqa: TRY004 - data, no type
    module = answer.get("module") or "solution.py"
    tests, files, reference = (
        checked_files(_by_path(answer.get(name), alone), name)
        for name, alone in (("tests", "test_solution.py"), ("files", module), ("reference", module))
    )
    if not tests:
        raise ValueError("no tests")
    ids = ids_of(tests)
    modules = modules_of(tests, {**files, **reference, module: ""})
    return Given(
        tests=tests,
        files=files,
        module=module,
        modules=_texts(answer.get("modules"), "modules") or modules,
        expected=_texts(answer.get("expected"), "expected") or ids,
        reference=reference,
    )


def _texts(given: Any, name: str) -> tuple[str, ...]:
    if not isinstance(given or [], list) or not all(isinstance(one, str) for one in given or ()):
        raise ValueError(f"{name}: expected a list of texts")
    return tuple(dict.fromkeys(given or ()))


def _by_path(given: Any, alone: str) -> Any:
    """Return files as texts by path, where they are one text or JSON; what is neither as it is."""
    if not given:
        return {}
    if not isinstance(given, str):
        return given
    try:
        read = json.loads(given)
    except ValueError:
        read = None
    return read if isinstance(read, dict) else {alone: given}


def _completion(files: Any) -> str | None:
    """Return files as a completion that gives them."""
    if not isinstance(files, Mapping):
        return None
    return "\n\n".join(f"`{path}`:\n{fenced(str(text))}" for path, text in files.items())


def _reason(reported: Reported, expected: tuple[str, ...], passed: float) -> str:
    if reported.ended in ("timeout", "memory"):
        return reported.ended
    if passed == 1.0 and reported.finished:
        return "correct"
    ran = all(name in reported.results for name in expected)
    return "wrong_answer" if ran and reported.finished else "crash"


def _score(found: Tree, given: Given, reason: str, *, reward: float, passed: float) -> Score:
    text = "\n".join(f"# {path}\n{text}" for path, text in found.files.items())
    parts = {"tests_passed": passed, "solved": float(reason == "correct")}
    suspected = len(_signs(found, given)) / len(SIGNS)
    return Score(reward=reward, answer=shown(text), reason=reason, parts={**parts, "suspicion": suspected})


def _signs(found: Tree, given: Given) -> frozenset[Sign]:
    """Return the signs that the files show; what they are not to give is one of `test_files`."""
    tests = Examine(
        entry_point="", texts=tuple(text for path, text in given.tests.items() if path.endswith(".py"))
    )
    texts = [text for path, text in found.files.items() if path.endswith(".py")]
    in_text: set[Sign] = {sign for text in texts for sign in signs(text, tests)}
    tried: set[Sign] = {"test_files"} if found.tried else set()
    return frozenset(in_text | tried)
