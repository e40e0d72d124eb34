r"""The `sort` environment: sort a few numbers, after the reinforcement-learning lecture of Stanford CS336.

Policy. The visible text must be nothing but whole numbers, separated by spaces or commas, and perhaps in
[...] or \boxed{...}; anything else is unreadable. The reward is one of two graded measures over its
largest value, at most 1.0, halved where the number of items is wrong. Both are proxies that can be gamed
(`sort_inclusion_ordering` pays 1 1 2 3 for 1 2 2 3 in full): what is wanted is `exact`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, product
from random import Random
from typing import Literal, TypeAlias

from rlvr.explain import explaining
from rlvr.prompts import prompt
from rlvr.scoring import judged
from rlvr.types import Completion, Environment, Explanation, Score, Task, Verifier
from rlvr_exact.exact import references
from rlvr_exact.procedural import Split, finite, require, stream
from rlvr_exact.reading import shown, visible, visible_at

__all__ = ["sort", "sort_distance", "sort_inclusion_ordering"]

Reward: TypeAlias = Literal["sort_distance", "sort_inclusion_ordering"]

_TEMPLATE = (
    "Sort these numbers in ascending order: {question}\n"
    "Answer with the sorted numbers alone, separated by spaces."
)
_FEW = 4096
_WRAPPED = re.compile(r"(?:\$?\\boxed\{([^{}]*)\}\$?|\[([^\[\]]*)\])")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_MAX_LENGTH = 1000
_MAX_BASE = 10**18


def sort(  # noqa: PLR0913 - the options of an environment are its arguments
    *,
    length: int = 4,
    base: int = 10,
    min_length: int = 0,
    reward: Reward = "sort_distance",
    split: Split = "train",
    seed: int = 0,
    template: str = _TEMPLATE,
    system: str = "",
) -> Environment:
    """Return the environment: lists of `length` numbers below `base`, or of `min_length` to `length`.

    The test split is finite, all held-out lists, where there are at most 4096 lists of one length.
    """
    shortest, verifier = min_length or length, _verifier(reward)
    require(1 <= length <= _MAX_LENGTH, f"sort: length = {length}", f"1 to {_MAX_LENGTH}")
    require(2 <= base <= _MAX_BASE, f"sort: base = {base}", f"2 to {_MAX_BASE}")
    require(0 <= min_length <= length, f"sort: min_length = {min_length}", f"0 to length = {length}")
    require("{question}" in template, f"sort: template = {template!r}", "a text with {question} in it")

    def draw(random: Random) -> tuple[int, ...]:
        size = random.randint(shortest, length)
        return tuple(random.randrange(base) for _ in range(size))

    def make(numbers: tuple[int, ...], name: str) -> Task:
        asked = prompt(template, system=system, question=_spaced(numbers))
        return Task(id=name, prompt=asked, answer=_spaced(sorted(numbers)))

    if split == "test" and min_length == 0 and base**length <= _FEW:
        every = product(range(base), repeat=length)
        held_out = finite(every, make, _spaced, name="sort")
        return Environment(name="sort", tasks=held_out, verifier=verifier, true_measure="exact")
    endless = stream(draw, make, _spaced, name="sort", split=split, seed=seed)
    return Environment(name="sort", tasks=endless, verifier=verifier, true_measure="exact")


def sort_distance(prompt: Sequence[int], response: Sequence[int]) -> int:
    """Count the positions at which the response equals the sorted prompt.

    >>> sort_distance([3, 1, 0, 2], [0, 1, 2, 3]), sort_distance([3, 1, 0, 2], [7, 2, 2, 5])
    (4, 1)
    """
    return sum(want == got for want, got in zip(sorted(prompt), response, strict=False))


def sort_inclusion_ordering(prompt: Sequence[int], response: Sequence[int]) -> int:
    """Count the items of the prompt that the response has, and its neighbours that are in order.

    >>> sort_inclusion_ordering([3, 1, 0, 2], [0, 1, 2, 3])
    7
    >>> sort_inclusion_ordering([3, 1, 0, 2], [0, 3, 1, 2])
    6
    """
    present = set(response)
    included = sum(one in present for one in prompt)
    return included + sum(first <= second for first, second in pairwise(response))


def _verifier(reward: Reward) -> Verifier:
    measure = sort_distance if reward == "sort_distance" else sort_inclusion_ordering

    def verify(task: Task, completion: Completion) -> Score:
        wanted = _integers("".join(references(task.answer)[:1]))
        if wanted is None:
            return Score.unscored("unreadable_reference")
        text = visible(completion.text)
        got = _integers(text)
        if got is None:
            return Score(reward=0.0, reason="unreadable", parts={"exact": 0.0, "raw": 0.0})
        raw, exact = measure(wanted, got), got == sorted(wanted)
        graded = min(1.0, raw / measure(wanted, sorted(wanted)))
        paid = graded if len(got) == len(wanted) else graded / 2
        reason = "correct" if exact else "partial" if paid > 0 else "wrong_answer"
        parts = {"exact": float(exact), "raw": float(raw)}
        return Score(reward=paid, answer=shown(_spaced(got)), reason=reason, parts=parts)

    def explain(task: Task, completion: Completion) -> Explanation:
        tried = judged(verify, task, completion)
        wanted = _integers("".join(references(task.answer)[:1])) or []
        text, at = visible(completion.text), visible_at(completion.text)
        got = _integers(text)
        return Explanation(
            score=tried.score,
            read=text if got is not None else "",
            rule="whole" if got is not None else "",
            spans=((at, at + len(text)),) if got is not None else (),
            forms={"answer": _spaced(got or []), "reference": _spaced(sorted(wanted))},
            stage=reward if got is not None and wanted else "",
            ms={"total": tried.ms},
        )

    return explaining(verify, explain)


def _integers(text: str) -> list[int] | None:
    wrapped = _WRAPPED.fullmatch(text)
    bare = (wrapped.group(1) or wrapped.group(2) or "") if wrapped else text
    items = bare.replace(",", " ").split()
    if not items or not all(_INTEGER.fullmatch(item) for item in items):
        return None
    return [int(item) for item in items]


def _spaced(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))
