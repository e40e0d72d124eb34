"""The checkers that are compared, pinned: where each comes from and what it needs to be imported."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["OURS", "RIVALS", "Rival"]

ADAPTERS = Path(__file__).with_name("adapters.py")
SYMPY = "sympy==1.14.0"
MATH_VERIFY = ("math-verify==0.9.0", "latex2sympy2_extended==1.11.0", "antlr4-python3-runtime==4.13.2", SYMPY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One checker.

    Attributes:
        name: What the tables call it.
        adapter: The function of `adapters` that calls it.
        distribution: Its name on PyPI; empty for what runs in this interpreter.
        version: The release that is pinned.
        needs: Further requirements, in pip's words.
        alone: Its wheel is installed without its dependencies; `needs` are those that the checker imports.
        opened: Packages whose `__init__` is not run, because it imports a framework.
        stubs: Modules that are imported but not used by the checker, and stand in empty.
        adapters: The file that holds the adapter.
        note: What a reader of the table should know.
    """

    name: str
    adapter: str
    distribution: str = ""
    version: str = ""
    needs: tuple[str, ...] = ()
    alone: bool = False
    opened: tuple[str, ...] = ()
    stubs: tuple[str, ...] = ()
    adapters: Path = ADAPTERS
    note: str = ""

    @property
    def requirement(self) -> str:
        """The pinned release in pip's words."""
        return f"{self.distribution}=={self.version}"

    @property
    def release(self) -> str:
        """The version, and before it the distribution where that has another name."""
        return self.version if self.distribution in ("", self.name) else f"{self.distribution} {self.version}"


def _own_version() -> str:
    try:
        return version("rlvr-math")
    except PackageNotFoundError:
        return "?"


def _verl(name: str, module: str, needs: tuple[str, ...]) -> Rival:
    return Rival(
        name=name,
        adapter=module,
        distribution="verl",
        version="0.9.1",
        needs=needs,
        alone=True,
        opened=("verl", "verl.utils", "verl.utils.reward_score"),
        stubs=("torch",),
        note="wheel without its dependencies; `__init__` not run, torch an empty stub",
    )


VERL_NEEDS = (SYMPY, "antlr4-python3-runtime==4.11.0", "pylatexenc==2.10", "numpy")

EVALSCOPE_NEEDS = ("colorlog", "filetype", "jsonlines", "numpy", "pillow", "pydantic", "pyyaml", "tqdm")

OURS = Rival(name="rlvr math", adapter="ours", version=_own_version(), note="defaults")

RIVALS = (
    Rival(
        name="math-verify",
        adapter="math_verify",
        distribution="math-verify",
        version="0.9.0",
        needs=MATH_VERIFY[1:],
        note="`verify(parse(reference), parse(completion))`, `$` around bare references",
    ),
    Rival(
        name="trl",
        adapter="trl_accuracy_reward",
        distribution="trl",
        version="1.16.0",
        needs=(*MATH_VERIFY, "packaging"),
        alone=True,
        opened=("trl", "trl.rewards"),
        note="`accuracy_reward` (Math-Verify 0.9.0); `__init__` not run; `$` around bare references",
    ),
    Rival(
        name="inspect-ai",
        adapter="inspect_ai",
        distribution="inspect-ai",
        version="0.3.285",
        needs=MATH_VERIFY[1:],
        note="the scorer `math()`",
    ),
    Rival(
        name="lm-eval",
        adapter="lm_eval_minerva",
        distribution="lm-eval",
        version="0.4.13",
        needs=(
            "math-verify==0.9.0",
            "latex2sympy2_extended==1.11.0",
            "antlr4-python3-runtime==4.11.0",
            SYMPY,
        ),
        alone=True,
        opened=("lm_eval", "lm_eval.tasks"),
        note="`is_equiv` of minerva_math; `__init__` not run",
    ),
    _verl("verl-math", "verl_math_reward", VERL_NEEDS),
    _verl("verl-dapo", "verl_math_dapo", VERL_NEEDS),
    _verl("verl-prime", "verl_prime_math", VERL_NEEDS),
    Rival(
        name="verifiers",
        adapter="verifiers",
        distribution="verifiers",
        version="0.4.0",
        needs=MATH_VERIFY,
        alone=True,
        opened=("verifiers", "verifiers.v1", "verifiers.v1.utils"),
        stubs=("openai",),
        note="`verify_boxed_math_answer` (Math-Verify 0.9.0); `__init__` not run, openai an empty stub",
    ),
    Rival(
        name="mathruler",
        adapter="mathruler",
        distribution="mathruler",
        version="0.1.0",
        needs=(SYMPY, "pylatexenc==2.10", "tqdm"),
        alone=True,
        note="`grade_answer`, after PRM800K",
    ),
    Rival(
        name="evalscope",
        adapter="evalscope",
        distribution="evalscope",
        version="1.14.1",
        needs=(*MATH_VERIFY, *EVALSCOPE_NEEDS),
        alone=True,
        opened=("evalscope", "evalscope.metrics"),
        stubs=("datasets",),
        note="`compare_answers` (Math-Verify 0.9.0, a fork for each row); `__init__` not run, "
        "datasets an empty stub",
    ),
    Rival(
        name="qwen2.5-math",
        adapter="qwen_math",
        distribution="evalscope",
        version="1.0.0",
        needs=(
            SYMPY,
            "latex2sympy2_extended==1.11.0",
            "antlr4-python3-runtime==4.11.0",
            "word2number",
            "regex",
        ),
        alone=True,
        opened=("evalscope", "evalscope.metrics"),
        note="the grader of Qwen2.5-Math as evalscope 1.0.0 ships it; `__init__` not run",
    ),
    Rival(
        name="lighteval",
        adapter="lighteval",
        distribution="lighteval",
        version="0.13.0",
        needs=("latex2sympy2_extended==1.0.6", "antlr4-python3-runtime==4.13.2", SYMPY, "numpy", "packaging"),
        alone=True,
        opened=(
            "lighteval",
            "lighteval.metrics",
            "lighteval.metrics.utils",
            "lighteval.utils",
            "lighteval.tasks",
        ),
        stubs=("pytablewriter",),
        note="`extract_target_from_pred` and `compare_gold_target`; `__init__` not run, pytablewriter an "
        "empty stub; `$` around bare references",
    ),
    Rival(
        name="ms-swift",
        adapter="ms_swift",
        distribution="ms-swift",
        version="4.6.0",
        needs=MATH_VERIFY,
        alone=True,
        opened=("swift", "swift.rewards"),
        stubs=("swift.infer_engine",),
        note="`MathAccuracy` (Math-Verify 0.9.0, in which its `boxed=True` is no mode: some boxes stay "
        "unread); `__init__` not run; `$` around bare references",
    ),
    Rival(
        name="areal",
        adapter="areal",
        distribution="areal",
        version="1.0.4",
        needs=(
            "math-verify==0.8.0",
            "latex2sympy2_extended==1.10.2",
            "antlr4-python3-runtime==4.13.2",
            SYMPY,
            "colorlog",
        ),
        alone=True,
        opened=("areal", "areal.utils"),
        note="`MathVerifyWorker` (Math-Verify 0.8.0, a thread for each row); `__init__` not run; `$` around "
        "bare references",
    ),
    Rival(
        name="latex2sympy2",
        adapter="latex2sympy2",
        distribution="latex2sympy2",
        version="1.9.1",
        needs=(SYMPY,),
        note="a parser, no checker: the last box and the reference, their difference simplified by sympy; "
        "what it cannot parse is not equal",
    ),
)
