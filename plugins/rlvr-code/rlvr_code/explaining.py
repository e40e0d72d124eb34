"""How `code` came to a verdict: as it is kept while judging, and as it is told to people afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from reprlib import Repr

from rlvr.protocols import Sandbox
from rlvr.types import Completion, Explanation, Score
from rlvr.untrusted import Answered, Examined, Outcome
from rlvr_code.extraction import Found
from rlvr_code.judging import Seen, Verdict
from rlvr_code.kinds import Case, Examine, Stdio, Tests, Values

__all__ = ["Judged", "layers_of", "spans_of", "told"]

_MOST = 600
_BRIEF = Repr()
_BRIEF.maxstring = _BRIEF.maxother = _BRIEF.maxlong = 200
_BRIEF.maxlist = _BRIEF.maxtuple = _BRIEF.maxdict = _BRIEF.maxset = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a completion was judged.

    Attributes:
        score: The verdict.
        found: Its program, or what is missing; None where the reference cannot be read.
        tests: What the program was called with.
        verdict: How it did; None where it was not run.
        sandbox: Where it ran.
        ms: Milliseconds for finding the program, and for running it.
    """

    score: Score
    found: Found | None = None
    tests: Tests | None = None
    verdict: Verdict | None = None
    sandbox: Sandbox | None = None
    ms: Mapping[str, float] = field(default_factory=dict)


def told(completion: Completion, said: Judged) -> Explanation:
    """Return what the verifier says of itself, told for people: they see what was expected, too."""
    found, verdict, notes = said.found, said.verdict, []
    if found is not None and found.given:
        notes.append(f"The task gave the first {found.given} lines of the program.")
    if verdict is not None:
        notes += [f"Signs of cheating: {', '.join(sorted(verdict.signs))}."] if verdict.signs else []
    if said.sandbox is not None:
        notes.append(layers_of(said.sandbox))
    return Explanation(
        score=said.score,
        read=_own(found) if found else "",
        rule=found.how if found else "",
        spans=spans_of(completion.text, found) if found else (),
        forms=_forms(said),
        stage=_stage(said),
        ms=said.ms,
        notes=tuple(notes),
    )


def spans_of(text: str, found: Found) -> tuple[tuple[int, int], ...]:
    r"""Return where in a completion the program stands, line by line where it was indented otherwise.

    >>> from rlvr_code.extraction import extract
    >>> text = "So:\n```python\nprint(1)\n```"
    >>> [text[start:end] for start, end in spans_of(text, extract(text))]
    ['print(1)']
    """
    own, (start, end) = _own(found).strip("\n"), found.place
    at = text.find(own, start, end)
    if at >= 0:
        return ((at, at + len(own)),) if own.strip() else ()
    return _lines(text, own, start, end)


def layers_of(sandbox: Sandbox) -> str:
    """Say in a sentence how a sandbox isolates here."""
    active = [name for name, is_active in sandbox.layers.items() if is_active]
    return f"Sandbox: {type(sandbox).__module__.partition('.')[0]}, layers {', '.join(active) or 'none'}."


def _own(found: Found) -> str:
    return found.source.split("\n", found.given)[-1]


def _lines(text: str, own: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    wanted = [line.strip() for line in own.splitlines() if line.strip()]
    lines = text[start:end].splitlines(keepends=True)
    ends = [start, *accumulate(map(len, lines), initial=start)][1:]
    found: list[tuple[int, int]] = []
    for line, at in zip(lines, ends, strict=False):
        if len(found) < len(wanted) and line.strip() == wanted[len(found)]:
            first = at + len(line) - len(line.lstrip())
            found.append((first, first + len(line.strip())))
    return tuple(found) if len(found) == len(wanted) else ((start, end),)


def _stage(said: Judged) -> str:
    if said.found is not None and said.found.problem:
        return "extraction"
    if said.verdict is None or said.tests is None:
        return ""
    verdict = said.verdict
    stage = {Values: "values", Examine: "test code", Stdio: "output"}[type(said.tests)]
    ran = f"{verdict.tried} of {verdict.total} tests run, {verdict.passed} passed"
    return (
        f"{stage}: {ran}" if verdict.failed is None else f"{stage}: test {verdict.failed + 1} failed; {ran}"
    )


def _forms(said: Judged) -> dict[str, str]:
    verdict, tests = said.verdict, said.tests
    if verdict is None or tests is None or verdict.failed is None:
        return {}
    test, expected = _test(tests, verdict.failed)
    gave = "" if verdict.seen is None else _gave(verdict.seen)
    case = tests.cases[verdict.failed] if isinstance(tests, Values) else None
    if case is not None and case.after is not None and isinstance(verdict.seen, Answered):
        gave += f", arguments then {_BRIEF.repr(verdict.seen.args)}"
    return {"test": test, "answer": gave or "not run: no time was left", "reference": expected}


def _test(tests: Tests, index: int) -> tuple[str, str]:
    """Return what a test is, and what it expects."""
    match tests:
        case Values(entry_point=name, cases=cases):
            return _call(name, cases[index]), _expected(cases[index])
        case Examine(texts=texts):
            return _short(texts[index]), "no failure"
        case Stdio(cases=pairs):
            read, expected = pairs[index]
            return f"stdin {_short(read)!r}", repr(_short(expected))


def _call(name: str, case: Case) -> str:
    return case.call or f"{name}({', '.join(map(_BRIEF.repr, case.args))})"


def _expected(case: Case) -> str:
    values = " or ".join(map(_BRIEF.repr, (case.expected, *case.also)))
    return values if case.after is None else f"{values}, arguments then {_BRIEF.repr(case.after)}"


def _gave(seen: Seen) -> str:
    match seen:
        case Answered(ended=str(ended)):
            return f"the process ended: {ended}"
        case Answered(raised=raised) if raised:
            return f"raised {_short(raised)}"
        case Answered(value=value):
            return _BRIEF.repr(value)
        case Examined(ended=str(ended)):
            return f"the process ended: {ended}"
        case Examined(why=why):
            return _short(why)
        case Outcome(ended="exit", exit_code=0, stdout=stdout):
            return repr(_short(stdout))
        case Outcome(ended=how, exit_code=code, stderr=stderr):
            last = stderr.strip().rpartition("\n")[2]
            return f"ended by {how} with code {code}: {_short(last)}"


def _short(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."
