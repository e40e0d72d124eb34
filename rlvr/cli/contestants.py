"""Verifiers as the command line names them: `NAME[:KEY=VALUE,...]` or `DIST==VERSION[/NAME]`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rlvr.bench.nouns import Entrant
from rlvr.config import parse_words, update
from rlvr.errors import InputError
from rlvr.registry import judge

__all__ = ["Contestant", "contestant", "contestants", "entrant"]

_LONGEST_LABEL = 48
_NEXT_OPTION = re.compile(r",(?=\s*[\w.-]+=)")
_RELEASE = re.compile(r"([A-Za-z0-9][\w.-]*)==([\w.!+*-]+)(?:/([\w.-]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A verifier that somebody named.

    Attributes:
        label: The word as typed, shortened.
        name: Of a verifier or an environment, short or full.
        options: What was said of it alone.
        requirement: The release that it is taken from, as pip names it; empty for what is installed here.
    """

    label: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    requirement: str = ""


def contestant(word: str) -> Contestant:
    """Read one word.

    >>> contestant("math:tolerance=0.1,units=true").options
    {'tolerance': 0.1, 'units': True}
    >>> found = contestant("rlvr-math==0.1/math")
    >>> found.name, found.requirement
    ('rlvr-math/math', 'rlvr-math==0.1')
    >>> contestant("rlvr-math==0.1").name
    'rlvr-math/math'

    Raises:
        InputError: It is none.
    """
    name, colon, options = word.partition(":")
    given = parse_words(part.strip() for part in _NEXT_OPTION.split(options)) if options else {}
    if not name.strip() or (colon and not options):
        raise InputError(f"{word!r} names no verifier: expected NAME, NAME:KEY=VALUE or DIST==VERSION/NAME.")
    label = word if len(word) <= _LONGEST_LABEL else f"{word[: _LONGEST_LABEL - 3]}..."
    if "==" not in name:
        return Contestant(label=label, name=name, options=given)
    release = _RELEASE.fullmatch(name)
    if release is None:
        raise InputError(f"{name!r} is no release: expected DIST==VERSION or DIST==VERSION/NAME.")
    distribution, version, short = release.groups()
    full = f"{distribution}/{short or distribution.removeprefix('rlvr-')}"
    return Contestant(label=label, name=full, options=given, requirement=f"{distribution}=={version}")


def contestants(words: Sequence[str]) -> list[Contestant]:
    """Read words; who is named again gets a number, so that each label stands once.

    >>> [found.label for found in contestants(["math", "exact", "math"])]
    ['math', 'exact', 'math (2)']
    """
    found: list[Contestant] = []
    for word in words:
        one = contestant(word)
        taken = {other.label for other in found}
        labels = (one.label if n == 1 else f"{one.label} ({n})" for n in range(1, len(words) + 1))
        found.append(replace(one, label=next(label for label in labels if label not in taken)))
    return found


def entrant(one: Contestant, options: Mapping[str, Any], *, say: Callable[[str], None]) -> Entrant:
    """Return what a bench needs of a contestant: with the options for all, and its release installed.

    Raises:
        UnknownName: Nothing installed here has its name (also AmbiguousName).
        InputError: Its release cannot be installed.
    """
    given = update(options, one.options)
    if one.requirement:
        from rlvr.isolated import interpreter_for

        return Entrant(
            label=one.label,
            name=one.name,
            options=given,
            interpreter=interpreter_for([one.requirement], say=say),
        )
    kind: Literal["verifier", "environment"] = (
        "environment" if judge(one.name).kind == "environment" else "verifier"
    )
    return Entrant(label=one.label, name=one.name, options=given, kind=kind)
