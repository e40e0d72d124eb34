"""Completions that are paid most for least."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rlvr.types import RIGHT, Rollout

__all__ = ["Suspicious", "suspicious"]

_LITTLE = 0.5  # of the median length of those paid as much
_EXCERPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicious:
    """A completion that is paid in full for little.

    Attributes:
        completion: Its first 200 characters.
        tokens: Its length; `usual` is the median length of those paid in full.
    """

    id: str
    completion: str
    reward: float
    tokens: int
    usual: float


def suspicious(rollouts: Sequence[Rollout], most: int = 5) -> list[Suspicious]:
    """Return different texts that are paid in full and less than half as long as usual, the shortest first.

    Nothing, where fewer than four are paid in full: there is no telling what is usual.
    """
    paid = [r for r in rollouts if r.score.reward is not None and r.score.reward >= RIGHT]
    if len(paid) < 4:
        return []
    usual = median(map(_tokens, paid))
    short: dict[str, Rollout] = {}
    for rollout in sorted(paid, key=_tokens):
        if _tokens(rollout) < _LITTLE * usual:
            short.setdefault(rollout.completion.text, rollout)
    return [
        Suspicious(
            id=r.task.id,
            completion=r.completion.text[:_EXCERPT],
            reward=r.score.reward or 0.0,
            tokens=_tokens(r),
            usual=usual,
        )
        for r in list(short.values())[:most]
    ]


def _tokens(rollout: Rollout) -> int:
    return len(rollout.completion.token_ids) or len(rollout.completion.text.split())
