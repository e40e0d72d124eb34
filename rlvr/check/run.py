"""All checks of an environment or a verifier by name, none of them in this process."""

from collections.abc import Sequence
from typing import Any

from rlvr.check.catalogue import Check, Finding, chosen
from rlvr.check.kit import Kit, Settings
from rlvr.check.repeats import repeats
from rlvr.check.result import grade_of, rows
from rlvr.check.survey import Survey, survey
from rlvr.check.trial import own_questions, trial, vast_trial
from rlvr.errors import PoolError
from rlvr.registry import Entry, entries, find, judge

__all__ = ["check"]

_FIRST = ("tasks.", "effects.import", "runtime.startup", "reference.text")


def check(name: str, settings: Settings | None = None) -> dict[str, Any]:
    """Check an environment, or else the verifier of this name, and return the report as plain data.

    Always ends: whatever runs the plugin's code does so in processes that are killed at a deadline.

    Raises:
        UnknownName: No such environment, verifier, option or check (also AmbiguousName).
        InputError: What was given cannot be used: an option, a file.
    """
    settings = settings or Settings()
    entry, checks = _entry(name, settings), chosen(settings.only)
    kit = Kit(entry=entry, settings=settings, wanted=frozenset(one.name for one in checks))
    return _report(kit, checks, _phases(kit))


def _entry(name: str, settings: Settings) -> Entry:
    if settings.kind:
        return find(settings.kind, name)
    named = judge(name)  # raises where nothing has this name
    both = named.kind == "verifier" and _is_environment(name)
    return find("environment", name) if both else named


def _is_environment(name: str) -> bool:
    return any(name in (entry.full_name, entry.spec.name) for entry in entries("environment"))


def _phases(kit: Kit) -> Survey | None:
    """Go through the phases; each that cannot be reached says why."""
    seen, names = survey(kit), [one.name for one in chosen(())]
    if seen is None:
        kit.ledger.skip(names, "it could not be started")
        return None
    later = [name for name in names if not name.startswith(_FIRST)]
    if kit.entry.kind == "environment" and not seen.asked:
        kit.ledger.skip(later, "no task that can cross to the process that judges")
    elif kit.wanted & {*later}:
        _judging(kit, seen, later)
    return seen


def _judging(kit: Kit, seen: Survey, names: Sequence[str]) -> None:
    try:
        with kit.pool(workers=1) as pool:
            asked = seen.asked or own_questions(kit.settings.answer, pool)
            judging = trial(kit, asked, pool)
        vast_trial(kit, asked)
        repeats(kit, seen, judging)
    except PoolError as error:
        kit.ledger.add([Finding(check="runtime.survives", task="", detail=str(error))])
        kit.ledger.skip(names, "it broke the processes that judge")


def _report(kit: Kit, checks: Sequence[Check], seen: Survey | None) -> dict[str, Any]:
    found = rows(checks, kit.ledger)
    failed = [row["name"] for row in found if row["status"] == "fail"]
    settings = kit.settings
    return {
        "environment": kit.entry.name,
        "kind": kit.entry.kind,
        "plugin": kit.entry.provenance,
        "tasks": len(seen.asked) if seen else 0,
        "size": seen.size if seen else None,
        "grade": grade_of(checks, failed),
        "passed": sum(row["status"] == "pass" for row in found),
        "failed": len(failed),
        "warned": sum(row["status"] == "fail" and row["severity"] == "warning" for row in found),
        "skipped": sum(row["status"] == "skip" for row in found),
        "settings": {"timeout_s": settings.timeout_s, "tasks": settings.tasks, "texts": settings.texts},
        "checks": found,
    }
