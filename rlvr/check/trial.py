"""Phase two: verdicts on probes, in killable workers."""

import time
from collections.abc import Sequence
from typing import Any

from rlvr.check.catalogue import chosen
from rlvr.check.fuzz import search
from rlvr.check.kit import Kit
from rlvr.check.probes import CANARY, Probe, canaries, huge
from rlvr.check.questions import Question, questions
from rlvr.check.verdicts import Judged, Judging, conclusions, constant_paid, constants, is_fault, judge_all
from rlvr.types import RIGHT, Completion, Score, Task
from rlvr.workers import WorkerPool

__all__ = ["own_questions", "trial", "vast_trial"]

_HUGE_DEADLINES = 3
_HUGE = (f"{CANARY}huge", "runtime.deadline_huge")
_GAP = "statistical.gameability_gap"
_SEARCHED = frozenset(
    {"runtime.never_raises", "runtime.survives", "runtime.reward_well_formed", "runtime.deadline"}
)
_FORMS = ("{}", "\\boxed{{{}}}", "<answer>{}</answer>", "#### {}")


def trial(kit: Kit, asked: Sequence[Question], pool: WorkerPool) -> Judging:
    """Judge every probe of every task, then texts drawn at random, then one answer to all tasks."""
    started = time.perf_counter()
    planned = [
        (question, probe) for place, question in enumerate(asked) for probe in canaries(question, place)
    ]
    judging = judge_all(planned, pool.stream, timeout_s=kit.settings.timeout_s)
    kit.ledger.spend("runtime.deadline", (time.perf_counter() - started) * 1e3)
    _conclude(kit, planned, judging, kit.settings.timeout_s)
    if judging.given_up:
        kit.ledger.skip([*_HUGE, _GAP], judging.given_up)
        return judging
    if kit.wanted & _SEARCHED:
        _search(kit, asked[0], pool)
    _constant(kit, asked, judging.judged, pool)
    return judging


def vast_trial(kit: Kit, asked: Sequence[Question]) -> None:
    """Judge the longest texts, in a worker that has more time for each."""
    if not kit.wanted & {*_HUGE} or _HUGE[0] in kit.ledger.skipped:
        return
    vast = [(asked[0], probe) for probe in huge(kit.settings.huge)]
    with kit.pool(workers=1, deadlines=_HUGE_DEADLINES) as pool:
        _conclude(kit, vast, judge_all(vast, pool.stream, timeout_s=pool.timeout_s), pool.timeout_s)


def own_questions(answer: Any, pool: WorkerPool) -> list[Question]:
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


def _conclude(
    kit: Kit, planned: Sequence[tuple[Question, Probe]], judging: Judging, timeout_s: float
) -> None:
    kit.ledger.add(conclusions(judging.judged, timeout_s=timeout_s))
    for name in {probe.check for _, probe in planned} - {""}:
        verdicts = [one for one in judging.judged if one.probe.check == name]
        kit.ledger.spend(name, sum(one.rollout.ms for one in verdicts))
        scored = any(one.score.reward is not None or one.score.error for one in verdicts)
        if judging.given_up and sum(probe.check == name for _, probe in planned) > len(verdicts):
            kit.ledger.skip([name], judging.given_up)
        elif not scored:
            kit.ledger.skip([name], "every completion stayed unscored: the reference cannot be read")
    if planned and planned[0][1].check == f"{CANARY}huge":
        return
    asked = {probe.check for _, probe in planned}
    missing = [one.name for one in chosen([CANARY.rstrip(".")]) if one.name not in {*asked, *_HUGE}]
    kit.ledger.skip(missing, "no task gives what this needs: a short answer, and other answers beside it")
    if f"{CANARY}hedge" not in asked:
        kit.ledger.skip(["semantic.hedge_by_place"], "no task gives a wrong answer beside the right one")
    if not any(probe.role == "reference" for _, probe in planned):
        kit.ledger.skip(["semantic.oracle_max"], "no task has a reference")


def _search(kit: Kit, asked: Question, pool: WorkerPool) -> None:
    task, timeout_s = asked.task, kit.settings.timeout_s
    lost: list[Judged] = []

    def fault(text: str) -> str:
        if lost:
            return ""
        (rollout,) = pool(task, [Completion(text=text)])
        one = Judged(question=asked, probe=Probe(text=text), rollout=rollout)
        if not is_fault(one, timeout_s):
            return ""
        if rollout.score.error is None:
            lost.append(one)
            return ""
        return rollout.score.error

    found = search(fault, count=kit.settings.texts, budget_s=max(10.0, 2 * timeout_s))
    for text in [found[0]] if found else []:
        (rollout,) = pool(task, [Completion(text=text)])
        lost.append(Judged(question=asked, probe=Probe(text=text), rollout=rollout))
    kit.ledger.add(conclusions(lost, timeout_s=timeout_s))


def _constant(kit: Kit, asked: Sequence[Question], judged: Sequence[Judged], pool: WorkerPool) -> None:
    texts = constants(judged) if _GAP in kit.wanted else []
    if not texts:
        kit.ledger.skip([_GAP], "fewer than five references are paid")
    for text in texts:
        pairs = [(question.task, Completion(text=text)) for question in asked]
        kit.ledger.add(constant_paid(text, list(pool.stream(pairs))))
