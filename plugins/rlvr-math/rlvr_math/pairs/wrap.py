"""What stands around an answer in a completion, and around a reference in a data set."""

import re
from random import Random

__all__ = ["mark", "reasoning", "wrap"]

STEPS = (
    "Let us go through this step by step.",
    "First, write down what is given.",
    "We collect the terms and simplify.",
    "The two conditions can be combined.",
    "Note that the second case cannot occur.",
    "Substituting back confirms this.",
    "By symmetry it is enough to look at one side.",
    "Both sides are positive, so we may square them.",
    "Now compare the two expressions.",
    "This follows from the definition.",
)
BOXED = (
    r"\boxed{@answer}",
    r"@steps So we get \boxed{@answer}.",
    "@steps\n\nTherefore $\\boxed{@answer}$.",
    "@steps\n\n$$\\boxed{@answer}$$",
    "@steps\n\\[\n\\boxed{@answer}\n\\]",
    r"@steps \fbox{@answer}",
    "<think>\n@steps Perhaps \\boxed{@wrong}?\n</think>\n\n@steps\n\n$\\boxed{@answer}$",
    r"<think>@steps</think>\boxed{@answer}",
    "@steps\n\nThe final answer is: $\\boxed{@answer}$. I hope it is correct.",
    "@steps\n\n**Answer:** $\\boxed{@answer}$",
    r"@steps Hence the result is $\boxed{ @answer }$.",
    "@steps\n\n<answer>\\boxed{@answer}</answer>",
    "@steps That gives $\\boxed{@wrong}$.\n\nWait, the second line has a slip. @steps\n\n$\\boxed{@answer}$",
    "@steps\n\n$\\boxed{@answer}$\n\nAs a check, @sum, as it should be.",
    "## Solution\n\n1. We start with $@sum$.\n2. @steps\n\nResult: $\\boxed{@answer}$",
)
FORMULA_BOXED = (r"@steps \boxed{$@answer$}", r"@steps \fbox{$@answer$}", r"Thus \(\boxed{@answer}\).")
UNBOXED = (
    "@steps\n#### @answer",
    "@steps\n\n#### $@answer$",
    "@steps The final answer is $@answer$.",
    r"@steps The answer is \(@answer\).",
    "@steps\n\n**Answer:** $@answer$",
    "@steps\n\nAnswer: $@answer$",
    "@steps\n\n<answer>@answer</answer>",
    "@steps\n<answer>$@answer$</answer>",
    "<think>\n@steps\n</think>\nThe answer is $@answer$.",
)
WORDS = re.compile(r"[A-Za-z]{2,}|[$!?:;#]|\.(?!\d)")


def reasoning(rng: Random) -> str:
    """Return one to three sentences that hold no number and mark no answer."""
    return " ".join(rng.sample(STEPS, rng.randint(1, 3)))


def wrap(rng: Random, answer: str) -> str:
    """Return a completion whose answer is `answer`: mostly in a box, words and money always."""
    kind = rng.random() if _is_formula(answer) else 1.0
    frame = rng.choice(UNBOXED if kind < 0.25 else FORMULA_BOXED if kind < 0.35 else BOXED)
    a, b = rng.randint(2, 60), rng.randint(2, 60)
    parts = {"answer": answer, "wrong": str(b), "sum": f"{a} + {b} = {a + b}"}

    def part(match: re.Match[str]) -> str:
        return parts.get(match[1]) or reasoning(rng)

    return re.sub(r"@(answer|wrong|sum|steps)", part, frame)


def mark(rng: Random, reference: str) -> str:
    """Return `reference` as it is, or now and then between dollars or at the end of a worked solution."""
    kind = rng.random()
    if kind < 0.08 and _is_formula(reference):
        return f"${reference}$"
    if kind < 0.14 and "#" not in reference:
        return rf"{reasoning(rng)} Thus the value is $\boxed{{{reference}}}$."
    return reference


def _is_formula(text: str) -> bool:
    if any(part in text for part in (r"\text", r"\begin", r"\(")) or not text.isascii():
        return False
    return not WORDS.search(re.sub(r"\\[a-zA-Z]+|\\[^a-zA-Z$]", " ", text))
