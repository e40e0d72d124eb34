"""Rules about the verifier: what it leaves unscored, and how long it takes."""

import math
from collections import Counter
from collections.abc import Sequence

from rlvr.alarms.alarm import Finding, Row, different
from rlvr.alarms.limits import AlarmsTable
from rlvr.alarms.seen import Seen, Window

__all__ = ["slow_verifier", "unscored"]


def unscored(window: Window, table: AlarmsTable) -> Finding | None:
    """Too many completions got no verdict."""
    verdicts = [seen.verdicts for seen in window.recent]
    reasons: Counter[str] = sum((Counter(each.unscored) for each in verdicts), Counter())
    n = sum(each.n for each in verdicts)
    if not n or reasons.total() <= table.unscored * n:
        return None
    named = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common(3))
    return Finding(
        words=(
            f"too much is not scored: {reasons.total() / n:.1%} of the completions of the last "
            f"{len(verdicts)} steps ({named}), from which nothing is learned; mend what the reason names, "
            "or leave these tasks out"
        ),
        rows=different((s.step, name) for s in reversed(window.recent) for name in s.verdicts.unscored_ids),
    )


def slow_verifier(window: Window, table: AlarmsTable) -> Finding | None:
    """Verdicts come close to the deadline, hit it often, or keep the trainer waiting."""
    return _near_deadline(window, table) or _late(window, table) or _waited_for(window, table)


def _near_deadline(window: Window, table: AlarmsTable) -> Finding | None:
    times = sorted(ms for seen in window.recent for ms in seen.verdicts.times_ms)
    slow_s = times[math.ceil(0.99 * len(times)) - 1] / 1e3 if times else 0.0
    if slow_s <= table.verifier_deadline * window.deadline_s:
        return None
    return Finding(
        words=(
            f"verdicts come close to the deadline: in the last {len(window.recent)} steps 1% of them took "
            f"{slow_s:.2g} s or more of the {window.deadline_s:g} s that rollout.timeout_s allows; raise it, "
            "or make the verifier faster for these tasks"
        ),
        rows=_slowest(window.recent),
    )


def _late(window: Window, table: AlarmsTable) -> Finding | None:
    n, late = sum(s.verdicts.n for s in window.recent), sum(s.verdicts.timeouts for s in window.recent)
    if not n or late <= table.verifier_timeouts * n:
        return None
    return Finding(
        words=(
            f"verdicts hit a deadline: {late / n:.0%} of the completions of the last {len(window.recent)} "
            "steps, which earn nothing for it; look whether it is the completions that are slow, and if not "
            "raise rollout.timeout_s or mend the verifier"
        ),
        rows=different((s.step, name) for s in reversed(window.recent) for name in s.verdicts.timeout_ids),
    )


def _waited_for(window: Window, table: AlarmsTable) -> Finding | None:
    generate_s, score_s = (_seconds(window.recent, name) for name in ("generate_s", "score_s"))
    n = len(window.recent)
    if not generate_s or score_s < table.verifier_wait_s * n or score_s <= table.verifier_wait * generate_s:
        return None
    return Finding(
        words=(
            f"the trainer waits for verdicts: {score_s / n:.2g} s a step over the last {n}, beside "
            f"{generate_s / n:.2g} s of generation; raise rollout.workers, or make the verifier faster"
        ),
        rows=_slowest(window.recent),
    )


def _seconds(steps: Sequence[Seen], name: str) -> float:
    return sum(seen.numbers.get(name) or 0.0 for seen in steps)


def _slowest(steps: Sequence[Seen]) -> tuple[Row, ...]:
    rows = [(ms, seen.step, name) for seen in steps for ms, name in seen.verdicts.slowest]
    return different((step, name) for _, step, name in sorted(rows, reverse=True))
