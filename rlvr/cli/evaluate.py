"""`rlvr evaluate`: let a model try an environment."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import click

from rlvr.boundary import prints_are_words
from rlvr.cli.common import (
    FiniteRange,
    as_json,
    echo_json,
    name_options,
    need_extra,
    pool_options,
    quieten,
    unsafe_option,
    with_sandbox,
)
from rlvr.config import parse_words
from rlvr.errors import InputError
from rlvr.evaluate import Report, judged_also, report_of, row_of_report
from rlvr.registry import Entry, find, make
from rlvr.served import ServedPolicy, only_model
from rlvr.types import Completion, Rollout, Task, first_tasks
from rlvr.workers import Ticket, WorkerPool

__all__ = ["evaluate"]

OnCompletion = Callable[[int, Completion], None]


@click.command()
@click.argument("name")
@click.option(
    "--model",
    "model",
    metavar="MODEL",
    help="A run folder, a hub id, a folder, a GGUF file, smollm2, or a server: http://HOST:PORT/v1.",
)
@click.option(
    "--checkpoint",
    "which",
    default="last",
    show_default=True,
    type=click.Choice(["last", "best"]),
    help="Of a run folder: its last checkpoint, or the one that did best on held-out tasks.",
)
@click.option(
    "--also",
    multiple=True,
    metavar="NAME:KEY=VALUE",
    help="Judge the same completions by other options too, as in strict:reading=box; may repeat.",
)
@click.option("--served-model", metavar="NAME", help="The server's name of the model [its only one].")
@click.option(
    "--api-key-env", default="", metavar="VAR", help="The environment variable with the server's key."
)
@click.option(
    "--concurrency", default=16, show_default=True, type=click.IntRange(min=1), help="Requests at once."
)
@click.option(
    "--request-timeout",
    "request_timeout_s",
    default=600.0,
    show_default=True,
    type=FiniteRange(min=0, min_open=True),
    help="Seconds for one answer of the server.",
)
@click.option("--tasks", default=100, show_default=True, type=click.IntRange(min=1), help="How many tasks.")
@click.option(
    "--samples", default=1, show_default=True, type=click.IntRange(min=1), help="Tries at each, for pass@k."
)
@click.option("--temperature", type=FiniteRange(min=0), help="0 is greedy [0 for one sample, else 1].")
@click.option(
    "--max-new-tokens", type=click.IntRange(min=1), help="Tokens of a completion [the run's, else 256]."
)
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
@unsafe_option
@pool_options
@as_json
def evaluate(
    name: str,
    model: str | None,
    which: Literal["last", "best"],
    also: tuple[str, ...],
    served_model: str | None,
    api_key_env: str,
    concurrency: int,
    request_timeout_s: float,
    tasks: int,
    samples: int,
    temperature: float | None,
    max_new_tokens: int | None,
    stop: tuple[str, ...],
    style: str,
    seed: int,
    rows: int,
    output: Path | None,
    options: dict[str, Any],
    unsafe: bool,
    workers: int | None,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Let MODEL try tasks of the environment NAME: pass@k, avg@k, and the Wilson 95% interval of each.

    A run folder brings its environment's options, its evaluation's, and its limits; -o changes them. In the
    place of NAME it also brings the environment and the model: `rlvr evaluate runs/sort-scratch-1`.
    """
    quieten()
    if model is None:
        name, model = _run_of(name)
    entry = find("environment", name)
    trained = None if _is_served(model) else _trained(Path(model), which)
    options = {**_options_of(trained, entry), **with_sandbox(options, unsafe=unsafe)}
    others = {**_others_of(trained, entry), **_others(also)}
    warm = float(samples > 1) if temperature is None else temperature
    draws = _Draws(
        length=max_new_tokens or _length_of(trained),
        temperature=warm,
        seed=seed,
        rows=rows,
        stop=stop,
        style=style,
    )
    server = _Server(
        model=served_model, api_key_env=api_key_env, concurrency=concurrency, timeout_s=request_timeout_s
    )
    with prints_are_words():
        environment = make(entry.full_name, **options)
        chosen = first_tasks(environment, tasks)
        if not chosen:
            raise InputError(f"the environment {name!r} has no task to try.")
        policy = _served(model, server, draws) if _is_served(model) else _local(trained, model, server, draws)

        def judges(asked: Mapping[str, Any]) -> WorkerPool:
            return WorkerPool(
                entry.full_name, options=asked, kind="environment", workers=workers, timeout_s=timeout_s
            )

        with judges(options) as pool:
            groups = _rollouts(policy, pool, chosen, samples=samples, seed=seed)
        report = report_of(environment, groups, samples=samples)
        with ExitStack() as stack:
            asked = {other: {**options, **changes} for other, changes in others.items()}
            rules = {
                other: (make(entry.full_name, **every), stack.enter_context(judges(every)))
                for other, every in asked.items()
            }
            report = judged_also(report, groups, rules)
    if output is not None:
        _write(output, [rollout for group in groups for rollout in group])
    who = {"model": policy.model, "server": model} if isinstance(policy, ServedPolicy) else {"model": model}
    _report(entry, who, warm, report, as_json=as_json)
    ran = sum(bool(rollout.score.parts.get("unsafe")) for group in groups for rollout in group)
    if ran:
        click.echo(f"UNSAFE: {ran} programs ran here without isolation.", err=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    """How completions are drawn."""

    length: int
    temperature: float
    seed: int
    rows: int
    stop: tuple[str, ...]
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """How a server is asked."""

    model: str | None
    api_key_env: str
    concurrency: int
    timeout_s: float


class _Streams(Protocol):
    """A policy that hands on each completion when it ends."""

    def sample(self, tasks: Sequence[Task], *, samples: int, seed: int, done: OnCompletion) -> object:
        """Call `done(task * samples + sample, completion)` for each."""
        ...


def _is_served(model: str) -> bool:
    return model.startswith(("http://", "https://"))


def _run_of(name: str) -> tuple[str, str]:
    """Return the environment and the model of a run folder given in the place of a name."""
    if not (Path(name) / "config.toml").exists():
        raise InputError(f"there is no model to try {name!r}: give --model MODEL, or a run folder alone.")
    from rlvr.train import settings

    return settings.load(Path(name) / "config.toml").environment.name, name


def _others(also: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the options of each other way to judge, by its name."""
    found: dict[str, dict[str, Any]] = {}
    for word in also:
        name, colon, option = word.partition(":")
        if not (name and colon):
            raise InputError(f"--also {word!r}: expected NAME:KEY=VALUE, as in strict:reading=box.")
        found[name] = {**found.get(name, {}), **parse_words([option])}
    return found


def _others_of(trained: Any, entry: Entry) -> dict[str, dict[str, Any]]:
    known = trained is not None and find("environment", trained[0].environment.name) == entry
    return dict(trained[0].evaluation.also) if known else {}


def _trained(folder: Path, which: Literal["last", "best"]) -> Any:
    if not (folder / "config.toml").exists():
        return None
    need_extra()
    from rlvr.train.folder import trained_model

    return trained_model(folder, which=which)


def _options_of(trained: Any, entry: Entry) -> dict[str, Any]:
    if trained is None or find("environment", trained[0].environment.name) != entry:
        return {}
    config = trained[0]
    return {**config.environment.options, **config.evaluation.options}


def _length_of(trained: Any) -> int:
    return 256 if trained is None else int(trained[0].trainer.get("max_completion_length", 256))


def _served(url: str, server: _Server, draws: _Draws) -> ServedPolicy:
    return ServedPolicy(
        base_url=url,
        model=server.model or only_model(url, api_key_env=server.api_key_env),
        max_new_tokens=draws.length,
        temperature=draws.temperature,
        stop=draws.stop,
        style="text" if draws.style == "text" else "chat",
        api_key_env=server.api_key_env,
        concurrency=server.concurrency,
        timeout_s=server.timeout_s,
    )


def _local(trained: Any, model: str, server: _Server, draws: _Draws) -> _Streams:
    if server.model or server.api_key_env:
        raise InputError(f"--model {model!r} is no server: --served-model and --api-key-env are for http://.")
    need_extra()
    from rlvr.config import parse
    from rlvr.train import run
    from rlvr.train.decode import Sampling
    from rlvr.train.models import load_model
    from rlvr.train.policy import TransformersPolicy
    from rlvr.train.settings import ModelTable

    run.quiet()
    table = parse(ModelTable, {"name": model}) if trained is None else trained[1]
    style = table.prompt if draws.style == "auto" else draws.style
    asked = {"stop": draws.stop or table.stop, "prompt": style}
    return TransformersPolicy(
        loaded=load_model(replace(table, **asked), seed=draws.seed),
        sampling=Sampling(max_new_tokens=draws.length, temperature=draws.temperature),
        seed=draws.seed,
        rows=draws.rows,
    )


def _rollouts(
    policy: _Streams, pool: WorkerPool, tasks: Sequence[Task], *, samples: int, seed: int
) -> list[list[Rollout]]:
    """Judge each completion from the moment that it ends, while others are still being written."""
    tickets: dict[int, Ticket] = {}

    def hand_in(index: int, completion: Completion) -> None:
        tickets[index] = pool.submit(tasks[index // samples], completion)

    policy.sample(tasks, samples=samples, seed=seed, done=hand_in)
    return [[tickets[t * samples + s].result() for s in range(samples)] for t in range(len(tasks))]


def _report(
    entry: Entry, who: Mapping[str, str], temperature: float, report: Report, *, as_json: bool
) -> None:
    from rlvr.train.tell import spoken

    if as_json:
        given = {"environment": entry.provenance, **who, "temperature": temperature}
        echo_json({**given, **row_of_report(report)})
        return
    by = " at ".join(who.values())
    click.echo(f"{entry.provenance} by {by}, temperature {temperature:g}: {spoken(report)}")
    click.echo("  " + ", ".join(f"{reason} {count}" for reason, count in report.reasons.items()))


def _write(path: Path, rollouts: list[Rollout]) -> None:
    from rlvr.runlog import row_of

    try:
        path.write_text("".join(json.dumps(row_of(rollout)) + "\n" for rollout in rollouts), encoding="utf-8")
    except OSError as error:
        raise InputError(f"the rollouts cannot be written to {str(path)!r}: {error.strerror}.") from None
