"""Exact answers, choices and numbers, and procedural tasks, by name: importing this imports none of them."""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_environments", "rlvr_verifiers"]


@hookimpl
def rlvr_verifiers() -> list[Spec]:
    """Return the verifiers on offer."""
    return [
        Spec(
            name="exact",
            entry_point="rlvr_exact.exact:exact",
            summary="The answer is one of the references, but for case, spacing and punctuation.",
        ),
        Spec(
            name="choice",
            entry_point="rlvr_exact.choice:choice",
            summary="Multiple choice: one letter is answered, and it is the right one.",
        ),
        Spec(
            name="number",
            entry_point="rlvr_exact.number:number",
            summary="The last number of the answer equals the reference, exactly or within a tolerance.",
        ),
    ]


@hookimpl
def rlvr_environments() -> list[Spec]:
    """Return the environments on offer."""
    return [
        Spec(
            name="sort",
            entry_point="rlvr_exact.sort:sort",
            summary="Sort a few numbers, with one of two graded rewards.",
        ),
        Spec(
            name="arithmetic",
            entry_point="rlvr_exact.arithmetic:arithmetic",
            summary="Add, subtract and multiply whole numbers.",
        ),
        Spec(
            name="countdown",
            entry_point="rlvr_exact.countdown:countdown",
            summary="Reach a target with given numbers and + - * /.",
        ),
        Spec(
            name="qa",
            entry_point="rlvr_exact.qa:qa",
            summary="Questions and answers of a local file or a hub data set.",
        ),
        Spec(
            name="choice-qa",
            entry_point="rlvr_exact.choice_qa:choice_qa",
            summary="Multiple-choice questions of a local file or a hub data set.",
        ),
    ]
