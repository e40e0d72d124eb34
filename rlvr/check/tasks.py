"""What is wrong with tasks, before anything is judged."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rlvr.boundary import Failure, attempt
from rlvr.check.catalogue import Finding
from rlvr.errors import RLVRError
from rlvr.extract import accepted
from rlvr.types import Environment, Task, first_tasks

__all__ = ["Drawn", "draw", "prompt_of"]

_MARKED = r"(?:the\s+)?(?:final\s+|correct\s+)?(?:answer|solution)\s*(?:is\b)?\s*[:=]?\s*"
_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Tasks with their references, and what is wrong with them; only plain tasks are here."""

    tasks: list[Task]
    references: list[str | None]
    findings: list[Finding]


def draw(environment: Environment, count: int) -> Drawn:
    """Look at the first tasks of an environment, twice."""
    looked = attempt(lambda: first_tasks(environment, count))
    if isinstance(looked, Failure):
        if isinstance(looked.exception, RLVRError):
            raise looked.exception
        return Drawn(tasks=[], references=[], findings=[_of("tasks.drawn", None, looked.summary)])
    if not looked:
        finding = _of("tasks.some", None, "the environment has no task")
        return Drawn(tasks=[], references=[], findings=[finding])
    odd = next((task for task in looked if not isinstance(task, Task)), None)
    if odd is not None:
        detail = f"a task is {type(odd).__name__}, expected a Task"
        return Drawn(tasks=[], references=[], findings=[_of("tasks.drawn", None, detail)])
    findings = [*_ids(looked), *_prompts(looked), *_repeated(environment, looked)]
    faults = [_fault_of(task) for task in looked]
    findings += [
        _of("tasks.plain_data", task, fault) for task, fault in zip(looked, faults, strict=True) if fault
    ]
    plain = [task for task, fault in zip(looked, faults, strict=True) if not fault]
    references, unread = _references(environment, plain)
    findings += [*unread, *_duplicates(plain, endless=environment.size is None), *_shown(plain, references)]
    return Drawn(tasks=plain, references=references, findings=findings)


def prompt_of(task: Task) -> str:
    """Return the whole prompt as one text, to compare.

    >>> from rlvr.types import Message
    >>> prompt_of(Task(id="t", prompt=(Message(role="user", content="2+2?"),)))
    '[["user", "2+2?"]]'
    """
    return json.dumps([(turn.role, turn.content) for turn in task.prompt])


def _of(check: str, task: Task | None, detail: str, text: str = "") -> Finding:
    return Finding(check=check, task="" if task is None else str(task.id), detail=detail, text=text)


def _ids(tasks: Sequence[Task]) -> Iterator[Finding]:
    seen = set[str]()
    for task in tasks:
        if str(task.id) in seen:
            yield _of("tasks.unique_ids", task, "the id is used twice")
        seen.add(str(task.id))


def _prompts(tasks: Sequence[Task]) -> Iterator[Finding]:
    for task in tasks:
        said = attempt(lambda task=task: any(turn.content.strip() for turn in task.prompt))  # type: ignore[misc]
        if isinstance(said, Failure):
            yield _of("tasks.prompt", task, f"the prompt is no tuple of messages: {said.summary}")
        elif not said:
            yield _of("tasks.prompt", task, "the prompt is empty")


def _repeated(environment: Environment, tasks: Sequence[Task]) -> Iterator[Finding]:
    # Backwards: a stream that walks instead of computing gives itself away.
    for index in reversed(range(len(tasks))):
        again = attempt(lambda index=index: environment.tasks[index])  # type: ignore[misc]
        if isinstance(again, Failure):
            yield _of("tasks.repeatable", tasks[index], f"the second look at index {index}: {again.summary}")
        elif again != tasks[index]:
            yield _of("tasks.repeatable", tasks[index], f"index {index} gave another task at the second look")


def _fault_of(task: Task) -> str:
    def crossed() -> object:
        prompt = [(turn.role, turn.content) for turn in task.prompt]
        return json.dumps([task.id, prompt, task.answer, dict(task.metadata)], allow_nan=False)

    failed = attempt(crossed)
    if isinstance(failed, Failure):
        return failed.summary
    keys = _odd_key(task.answer) or _odd_key(dict(task.metadata))
    if keys:
        return keys
    return "" if isinstance(task.id, str) else f"the id is {type(task.id).__name__}, expected text"


def _odd_key(value: object) -> str:
    if isinstance(value, dict):
        odd = next((key for key in value if not isinstance(key, str)), None)
        found = f"the key {odd!r} is no text: it becomes one in another process" if odd is not None else ""
        return found or next(filter(None, map(_odd_key, value.values())), "")
    if isinstance(value, list):
        return next(filter(None, map(_odd_key, value)), "")
    return ""


def _references(environment: Environment, tasks: Sequence[Task]) -> tuple[list[str | None], list[Finding]]:
    references: list[str | None] = []
    findings = []
    for task in tasks:
        found = attempt(lambda task=task: environment.reference(task))  # type: ignore[misc]
        if isinstance(found, Failure):
            findings.append(_of("reference.text", task, found.summary))
        elif found is not None and not isinstance(found, str):
            detail = f"the reference is {type(found).__name__}, expected text"  # type: ignore[unreachable]
            findings.append(_of("reference.text", task, detail))
        references.append(found if isinstance(found, str) else None)
    return references, findings


def _duplicates(tasks: Sequence[Task], *, endless: bool) -> Iterator[Finding]:
    by_prompt = defaultdict[str, list[Task]](list)
    for task in tasks:
        if any(turn.content.strip() for turn in task.prompt):
            by_prompt[prompt_of(task)].append(task)
    for first, *rest in by_prompt.values():
        for task in rest:
            if not _agree(first, task):
                detail = f"same prompt as {first.id!r}, other answer: {_short(task)} and {_short(first)}"
                yield _of("tasks.contradictions", task, detail)
            elif task.id != first.id and not endless:
                yield _of("tasks.duplicates", task, f"same prompt as {first.id!r}")
    if endless and len(by_prompt) == 1 and len(tasks) >= _FEW:
        yield _of("tasks.duplicates", tasks[0], f"the first {len(tasks)} tasks of the stream are the same")


def _agree(one: Task, two: Task) -> bool:
    # Answers that are tables (programs' tests, say) may differ and yet accept the same completions.
    if not (accepted(one.answer) and accepted(two.answer)):
        return True
    accepts = [{text.strip().casefold() for text in accepted(task.answer)} for task in (one, two)]
    return bool(accepts[0] & accepts[1]) or one.answer == two.answer


def _short(task: Task) -> str:
    return f"{task.answer!r:.60}"


def _shown(tasks: Sequence[Task], references: Sequence[str | None]) -> Iterator[Finding]:
    for task, reference in zip(tasks, references, strict=True):
        texts = {text.strip() for text in (*accepted(task.answer)[:1], reference or "")} - {""}
        lines = [line.strip() for turn in task.prompt for line in turn.content.splitlines()]
        for text in sorted(texts):
            line = next((line for line in lines if _tells(line, text)), None)
            if line is not None:
                yield _of("tasks.answer_in_prompt", task, f"the prompt has the line {line[:80]!r}", text)
                break


def _tells(line: str, answer: str) -> bool:
    r"""Say whether a line of a prompt gives an answer away.

    >>> [_tells(line, "4") for line in ("4", "Answer: 4.", r"so \\boxed{4}", "#### 4", "2 + 4 = ?", "4 >")]
    [True, True, True, True, False, False]
    """
    if len(line) > len(answer) + 200:
        return False
    wanted = re.escape(answer)
    marked = rf"(?:{_MARKED})?{wanted}\.?|.*####\s*{wanted}|.*\\boxed\{{\s*{wanted}\s*\}}.*"
    return re.fullmatch(marked, line, re.IGNORECASE | re.DOTALL) is not None
