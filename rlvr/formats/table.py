"""Every format that is read, in one place."""

from collections.abc import Mapping
from typing import Any

from rlvr.errors import InputError, UnknownName
from rlvr.formats import inspect_ai, lm_eval, nemo_gym, plain, run_log, trl, verifiers, verl
from rlvr.formats.nouns import Format, Record
from rlvr.formats.refused import refusal

__all__ = ["FORMATS", "named", "recognised"]

FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        plain.FORMAT,
        run_log.FORMAT,
        trl.FORMAT,
        verl.FORMAT,
        verifiers.RESULTS,
        verifiers.TRACES,
        nemo_gym.FORMAT,
        inspect_ai.FORMAT,
        lm_eval.FORMAT,
    )
}
"""The formats by name; the first is taken where no other claims the first row."""


def named(name: str) -> Format:
    """Return the format of that name.

    Raises:
        UnknownName: There is none.
    """
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    return FORMATS[name]


def recognised(source: str, first: Record) -> Format:
    """Return the format whose first row this is.

    Raises:
        InputError: Several formats claim it, or it is known to hold no completions.
    """
    row: Mapping[str, Any] = first.values
    claims = [each for each in FORMATS.values() if each.sniff(row)]
    if len(claims) > 1:
        several = " and like ".join(each.name for each in claims)
        raise InputError(f"{source!r} looks like {several}: say which with --format, or `--format plain`.")
    if claims:
        return claims[0]
    why = refusal(row)
    if why is not None:
        raise InputError(f"{source!r} {why}")
    return FORMATS["plain"]
