"""The part that runs alone: a fresh interpreter that imports, makes, looks, judges, and tells what changed.

Run as `python -m rlvr.check.inside ORDER ANSWERS`, two files of JSON: an object of what to do, and one line a
phase that is over, so that whoever waits knows where it hung. It judges in an empty folder of its own, so
that files that are written there are seen; what it prints goes to a file, which is read.
"""

import importlib
import inspect
import json
import os
import sys
import threading
import typing
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO

from rlvr.boundary import Failure, attempt
from rlvr.check.state import changes, counts, grown, snapshot
from rlvr.check.tasks import draw, prompt_of
from rlvr.errors import AmbiguousName, InputError, RLVRError, UnknownName
from rlvr.plugins import host
from rlvr.registry import find, make, make_in_its_own
from rlvr.scoring import score
from rlvr.types import Completion, Environment, Score, Task, Verifier, first_tasks
from rlvr.workers.wire import decode_item, encode_item

__all__ = ["main"]

_USERS = (InputError, UnknownName, AmbiguousName)  # what the user gave, and not what the plugin did
_THREADS = 8
_SPLIT_TASKS = 2_000
_ROUNDS = 3
_IMPORTS_MAY = ("the warnings filters", "the trace function", "the files of the working directory")


class _Answers:
    """Where phases are told; a process that a verifier divided off tells nothing, and ends."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._pid = os.getpid()

    def tell(self, phase: str, **fields: Any) -> None:
        """Write that a phase is over, with what it found."""
        if os.getpid() != self._pid:
            os._exit(0)
        self._file.write(json.dumps({"phase": phase, **fields}) + "\n")
        self._file.flush()


def main() -> None:
    """Do what the order says, phase by phase."""
    order = json.loads(Path(sys.argv[1]).read_text())
    with Path(sys.argv[2]).open("a") as file:
        answers = _Answers(file)
        made = attempt(lambda: _make(order, answers))
        if isinstance(made, Failure):
            _fail(made, answers)
            return
        if isinstance(made, Environment) and order["tasks"]:
            _look(made, order, answers)
        if order["items"]:
            _judge(made.verifier if isinstance(made, Environment) else made, order, answers)


def _fail(failure: Failure, answers: _Answers) -> None:
    known = isinstance(failure.exception, RLVRError)
    said = str(failure.exception) if known else failure.summary
    answers.tell("failed", said=said, users=isinstance(failure.exception, _USERS))


def _make(order: Mapping[str, Any], answers: _Answers) -> Environment | Verifier:
    before, counted = snapshot(), counts()
    loaded = attempt(lambda: importlib.import_module(order["module"].partition(":")[0]))
    after_import, own_words = snapshot(), _printed(order)
    host()  # and only now all the other plugins, whose doings are not this one's
    before_making = snapshot()
    if isinstance(loaded, Failure):
        raise loaded.exception
    others = _printed(order)
    made = make_in_its_own(order["name"], order["kind"], order["options"])
    found = changes(before, after_import, ignore=_IMPORTS_MAY)
    found += [one for one in changes(before_making, snapshot(), ignore=_IMPORTS_MAY) if one not in found]
    now = counts()
    found += [f"{now[name] - counted[name]} {name} started" for name in _STARTED if now[name] > counted[name]]
    words = own_words + _printed(order)[len(others) :]
    answers.tell("made", changes=found, printed=words[:200])
    return made


_STARTED = ("threads", "child processes")


def _look(environment: Environment, order: Mapping[str, Any], answers: _Answers) -> None:
    drawn = attempt(lambda: draw(environment, order["tasks"]))
    if isinstance(drawn, Failure):
        _fail(drawn, answers)
        return
    answers.tell(
        "tasks",
        size=environment.size,
        tasks=[encode_item(0, task, Completion(text="")).decode() for task in drawn.tasks],
        references=drawn.references,
        findings=[[one.check, one.task, one.detail, one.text] for one in drawn.findings],
    )
    if order["splits"]:
        answers.tell("splits", **_splits(environment, order))


def _splits(environment: Environment, order: Mapping[str, Any]) -> dict[str, Any]:
    """Look for prompts that the train split and the test split share."""
    default = _split_option(order["name"])
    if default is None:
        return {"skipped": "its factory has no option `split` with train and test"}
    files = [value for value in order["options"].values() if isinstance(value, str) and Path(value).exists()]
    if files:
        return {"skipped": f"the tasks come from {Path(files[0]).name!r}, which is yours to split"}
    named = order["options"].get("split", default)
    other = "train" if named == "test" else "test"
    second = attempt(lambda: _prompts(make(order["name"], **{**order["options"], "split": other})))
    if isinstance(second, Failure):
        return {"skipped": f"split={other} cannot be made: {second.summary[:160]}"}
    first = _prompts(environment)
    shared = [prompt for prompt in first if prompt in second]
    pairs = [
        [first[prompt], f"its prompt is that of {second[prompt]!r} in split={other}"] for prompt in shared
    ]
    return {"shared": pairs[:20], "looked": [len(first), len(second)]}


def _split_option(name: str) -> str | None:
    module, _, attribute = find("environment", name).spec.entry_point.partition(":")
    factory = getattr(importlib.import_module(module), attribute)
    parameter = inspect.signature(factory).parameters.get("split")
    if parameter is None:
        return None
    hints = attempt(lambda: typing.get_type_hints(factory))
    hint = parameter.annotation if isinstance(hints, Failure) else hints.get("split")
    known = {"train", "test"} <= set(typing.get_args(hint)) or parameter.default in ("train", "test")
    return str(parameter.default) if known else None


def _prompts(environment: Environment) -> dict[str, str]:
    return {prompt_of(task): task.id for task in first_tasks(environment, _SPLIT_TASKS)}


def _judge(verifier: Verifier, order: Mapping[str, Any], answers: _Answers) -> None:
    items = [decode_item(line.encode())[1:] for line in order["items"]]
    os.chdir(order["scratch"])  # options may name files of the user's folder: so far we were there
    before, printed = snapshot(), _printed(order)
    if order["again"]:
        answers.tell("backwards", verdicts=_in_a_fork(verifier, items))
    first = [_verdict(verifier, *item) for item in items]
    answers.tell("first", verdicts=first)
    if order["again"]:
        answers.tell("again", different=_different(first, [_second(verifier, *item) for item in items]))
        rounds = [counts()]
        for _ in range(_ROUNDS):
            for item in items:
                score(verifier, *item)
            rounds.append(counts())
        words = _printed(order)[len(printed) :][:200]
        answers.tell("rounds", changes=changes(before, snapshot()), printed=words, grown=grown(rounds))
    if order["threads"]:
        answers.tell("threads", different=_in_threads(verifier, items, first))


def _in_a_fork(verifier: Verifier, items: list[tuple[Task, Completion]]) -> list[list[Any]]:
    """Judge in the reverse order, in a process that has judged nothing else; return what came, in order."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        with os.fdopen(writer, "w") as file:
            for item in reversed(items):
                file.write(json.dumps(_verdict(verifier, *item)) + "\n")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        found = [json.loads(line) for line in file]
    os.waitpid(pid, 0)
    return found[::-1]


def _second(verifier: Verifier, task: Task, completion: Completion) -> list[Any]:
    """Return the second of two verdicts in a row, marked if the first was another."""
    one, two = _verdict(verifier, task, completion), _verdict(verifier, task, completion)
    return two if one == two else [*two[:-1], f"{two[-1]} (at once after {one[:3]})"]


def _in_threads(
    verifier: Verifier, items: list[tuple[Task, Completion]], first: list[list[Any]]
) -> list[list[Any]]:
    gate = threading.Barrier(_THREADS)
    other: dict[int, list[Any]] = {}

    def judge(start: int) -> None:
        gate.wait()
        for step in range(len(items)):
            index = (start + step) % len(items)
            verdict = _verdict(verifier, *items[index])
            if verdict != first[index]:
                other[index] = verdict

    sys.setswitchinterval(1e-5)
    with ThreadPoolExecutor(_THREADS) as threads:
        for done in [threads.submit(judge, index * len(items) // _THREADS) for index in range(_THREADS)]:
            done.result()
    return [[index, first[index], verdict] for index, verdict in sorted(other.items())][:20]


def _verdict(verifier: Callable[[Task, Completion], Score], task: Task, completion: Completion) -> list[Any]:
    given = score(verifier, task, completion)
    return [given.reward, given.answer, given.reason, dict(given.parts), given.error]


def _different(first: list[list[Any]], second: list[list[Any]]) -> list[list[Any]]:
    return [
        [index, one, two] for index, (one, two) in enumerate(zip(first, second, strict=True)) if one != two
    ][:20]


def _printed(order: Mapping[str, Any]) -> str:
    for stream in (sys.stdout, sys.stderr):
        attempt(stream.flush)
    return Path(order["words"]).read_text(errors="replace")


if __name__ == "__main__":
    main()
