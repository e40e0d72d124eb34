"""Exact answers, choices and numbers, and procedural tasks, by name: importing this imports none of them."""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_benches", "rlvr_environments", "rlvr_verifiers"]


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


@hookimpl
def rlvr_benches() -> list[Spec]:
    """Return the labelled sets on offer."""
    return [
        Spec(
            name="choice",
            entry_point="rlvr_exact.sets:choice",
            summary="Letters and texts of choices, hedges, echoes, denials.",
            facts={"rows": 277, "version": "1", "verifier": "choice"},
        ),
        Spec(
            name="number",
            entry_point="rlvr_exact.sets:number",
            summary="Numbers in their forms, sentences, hedges, echoed questions.",
            facts={"rows": 347, "version": "1", "verifier": "number"},
        ),
        Spec(
            name="exact",
            entry_point="rlvr_exact.sets:exact",
            summary="Words and phrases as they are and as they are not.",
            facts={"rows": 238, "version": "1", "verifier": "exact"},
        ),
        Spec(
            name="countdown",
            entry_point="rlvr_exact.sets:countdown",
            summary="Expressions with the right value, and with the right value by the wrong numbers.",
            facts={"rows": 162, "version": "1", "verifier": "countdown"},
        ),
        Spec(
            name="sort",
            entry_point="rlvr_exact.sets:sort",
            summary="Sorted lists, and lists that only look sorted.",
            facts={"rows": 134, "version": "1", "verifier": "sort"},
        ),
    ]
