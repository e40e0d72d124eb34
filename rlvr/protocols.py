"""The verbs: what a policy and a scorer can do, whoever provides them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, Self, runtime_checkable

from rlvr.types import Completion, Explanation, Rollout, Score, Task
from rlvr.untrusted import Answered, Call, Examined, Limits, Outcome, Program, Reported, Suite

__all__ = ["Explains", "Policy", "Sandbox", "Scorer", "Session"]


class Policy(Protocol):
    """Whatever writes completions: a local model, a served one, a script."""

    def generate(self, tasks: Sequence[Task], *, samples: int) -> list[list[Completion]]:
        """Return `samples` completions for each task, in the order of the tasks."""
        ...


class Scorer(Protocol):
    """Whatever judges completions: in this process, in killable workers, on a cluster."""

    def __call__(self, task: Task, completions: Sequence[Completion]) -> list[Rollout]:
        """Return one rollout for each completion, in their order. Never raises for a bad completion."""
        ...


@runtime_checkable
class Explains(Protocol):
    """A verifier that can say how it came to a verdict; any other is a plain function."""

    def __call__(self, task: Task, completion: Completion) -> Score:
        """Judge one completion."""
        ...

    def explain(self, task: Task, completion: Completion) -> Explanation:
        """Judge one completion, and say how."""
        ...


class Session(Protocol):
    """Untrusted source, loaded in a process of its own: its functions can be called, several times."""

    def call(self, name: str, *args: Any, **kwargs: Any) -> Answered:
        """Call a function, or `Class.method` on a fresh instance, with plain values and what it gave before.

        Never raises for a fault of the code that is called.
        """
        ...

    def call_all(self, calls: Sequence[Call]) -> Iterator[Answered]:
        """Make calls in order, all of them sent at once; yield what each gave, up to one that was the last.

        After the last call that a caller waits for, it may go its way: the rest ends with the process.
        """
        ...

    def close(self) -> None:
        """End the process."""
        ...

    def __enter__(self) -> Self:
        """Return the session."""
        ...

    def __exit__(self, *_: object) -> None:
        """End the process."""
        ...


class Sandbox(Protocol):
    """Whatever runs untrusted code so that it harms nothing and learns nothing.

    What the code does wrong is told in data. Where isolation cannot be had, every method raises
    `SandboxUnavailable`: unscored, never 0. One that isolates nothing, because somebody asked for that by
    name, has an attribute `unsafe` that is true, and every score that came of it says so.
    """

    @property
    def layers(self) -> Mapping[str, bool]:
        """Which layers of isolation are active here, by name."""
        ...

    def run(self, program: Program, limits: Limits) -> Outcome:
        """Run a program to its end or to a limit."""
        ...

    def open(self, source: str, limits: Limits) -> Session:
        """Load source whose functions will be called."""
        ...

    def examine(self, source: str, test: str, *, entry_point: str, limits: Limits) -> Examined:
        """Run trusted test code, in a confined process, on a function that lives in another.

        `test` sees the function by its name and as `candidate`; a `check` that it defines is called with it.
        """
        ...

    def examine_suite(self, files: Mapping[str, str], suite: Suite, limits: Limits) -> Reported:
        """Run trusted tests with pytest, in a confined process, on files that lie and run in another.

        Configuration among the files is dropped (`rlvr.untrusted.of_candidate`). Which tests there are and
        what is expected of them is for the caller to know: what is reported is what ran.
        """
        ...

    def close(self) -> None:
        """End every process that the sandbox keeps."""
        ...
