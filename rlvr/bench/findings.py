"""What a verifier did that no verifier should: one sentence each, with a count, examples and the way out."""

import re
from collections.abc import Mapping
from typing import Any

from rlvr.types import Rollout

__all__ = ["Findings", "fault_of"]

_MOST = 64
_EXAMPLES = 5
_WRONG_FIELD = re.compile(r"the verifier returned (.{1,40}?) = (.*), expected (.*)", re.DOTALL)
_WRONG_TYPE = re.compile(r"the verifier returned (.{1,80}), expected a Score")
_RAISED = re.compile(r"[A-Za-z_]\w{0,60}")

_RETURN = (
    "Return Score(reward=0.0, reason=...) where the completion is bad, Score.unscored(reason) where the "
    "reference is."
)
_HANGS = "Each was killed and counted as wrong: bound the time of every step, or raise --timeout."
_DIES = "A verifier returns: it must not exit or kill its process; a crash of C code is a bug there."
_FINITE = "Rewards and parts are finite numbers, the rest is text; what nobody can judge is Score.unscored()."
_RANGE = "By convention rewards are 0.0 (wrong) to 1.0 (right); --right-from says from where one is right."
_SANDBOX = "These rows stay unscored: see `rlvr sandbox doctor`."


def fault_of(rollout: Rollout, *, timeout_s: float) -> tuple[str, str] | None:
    """Return what the verifier did wrong at a row (without what differs from row to row), and the way out."""
    score = rollout.score
    if score.error is not None:
        return _of_error(score.reason, score.error)
    if score.reason == "timeout" and rollout.ms == timeout_s * 1e3:
        return f"did not end within {timeout_s:g} s", _HANGS
    if score.reason == "sandbox_unavailable":
        return "had no sandbox", _SANDBOX
    if score.reward is not None and not 0.0 <= score.reward <= 1.0:
        return "gave a reward outside 0 to 1", f"{_RANGE} First seen: {score.reward:g}."
    return None


def _of_error(reason: str, error: str) -> tuple[str, str]:
    first = f"First seen: {error[:200]}."
    if reason == "worker_died":
        return "ended its worker process", f"{_DIES} First seen: {error}."
    if found := _WRONG_FIELD.match(error):
        return f"gave as {found[1]} what is not {found[3][:80]}", f"{_FINITE} {first}"
    if found := _WRONG_TYPE.match(error):
        return f"returned {found[1]} where a Score is expected", _RETURN
    named = _RAISED.match(error)
    kind = named[0] if named else "an error"
    if kind == "SystemExit":
        return "tried to exit (SystemExit)", f"{_DIES} {first}"
    return f"raised {kind}", f"{_RETURN} {first}"


class Findings:
    """One entry for each kind of thing, however often it happened."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Any]] = {}

    def add(self, what: str, detail: str, row: str | None = None, *, count: int = 1) -> None:
        """Count what was seen, at a row if that is known."""
        if what not in self._found and len(self._found) >= _MOST:
            what, detail = "did other things", "More kinds of faults than are told apart here."
        entry = self._found.setdefault(what, {"what": what, "count": 0, "detail": detail, "rows": []})
        entry["count"] += count
        if row is not None and len(entry["rows"]) < _EXAMPLES:
            entry["rows"].append(row)

    def at(self, what: str, detail: str, *, peak: int) -> None:
        """Note a peak: the largest count stands."""
        self._found[what] = {"what": what, "count": peak, "detail": detail, "rows": []}

    def rows(self) -> list[Mapping[str, Any]]:
        """Return the findings, the most frequent first."""
        return sorted(self._found.values(), key=lambda entry: -int(entry["count"]))
