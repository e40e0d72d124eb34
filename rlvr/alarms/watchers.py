"""The state of a run's alarms: two windows of steps, what has rung, and for how long it has been quiet."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping

from rlvr.alarms.alarm import Alarm, Finding
from rlvr.alarms.judging import slow_verifier, unscored
from rlvr.alarms.learning import entropy, length, mismatch, mismatch_at_start, zero_variance
from rlvr.alarms.limits import AlarmsTable
from rlvr.alarms.reward import format_alone, repetition, reward_alone, reward_hacking
from rlvr.alarms.seen import Seen, Window

__all__ = ["Alarms"]

_Rule = Callable[[Window, AlarmsTable], Finding | None]
_RULES: Mapping[str, _Rule] = {
    "reward_hacking": reward_hacking,
    "reward_alone": reward_alone,
    "format": format_alone,
    "repetition": repetition,
    "length": length,
    "entropy": entropy,
    "zero_variance": zero_variance,
    "mismatch": mismatch,
    "unscored": unscored,
    "slow_verifier": slow_verifier,
}
_EARLY: Mapping[str, _Rule] = {"mismatch": mismatch_at_start}
_DEFAULTS = AlarmsTable()
# What may be a phase of an honest run must last for a whole window.
_LASTING = frozenset({"reward_alone", "format", "length", "entropy", "zero_variance"})
# A verifier that can be gamed stays so: once is enough.
_ONCE = frozenset({"reward_hacking", "reward_alone", "format", "repetition"})


class Alarms:
    """Looks at a run step by step; a kind rings once, or again after it was gone for a whole window.

    All that is to come depends on the first window, the last three, and the kinds that have rung: a resumed
    run that recalls these goes on as if it had never stopped.

    Args:
        measure: What the true measure is called, if the environment names one.
        deadline_s: What a verdict may take.
    """

    def __init__(
        self, table: AlarmsTable = _DEFAULTS, *, measure: str | None = None, deadline_s: float = 10.0
    ) -> None:
        self._table = table
        self._measure, self._deadline_s = measure, deadline_s
        self._first: list[Seen] = []
        self._recent: deque[Seen] = deque(maxlen=table.window)
        self._rung: set[str] = set()
        self._lasted: Counter[str] = Counter()
        self._quiet: Counter[str] = Counter()

    def step(self, seen: Seen) -> list[Alarm]:
        """Take a step into account; return the alarms that ring now."""
        alarms = []
        for kind, finding in self._findings(seen).items():
            gone = kind not in _ONCE and self._quiet[kind] >= self._table.window
            if kind not in self._rung or gone:
                alarms.append(Alarm(kind=kind, step=seen.step, words=finding.words, rows=finding.rows))
                self._rung.add(kind)
            self._quiet[kind] = 0
        return alarms

    def recall(self, steps: Iterable[Seen], rung: Iterable[str]) -> None:
        """Take in what an earlier process saw: the first window and the last three, and what rang in it."""
        for seen in steps:
            for kind in self._findings(seen):
                self._quiet[kind] = 0
        self._rung |= set(rung)

    def _findings(self, seen: Seen) -> dict[str, Finding]:
        """Return what holds after a step, having counted for how long it has or has not."""
        if not seen.verdicts.n:
            return {}  # a step of demonstrations
        if len(self._first) < self._table.window:
            self._first.append(seen)
        self._recent.append(seen)
        window = Window(
            first=tuple(self._first),
            recent=tuple(self._recent),
            measure=self._measure,
            deadline_s=self._deadline_s,
        )
        full = len(self._recent) == self._table.window
        holds = self._holding(window) if full else {}
        for kind in _RULES if full else ():
            self._quiet[kind] += kind not in holds
        return {**self._found(_EARLY, window), **holds}

    def _holding(self, window: Window) -> dict[str, Finding]:
        found = self._found(_RULES, window)
        for kind in _RULES:
            self._lasted[kind] = self._lasted[kind] + 1 if kind in found else 0
        return {k: f for k, f in found.items() if k not in _LASTING or self._lasted[k] >= self._table.window}

    def _found(self, rules: Mapping[str, _Rule], window: Window) -> dict[str, Finding]:
        found = {
            kind: rule(window, self._table) for kind, rule in rules.items() if kind not in self._table.off
        }
        return {kind: finding for kind, finding in found.items() if finding is not None}
