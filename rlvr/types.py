"""The nouns: what a task, a completion, a score and an environment are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, overload

__all__ = [
    "RIGHT",
    "Completion",
    "Environment",
    "Explanation",
    "Labelled",
    "LabelledSet",
    "LazyTasks",
    "Message",
    "Role",
    "Rollout",
    "Score",
    "Task",
    "TaskStream",
    "Verifier",
    "first_tasks",
]

Role = Literal["system", "user", "assistant"]
RIGHT = 1.0 - 1e-9
"""What counts as full reward: a mean of parts may fall short of 1 by a rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One question.

    Attributes:
        id: Unique within its environment and the same on every machine.
        prompt: What the model is asked, as chat messages.
        answer: The reference, as plain data (text, number, list, dict), or None where there is none.
        metadata: Whatever else the verifier needs, as plain JSON data: it crosses to other processes.
    """

    id: str
    prompt: tuple[Message, ...]
    answer: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One try of a policy.

    Attributes:
        text: What was generated, special tokens removed.
        token_ids: The generated ids, the end token included; empty where the text came from a file.
        logprobs: Natural-log probability of each id under the sampling distribution.
        finish_reason: `stop` (the policy ended it) or `length` (cut off).
    """

    text: str
    token_ids: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    finish_reason: Literal["stop", "length"] = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A verifier's verdict on one completion.

    Attributes:
        reward: Finite; by convention 0.0 (wrong) to 1.0 (right). None means unscored: it joins no mean
            and no gradient, and is never a 0.
        answer: What was read out of the completion, or None if nothing was.
        reason: Why, from a short fixed vocabulary (`correct`, `wrong_answer`, `no_answer`, `timeout`, ...).
        parts: Named components of the reward and other measures, each a finite number.
        error: Set only where our side failed (the verifier raised): one line saying how.
    """

    reward: float | None
    answer: str | None = None
    reason: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)
    error: str | None = None

    @staticmethod
    def unscored(reason: str, *, answer: str | None = None, error: str | None = None) -> "Score":
        """Return the verdict for a completion that cannot be judged.

        >>> Score.unscored("unreadable_reference").reward is None
        True
        """
        return Score(reward=None, answer=answer, reason=reason, error=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """How a verdict came to be; what a verifier cannot say stays empty.

    Attributes:
        score: The verdict.
        read: What was read out of the completion, as it stands there.
        rule: The rule by which it was read.
        spans: (start, end) of each piece that was read, in characters of the completion's text.
        forms: What was compared, in normal form: `answer`, `reference`, and what else there is to show.
        stage: Which stage of the comparison decided.
        ms: Milliseconds by stage of the work, in order.
        notes: Further sentences, each on its own.
    """

    score: Score
    read: str = ""
    rule: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""
    ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


Verifier = Callable[[Task, Completion], Score]
"""A plain synchronous function. The caller brings concurrency, deadlines and blame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStream:
    """Endless tasks: `at(index)` is a pure function of the index (and of the seed it closes over)."""

    at: Callable[[int], Task]

    def __getitem__(self, index: int) -> Task:
        """Return the task at `index` (0 or more)."""
        if index < 0:
            raise IndexError(f"an endless stream has no index {index}: it starts at 0 and has no end")
        return self.at(index)

    def __iter__(self) -> Iterator[Task]:
        """Yield the tasks in order, without end."""
        return (self.at(index) for index in count())


class LazyTasks(Sequence[Task]):
    """A finite set that is loaded at the first look: a worker that only judges never reads the data."""

    def __init__(self, load: Callable[[], Sequence[Task]]) -> None:
        self._load = load
        self._tasks: Sequence[Task] | None = None

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | Sequence[Task]:
        """Return the task at an index, or those of a slice."""
        return self._all()[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())

    def _all(self) -> Sequence[Task]:
        if self._tasks is None:
            self._tasks = self._load()
        return self._tasks


def _answer_text(task: Task) -> str | None:
    return task.answer if isinstance(task.answer, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Tasks and the verifier that judges completions of them: data, not a base class.

    Attributes:
        name: The name it was made under.
        tasks: A finite sequence, or an endless `TaskStream`.
        verifier: Judges one completion of one task.
        reference: A completion of the task that earns full reward, or None where none is known. Used by
            `rlvr show`, conformance checks and supervised warm starts.
        true_measure: The name of the `Score.parts` entry that says what is really wanted (0 to 1), where
            the reward is only a proxy for it. A run warns when the two part ways.
    """

    name: str
    tasks: Sequence[Task] | TaskStream
    verifier: Verifier
    reference: Callable[[Task], str | None] = _answer_text
    true_measure: str | None = None

    @property
    def size(self) -> int | None:
        """How many tasks there are; None if endless."""
        return None if isinstance(self.tasks, TaskStream) else len(self.tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One completion of a task with its verdict; a *group* is the rollouts of one task.

    `ms` is the wall-clock time that the verifier took, in milliseconds.
    """

    task: Task
    completion: Completion
    score: Score
    ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A completion of which somebody has said whether it is right.

    Attributes:
        id: Unique within its set.
        label: True is right, False is wrong, None is not known: it counts for speed and agreement only.
        kind: What sort of row it is: tables have a line for each.
        group: Rows of one group answer one task, as a trainer's do; empty where there are none.
        why: Why the label holds, or the rule that made it.
    """

    id: str
    task: Task
    completion: Completion
    label: bool | None
    kind: str = ""
    group: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """Labelled completions to measure verifiers on.

    Attributes:
        name: The name it was made under.
        version: Changes whenever a row does.
        verifier: The verifier that it is made for, by name; with it options that the rows expect.
        rows: Yields the rows, anew at each call.
        options: Options that the verifier is to be made with.
    """

    name: str
    version: str
    verifier: str
    rows: Callable[[], Iterator[Labelled]]
    options: Mapping[str, Any] = field(default_factory=dict)


def first_tasks(environment: Environment, n: int | None, *, start: int = 0) -> list[Task]:
    """Return `n` tasks from `start` on (fewer where a finite set ends; all of it for None).

    Raises:
        ValueError: All tasks of an endless environment were asked for.
    """
    size = environment.size
    if n is None and size is None:
        raise ValueError("an endless environment needs a number of tasks")
    ends = [end for end in (size, None if n is None else start + n) if end is not None]
    return [environment.tasks[index] for index in range(start, min(ends))]
