"""The checks: their names, what each makes sure of, how much it weighs, and what to do when it fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rlvr.errors import UnknownName

__all__ = ["ALIASES", "CHECKS", "Check", "Finding", "Grade", "Severity", "chosen"]

Severity: TypeAlias = Literal["error", "warning"]
Grade: TypeAlias = Literal["A", "B", "C", "D", "F"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One property that an environment must have.

    Attributes:
        name: As others publish it, where they do.
        title: The property, as a sentence.
        severity: An error fails the run; a warning is for the author to judge.
        grade: The best grade that an environment can still have if this fails.
        way_out: What its author can do.
    """

    name: str
    title: str
    severity: Severity
    grade: Grade
    way_out: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that an environment fails, the task it failed on, how, and on which text."""

    check: str
    task: str
    detail: str
    text: str = ""


def _error(name: str, grade: Grade, title: str, way_out: str) -> Check:
    return Check(name=name, title=title, severity="error", grade=grade, way_out=way_out)


def _warning(name: str, title: str, way_out: str) -> Check:
    return Check(name=name, title=title, severity="warning", grade="B", way_out=way_out)


_PAID = "Judge the answer alone, and pay nothing where none can be read."

CHECKS: tuple[Check, ...] = (
    _error(
        "runtime.startup",
        "F",
        "It is imported and made, within its time.",
        "Make the factory return; load data at the first look (LazyTasks).",
    ),
    _error(
        "effects.import",
        "C",
        "Importing and making it leaves the process as it was.",
        "Undo it, or do it at first use inside the verifier; a library changes nothing global.",
    ),
    _warning(
        "effects.import_prints",
        "Importing and making it prints nothing.",
        "Use logging; stdout belongs to whoever calls.",
    ),
    _error("tasks.some", "F", "There is a task.", "Return at least one task."),
    _error(
        "tasks.drawn",
        "F",
        "Its tasks can be looked at, within their time.",
        "Make tasks[index] return a Task for every index below the size.",
    ),
    _error("tasks.unique_ids", "C", "Ids are unique.", "Name each task by its split and index."),
    _error("tasks.prompt", "C", "No prompt is empty.", "Ask something in every task."),
    _error(
        "tasks.plain_data",
        "C",
        "Answers and metadata are plain data.",
        "Keep texts, numbers, lists and dicts with text keys only: tasks cross to other processes as JSON.",
    ),
    _error(
        "tasks.repeatable",
        "C",
        "The task at an index is always the same, in every process.",
        "Draw with Random(f'{seed}:{index}'); use no clock, no hash() of a text, no global generator.",
    ),
    _warning(
        "tasks.duplicates",
        "No task stands there twice.",
        "Drop rows whose prompt was there before; an endless stream must depend on its index.",
    ),
    _error(
        "tasks.contradictions",
        "C",
        "No two tasks with the same prompt want different answers.",
        "Drop such rows, or put what tells them apart into the prompt.",
    ),
    _error(
        "tasks.split_overlap",
        "C",
        "Train and test share no prompt.",
        "Choose the split of an instance by a hash of its content.",
    ),
    _warning(
        "tasks.answer_in_prompt",
        "The reference does not stand in the prompt as an answer.",
        "Take the solution out of the prompt.",
    ),
    _error(
        "reference.text",
        "D",
        "Every reference is a text, or None, and asking for it raises nothing.",
        "Let `reference` return text for every task, or None where none is known.",
    ),
    _warning(
        "reference.readable",
        "The verifier can read every reference.",
        "Mend or drop these rows: completions of them stay unscored.",
    ),
    _error(
        "semantic.oracle_max",
        "F",
        "References score full.",
        "See what the verifier reads out of the reference: `rlvr explain`.",
    ),
    _error(
        "semantic.canary_floor.empty",
        "F",
        "Nothing, white space, and an empty answer score zero.",
        _PAID,
    ),
    _error(
        "semantic.canary_floor.prompt_echo",
        "F",
        "The prompt said back scores zero.",
        "Read the answer from a place that the prompt does not fill, or take worked examples out of it.",
    ),
    _error(
        "semantic.canary_floor.every_choice",
        "F",
        "A list of every choice scores less than full.",
        "Two different answers are no answer.",
    ),
    _error(
        "semantic.canary_floor.hedge",
        "F",
        "A reference hedged with a wrong answer is not paid whichever comes first.",
        "Do not look for the reference in the text: read one answer, then compare it.",
    ),
    _warning(
        "semantic.hedge_by_place",
        "A reference hedged with a wrong answer is not paid for the place it stands in.",
        "Refuse an answer that names two things; or say in your documentation which of them counts.",
    ),
    _error(
        "semantic.canary_floor.override",
        "F",
        "Text that talks to the grader scores zero.",
        "Never hand the completion's words to what decides, and parse no verdict out of them.",
    ),
    _error("semantic.canary_floor.long", "F", "Texts of 100 kB without the answer score zero.", _PAID),
    _error("semantic.canary_floor.huge", "F", "Texts of 10 MB without the answer score zero.", _PAID),
    _error("semantic.canary_floor.nesting", "F", "Deeply nested brackets score zero.", _PAID),
    _error("semantic.canary_floor.null_bytes", "F", "Null bytes score zero.", _PAID),
    _error("semantic.canary_floor.surrogates", "F", "Unpaired surrogates score zero.", _PAID),
    _error(
        "semantic.canary_floor.digits",
        "F",
        "A raised or lowered digit is not read as a plain one.",
        "Do not normalise with NFKC before reading numbers: it turns two to the fifth into twenty-five.",
    ),
    _warning(
        "statistical.gameability_gap",
        "No one text earns what the references do.",
        "Balance the answers, or draw them from a wider range.",
    ),
    _error(
        "semantic.verifier_determinism",
        "D",
        "The same completion gets the same verdict twice.",
        "Use no clock, no counter and no global random generator in a verdict.",
    ),
    _error(
        "semantic.verifier_determinism.process",
        "D",
        "Another process with another hash seed gives the same verdicts.",
        "Sort what comes out of sets; let no verdict depend on hash(), the process or its environment.",
    ),
    _error(
        "semantic.order_independence",
        "D",
        "A verdict does not depend on what was judged before.",
        "Keep no state between completions; a cache needs all that decides as its key.",
    ),
    _error(
        "runtime.thread_safety",
        "D",
        "Threads of one process judge as one thread does.",
        "Keep what a verdict needs in local variables; signals work in the main thread only.",
    ),
    _error(
        "runtime.process_safety",
        "D",
        "Processes beside each other judge as one does.",
        "Share no file, no port and no fixed name between processes.",
    ),
    _error(
        "runtime.deadline",
        "D",
        "Every verdict is there within the deadline.",
        "Bound the work before doing it: length, depth, size of numbers; no backtracking patterns.",
    ),
    _error(
        "runtime.deadline_huge",
        "D",
        "Texts of 10 MB are judged within three deadlines.",
        "Read in one pass, or refuse by length: 0.0 with a reason.",
    ),
    _error(
        "runtime.never_raises",
        "D",
        "No text makes it raise.",
        "What the model wrote is its fault: 0.0 with a reason. Never catch everything: fix the one case.",
    ),
    _error(
        "runtime.survives",
        "D",
        "No text ends the process that judges, or divides it.",
        "Bound recursion and memory; never exit or fork in a verifier.",
    ),
    _error(
        "runtime.reward_well_formed",
        "D",
        "Every verdict is a Score of finite numbers.",
        "Return Score(reward=...); None, and never nan, where nothing can be judged.",
    ),
    _warning(
        "semantic.reward_range",
        "Rewards are from 0 to 1.",
        "Scale the reward; another range is for you to document.",
    ),
    _warning(
        "semantic.reasons",
        "Reasons are of a small fixed vocabulary.",
        "Put what varies into `answer` or `parts`.",
    ),
    _error(
        "effects.judging",
        "C",
        "Judging leaves the process as it was.",
        "Use context managers that put back; take Random(seed) instead of seeding the global one.",
    ),
    _warning("effects.judging_prints", "Judging prints nothing.", "Use logging."),
    _error(
        "effects.leaks",
        "C",
        "Judging leaves no more threads, processes and open files each time, and none behind.",
        "Close what you open; a helper process is started once and ends with its parent.",
    ),
)

ALIASES = {
    "full_reward": "semantic.oracle_max",
    "zero_reward": "semantic.canary_floor",
    "malformed": "runtime.never_raises",
    "determinism": "semantic.verifier_determinism",
}
"""Kinds of test rows that others publish, and the checks that make sure of the same."""


def chosen(only: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks of these names, or whose names start with them; all where there are none.

    >>> [check.name for check in chosen(["tasks.prompt", "full_reward"])]
    ['tasks.prompt', 'semantic.oracle_max']

    Raises:
        UnknownName: No check has one of the names.
    """
    wanted = [ALIASES.get(name, name) for name in only]
    for name in wanted:
        if not any(_matches(check, name) for check in CHECKS):
            raise UnknownName("check", name, [check.name for check in CHECKS])
    return tuple(check for check in CHECKS if not only or any(_matches(check, name) for name in wanted))


def _matches(check: Check, name: str) -> bool:
    return check.name == name or check.name.startswith(f"{name}.")
