"""Runs as the data that the page embeds: small enough to open at once, and saying what was left out."""

from collections.abc import Sequence
from typing import Any

from rlvr.report.compare import differences, flat, summary
from rlvr.report.folder import Row, Run, groups, number, table, text, torn_lines_noted
from rlvr.report.survey import LONGEST, Budget, Survey, Suspects, chosen, survey, suspects

__all__ = ["Embedded", "columns", "cut", "embed"]

MOST_STEPS = 2_000
Embedded = dict[str, Any]


def embed(runs: Sequence[Run], budget: Budget) -> tuple[Embedded, Embedded]:
    """Return what the page holds of some runs: what it shows at once, and the rollouts."""
    share = Budget(rollouts=budget.rollouts // len(runs), characters=budget.characters // len(runs))
    shown, rollouts = [], []
    for run in runs:
        found = survey(run)
        paid = suspects(found)
        named = _of_alarms(run, found)
        kept = chosen(found, [*named, *paid.groups], share)
        table_of, held = _rollouts(run, kept)
        rollouts.append(held)
        shown.append(_run(run, found, paid, table_of))
    return {"runs": shown, "differences": differences(runs) if len(runs) > 1 else []}, {"runs": rollouts}


def columns(rows: Sequence[Row], most: int = MOST_STEPS) -> dict[str, list[float | None]]:
    """Return rows of numbers as columns; of more than `most` rows, as means over stretches of equal length.

    >>> columns([{"step": 1, "a": 1.0}, {"step": 2, "a": None}, {"step": 3, "a": 3.0}, {"step": 4}], most=2)
    {'step': [2, 4], 'a': [1.0, 3.0]}
    """
    stretch = -(-len(rows) // most) or 1
    parts = [rows[i : i + stretch] for i in range(0, len(rows), stretch)]
    names = {name: None for row in rows for name, value in row.items() if number(value) is not None}
    return {
        name: [part[-1]["step"] if name == "step" else _mean(part, name) for part in parts] for name in names
    }


def cut(value: object, most: int = LONGEST) -> str:
    """Return a value as text, its middle left out where it is too long.

    >>> cut("0123456789", most=6)
    '0123[... 4 characters left out of this page ...]89'
    """
    whole = text(value)
    if len(whole) <= most:
        return whole
    tail = most // 3
    head = most - tail
    return f"{whole[:head]}[... {len(whole) - most:,} characters left out of this page ...]{whole[-tail:]}"


def _of_alarms(run: Run, found: Survey) -> list[int]:
    return [found.named[key] for key in sorted(found.named)] if run.alarms else []


def _run(run: Run, found: Survey, paid: Suspects, places: dict[int, int]) -> Embedded:
    kept = sum(found.sizes[index] for index in places)
    return {
        "name": run.name,
        "path": str(run.path),
        "config": flat(run.config),
        "setup": _setup(run.surroundings),
        "summary": summary(run, found, kept),
        "groups_kept": len(places),
        "measure": run.measure,
        "metrics": columns(run.metrics),
        "averaged": len(run.metrics) > MOST_STEPS,
        "evaluations": [_evaluation(row) for row in run.evaluations],
        "alarms": [_alarm(run, found, place, places) for place in range(len(run.alarms))],
        "maps": found.difficulty.maps(),
        "suspects": {
            "from_reward": paid.from_reward,
            "median_length": paid.median_length,
            "groups": [
                {"group": places[index], "seen": seen, "length": found.length[index]}
                for index, seen in zip(paid.groups, paid.seen, strict=True)
                if index in places
            ],
        },
    }


def _setup(surroundings: Row) -> Embedded:
    plugins = table(surroundings.get("plugins"))
    return {
        **{name: text(surroundings.get(name)) for name in ("environment", "started", "seed")},
        "command": " ".join(text(word) for word in surroundings.get("command") or ()),
        "versions": {name: text(value) for name, value in table(surroundings.get("versions")).items()},
        "machine": {name: text(value) for name, value in table(surroundings.get("machine")).items()},
        "plugins": [
            [name, *(text(table(plugin).get(key)) for key in ("version", "hash", "status"))]
            for name, plugin in plugins.items()
        ],
    }


def _evaluation(row: Row) -> Embedded:
    interval = table(row.get("interval95")).get("1")
    ends = [number(end) for end in interval] if isinstance(interval, list) else []
    return {
        "step": row["step"],
        "pass": number(table(row.get("pass")).get("1")),
        "interval": ends if len(ends) == 2 else None,
        "avg": number(row.get("avg")),
    }


def _alarm(run: Run, found: Survey, place: int, places: dict[int, int]) -> Embedded:
    row = run.alarms[place]
    names = [text(name) for name in row.get("examples") or ()]
    groups_of = [places.get(found.named.get((place, name), -1)) for name in names]
    return {
        "step": row["step"],
        "kind": text(row.get("kind")),
        "words": text(row.get("words")),
        "examples": [{"id": name, "group": group} for name, group in zip(names, groups_of, strict=True)],
    }


def _rollouts(run: Run, kept: set[int]) -> tuple[dict[int, int], Embedded]:
    """Read the log again for the groups that are kept; return where each stands on the page, and them."""
    places: dict[int, int] = {}
    tasks: dict[tuple[str, ...], int] = {}
    words: dict[str, int] = {}
    held: list[Any] = []
    with torn_lines_noted([]):  # noted when the log was surveyed
        for index, group in enumerate(groups(run.rollouts)):
            if index in kept:
                task = tasks.setdefault(_task(group[0]), len(tasks))
                places[index] = len(held)
                held.append([group[0]["step"], task, [_rollout(row, words) for row in group]])
    prompts = [
        {
            "id": name,
            "prompt": list(zip(turns[::2], turns[1::2], strict=True)),
            "reference": ref,
            "metadata": meta,
        }
        for name, ref, meta, *turns in tasks
    ]
    return places, {"tasks": prompts, "words": list(words), "groups": held}


def _task(row: Row) -> tuple[str, ...]:
    prompt = row.get("prompt")
    turns = prompt if isinstance(prompt, list) else [{"role": "user", "content": prompt}]
    metadata = row.get("metadata")
    spoken = (cut(table(turn).get(key)) for turn in turns for key in ("role", "content"))
    return (cut(row.get("id"), 300), cut(row.get("reference")), cut(metadata) if metadata else "", *spoken)


def _rollout(row: Row, words: dict[str, int]) -> list[Any]:
    """Return a rollout as a list, in the order that groups.js reads."""
    reason, finish = (text(row.get(name)) for name in ("reason", "finish_reason"))
    parts = {
        name: value for name, part in table(row.get("parts")).items() if (value := number(part)) is not None
    }
    named = [[words.setdefault(name, len(words)), value] for name, value in parts.items()]
    return [
        cut(row["completion"]),
        number(row.get("reward")),
        number(row.get("advantage")),
        None if row.get("answer") is None else cut(row["answer"]),
        words.setdefault(reason, len(words)),
        words.setdefault(finish, len(words)),
        [number_or_word for pair in named for number_or_word in pair],
        number(row.get("ms")),
        cut(row.get("error")),
        len(row.get("token_ids") or ()),
    ]


def _mean(rows: Sequence[Row], name: str) -> float | None:
    values = [value for row in rows if (value := number(row.get(name))) is not None]
    return sum(values) / len(values) if values else None
