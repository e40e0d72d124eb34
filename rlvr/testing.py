"""The public kit for authors of environments: fakes, cases, and the checks that every environment passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlvr.check import Finding, check_environment
from rlvr.errors import RLVRError
from rlvr.labelled import digest_labelled, faults_of, load_labelled
from rlvr.registry import judge
from rlvr.rows import read_jsonl
from rlvr.scoring import score
from rlvr.types import Completion, LabelledSet, Task, Verifier

__all__ = [
    "Case",
    "Finding",
    "ScriptedPolicy",
    "check_environment",
    "check_labelled",
    "digest_labelled",
    "judge_text",
    "load_cases",
    "load_labelled",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of a tests/cases/*.jsonl file: what a completion must score, and why.

    `reward` is None where the completion must stay unscored; `options` go to the verifier's factory.
    """

    completion: str
    answer: Any
    reward: float | None
    why: str
    metadata: Mapping[str, Any]
    options: Mapping[str, Any]


class ScriptedPolicy:
    """A policy that says what it is told to: the same texts, in turn, for every task.

    >>> policy = ScriptedPolicy(["4", "5"])
    >>> [c.text for c in policy.generate([Task(id="t", prompt=())], samples=3)[0]]
    ['4', '5', '4']
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def generate(self, tasks: Sequence[Task], *, samples: int) -> list[list[Completion]]:
        """Return the scripted texts for each task."""
        group = [Completion(text=self._texts[i % len(self._texts)]) for i in range(samples)]
        return [list(group) for _ in tasks]


def load_cases(path: Path) -> list[Case]:
    """Read a file of cases; a missing `metadata` or `options` is an empty one."""
    return [
        Case(
            completion=row["completion"],
            answer=row["answer"],
            reward=row["reward"],
            why=row["why"],
            metadata=row.get("metadata", {}),
            options=row.get("options", {}),
        )
        for _, row in read_jsonl(path)
    ]


def judge_text(verifier: Verifier, case: Case) -> float | None:
    """Return the reward that a verifier gives to a case."""
    task = Task(id="case", prompt=(), answer=case.answer, metadata=case.metadata)
    return score(verifier, task, Completion(text=case.completion)).reward


def check_labelled(labelled: LabelledSet) -> list[Finding]:
    """Return what is wrong with a labelled set; empty if nothing is.

    It has a version, and its verifier is installed; ids are unique, both labels occur, completions are text,
    answers and metadata plain data, every row has its kind and its why, no row stands twice, no two rows
    contradict each other, and the same rows come at every call.
    """
    found = [Finding(check=check, task=row, detail=detail) for check, row, detail in faults_of(labelled)]
    try:
        judge(labelled.verifier)
    except RLVRError as error:
        found.append(Finding(check="set.verifier", task="", detail=str(error)))
    return found
