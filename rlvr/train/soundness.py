"""Whether tasks can teach what they are meant to: references, empty completions, held-out tasks, lengths."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

from rlvr.boundary import Failure, attempt
from rlvr.train.finding import Finding
from rlvr.train.models import LoadedModel
from rlvr.train.stages import TrainerTable
from rlvr.train.tasks import TaskOrder
from rlvr.types import RIGHT, Completion, Environment, Rollout, Task, first_tasks

__all__ = ["Judge", "Looked", "held_out", "lengths", "look_at", "training_tasks", "verdicts"]

Judge = Callable[[Iterable[tuple[Task, Completion]]], Iterable[Rollout]]
"""Judges completions, in order."""

_BLANKS = ("", " \n\t")
_MANY = 10_000
_OF_A_STREAM = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Some tasks, and the reference of each: None where there is none, a Failure where it cannot be had."""

    tasks: Sequence[Task]
    references: Sequence[str | Failure | None]

    @property
    def given(self) -> list[tuple[Task, str]]:
        """The tasks that have a reference, with it."""
        pairs = zip(self.tasks, self.references, strict=True)
        return [(task, text) for task, text in pairs if isinstance(text, str)]


def look_at(environment: Environment, n: int, *, seed: int) -> Looked:
    """Return the first tasks of a run, as many as there are up to `n`."""
    order = TaskOrder(phases=[(0, environment)], seed=seed)
    tasks = [order.at(place) for place in range(max(1, min(n, environment.size or n)))]
    return Looked(tasks=tasks, references=[_reference(environment, task) for task in tasks])


def _reference(environment: Environment, task: Task) -> str | Failure | None:
    return attempt(lambda: environment.reference(task))


def verdicts(looked: Looked, judge: Judge, *, needed: bool) -> list[Finding]:
    """Say whether references score full and empty completions nothing; `needed` where references teach."""
    given = looked.given
    empty = [task for task, text in given if not text.strip()]  # rightly paid for nothing
    blanks = [(task, text) for task in looked.tasks if task not in empty for text in _BLANKS]
    rollouts = list(judge((task, Completion(text=text)) for task, text in [*given, *blanks]))
    n = len(given)
    return [*_references(looked, rollouts[:n], needed=needed), *_empties(rollouts[n:])]


def _references(looked: Looked, rollouts: Sequence[Rollout], *, needed: bool) -> list[Finding]:
    pairs = list(zip(looked.tasks, looked.references, strict=True))
    failed = [(task, text) for task, text in pairs if isinstance(text, Failure)]
    without = [task for task, text in pairs if text is None]
    unscored = [r for r in rollouts if r.score.reward is None]
    short = [r for r in rollouts if r.score.reward is not None and r.score.reward < RIGHT]
    full, n = len(rollouts) - len(unscored) - len(short), len(rollouts)
    numbers = {
        "tasks": len(pairs),
        "without": len(without),
        "failed": len(failed),
        "unscored": len(unscored),
        "short": len(short),
        "full": full,
    }
    wrong: list[tuple[str, str]] = []
    if failed:
        task, failure = failed[0]
        words = f"that of {task.id!r} cannot be had: {failure.summary}"
        wrong.append((words, "mend the environment's `reference`"))
    if unscored:
        words = f"{len(unscored)} of {n} are unscored, as that of {_named(unscored[0])}"
        wrong.append((words, "mend the verifier, its sandbox, or the task's answer"))
    if short:
        words = f"{len(short)} of {n} score less than 1, as that of {_named(short[0])}"
        wrong.append((words, "mend the reference or the verifier, or raise rollout.timeout_s if it was that"))
    if without and needed:
        words = (
            f"{len(without)} of {len(pairs)} tasks have none, as {without[0].id!r}, and sft learns from it"
        )
        wrong.append((words, "give the environment references, or use an algorithm that samples"))
    found = partial(Finding, what="references", numbers=numbers)
    none = f", {len(without)} of {len(pairs)} tasks have none" if without else ""
    return [found(level="no-go", words=words, way_out=way_out) for words, way_out in wrong] or [
        found(level="ok", words=f"{full} of {n} score full{none}")
    ]


def _empties(rollouts: Sequence[Rollout]) -> list[Finding]:
    paid = [r for r in rollouts if (r.score.reward or 0.0) > 0]
    failed = [r for r in rollouts if r.score.error is not None]
    numbers = {"completions": len(rollouts), "paid": len(paid), "failed": len(failed)}
    found = partial(Finding, what="empty completions", numbers=numbers)
    wrong = []
    if paid:
        words = (
            f"{len(paid)} of {len(rollouts)} are paid, as {paid[0].completion.text!r} for {_named(paid[0])}"
        )
        way_out = "mend the verifier: a model would learn to say nothing"
        wrong.append(found(level="no-go", words=words, way_out=way_out))
    if failed:
        words = f"the verifier fails on {len(failed)} of {len(rollouts)}, as for {_named(failed[0])}"
        wrong.append(found(level="warning", words=words, way_out="let the verifier give 0.0 and a reason"))
    return wrong or [found(level="ok", words=f"none of {len(rollouts)} is paid")]


def _named(rollout: Rollout) -> str:
    """Name a verdict: its task, the reward, and why."""
    score = rollout.score
    reward = "unscored" if score.reward is None else f"{score.reward:.3g}"
    why = score.error or score.reason or "no reason given"
    return f"{rollout.task.id!r} ({reward}: {why})"


def training_tasks(environment: Environment) -> list[Task]:
    """Return the tasks to compare held-out ones with: a finite set's first 10,000, a stream's first 256."""
    return first_tasks(environment, _OF_A_STREAM if environment.size is None else _MANY)


def held_out(training: Sequence[Task], measured: Sequence[Task]) -> Finding:
    """Say whether tasks that are measured on are trained on, by prompt and by id."""
    prompts, ids = {tuple(task.prompt) for task in training}, {task.id for task in training}
    same = [task for task in measured if tuple(task.prompt) in prompts]
    alike = [task for task in measured if tuple(task.prompt) not in prompts and task.id in ids]
    numbers = {
        "training": len(training),
        "held_out": len(measured),
        "same_prompt": len(same),
        "same_id": len(alike),
    }
    found = partial(Finding, what="held-out tasks", numbers=numbers)
    way_out = 'set [evaluation] options to tasks of their own, as in options = { split = "test" }'
    if same:
        words = f"{len(same)} of {len(measured)} held-out tasks are trained on, as {same[0].id!r}"
        return found(level="warning", words=words, way_out=way_out)
    if alike:
        words = (
            f"{len(alike)} of {len(measured)} held-out tasks share their id with another that is trained on"
        )
        way_out = "let the environment give each task an id of its own: logs and alarms tell tasks by it"
        return found(level="warning", words=f"{words}, as {alike[0].id!r}", way_out=way_out)
    words = f"none of {len(measured)} is among {len(training):,} training tasks"
    return found(level="ok", words=words)


def lengths(looked: Looked, loaded: LoadedModel, table: TrainerTable) -> tuple[Finding, int]:
    """Say whether prompts and references fit, in tokens; return the longest prompt's length, too."""
    prompts = [len(loaded.encode(task.prompt)) for task in looked.tasks]
    references = [(task.id, len(loaded.encode_completion(text))) for task, text in looked.given]
    limit, longest = table.max_completion_length, max(prompts)
    over = [(name, length) for name, length in references if length > limit]
    room = loaded.model.config.get_text_config().to_dict().get("max_position_embeddings")
    numbers = {
        "prompt_tokens": {"min": min(prompts), "median": median(prompts), "max": longest},
        "reference_tokens_max": max((length for _, length in references), default=None),
        "references_over": len(over),
        "references": len(references),
        "max_completion_length": limit,
        "positions": room,
    }
    found = partial(Finding, what="lengths", numbers=numbers)
    if over:
        name, length = max(over, key=lambda pair: pair[1])
        words = (
            f"{len(over)} of {len(references)} references are longer than trainer.max_completion_length = "
            f"{limit} tokens, that of {name!r} has {length}: a reward may be out of reach"
        )
        way_out = f"set trainer.max_completion_length to {length} or more, or take shorter tasks"
        return found(level="warning", words=words, way_out=way_out), longest
    if room and longest + limit > room:
        words = f"{longest} tokens of prompt and {limit} of completion are more than the model's {room}"
        way_out = "lower trainer.max_completion_length, or shorten the prompts"
        return found(level="warning", words=words, way_out=way_out), longest
    spread = f"{min(prompts)} to {longest} tokens" if min(prompts) < longest else f"{longest} tokens"
    words = f"prompts have {spread}, completions at most {limit}"
    if references:
        words += f", references up to {numbers['reference_tokens_max']}"
    return found(level="ok", words=words), longest
