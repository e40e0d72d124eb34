"""`rlvr evaluate`: let a model try an environment."""

import json
from pathlib import Path
from typing import Any

import click

from rlvr.cli.common import as_json, echo_json, name_options, need_extra, pool_options, quieten
from rlvr.errors import InputError
from rlvr.registry import find, make
from rlvr.types import Rollout, first_tasks
from rlvr.workers import WorkerPool

__all__ = ["evaluate"]


@click.command()
@click.argument("name")
@click.option(
    "--model",
    "model",
    required=True,
    metavar="MODEL",
    help="A run folder, a hub id, a folder, a GGUF file, or smollm2.",
)
@click.option("--tasks", default=100, show_default=True, type=click.IntRange(min=1), help="How many tasks.")
@click.option(
    "--samples", default=1, show_default=True, type=click.IntRange(min=1), help="Tries at each, for pass@k."
)
@click.option("--temperature", type=click.FloatRange(min=0), help="0 is greedy [0 for one sample, else 1].")
@click.option("--max-new-tokens", default=256, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--stop", multiple=True, metavar="TEXT", help="A text of one token that ends a completion; may repeat."
)
@click.option(
    "--prompt",
    "style",
    default="auto",
    type=click.Choice(["auto", "chat", "text"]),
    help="Chat template or bare text.",
)
@click.option("--seed", default=0, show_default=True)
@click.option("--rows", default=256, show_default=True, help="Completions decoded at once.")
@click.option("--output", type=click.Path(path_type=Path), help="Write every rollout here, a JSON line each.")
@name_options
@pool_options
@as_json
def evaluate(
    name: str,
    model: str,
    tasks: int,
    samples: int,
    temperature: float | None,
    max_new_tokens: int,
    stop: tuple[str, ...],
    style: str,
    seed: int,
    rows: int,
    output: Path | None,
    options: dict[str, Any],
    workers: int | None,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Let MODEL try tasks of the environment NAME: pass@k, avg@k, and the Wilson 95% interval of each."""
    quieten()
    environment = make(name, **options)
    chosen = first_tasks(environment, tasks)
    if not chosen:
        raise InputError(f"the environment {name!r} has no task to try.")
    need_extra()
    from rlvr.evaluate import evaluate as measure
    from rlvr.train import run
    from rlvr.train.decode import Sampling
    from rlvr.train.models import load_model
    from rlvr.train.policy import TransformersPolicy
    from rlvr.train.tell import spoken
    from rlvr.train.watch import row_of_report

    run.quiet()
    table = run.model_table(model, stop=stop, style=style)
    warm = float(samples > 1) if temperature is None else temperature
    policy = TransformersPolicy(
        loaded=load_model(table, seed=seed),
        sampling=Sampling(max_new_tokens=max_new_tokens, temperature=warm),
        seed=seed,
        rows=rows,
    )
    with WorkerPool(name, options=options, kind="environment", workers=workers, timeout_s=timeout_s) as pool:
        report, groups = measure(environment, policy, pool, tasks=chosen, samples=samples)
    if output is not None:
        _write(output, [rollout for group in groups for rollout in group])
    provenance = find("environment", name).provenance
    if as_json:
        echo_json({"environment": provenance, "model": model, "temperature": warm, **row_of_report(report)})
    else:
        click.echo(f"{provenance} by {model}, temperature {warm:g}: {spoken(report)}")
        click.echo("  " + ", ".join(f"{reason} {count}" for reason, count in report.reasons.items()))


def _write(path: Path, rollouts: list[Rollout]) -> None:
    from rlvr.runlog import row_of

    try:
        path.write_text("".join(json.dumps(row_of(rollout)) + "\n" for rollout in rollouts), encoding="utf-8")
    except OSError as error:
        raise InputError(f"the rollouts cannot be written to {str(path)!r}: {error.strerror}.") from None
