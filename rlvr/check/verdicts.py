"""What verdicts on probes say about a verifier."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rlvr.check.catalogue import Finding
from rlvr.check.probes import CANARY, Probe
from rlvr.check.questions import Question
from rlvr.types import RIGHT, Completion, Rollout, Score, Task

__all__ = [
    "Judged",
    "Judging",
    "conclusions",
    "constant_paid",
    "constants",
    "difference",
    "is_fault",
    "judge_all",
]

_PATIENCE = 3
_ECHOES = 0.2
_REASONS = 24
_REASON_LENGTH = 120
_CONSTANT_TASKS = 5
_MALFORMED = "the verifier returned"  # how rlvr.scoring begins what it says of an ill-formed Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A probe of a question, and the verdict on it."""

    question: Question
    probe: Probe
    rollout: Rollout

    @property
    def score(self) -> Score:
        """The verdict."""
        return self.rollout.score


@dataclass(slots=True, kw_only=True)
class Judging:
    """Verdicts on probes; `given_up` says why the rest was not judged."""

    judged: list[Judged]
    given_up: str = ""


def judge_all(
    probes: Sequence[tuple[Question, Probe]],
    stream: Callable[[Iterable[tuple[Task, Completion]]], Iterator[Rollout]],
    *,
    timeout_s: float | None,
) -> Judging:
    """Judge probes in order, and give up after a few that are stopped by the deadline or end their worker.

    Once it gave up, some that were handed in are still being judged: the pool is of no more use.
    """
    done, lost = Judging(judged=[]), 0
    pairs = ((question.task, Completion(text=probe.text)) for question, probe in probes)
    for (question, probe), rollout in zip(probes, stream(pairs), strict=False):
        done.judged.append(Judged(question=question, probe=probe, rollout=rollout))
        lost += _late(rollout, timeout_s) or rollout.score.reason == "worker_died"
        left = len(probes) - len(done.judged)
        if lost >= _PATIENCE and left:
            done.given_up = f"given up after {lost} texts that hung or ended the process: {left} not judged"
            break
    return done


def conclusions(judged: Sequence[Judged], *, timeout_s: float | None) -> list[Finding]:
    """Return what a verifier fails, from its verdicts."""
    return [
        *(finding for one in judged for finding in _faults(one, timeout_s)),
        *_references(judged),
        *_paid(judged),
        *_hedged(judged),
        *_readable(judged),
        *_ranges(judged),
        *_reasons(judged),
    ]


def is_fault(one: Judged, timeout_s: float | None) -> bool:
    """Say whether this verdict came of a failure of the verifier."""
    return one.score.error is not None or _late(one.rollout, timeout_s)


def difference(one: Score, two: Score) -> str:
    """Say how two verdicts differ; empty if they do not.

    >>> difference(Score(reward=1.0, reason="a"), Score(reward=0.0, reason="a"))
    'reward 1.0 then 0.0'
    """
    pairs = {
        "reward": (one.reward, two.reward),
        "answer": (one.answer, two.answer),
        "reason": (one.reason, two.reason),
        "parts": (dict(one.parts), dict(two.parts)),
        "error": (one.error, two.error),
    }
    return next((f"{name} {a!r:.60} then {b!r:.60}" for name, (a, b) in pairs.items() if a != b), "")


def _late(rollout: Rollout, timeout_s: float | None) -> bool:
    # A verifier may say `timeout` of a program that it ran: only the pool's own takes the whole deadline.
    return rollout.score.reason == "timeout" and timeout_s is not None and rollout.ms >= timeout_s * 1e3


def _found(check: str, one: Judged, detail: str) -> Finding:
    return Finding(check=check, task=one.question.task.id, detail=detail, text=one.probe.text)


def _said(score: Score) -> str:
    why = score.error or score.reason
    return f"scores {score.reward}{f' ({why[:80]})' if why else ''}"


def _faults(one: Judged, timeout_s: float | None) -> Iterator[Finding]:
    error = one.score.error
    if _late(one.rollout, timeout_s):
        vast = one.probe.check == f"{CANARY}huge"
        yield _found(
            "runtime.deadline_huge" if vast else "runtime.deadline", one, f"no verdict within {timeout_s:g} s"
        )
    elif one.score.reason == "worker_died":
        yield _found("runtime.survives", one, error or "the worker process ended")
    elif error is not None:
        check = "runtime.reward_well_formed" if error.startswith(_MALFORMED) else "runtime.never_raises"
        yield _found(check, one, error)


def _references(judged: Sequence[Judged]) -> Iterator[Finding]:
    given = [one for one in judged if one.probe.role == "reference" and one.score.reason != "timeout"]
    sound = [one for one in given if one.score.error is None and one.score.reason != "unreadable_reference"]
    yield from (
        _found("semantic.oracle_max", one, _said(one.score))
        for one in sound
        if one.score.reward is None or one.score.reward < RIGHT
    )
    unread = [one for one in given if one.score.reason == "unreadable_reference"]
    if unread and not sound:
        yield _found("semantic.oracle_max", unread[0], "no reference can be read, so none is paid")


def _readable(judged: Sequence[Judged]) -> Iterator[Finding]:
    seen = set[str]()
    for one in judged:
        if one.score.reason == "unreadable_reference" and one.question.task.id not in seen:
            seen.add(one.question.task.id)
            detail = f"the reference {one.question.task.answer!r:.80} cannot be read"
            yield _found("reference.readable", one, detail)


def _is_paid(one: Judged) -> bool:
    reward = one.score.reward or 0.0
    return reward >= RIGHT if one.probe.full else reward > 0.0


def _paid(judged: Sequence[Judged]) -> Iterator[Finding]:
    right = _otherwise_right(judged)
    paid = [one for one in judged if one.probe.check and not one.probe.pair and _is_paid(one)]
    echoes = [one for one in paid if one.probe.check == f"{CANARY}prompt_echo"]
    asked = {one.question.task.id for one in judged if one.probe.check == f"{CANARY}prompt_echo"}
    # An operand may by chance be the answer: that the prompt pays is a hole where it pays often.
    rare = len({one.question.task.id for one in echoes}) <= _ECHOES * len(asked)
    for one in paid:
        by_chance = rare and one in echoes
        if not by_chance and not (one.probe.full and one.question.task.id in right):
            yield _found(one.probe.check, one, _said(one.score))


def _otherwise_right(judged: Sequence[Judged]) -> set[str]:
    # Where the wrong answer is paid as well, it is no wrong one, and says nothing in a hedge.
    others = [one for one in judged if one.probe.role == "other"]
    return {one.question.task.id for one in others if (one.score.reward or 0.0) >= RIGHT}


def _hedged(judged: Sequence[Judged]) -> Iterator[Finding]:
    right = _otherwise_right(judged)
    pairs = defaultdict[tuple[str, int], list[Judged]](list)
    for one in judged:
        if one.probe.pair and one.question.task.id not in right:
            pairs[one.question.task.id, one.probe.pair].append(one)
    for pair in pairs.values():
        paid = [one for one in pair if _is_paid(one)]
        if len(paid) == 2:
            yield _found(
                f"{CANARY}hedge", paid[0], f"{_said(paid[0].score)}, and so it does the other way around"
            )
        elif paid:
            detail = f"{_said(paid[0].score)}, and not the other way around"
            yield _found("semantic.hedge_by_place", paid[0], detail)


def _ranges(judged: Sequence[Judged]) -> Iterator[Finding]:
    for one in judged:
        if one.score.reward is not None and not -1e-9 <= one.score.reward <= 1.0 + 1e-9:
            yield _found("semantic.reward_range", one, f"the reward is {one.score.reward}")


def _reasons(judged: Sequence[Judged]) -> Iterator[Finding]:
    said = [one for one in judged if one.score.error is None and one.score.reason]
    # What follows in brackets may say more, as in `correct (box, rational)`.
    stems = Counter(one.score.reason.partition(" (")[0] for one in said)
    if len(stems) > _REASONS:
        yield _found(
            "semantic.reasons", said[0], f"{len(stems)} different reasons: {', '.join(stems)[:100]}..."
        )
        return
    for one in said:
        if len(one.score.reason) > _REASON_LENGTH:
            yield _found("semantic.reasons", one, f"a reason of {len(one.score.reason):,} characters")
            return


def constants(judged: Sequence[Judged]) -> list[str]:
    """Return the references that most tasks share: texts to answer everything with."""
    paid = [one for one in judged if one.probe.role == "reference" and (one.score.reward or 0) >= RIGHT]
    golds = Counter(one.probe.text for one in paid)
    enough = len({one.question.task.prompt for one in paid}) >= _CONSTANT_TASKS
    return [text for text, _ in golds.most_common(3)] if enough else []


def constant_paid(text: str, rollouts: Sequence[Rollout]) -> Iterator[Finding]:
    """Tell a text that earns nine tenths of what the references do, whatever is asked."""
    rewards = [rollout.score.reward or 0.0 for rollout in rollouts]
    mean = sum(rewards) / len(rewards)
    if mean >= 0.9:
        detail = f"one answer to all {len(rewards)} tasks earns {mean:.2f} in the mean"
        yield Finding(check="statistical.gameability_gap", task="", detail=detail, text=text)
