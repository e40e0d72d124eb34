"""Rules about what is paid: for the wrong thing, for form alone, for one text everywhere."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from rlvr.alarms.alarm import Finding, Row, different
from rlvr.alarms.limits import AlarmsTable
from rlvr.alarms.seen import Part, Seen, Window, mean_reward, still_rising

__all__ = ["format_alone", "repetition", "reward_alone", "reward_hacking"]

_FORM = re.compile(r"format|\bform\b|tag|think|style|structure|xml|json|markup|syntax|layout|boxed", re.I)
_FILLED = 0.9  # the mean of a part of at most 1 that has little left to give
_HIGH = 0.8  # a reward that leaves little room for the measure to follow
_CARRIES = 0.5  # of what the reward rose by, what a part must have risen by to explain it


def reward_hacking(window: Window, table: AlarmsTable) -> Finding | None:
    """Many of those paid like right ones are wrong: a reward that is full only for right ones has none."""
    levels = [(level, paid) for seen in window.recent for level, paid in seen.pay.levels.items()]
    right = sum(paid.right for _, paid in levels)
    reward = mean_reward(window.recent)
    if window.measure is None or not right or reward < table.hacking_reward:
        return None
    worth = sum(level * paid.right for level, paid in levels) / right - 1e-9
    paid_well = sum(paid.right + paid.wrong for level, paid in levels if level >= worth)
    wrong = sum(paid.wrong for level, paid in levels if level >= worth)
    if wrong <= table.hacking_share * paid_well:
        return None
    return Finding(
        words=(
            f"the reward is being gamed: of the completions paid like a right answer in the last "
            f"{len(window.recent)} steps, {wrong / paid_well:.0%} are not {window.measure!r} (mean reward "
            f"{reward:.2f}, mean {window.measure} {_mean_right(window.recent):.2f}); mend the verifier so "
            "that these earn less"
        ),
        rows=_wrong_rows(window.recent, worth),
    )


def reward_alone(window: Window, table: AlarmsTable) -> Finding | None:
    """The reward has risen clearly, and the true measure has not followed before there is no more to rise."""
    if window.measure is None or not _both_scored(window):
        return None
    risen = mean_reward(window.recent) - mean_reward(window.first)
    followed = _mean_right(window.recent) - _mean_right(window.first)
    if risen < table.climb or followed >= table.follow * risen:
        return None
    if mean_reward(window.recent) < _HIGH and still_rising(window):
        return None  # credit for parts of an answer rises long before whole answers are right
    return Finding(
        words=(
            f"the reward climbs and {window.measure!r} does not: since the start the reward rose by "
            f"{risen:.2f} to {mean_reward(window.recent):.2f}, {window.measure} by {followed:+.2f} to "
            f"{_mean_right(window.recent):.2f}; look at what is paid, and mend the verifier"
        ),
        rows=_wrong_rows(window.recent, float("-inf")),
    )


def format_alone(window: Window, table: AlarmsTable) -> Finding | None:
    """The reward rises through parts that are about form or have nothing left to give; right is no more."""
    if not _both_scored(window):
        return None
    old, new = (_mean(steps, [s.pay.learned for s in steps]) for steps in (window.first, window.recent))
    risen = new - old
    followed = _mean_right(window.recent) - _mean_right(window.first)
    if risen < table.format_climb or followed >= table.follow * risen:
        return None
    standard = window.recent[-1].pay.standard
    names = {name for seen in window.recent for name in seen.pay.parts} - {standard}
    carry = [words for name in sorted(names) if (words := _carries(window, name, risen, len(names)))]
    if not carry:
        return None
    return Finding(
        words=(
            f"the reward rises through form alone: since the start it rose by {risen:.2f} to {new:.2f}, "
            f"with {', '.join(carry)}, while {standard or 'full reward'} went from "
            f"{_mean_right(window.first):.2f} to {_mean_right(window.recent):.2f}; pay less for form, or "
            "only where the answer is right"
        ),
        rows=_wrong_rows(window.recent, float("-inf")),
    )


def _carries(window: Window, name: str, risen: float, parts: int) -> str:
    """Say how a part rose, if it explains the reward's rise and is about form or filled; else nothing."""
    before, now = _part(window.first, name), _part(window.recent, name)
    if before is None or now is None or now.least < 0 or now.most > 1:
        return ""
    old, new = before.total / before.n, now.total / now.n
    about_form = _FORM.search(name) is not None or (new >= _FILLED and parts > 1)
    return f"{name} {old:.2f} to {new:.2f}" if about_form and new - old >= _CARRIES * risen else ""


def repetition(window: Window, table: AlarmsTable) -> Finding | None:
    """One text is paid in full for tasks that want different things."""
    common = sum(seen.full for seen in window.recent) * table.repetition_share
    for key in {key for seen in window.recent for key in seen.texts}:
        found = [(seen.step, seen.texts[key]) for seen in window.recent if key in seen.texts]
        n = sum(text.n for _, text in found)
        references = frozenset(chain.from_iterable(text.references for _, text in found))
        if n >= common and len(references) >= table.repetition_tasks:
            return Finding(
                words=(
                    f"one text is paid everywhere: {found[0][1].excerpt!r} got full reward {n} times in the "
                    f"last {len(window.recent)} steps ({n * table.repetition_share / common:.0%} of all "
                    f"that did) for tasks with {len(references)} different references; look at how the "
                    "verifier reads it"
                ),
                rows=different((step, name) for step, text in reversed(found) for name in text.ids),
            )
    return None


def _part(steps: Sequence[Seen], name: str) -> Part | None:
    parts = [seen.pay.parts[name] for seen in steps if name in seen.pay.parts]
    if not parts:
        return None
    return Part(
        total=sum(part.total for part in parts),
        n=sum(part.n for part in parts),
        least=min(part.least for part in parts),
        most=max(part.most for part in parts),
    )


def _both_scored(window: Window) -> bool:
    return all(any(seen.pay.scored for seen in steps) for steps in (window.first, window.recent))


def _mean_right(steps: Sequence[Seen]) -> float:
    return _mean(steps, [seen.pay.right for seen in steps])


def _mean(steps: Sequence[Seen], sums: Iterable[float]) -> float:
    return sum(sums) / max(1, sum(seen.pay.scored for seen in steps))


def _wrong_rows(steps: Sequence[Seen], worth: float) -> tuple[Row, ...]:
    """Return wrong ones that are paid at least so much, the last first."""
    wrong = [
        (seen.step, place, name)
        for seen in steps
        for level, paid in seen.pay.levels.items()
        if level >= worth
        for place, name in paid.wrong_ids
    ]
    return different((step, name) for step, _, name in sorted(wrong, reverse=True))
