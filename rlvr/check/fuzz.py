"""Any text at all: drawn by hypothesis where that is installed, else by a generator of our own."""

import importlib.util
import time
from collections.abc import Callable
from random import Random

__all__ = ["PIECES", "own_texts", "search"]

PIECES = (
    "\\boxed{", "}", "{", "<answer>", "</answer>", "<think>", "</think>", "####", "The answer is ", "\\frac{",
    "\\sqrt", "^", "_", "(", ")", "[", "]", ",", ".", "-", "+", "/", "*", "=", "\\", "$", "%", "\n", " ", "0",
    "1", "9", "1e9", "nan", "inf", "None", "True", "A", "B)", "x", "\x00", "\ud800", "\u00b2", "\u0663", "&",
    "\u2212", "\u00bd", "\u200b", "\u202e", "\U0001d7d8", "```python\n", "\n```", "def f(x):\n", "\\\\",
    "    return x\n", "\\text{", "\r", "\u0130", "\ufeff", "'", '"', ";", ":", "|", "~", "#",
)  # fmt: skip
"""What texts are put together from, beside single characters."""

Fault = Callable[[str], str]
"""Judges a text and says how the verifier failed on it; empty if it did not."""


def search(fault: Fault, *, count: int, budget_s: float) -> tuple[str, str] | None:
    """Look for a text that a verifier fails on, as short as it can be made; return it with what was said."""
    if importlib.util.find_spec("hypothesis") is None:
        return _searched(fault, count, time.monotonic() + budget_s)
    return _by_hypothesis(fault, count, budget_s)


def own_texts(count: int) -> list[str]:
    """Return texts that are always the same: pieces and characters, from few to many.

    >>> own_texts(3) == own_texts(3), len(set(own_texts(50))) > 40
    (True, True)
    """
    return [_text(Random(f"text:{index}"), index) for index in range(count)]


def _text(random: Random, index: int) -> str:
    size = random.randint(1, 3 + index % 40)
    return "".join(
        random.choice(PIECES) if random.random() < 0.8 else chr(random.randrange(0x110000))
        for _ in range(size)
    )


def _searched(fault: Fault, count: int, until: float) -> tuple[str, str] | None:
    for text in own_texts(count):
        if time.monotonic() > until:
            return None
        said = fault(text)
        if said:
            return _shortest(fault, text, said, until)
    return None


def _shortest(fault: Fault, text: str, said: str, until: float) -> tuple[str, str]:
    size = max(1, len(text) // 2)
    while size and time.monotonic() < until:
        for start in range(0, len(text), size):
            shorter = text[:start] + text[start + size :]
            told = fault(shorter)
            if told:
                text, said = shorter, told
                break
        else:
            size //= 2
    return text, said


def _by_hypothesis(fault: Fault, count: int, budget_s: float) -> tuple[str, str] | None:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    until = time.monotonic() + budget_s  # from here on: importing it may take seconds
    last: list[tuple[str, str]] = []
    characters = st.characters(exclude_categories=())
    texts = st.lists(st.one_of(st.sampled_from(PIECES), characters), max_size=40).map("".join)

    class Found(Exception):
        pass

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(texts)
    def judged(text: str) -> None:
        said = fault(text) if time.monotonic() < until else ""
        if said:
            last[:] = [(text, said)]
            raise Found

    try:
        judged()
    except Found:
        return last[0]
    except BaseException:
        # Out of time amid shrinking, it finds that what failed fails no more, and says so.
        if not last:
            raise
        return last[0]
    return None
