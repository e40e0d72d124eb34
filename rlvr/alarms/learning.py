"""Rules about the policy: too long, stuck, nothing left to learn, not the one that sampled."""

import math
from collections.abc import Sequence

from rlvr.alarms.alarm import Finding, different
from rlvr.alarms.limits import AlarmsTable
from rlvr.alarms.seen import Seen, Window, mean_reward, still_rising

__all__ = ["entropy", "length", "mismatch", "mismatch_at_start", "zero_variance"]

_RISEN = 0.05  # a reward that has risen by less has not risen


def length(window: Window, table: AlarmsTable) -> Finding | None:
    """Longer is paid more and completions grow, or most are cut off and earn less for it."""
    return _grown(window, table) or _cut_off(window, table)


def _grown(window: Window, table: AlarmsTable) -> Finding | None:
    old, new = _mean_tokens(window.first), _mean_tokens(window.recent)
    risen = mean_reward(window.recent) - mean_reward(window.first)
    if new < max(table.length_tokens, table.length_growth * old) or risen < _RISEN:
        return None
    correlation = _correlation(window.recent)
    if correlation < table.length_correlation:
        return None
    return Finding(
        words=(
            f"length is paid for: completions have {new:.0f} tokens on average, {old:.0f} in the first "
            f"{len(window.first)} steps, the reward rose by {risen:.2f} to {mean_reward(window.recent):.2f}, "
            f"and within groups the two correlate by {correlation:.2f}; if the longer ones are not better, "
            "mend the verifier or set trainer.overlong_buffer_len"
        ),
        rows=_longest(window.recent),
    )


def _cut_off(window: Window, table: AlarmsTable) -> Finding | None:
    share, before = _cut(window.recent), _cut(window.first)
    if share <= table.length_truncated or share < before - 0.1:  # at least it does not go away
        return None
    n, total = (
        sum(values)
        for values in zip(*((s.sizes.cut_scored, s.sizes.cut_reward) for s in window.recent), strict=True)
    )
    others = sum(seen.pay.scored for seen in window.recent) - n
    earned = total / n if n else 0.0
    fair = sum(seen.pay.reward for seen in window.recent) - total
    compared = fair / others if others else 0.5
    if earned > compared - _RISEN:
        return None
    return Finding(
        words=(
            f"most completions are cut off: {share:.0%} of the last {len(window.recent)} steps reached the "
            f"limit of tokens ({before:.0%} of the first), and earned {earned:.2f} on average"
            + (f" where the others earned {compared:.2f}" if others else "")
            + "; raise trainer.max_completion_length, or pay less for length"
        ),
        rows=_longest(window.recent),
    )


def entropy(window: Window, table: AlarmsTable) -> Finding | None:
    """The policy has become sure of itself long before it is right, and no longer learns."""
    old, new = _number(window.first, "entropy"), _number(window.recent, "entropy")
    if old is None or new is None or new >= table.entropy_left * old:
        return None
    reward = mean_reward(window.recent)
    learns = reward - mean_reward(window.first) >= _RISEN and still_rising(window)
    alike = _alike(window.recent)
    if reward >= table.entropy_reward or learns or alike <= table.entropy_alike:
        return None
    rows = [(s.step, name) for s in reversed(window.recent) for name in s.groups.alike_ids]
    return Finding(
        words=(
            f"the policy no longer explores: its entropy fell from {old:.3g} to {new:.2g} nats a token "
            f"({new / old:.1%}) while the mean reward stands at {reward:.2f}, and {alike:.0%} of the groups "
            "that are not full are paid alike; raise trainer.entropy_coef or "
            "trainer.epsilon_high, lower trainer.learning_rate, or start from an earlier checkpoint"
        ),
        rows=different(rows) or _longest(window.recent),
    )


def zero_variance(window: Window, table: AlarmsTable) -> Finding | None:
    """Nearly no group teaches anything: all is paid in full and always was, or nothing is."""
    n = sum(seen.groups.n for seen in window.recent)
    full, nothing = (
        sum(v) for v in zip(*((s.groups.full, s.groups.nothing) for s in window.recent), strict=True)
    )
    if not n or full + nothing < table.zero_variance * n:
        return None
    begun = sum(seen.groups.full for seen in window.first) / max(1, sum(s.groups.n for s in window.first))
    steps = reversed(window.recent)
    if full <= nothing:
        what, rows = (
            "nothing is paid: the tasks are too hard",
            [(s.step, i) for s in steps for i in s.groups.nothing_ids],
        )
        way = "take easier tasks or a stronger model, give partial credit, or begin with algorithm = 'sft'"
    elif begun >= 0.5:  # else it has learned them, which is no fault
        what, rows = (
            "all is paid in full from the start: the tasks are too easy",
            [(s.step, i) for s in steps for i in s.groups.full_ids],
        )
        way = "take harder tasks"
    else:
        return None
    return Finding(
        words=(
            f"{what}: in the last {len(window.recent)} steps {full / n:.0%} of the groups were full and "
            f"{nothing / n:.0%} empty of reward, and none of these teaches anything; {way}"
        ),
        rows=different(rows),
    )


def mismatch_at_start(window: Window, table: AlarmsTable) -> Finding | None:
    """The first step that was learned from was sampled by another policy, before anything could drift."""
    known = [seen for seen in window.first if seen.numbers.get("mismatch_kl") is not None]
    if known != [window.recent[-1]]:
        return None
    return _mismatch(known, table.mismatch_start, "at the first step")


def mismatch(window: Window, table: AlarmsTable) -> Finding | None:
    """What samples and what learns are not the same policy."""
    return _mismatch(window.recent, table.mismatch, f"over the last {len(window.recent)} steps")


def _mismatch(steps: Sequence[Seen], limit: float, when: str) -> Finding | None:
    found = _number(steps, "mismatch_kl")
    if found is None or found <= limit:
        return None
    worst = max(steps, key=lambda seen: seen.numbers.get("mismatch_kl") or 0.0)
    return Finding(
        words=(
            f"the sampler is not the policy that learns: {when} their log-probabilities are {found:.2g} nats "
            f"a token apart (KL divergence, at most {limit:g} is expected); compare their weights, precision "
            "and sampling options, or lower trainer.num_iterations"
        ),
        rows=_longest([worst]),
    )


def _alike(steps: Sequence[Seen]) -> float:
    others = sum(seen.groups.n - seen.groups.full for seen in steps)
    return sum(seen.groups.alike for seen in steps) / others if others else 0.0


def _longest(steps: Sequence[Seen]) -> tuple[tuple[int, str], ...]:
    rows = [(tokens, seen.step, name) for seen in steps for tokens, name in seen.sizes.longest]
    return different((step, name) for _, step, name in sorted(rows, reverse=True))


def _mean_tokens(steps: Sequence[Seen]) -> float:
    return sum(seen.sizes.tokens for seen in steps) / max(1, sum(seen.sizes.n for seen in steps))


def _cut(steps: Sequence[Seen]) -> float:
    return sum(seen.sizes.cut for seen in steps) / max(1, sum(seen.sizes.n for seen in steps))


def _correlation(steps: Sequence[Seen]) -> float:
    spread = sum(seen.sizes.xx for seen in steps) * sum(seen.sizes.yy for seen in steps)
    return sum(seen.sizes.xy for seen in steps) / math.sqrt(spread) if spread > 0 else 0.0


def _number(steps: Sequence[Seen], name: str) -> float | None:
    found = [value for seen in steps if (value := seen.numbers.get(name)) is not None]
    return sum(found) / len(found) if found else None
