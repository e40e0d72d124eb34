"""`rlvr show`: an environment's tasks, and how it judges them."""

from typing import Any

import click

from rlvr.boundary import prints_are_words
from rlvr.cli.common import as_json, echo_json, name_options
from rlvr.errors import InputError
from rlvr.registry import find, make
from rlvr.types import Completion, Environment, Score, Task, first_tasks
from rlvr.workers import WorkerPool

__all__ = ["show"]


@click.command()
@click.argument("name")
@name_options
@click.option("--tasks", default=3, show_default=True, type=click.IntRange(min=1), help="How many to show.")
@as_json
def show(name: str, options: dict[str, Any], tasks: int, as_json: bool) -> None:
    """Show tasks of the environment NAME: the prompt, and what three completions score and why.

    The completions are the reference, an empty one, and the reference of another task.
    """
    with prints_are_words():
        environment = make(name, **options)
        chosen = first_tasks(environment, tasks)
        if not chosen:
            raise InputError(f"the environment {name!r} has no task to show.")
        with WorkerPool(name, options=options, kind="environment", workers=1) as pool:
            judged = [(task, _tries(environment, task, pool)) for task in chosen]
    if as_json:
        echo_json([_row(task, tries) for task, tries in judged])
        return
    size = "endless" if environment.size is None else f"{environment.size:,} tasks"
    click.echo(f"{find('environment', name).provenance}: {size}")
    for task, tries in judged:
        _print(task, tries)


def _tries(environment: Environment, task: Task, pool: WorkerPool) -> dict[str, tuple[str, Score]]:
    reference, wrong = environment.reference(task), _wrong(environment, task)
    texts = {"reference": reference, "empty": "", "wrong": wrong}
    given = {label: text for label, text in texts.items() if text is not None}
    rollouts = pool(task, [Completion(text=text) for text in given.values()])
    return {label: (given[label], r.score) for label, r in zip(given, rollouts, strict=True)}


def _wrong(environment: Environment, task: Task) -> str:
    others = (other for other in first_tasks(environment, 50) if other.answer != task.answer)
    found = (environment.reference(other) for other in others)
    return next((text for text in found if text), "I do not know.")


def _row(task: Task, tries: dict[str, tuple[str, Score]]) -> dict[str, Any]:
    return {
        "id": task.id,
        "prompt": [{"role": turn.role, "content": turn.content} for turn in task.prompt],
        "reference": task.answer,
        "tries": {
            label: {
                "completion": text,
                "reward": score.reward,
                "answer": score.answer,
                "reason": score.reason,
                "parts": dict(score.parts),
                "error": score.error,
            }
            for label, (text, score) in tries.items()
        },
    }


def _print(task: Task, tries: dict[str, tuple[str, Score]]) -> None:
    click.echo(f"\n{click.style(task.id, bold=True)}")
    for turn in task.prompt:
        click.echo(f"  {turn.role}: " + turn.content.replace("\n", "\n    "))
    for label, (text, score) in tries.items():
        reward = "unscored" if score.reward is None else f"{score.reward:.3g}"
        parts = "".join(f" {name}={value:.3g}" for name, value in score.parts.items())
        read = "nothing" if score.answer is None else repr(score.answer)
        why = f"{score.reason}{': ' + score.error if score.error else ''}, read {read:.60}{parts}"
        click.echo(f"  {label:>9} {_short(text)} -> {click.style(reward, bold=True)} ({why})")


def _short(text: str) -> str:
    return repr(text) if len(text) <= 60 else repr("..." + text[-57:])
