"""Code for rlvr: a verifier that runs programs in a sandbox, and HumanEval, MBPP and contest problems.

Importing this imports neither datasets nor a sandbox.
"""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_benches", "rlvr_environments", "rlvr_verifiers"]


@hookimpl
def rlvr_verifiers() -> list[Spec]:
    """Return the verifier `code`."""
    return [
        Spec(
            name="code",
            entry_point="rlvr_code.verify:code",
            summary="Does the program pass its tests? Run in a sandbox, judged outside of it.",
        ),
        Spec(
            name="pytest",
            entry_point="rlvr_code.suite:pytest",
            summary="Do the files pass their suite? Run by pytest, in a process that they are not in.",
        ),
    ]


@hookimpl
def rlvr_environments() -> list[Spec]:
    """Return the environments on offer."""
    return [
        Spec(
            name="humaneval",
            entry_point="rlvr_code.humaneval:load",
            summary="164 Python functions to complete from signature and docstring (HumanEval).",
        ),
        Spec(
            name="mbpp",
            entry_point="rlvr_code.mbpp:load",
            summary="974 short Python functions from a sentence and an example (MBPP).",
        ),
        Spec(
            name="stdio",
            entry_point="rlvr_code.stdio:load",
            summary="Contest problems, read from stdin and written to stdout: a local file or a hub id.",
        ),
        Spec(
            name="pytest",
            entry_point="rlvr_code.suite:load",
            summary="Files that have to pass a suite of pytest: a local file or a hub id.",
        ),
    ]


@hookimpl
def rlvr_benches() -> list[Spec]:
    """Return the labelled set on offer."""
    return [
        Spec(
            name="code",
            entry_point="rlvr_code.sets:code",
            summary="Programs for 36 problems: sound in many styles, wrong, and cheating.",
            facts={"rows": 618, "version": "1", "verifier": "code"},
        )
    ]
