"""All checks of an environment or a verifier by name, none of them in this process."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rlvr.check.catalogue import Check, Finding, chosen
from rlvr.check.fuzz import search
from rlvr.check.outside import Job, Told, run
from rlvr.check.probes import CANARY, HUGE, Probe, canaries, huge
from rlvr.check.questions import Question, questions
from rlvr.check.result import Ledger, grade_of, rows
from rlvr.check.verdicts import (
    Judged,
    Judging,
    conclusions,
    constant_paid,
    constants,
    difference,
    is_fault,
    judge_all,
)
from rlvr.errors import InputError, PoolError
from rlvr.registry import Entry, find, judge
from rlvr.types import RIGHT, Completion, Score, Task
from rlvr.workers import WorkerPool
from rlvr.workers.wire import decode_item, encode_item

__all__ = ["Settings", "check"]

_ITEMS = 120
_ITEMS_MS = 2_000.0
_ITEM_TASKS = 5
_SHORT = 3_000
_CREW = 3
_HUGE_DEADLINES = 3
_AGAIN = (
    "semantic.verifier_determinism",
    "semantic.order_independence",
    "effects.judging",
    "effects.judging_prints",
    "effects.leaks",
)
_ELSEWHERE = ("semantic.verifier_determinism.process", "runtime.thread_safety")
_BESIDE = "runtime.process_safety"
_HUGE = (f"{CANARY}huge", "runtime.deadline_huge")
_GAP = "statistical.gameability_gap"
_FORMS = ("{}", "\\boxed{{{}}}", "<answer>{}</answer>", "#### {}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How hard to look.

    Attributes:
        options: Of the factory.
        tasks: How many tasks to look at, from the first on.
        only: Names of checks, or what they start with; all by default.
        answer: For a verifier: a reference to judge by.
        timeout_s: The deadline of one verdict.
        start_timeout_s: How long importing, making and drawing the tasks may take.
        texts: How many drawn texts to try.
        huge: Characters of the longest texts.
        kind: Where a name is both; by default the environment.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    tasks: int = 20
    only: tuple[str, ...] = ()
    answer: Any = None
    timeout_s: float = 10.0
    start_timeout_s: float = 60.0
    texts: int = 200
    huge: int = HUGE
    kind: Literal["verifier", "environment"] | None = None


def check(name: str, settings: Settings | None = None) -> dict[str, Any]:
    """Check an environment, or else the verifier of this name, and return the report as plain data.

    Always ends: whatever runs the plugin's code does so in processes that are killed at a deadline.

    Raises:
        UnknownName: No such environment, verifier, option or check (also AmbiguousName).
        InputError: What was given cannot be used: an option, a file.
    """
    settings = settings or Settings()
    entry, checks = _entry(name, settings), chosen(settings.only)
    run_of = _Run(entry, settings, frozenset(one.name for one in checks))
    run_of.everything()
    return _report(entry, settings, checks, run_of)


def _entry(name: str, settings: Settings) -> Entry:
    if settings.kind:
        return find(settings.kind, name)
    named = judge(name)  # raises where nothing has this name
    both = named.kind == "verifier" and _is_environment(name)
    return find("environment", name) if both else named


def _is_environment(name: str) -> bool:
    from rlvr.registry import entries

    return any(name in (entry.full_name, entry.spec.name) for entry in entries("environment"))


def _report(entry: Entry, settings: Settings, checks: Sequence[Check], run_of: "_Run") -> dict[str, Any]:
    found = rows(checks, run_of.ledger)
    failed = [row["name"] for row in found if row["status"] == "fail"]
    return {
        "environment": entry.name,
        "kind": entry.kind,
        "plugin": entry.provenance,
        "tasks": run_of.looked_at,
        "size": run_of.size,
        "grade": grade_of(checks, failed),
        "passed": sum(row["status"] == "pass" for row in found),
        "failed": len(failed),
        "warned": sum(row["status"] == "fail" and row["severity"] == "warning" for row in found),
        "skipped": sum(row["status"] == "skip" for row in found),
        "settings": {"timeout_s": settings.timeout_s, "tasks": settings.tasks, "texts": settings.texts},
        "checks": found,
    }


class _Run:
    """One run over the checks: what was learned in a phase is what the next one needs."""

    def __init__(self, entry: Entry, settings: Settings, wanted: frozenset[str]) -> None:
        self.ledger = Ledger()
        self.looked_at = 0
        self.size: int | None = None
        self._entry = entry
        self._settings = settings
        self._wanted = wanted
        self._asked: list[Question] = []
        self._judged: list[Judged] = []
        self._startup_s = 0.0

    def everything(self) -> None:
        """Go through all phases; each that cannot be reached says why."""
        names = [one.name for one in chosen(())]
        if not self._starts():
            self.ledger.skip(names, "it could not be started")
            return
        later = [
            name for name in names if not name.startswith(("tasks.", "effects.import", "runtime.startup"))
        ]
        if self._entry.kind == "environment" and not self._asked:
            self.ledger.skip(later, "no task that can cross to the process that judges")
            return
        if not self._wanted & {*later} - {"reference.text"}:
            return
        try:
            with self._pool(workers=1) as pool:
                self._verdicts(pool)
            self._huge()
        except PoolError as error:
            self.ledger.add([Finding(check="runtime.survives", task="", detail=str(error))])
            self.ledger.skip(later, "the verifier broke the processes that judge")
            return
        self._repeats()

    def _pool(self, *, workers: int, deadlines: int = 1) -> WorkerPool:
        return WorkerPool(
            self._entry.full_name,
            options=self._settings.options,
            kind=self._entry.kind,  # type: ignore[arg-type]
            workers=workers,
            timeout_s=deadlines * self._settings.timeout_s,
            start_timeout_s=self._settings.start_timeout_s,
        )

    def _job(self, **fields: Any) -> Job:
        return Job(
            name=self._entry.full_name,
            kind=self._entry.kind,
            options=self._settings.options,
            module=self._entry.plugin.module,
            **fields,
        )

    # Phase one: import, make, look at the tasks.

    def _starts(self) -> bool:
        is_environment = self._entry.kind == "environment"
        wants_splits = "tasks.split_overlap" in self._wanted and is_environment
        job = self._job(tasks=self._settings.tasks if is_environment else 0, splits=wants_splits)
        told = run(job, limit_s=self._settings.start_timeout_s)
        self._startup_s = told.wall_s
        self.ledger.spend("runtime.startup", told.wall_s * 1e3)
        failed = told.phases.get("failed", {})
        if failed.get("users"):
            raise InputError(failed["said"])
        if "made" not in told.phases:
            detail = failed.get("said") or "; ".join(filter(None, (told.ended, told.words)))
            self.ledger.add([Finding(check="runtime.startup", task="", detail=detail)])
            return False
        made = told.phases["made"]
        self._effects("effects.import", made["changes"], made["printed"])
        if is_environment:
            self._tasks(told)
        else:
            names = [one.name for one in chosen(()) if one.name.startswith(("tasks.", "reference.text"))]
            self.ledger.skip(names, "a verifier has no tasks")
        return True

    def _effects(self, name: str, changed: Sequence[str], printed: str) -> None:
        self.ledger.add(Finding(check=name, task="", detail=detail) for detail in changed)
        if printed:
            finding = Finding(
                check=f"{name}_prints", task="", detail=f"printed {printed!r:.120}", text=printed
            )
            self.ledger.add([finding])

    def _tasks(self, told: Told) -> None:
        looked = told.phases.get("tasks")
        if looked is None:
            detail = told.phases.get("failed", {}).get("said") or told.ended or told.words
            self.ledger.add([Finding(check="tasks.drawn", task="", detail=detail)])
            self.ledger.skip([c.name for c in chosen(["tasks"])], "the tasks could not be looked at")
            return
        self.size, self.looked_at = looked["size"], len(looked["tasks"])
        self.ledger.add(_finding(*one) for one in looked["findings"])
        tasks = [decode_item(line.encode())[1] for line in looked["tasks"]]
        self._asked = questions(tasks, looked["references"])
        splits = told.phases.get("splits", {"skipped": told.ended or "the other split could not be drawn"})
        if "skipped" in splits:
            self.ledger.skip(["tasks.split_overlap"], splits["skipped"])
        for task, detail in splits.get("shared", ()):
            self.ledger.add([Finding(check="tasks.split_overlap", task=task, detail=detail)])

    # Phase two: verdicts on probes, in one worker.

    def _verdicts(self, pool: WorkerPool) -> None:
        if self._entry.kind == "verifier":
            self._asked = _own_question(self._settings.answer, pool)
        started = time.perf_counter()
        planned = [
            (asked, probe) for place, asked in enumerate(self._asked) for probe in canaries(asked, place)
        ]
        judging = judge_all(planned, pool.stream, timeout_s=self._settings.timeout_s)
        self._judged = judging.judged
        self.ledger.spend("runtime.deadline", (time.perf_counter() - started) * 1e3)
        self._conclude(planned, judging, self._settings.timeout_s)
        if judging.given_up:
            self.ledger.skip([*_HUGE, _GAP, *_AGAIN, *_ELSEWHERE, _BESIDE], judging.given_up)
            return
        self._search(pool)
        self._constant(pool)

    def _huge(self) -> None:
        if not self._wanted & {*_HUGE} or not self._asked or _HUGE[0] in self.ledger.skipped:
            return
        vast = [(self._asked[0], probe) for probe in huge(self._settings.huge)]
        with self._pool(workers=1, deadlines=_HUGE_DEADLINES) as pool:
            self._conclude(vast, judge_all(vast, pool.stream, timeout_s=pool.timeout_s), pool.timeout_s)

    def _conclude(
        self, planned: Sequence[tuple[Question, Probe]], judging: Judging, timeout_s: float
    ) -> None:
        self.ledger.add(conclusions(judging.judged, timeout_s=timeout_s))
        for name in {probe.check for _, probe in planned} - {""}:
            verdicts = [one for one in judging.judged if one.probe.check == name]
            self.ledger.spend(name, sum(one.rollout.ms for one in verdicts))
            scored = any(one.score.reward is not None or one.score.error for one in verdicts)
            if judging.given_up and sum(probe.check == name for _, probe in planned) > len(verdicts):
                self.ledger.skip([name], judging.given_up)
            elif not scored:
                self.ledger.skip([name], "every completion stayed unscored: the reference cannot be read")
        if planned and planned[0][1].check == f"{CANARY}huge":
            return
        asked = {probe.check for _, probe in planned}
        missing = [one.name for one in chosen([CANARY.rstrip(".")]) if one.name not in {*asked, *_HUGE}]
        self.ledger.skip(
            missing, "no task gives what this needs: a short answer, and other answers beside it"
        )
        if f"{CANARY}hedge" not in asked:
            self.ledger.skip(["semantic.hedge_by_place"], "no task gives a wrong answer beside the right one")
        if not any(probe.role == "reference" for _, probe in planned):
            self.ledger.skip(["semantic.oracle_max"], "no task has a reference")

    def _search(self, pool: WorkerPool) -> None:
        task, timeout_s = self._asked[0].task, self._settings.timeout_s
        lost: list[Judged] = []

        def fault(text: str) -> str:
            if lost:
                return ""
            (rollout,) = pool(task, [Completion(text=text)])
            one = Judged(question=self._asked[0], probe=Probe(text=text), rollout=rollout)
            if not is_fault(one, timeout_s):
                return ""
            if rollout.score.error is None:
                lost.append(one)
                return ""
            return rollout.score.error

        found = search(fault, count=self._settings.texts, budget_s=max(10.0, 2 * timeout_s))
        for text in [found[0]] if found else []:
            (rollout,) = pool(task, [Completion(text=text)])
            lost.append(Judged(question=self._asked[0], probe=Probe(text=text), rollout=rollout))
        self.ledger.add(conclusions(lost, timeout_s=timeout_s))

    def _constant(self, pool: WorkerPool) -> None:
        texts = constants(self._judged) if _GAP in self._wanted else []
        if not texts:
            self.ledger.skip([_GAP], "fewer than five references are paid")
        for text in texts:
            pairs = [(asked.task, Completion(text=text)) for asked in self._asked]
            self.ledger.add(constant_paid(text, list(pool.stream(pairs))))

    # Phase three: the same texts again, in other processes, orders, threads.

    def _repeats(self) -> None:
        wanted = [name for name in (*_AGAIN, *_ELSEWHERE, _BESIDE) if name in self._wanted]
        items = self._items()
        if not items or not wanted or _AGAIN[0] in self.ledger.skipped:
            self.ledger.skip(wanted, "no verdict that could be compared")
            return
        lines = tuple(
            encode_item(0, one.question.task, Completion(text=one.probe.text)).decode() for one in items
        )
        spent_s = sum(one.rollout.ms for one in items) / 1e3
        limit_s = 5.0 + 5 * self._startup_s + self._settings.timeout_s + 60 * spent_s
        here = self._job(items=lines, again=True, hash_seed="1")
        there = self._job(items=lines, threads=True, hash_seed="2", tasks=self._settings.tasks)
        # One after the other: what processes do to each other is another check.
        one, two = run(here, limit_s=limit_s), run(there, limit_s=limit_s)
        self._again(items, one)
        self._elsewhere(items, one, two)
        unsteady = [name for name in (*_AGAIN[:2], _ELSEWHERE[0]) if self.ledger.failed(name)]
        if unsteady:
            self.ledger.skip([_BESIDE], f"its verdicts are not steady: {unsteady[0]}")
        elif _BESIDE in wanted:
            self._beside(items)

    def _items(self) -> list[Judged]:
        ids = {asked.task.id for asked in self._asked[:_ITEM_TASKS]}
        sound = [
            one
            for one in self._judged
            if one.question.task.id in ids
            and len(one.probe.text) <= _SHORT
            and not is_fault(one, self._settings.timeout_s)
        ]
        # Evenly, so that every sort of probe is there, and no more than is judged in a few seconds.
        even = sound[:: max(1, -(-len(sound) // _ITEMS))]
        references = [one for one in sound if one.probe.role == "reference"]
        spent, kept = 0.0, list[Judged]()
        for one in dict.fromkeys(map(id, [*references, *even])):
            item = next(candidate for candidate in sound if id(candidate) == one)
            spent += item.rollout.ms
            if spent <= _ITEMS_MS or not kept:
                kept.append(item)
        return kept

    def _again(self, items: Sequence[Judged], told: Told) -> None:
        phases, why = told.phases, told.ended or told.words or "its process ended early"
        again, backwards, rounds = (phases.get(name) for name in ("again", "backwards", "rounds"))
        repeat, order = _AGAIN[:2]
        if again is None:
            self.ledger.add([Finding(check=repeat, task="", detail=f"judged again in one process: {why}")])
            self.ledger.skip([*_AGAIN, *_ELSEWHERE], "the texts could not be judged again")
            return
        self.ledger.add(_differing(repeat, items, again["different"]))
        first = phases["first"]["verdicts"]
        if again["different"]:
            self.ledger.skip([order, *_ELSEWHERE], "its verdicts do not repeat even one after the other")
        else:
            given = backwards["verdicts"] if backwards else []
            pairs = list(zip(first, given, strict=False))
            different = [[i, one, two] for i, (one, two) in enumerate(pairs) if one != two]
            self.ledger.add(_differing(order, items, different))
            if len(given) != len(first):
                detail = "in another order, its process ended early"
                self.ledger.add([Finding(check=order, task="", detail=detail)])
        if rounds is None:
            self.ledger.skip(_AGAIN[2:], why)
            return
        self._effects("effects.judging", rounds["changes"], rounds["printed"])
        left = [f"a process outlived the one that judged: {line!r}" for line in told.left]
        left += [f"after the last verdict {told.ended}"] if told.ended else []
        self.ledger.add(
            Finding(check="effects.leaks", task="", detail=detail) for detail in (*rounds["grown"], *left)
        )

    def _elsewhere(self, items: Sequence[Judged], one: Told, two: Told) -> None:
        process, threads = _ELSEWHERE
        self._redrawn(two)
        if process in self.ledger.skipped:
            return
        why = two.ended or two.words or "its process ended early"
        there = two.phases.get("first")
        if there is None:
            self.ledger.add([Finding(check=process, task="", detail=f"in another process: {why}")])
            self.ledger.skip([threads], why)
            return
        pairs = zip(one.phases["first"]["verdicts"], there["verdicts"], strict=True)
        different = [[index, a, b] for index, (a, b) in enumerate(pairs) if a != b]
        self.ledger.add(_differing(process, items, different))
        if different:
            # A fresh process differs anyway: which order it judged in says nothing.
            self.ledger.findings = [f for f in self.ledger.findings if f.check != _AGAIN[1]]
            self.ledger.skip([_AGAIN[1]], "its verdicts differ between processes")
        if "threads" in two.phases:
            self.ledger.add(_differing(threads, items, two.phases["threads"]["different"]))
        else:
            self.ledger.add([Finding(check=threads, task="", detail=f"judging in threads: {why}")])

    def _redrawn(self, told: Told) -> None:
        looked = told.phases.get("tasks")
        if looked is None or self.ledger.failed("tasks.repeatable"):
            return
        for asked, line in zip(self._asked, looked["tasks"], strict=False):
            if encode_item(0, asked.task, Completion(text="")).decode() != line:
                detail = "another process with another hash seed drew another task at this index"
                self.ledger.add([Finding(check="tasks.repeatable", task=asked.task.id, detail=detail)])

    def _beside(self, items: Sequence[Judged]) -> None:
        started = time.perf_counter()
        order = [items[(start + step) % len(items)] for step in range(len(items)) for start in (0, 1, 2)]
        with self._pool(workers=_CREW) as pool:
            pairs = ((one.question.task, Completion(text=one.probe.text)) for one in order)
            for one, rollout in zip(order, pool.stream(pairs), strict=True):
                detail = difference(one.score, rollout.score)
                if detail:
                    self.ledger.add([_found(_BESIDE, one, detail)])
        self.ledger.spend(_BESIDE, (time.perf_counter() - started) * 1e3)


def _own_question(answer: Any, pool: WorkerPool) -> list[Question]:
    """Return the question that a verifier is tried with: the answer given, or one that it can read."""
    candidates = ["42", "B"] if answer is None else [answer]
    tasks = [Task(id="answer", prompt=(), answer=one) for one in candidates]
    readable = [task for task in tasks if _told(pool, task, "?").reason != "unreadable_reference"]
    task = (readable or tasks)[0]
    texts = (
        [form.format(task.answer) for form in _FORMS] if isinstance(task.answer, str | int | float) else []
    )
    paid = [text for text in texts if (_told(pool, task, text).reward or 0.0) >= RIGHT]
    known = next(iter(paid or texts), None) if readable or answer is not None else None
    return questions([task], [known])


def _told(pool: WorkerPool, task: Task, text: str) -> Score:
    return pool(task, [Completion(text=text)])[0].score


def _finding(check: str, task: str, detail: str, text: str) -> Finding:
    return Finding(check=check, task=task, detail=detail, text=text)


def _found(check: str, one: Judged, detail: str) -> Finding:
    return Finding(check=check, task=one.question.task.id, detail=detail, text=one.probe.text)


def _differing(check: str, items: Sequence[Judged], different: Sequence[Any]) -> list[Finding]:
    return [
        _found(check, items[index], difference(_score(one), _score(two))) for index, one, two in different
    ]


def _score(fields: Sequence[Any]) -> Score:
    reward, answer, reason, parts, error = fields
    return Score(reward=reward, answer=answer, reason=reason, parts=parts, error=error)
