"""Math for rlvr: a verifier of mathematical answers, and problems: known sets, made by rule, your own.

Importing this imports neither sympy nor datasets.
"""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_benches", "rlvr_environments", "rlvr_verifiers"]


@hookimpl
def rlvr_verifiers() -> list[Spec]:
    """Return the verifier `math`."""
    return [
        Spec(
            name="math",
            entry_point="rlvr_math.verify:math",
            summary="Is the final answer mathematically equal to the reference?",
        )
    ]


@hookimpl
def rlvr_environments() -> list[Spec]:
    """Return the environments on offer."""
    return [
        Spec(
            name="gsm8k",
            entry_point="rlvr_math.gsm8k:load",
            summary="Grade-school word problems with whole-number answers (GSM8K).",
        ),
        Spec(
            name="math500",
            entry_point="rlvr_math.math500:load",
            summary="500 competition problems in seven subjects (MATH-500).",
        ),
        Spec(
            name="aime",
            entry_point="rlvr_math.aime:load",
            summary="Competition problems whose answers are whole numbers from 0 to 999 (AIME 2024 or 2025).",
        ),
        Spec(
            name="numbers",
            entry_point="rlvr_math.numbers:load",
            summary="Problems made by rule from a seed, in twelve kinds and five levels; no download.",
        ),
        Spec(
            name="math",
            entry_point="rlvr_math.problems:load",
            summary="Any set of problems with answers: a local file or a hub id.",
        ),
    ]


@hookimpl
def rlvr_benches() -> list[Spec]:
    """Return the labelled sets on offer."""
    return [
        Spec(
            name="math",
            entry_point="rlvr_math.sets:math",
            summary="Math answers of 171 rules, as many right as wrong.",
            facts={"rows": 5308, "version": "1", "verifier": "math"},
        ),
        Spec(
            name="math-traps",
            entry_point="rlvr_math.sets:math_traps",
            summary="Math answers written by hand to fool verifiers, each with its reason.",
            facts={"rows": 660, "version": "1", "verifier": "math"},
        ),
    ]
