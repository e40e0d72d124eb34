"""The rivals of mathematics: for each, how it is imported and called.

This is imported where a rival judges, so every import of one stands inside its function. Each is called as
its own documentation or its own evaluation calls it; a completion goes in whole wherever there is a reader.
Math-Verify wants a LaTeX reference between delimiters, so a bare one gets them: without, many would not be
read at all.
"""

import asyncio
from contextlib import suppress
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from rlvr_rivals.judging import Check, rival

__all__ = [
    "areal_math",
    "delimited",
    "evalscope_math",
    "inspect_math",
    "latex2sympy2",
    "lighteval_math",
    "lm_eval_minerva",
    "math_verify",
    "mathruler",
    "ms_swift_accuracy",
    "qwen_math",
    "trl_accuracy",
    "verifiers_boxed",
    "verl_dapo",
    "verl_math",
    "verl_prime",
]

_MARKS = ("$", r"\(", r"\[", r"\boxed", r"\begin{")
_VERL = ("verl", "verl.utils", "verl.utils.reward_score")
_LIGHTEVAL = (
    "lighteval",
    "lighteval.metrics",
    "lighteval.metrics.utils",
    "lighteval.utils",
    "lighteval.tasks",
)


def delimited(reference: str) -> str:
    r"""Return a LaTeX reference between dollars, unless it has delimiters or a box.

    >>> delimited(r"\frac12"), delimited(r"\boxed{2}")
    ('$\\frac12$', '\\boxed{2}')
    """
    return reference if any(mark in reference for mark in _MARKS) else f"${reference}$"


@rival()
def math_verify() -> Check:
    """Judge by Math-Verify, called as in its README."""
    module = import_module("math_verify")

    def check(reference: str, completion: str) -> bool:
        return bool(module.verify(module.parse(delimited(reference)), module.parse(completion)))

    return check


@rival(opened=("trl", "trl.rewards"))
def trl_accuracy() -> Check:
    """Judge by the reward function of TRL, which declines where it cannot read the reference."""
    reward = import_module("trl.rewards.accuracy_rewards").accuracy_reward

    def check(reference: str, completion: str) -> bool | None:
        value = reward([[{"role": "assistant", "content": completion}]], [delimited(reference)])[0]
        return None if value is None else bool(value)

    return check


@rival(warm=False)
def inspect_math() -> Check:
    """Judge by the scorer `math()`; the state that it is given holds the completion and nothing else."""
    module = import_module("inspect_ai.scorer")
    scorer = module.math()
    loop = cache(asyncio.new_event_loop)  # at the first row: a fork would share what it polls

    def check(reference: str, completion: str) -> bool | None:
        state = SimpleNamespace(output=SimpleNamespace(completion=completion))
        value = loop().run_until_complete(scorer(state, module.Target(reference))).value
        return {"C": True, "I": False}.get(value)

    return check


@rival(opened=("lm_eval", "lm_eval.tasks"))
def lm_eval_minerva() -> Check:
    """Judge as `exact_match` of minerva_math: the box, else "Final Answer:", made normal, `is_equiv`."""
    module = import_module("lm_eval.tasks.minerva_math.utils")

    def read(completion: str) -> str:
        box = module.last_boxed_only_string(completion)
        if box is None:
            return str(module.get_unnormalized_answer(completion))
        return str(module.remove_boxed(box.replace(r"\fbox", r"\boxed")))

    def check(reference: str, completion: str) -> bool:
        pair = [module.normalize_final_answer(text) for text in (read(completion), reference)]
        return bool(module.is_equiv(*pair))

    return check


@rival(opened=_VERL, stubs=("torch",))
def verl_math() -> Check:
    """Judge by the default reward of verl for MATH: the last box, compared as text."""
    module = import_module("verl.utils.reward_score.math_reward")
    return lambda reference, completion: module.compute_score(completion, reference) == 1.0


@rival(opened=_VERL, stubs=("torch",))
def verl_dapo() -> Check:
    """Judge by the default reward of verl for DAPO and AIME: the last 300 characters, compared as text."""
    module = import_module("verl.utils.reward_score.math_dapo")
    return lambda reference, completion: bool(module.compute_score(completion, reference)["acc"])


@rival(opened=_VERL, stubs=("torch",), warm=False)
def verl_prime() -> Check:
    """Judge by the reward of verl for NuminaMath, from PRIME, which forks a process for a time limit."""
    module = import_module("verl.utils.reward_score.prime_math")
    return lambda reference, completion: bool(module.compute_score(completion, reference)[0])


@rival(opened=("verifiers", "verifiers.v1", "verifiers.v1.utils"), stubs=("openai",))
def verifiers_boxed() -> Check:
    """Judge by the boxed math check of PrimeIntellect's verifiers."""
    module = import_module("verifiers.v1.utils.score")
    return lambda reference, completion: module.verify_boxed_math_answer(completion, reference) == 1.0


@rival()
def mathruler() -> Check:
    """Judge by MathRuler, after the grader of PRM800K, called as its `evaluate` does."""
    module = import_module("mathruler.grader")
    return lambda reference, completion: bool(
        module.grade_answer(module.extract_boxed_content(completion), reference)
    )


@rival(opened=("evalscope", "evalscope.metrics"), stubs=("datasets",), warm=False)
def evalscope_math() -> Check:
    """Judge by EvalScope's comparison of a whole output with a reference; it declines what it cannot read."""
    module = import_module("evalscope.metrics.math.parser")

    def check(reference: str, completion: str) -> bool | None:
        try:
            return bool(module.compare_answers(completion, reference, prediction_mode="output").matched)
        except module.MathEvaluationError:  # its word for a metric that cannot be had
            return None

    return check


@rival(opened=("evalscope", "evalscope.metrics"))
def qwen_math() -> Check:
    """Judge by the grader of Qwen2.5-Math, as EvalScope 1.0 shipped it."""
    module = import_module("evalscope.metrics.math_parser")

    def check(reference: str, completion: str) -> bool:
        answer = module.strip_answer_string(module.extract_answer(completion))
        return bool(module.math_equal(answer, module.strip_answer_string(reference)))

    return check


@rival(opened=_LIGHTEVAL, stubs=("pytablewriter",))
def lighteval_math() -> Check:
    """Judge by LightEval's extractive match, the ancestor of Math-Verify: boxes first."""
    module = import_module("lighteval.metrics.utils.extractive_match_utils")
    compare = import_module("lighteval.metrics.utils.math_comparison").compare_gold_target
    language = import_module("lighteval.utils.language").Language.ENGLISH
    document = import_module("lighteval.tasks.requests").Doc(query="", choices=[""], gold_index=0)
    targets = (module.ExprExtractionConfig(), module.LatexExtractionConfig(boxed_match_priority=0))
    patterns = module.get_extraction_regexes(document, targets, language)

    def read(text: str) -> Any:
        return module.extract_target_from_pred(text, patterns, "first_match", "any_match", 5)

    def check(reference: str, completion: str) -> bool:
        return bool(compare(read(delimited(reference)), read(completion), 6, timeout_seconds=5))

    return check


@rival(opened=("swift", "swift.rewards"), stubs=("swift.infer_engine",))
def ms_swift_accuracy() -> Check:
    """Judge by the reward function `accuracy` of ms-swift.

    In Math-Verify 0.9.0 its `boxed=True` is no mode: some boxes stay unread.
    """
    reward = import_module("swift.rewards.orm").MathAccuracy()
    return lambda reference, completion: reward([completion], [delimited(reference)])[0] == 1.0


@rival(opened=("areal", "areal.utils"), warm=False)
def areal_math() -> Check:
    """Judge by the math worker of AReaL, which starts a thread for each row."""
    worker = cache(import_module("areal.reward").get_math_verify_worker)  # its threads stay in one process
    return lambda reference, completion: worker().verify(completion, delimited(reference)) == 1.0


@rival()
def latex2sympy2() -> Check:
    """Judge by a parser: the last box (or the whole) and the reference, parsed, subtracted, simplified.

    What it cannot parse or subtract is not equal. Its table of variables is emptied before each row: a
    differential in one text leaves a symbol there, after which it reads no letter any more.
    """
    module = import_module("latex2sympy2")
    simplify = import_module("sympy").simplify

    def check(reference: str, completion: str) -> bool:
        module.set_variances({})
        box = completion.rpartition(r"\boxed{")[2].rstrip().rstrip(".$").removesuffix("}")
        with suppress(Exception):
            read, wanted = module.latex2sympy(box), module.latex2sympy(reference)
            return bool(read == wanted or simplify(read - wanted) == 0)
        return False

    return check
