"""The reward noise that a trainer would see: in how many groups at least one reward is wrong."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rlvr.bench.confusion import Confusion

__all__ = ["Groups", "estimated"]

_MOST_GROUPS = 16_384
_HASH_BITS = 64


@dataclass(slots=True)
class _Group:
    rows: int = 0
    false_positive: int = 0
    false_negative: int = 0


class Groups:
    """Groups of rows and which verifiers erred in them; of many groups, an even sample of whole ones.

    A group is kept while the hash of its name lies below a limit, which is halved whenever too many are
    kept (adaptive sampling, Flajolet 1990, Computing 43): so memory is bounded, each kept group is whole
    wherever its rows stand, and which groups are kept does not depend on the order of the rows.
    """

    def __init__(self, verifiers: int, *, seed: int, most: int = _MOST_GROUPS) -> None:
        self._verifiers = verifiers
        self._key = str(seed).encode()[:64]
        self._most = most
        self._limit = 1 << _HASH_BITS
        self._kept: dict[int, _Group] = {}

    def add(self, group: str, label: bool, verdicts: Sequence[bool | str | None]) -> None:
        """Count a labelled row of a group, with a verdict of each verifier."""
        digest = hashlib.blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key)
        place = int.from_bytes(digest.digest())
        if place >= self._limit:
            return
        found = self._kept.setdefault(place, _Group())
        found.rows += 1
        for index, verdict in enumerate(verdicts):
            if verdict is (not label):
                found.false_positive |= (not label) << index
                found.false_negative |= label << index
        if len(self._kept) > self._most:
            self._limit //= 2
            self._kept = {place: group for place, group in self._kept.items() if place < self._limit}

    def measured(self, verifier: int) -> dict[str, Any] | None:
        """Return the shares of groups with an error of this verifier; None where no group has two rows."""
        groups = [group for group in self._kept.values() if group.rows > 1]
        if not groups:
            return None
        bit = 1 << verifier
        return {
            "group_size": round(sum(group.rows for group in groups) / len(groups), 2),
            "groups": len(groups),
            "groups_with_false_positive": sum(bool(g.false_positive & bit) for g in groups) / len(groups),
            "groups_with_false_negative": sum(bool(g.false_negative & bit) for g in groups) / len(groups),
            "measured": True,
            "sampled": self._limit < 1 << _HASH_BITS,
        }


def estimated(counts: Confusion, size: int) -> dict[str, Any]:
    """Return the shares of groups with an error that rows drawn independently would give.

    Of G rows, each is a false positive with probability rate * share = (fp / wrong) * (wrong / labelled):
    1 - (1 - fp / labelled)^G; false negatives likewise. Errors of one task come together, so real groups
    have fewer, with more errors in each.

    >>> counts = Confusion()
    >>> for label, verdict in [(True, True), (False, True)]: counts.add(label, verdict)
    >>> estimated(counts, 2)["groups_with_false_positive"]
    0.75
    """

    def share(errors: int) -> float | None:
        return 1 - (1 - errors / counts.labelled) ** size if counts.labelled else None

    return {
        "group_size": size,
        "groups": 0,
        "groups_with_false_positive": share(counts.false_positives),
        "groups_with_false_negative": share(counts.false_negatives),
        "measured": False,
        "sampled": False,
    }
