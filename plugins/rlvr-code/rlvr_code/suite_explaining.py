"""How `pytest` came to a verdict: as it is kept while judging, and as it is told to people afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rlvr.extract import visible_span
from rlvr.protocols import Sandbox
from rlvr.types import Completion, Explanation, Score
from rlvr.untrusted import Reported
from rlvr_code.explaining import layers_of
from rlvr_code.trees import Tree

__all__ = ["JudgedFiles", "told"]

_MOST = 600
_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFiles:
    """How the files of a completion were judged.

    Attributes:
        score: The verdict.
        found: The files; None where the task gives no suite.
        expected: The tests that count.
        reported: What the suite said; None where it was not run.
        sandbox: Where it ran.
        ms: Milliseconds for finding the files, and for the suite.
    """

    score: Score
    found: Tree | None = None
    expected: tuple[str, ...] = ()
    reported: Reported | None = None
    sandbox: Sandbox | None = None
    ms: Mapping[str, float] = field(default_factory=dict)


def told(completion: Completion, said: JudgedFiles) -> Explanation:
    """Return what the verifier says of itself, told for people."""
    files = said.found.files if said.found is not None else {}
    tried = sorted(said.found.tried) if said.found is not None else []
    notes = [f"Ignored, since no completion may give them: {', '.join(tried)}."] if tried else []
    notes += [layers_of(said.sandbox)] if said.sandbox is not None else []
    return Explanation(
        score=said.score,
        read=", ".join(files),
        rule="files" if files else "",
        spans=_spans(completion.text, files),
        forms=_forms(said),
        stage=_stage(said),
        ms=said.ms,
        notes=tuple(notes),
    )


def _spans(text: str, files: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    start, end = visible_span(text)
    found = []
    for content in files.values():
        own = content.strip("\n")
        at = text.rfind(own, start, end) if own.strip() else -1
        if at >= 0:
            found.append((at, at + len(own)))
    return tuple(sorted(found))


def _stage(said: JudgedFiles) -> str:
    if said.found is not None and said.found.problem:
        return "extraction"
    if said.reported is None:
        return ""
    passed = len(said.expected) - len(_lacking(said.expected, said.reported))
    return f"suite: {passed} of {len(said.expected)} tests passed"


def _forms(said: JudgedFiles) -> dict[str, str]:
    if said.reported is None:
        return {}
    lacking = _lacking(said.expected, said.reported)
    listed = ", ".join(
        f"{name} ({said.reported.results.get(name, 'did not run')})" for name in lacking[:_NAMED]
    )
    forms = {"answer": listed or "all passed", "reference": "every test that counts passes"}
    return {**forms, "why": said.reported.why[:_MOST]} if said.reported.why else forms


def _lacking(expected: tuple[str, ...], reported: Reported) -> list[str]:
    return [name for name in expected if reported.results.get(name) != "passed"]
