"""Phase one: a fresh interpreter imports it, makes it, and looks at the tasks."""

from dataclasses import dataclass, field

from rlvr.check.catalogue import Finding, chosen
from rlvr.check.kit import Kit
from rlvr.check.outside import Told, run
from rlvr.check.questions import Question, questions
from rlvr.errors import InputError
from rlvr.workers.wire import decode_item

__all__ = ["Survey", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the first look showed; `size` is that of a finite set."""

    startup_s: float
    asked: list[Question] = field(default_factory=list)
    size: int | None = None


def survey(kit: Kit) -> Survey | None:
    """Look at what is to be checked; return None where it could not be started.

    Raises:
        InputError: It cannot be made of what the user gave.
    """
    is_environment = kit.entry.kind == "environment"
    wants_splits = "tasks.split_overlap" in kit.wanted and is_environment
    job = kit.job(tasks=kit.settings.tasks if is_environment else 0, splits=wants_splits)
    told = run(job, limit_s=kit.settings.start_timeout_s)
    kit.ledger.spend("runtime.startup", told.wall_s * 1e3)
    failed = told.phases.get("failed", {})
    if failed.get("users"):
        raise InputError(failed["said"])
    if "made" not in told.phases:
        detail = failed.get("said") or "; ".join(filter(None, (told.ended, told.words)))
        kit.ledger.add([Finding(check="runtime.startup", task="", detail=detail)])
        return None
    made = told.phases["made"]
    kit.effects("effects.import", made["changes"], made["printed"])
    if is_environment:
        return _tasks(kit, told)
    names = [one.name for one in chosen(()) if one.name.startswith(("tasks.", "reference.text"))]
    kit.ledger.skip(names, "a verifier has no tasks")
    return Survey(startup_s=told.wall_s)


def _tasks(kit: Kit, told: Told) -> Survey:
    looked = told.phases.get("tasks")
    if looked is None:
        detail = told.phases.get("failed", {}).get("said") or told.ended or told.words
        kit.ledger.add([Finding(check="tasks.drawn", task="", detail=detail)])
        kit.ledger.skip([c.name for c in chosen(["tasks"])], "the tasks could not be looked at")
        return Survey(startup_s=told.wall_s)
    kit.ledger.add(
        Finding(check=one[0], task=one[1], detail=one[2], text=one[3]) for one in looked["findings"]
    )
    tasks = [decode_item(line.encode())[1] for line in looked["tasks"]]
    splits = told.phases.get("splits", {"skipped": told.ended or "the other split could not be drawn"})
    if "skipped" in splits:
        kit.ledger.skip(["tasks.split_overlap"], splits["skipped"])
    for task, detail in splits.get("shared", ()):
        kit.ledger.add([Finding(check="tasks.split_overlap", task=task, detail=detail)])
    return Survey(startup_s=told.wall_s, asked=questions(tasks, looked["references"]), size=looked["size"])
