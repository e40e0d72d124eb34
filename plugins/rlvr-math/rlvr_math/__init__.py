"""Math for rlvr: a verifier of mathematical answers, and the sets GSM8K, MATH-500 and your own.

Importing this imports neither sympy nor datasets.
"""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_environments", "rlvr_verifiers"]


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
    """Return the environments `gsm8k`, `math500` and `math`."""
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
            name="math",
            entry_point="rlvr_math.problems:load",
            summary="Any set of problems with answers: a local file or a hub id.",
        ),
    ]
