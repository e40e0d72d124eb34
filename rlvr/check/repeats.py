"""Phase three: the same texts again, in other processes, other orders, in threads, side by side."""

import time
from collections.abc import Sequence
from typing import Any

from rlvr.check.catalogue import Finding
from rlvr.check.kit import Kit
from rlvr.check.outside import Told, run
from rlvr.check.survey import Survey
from rlvr.check.verdicts import Judged, Judging, difference, is_fault
from rlvr.types import Completion, Score
from rlvr.workers.wire import encode_item

__all__ = ["repeats"]

_ITEMS = 120
_ITEMS_MS = 2_000.0
_ITEM_TASKS = 5
_SHORT = 3_000
_CREW = 3
_AGAIN = (
    "semantic.verifier_determinism",
    "semantic.order_independence",
    "effects.judging",
    "effects.judging_prints",
    "effects.leaks",
)
_ELSEWHERE = ("semantic.verifier_determinism.process", "runtime.thread_safety")
_BESIDE = "runtime.process_safety"


def repeats(kit: Kit, seen: Survey, judging: Judging) -> None:
    """Judge again what was judged in phase two."""
    wanted = [name for name in (*_AGAIN, *_ELSEWHERE, _BESIDE) if name in kit.wanted]
    items = _items(kit, judging.judged)
    if judging.given_up or not items or not wanted:
        kit.ledger.skip(wanted, judging.given_up or "no verdict that could be compared")
        return
    lines = tuple(
        encode_item(0, one.question.task, Completion(text=one.probe.text)).decode() for one in items
    )
    spent_s = sum(one.rollout.ms for one in items) / 1e3
    limit_s = 5.0 + 5 * seen.startup_s + kit.settings.timeout_s + 60 * spent_s
    here = kit.job(items=lines, again=True, hash_seed="1")
    there = kit.job(items=lines, threads=True, hash_seed="2", tasks=kit.settings.tasks)
    # One after the other: what processes do to each other is another check.
    one, two = run(here, limit_s=limit_s), run(there, limit_s=limit_s)
    _again(kit, items, one)
    _redrawn(kit, seen, two)
    _elsewhere(kit, items, one, two)
    unsteady = [name for name in (*_AGAIN[:2], _ELSEWHERE[0]) if kit.ledger.failed(name)]
    if unsteady:
        kit.ledger.skip([_BESIDE], f"its verdicts are not steady: {unsteady[0]}")
    elif _BESIDE in wanted:
        _beside(kit, items)


def _items(kit: Kit, judged: Sequence[Judged]) -> list[Judged]:
    ids = list(dict.fromkeys(one.question.task.id for one in judged))[:_ITEM_TASKS]
    sound = [
        one
        for one in judged
        if one.question.task.id in ids
        and len(one.probe.text) <= _SHORT
        and not is_fault(one, kit.settings.timeout_s)
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


def _again(kit: Kit, items: Sequence[Judged], told: Told) -> None:
    phases, why = told.phases, told.ended or told.words or "its process ended early"
    again, backwards, rounds = (phases.get(name) for name in ("again", "backwards", "rounds"))
    repeat, order = _AGAIN[:2]
    if again is None:
        kit.ledger.add([Finding(check=repeat, task="", detail=f"judged again in one process: {why}")])
        kit.ledger.skip([*_AGAIN, *_ELSEWHERE], "the texts could not be judged again")
        return
    kit.ledger.add(_differing(repeat, items, again["different"]))
    first = phases["first"]["verdicts"]
    if again["different"]:
        kit.ledger.skip([order, *_ELSEWHERE], "its verdicts do not repeat even one after the other")
    else:
        given = backwards["verdicts"] if backwards else []
        pairs = list(zip(first, given, strict=False))
        different = [[i, one, two] for i, (one, two) in enumerate(pairs) if one != two]
        kit.ledger.add(_differing(order, items, different))
        if len(given) != len(first):
            detail = "in another order, its process ended early"
            kit.ledger.add([Finding(check=order, task="", detail=detail)])
    if rounds is None:
        kit.ledger.skip(_AGAIN[2:], why)
        return
    kit.effects("effects.judging", rounds["changes"], rounds["printed"])
    left = [f"a process outlived the one that judged: {line!r}" for line in told.left]
    left += [f"after the last verdict {told.ended}"] if told.ended else []
    kit.ledger.add(
        Finding(check="effects.leaks", task="", detail=detail) for detail in (*rounds["grown"], *left)
    )


def _elsewhere(kit: Kit, items: Sequence[Judged], one: Told, two: Told) -> None:
    process, threads = _ELSEWHERE
    if process in kit.ledger.skipped:
        return
    why = two.ended or two.words or "its process ended early"
    there = two.phases.get("first")
    if there is None:
        kit.ledger.add([Finding(check=process, task="", detail=f"in another process: {why}")])
        kit.ledger.skip([threads], why)
        return
    pairs = zip(one.phases["first"]["verdicts"], there["verdicts"], strict=True)
    different = [[index, a, b] for index, (a, b) in enumerate(pairs) if a != b]
    kit.ledger.add(_differing(process, items, different))
    if different:
        # A fresh process differs anyway: which order it judged in says nothing.
        kit.ledger.findings = [f for f in kit.ledger.findings if f.check != _AGAIN[1]]
        kit.ledger.skip([_AGAIN[1]], "its verdicts differ between processes")
    if "threads" in two.phases:
        kit.ledger.add(_differing(threads, items, two.phases["threads"]["different"]))
    else:
        kit.ledger.add([Finding(check=threads, task="", detail=f"judging in threads: {why}")])


def _redrawn(kit: Kit, seen: Survey, told: Told) -> None:
    looked = told.phases.get("tasks")
    if looked is None or kit.ledger.failed("tasks.repeatable"):
        return
    for asked, line in zip(seen.asked, looked["tasks"], strict=False):
        if encode_item(0, asked.task, Completion(text="")).decode() != line:
            detail = "another process with another hash seed drew another task at this index"
            kit.ledger.add([Finding(check="tasks.repeatable", task=asked.task.id, detail=detail)])


def _beside(kit: Kit, items: Sequence[Judged]) -> None:
    started = time.perf_counter()
    order = [items[(start + step) % len(items)] for step in range(len(items)) for start in (0, 1, 2)]
    with kit.pool(workers=_CREW) as pool:
        pairs = ((one.question.task, Completion(text=one.probe.text)) for one in order)
        for one, rollout in zip(order, pool.stream(pairs), strict=True):
            detail = difference(one.score, rollout.score)
            if detail:
                kit.ledger.add([_found(_BESIDE, one, detail)])
    kit.ledger.spend(_BESIDE, (time.perf_counter() - started) * 1e3)


def _found(check: str, one: Judged, detail: str) -> Finding:
    return Finding(check=check, task=one.question.task.id, detail=detail, text=one.probe.text)


def _differing(check: str, items: Sequence[Judged], different: Sequence[Any]) -> list[Finding]:
    return [
        _found(check, items[index], difference(_score(one), _score(two))) for index, one, two in different
    ]


def _score(fields: Sequence[Any]) -> Score:
    reward, answer, reason, parts, error = fields
    return Score(reward=reward, answer=answer, reason=reason, parts=parts, error=error)
