"""Flips between two verifiers: which rows, which way, in constant memory."""

import json
import sys
from functools import cache

import pytest

from rlvr.diff import Kept, compare, flip_as_json
from rlvr.explain import explained
from rlvr.types import Completion, Labelled, Rollout, Score, Task


@cache
def explaining_score(reward):
    """Return what a worker sends for this reward."""
    verifier = explained(lambda task, completion: Score(reward=reward))
    return verifier(Task(id="t", prompt=()), Completion(text=""))


class Judge:
    """A pool that judges at once, in this process."""

    def __init__(self, rewards):
        self.rewards = rewards
        self.pending = 0
        self.most = 0

    def submit(self, task, completion):
        self.pending += 1
        self.most = max(self.most, self.pending)
        score = explaining_score(self.rewards(completion.text))
        return Ticket(self, Rollout(task=task, completion=completion, score=score))


class Ticket:
    def __init__(self, judge, rollout):
        self.judge = judge
        self.rollout = rollout

    def result(self):
        self.judge.pending -= 1
        return self.rollout


def row(name, text, label=None, kind=""):
    task = Task(id=name, prompt=(), answer="4")
    return Labelled(id=name, task=task, completion=Completion(text=text), label=label, kind=kind)


def flips_of(rows, a, b, **options):
    flips = []
    found = compare(rows, Judge(a), Judge(b), keep=flips.append, **options)
    return found, flips


@pytest.mark.parametrize(
    ("label", "a", "b", "change"),
    [
        (True, 0.0, 1.0, "improved"),
        (True, 1.0, 0.0, "regressed"),
        (False, 1.0, 0.0, "improved"),
        (False, 0.0, 1.0, "regressed"),
        (True, 1.0, None, "regressed"),
        (True, 0.0, None, "improved"),
        (True, None, 0.0, "regressed"),
        (False, None, 1.0, "regressed"),
        (False, None, 0.0, "improved"),
        (None, 1.0, 0.0, "unknown"),
        (None, None, 0.0, "unknown"),
        (True, 1.0, 1.0, None),
        (True, 0.0, 0.5, None),
        (False, None, None, None),
    ],
)
def test_a_flip_is_judged_by_the_label_and_wrong_is_worse_than_unscored(label, a, b, change):
    _, flips = flips_of([row("r", "4", label)], lambda _: a, lambda _: b)

    assert [flip.change for flip in flips] == ([change] if change else [])


def test_rows_are_counted_by_kind_and_every_row_is_in_one_count():
    rows = [
        row("1", "4", True, "x"),
        row("2", "5", True, "x"),
        row("3", "4", None, "y"),
        row("4", "6", False, "y"),
    ]

    found, flips = flips_of(rows, lambda _: 0.0, lambda text: float(text == "4"))

    assert (found.total.rows, found.total.improved, found.total.regressed, found.total.unlabelled_flips) == (
        4,
        1,
        0,
        1,
    )
    assert {kind: (one.rows, one.flips) for kind, one in found.by_kind.items()} == {"x": (2, 1), "y": (2, 1)}
    assert [flip.row.id for flip in flips] == ["1", "3"]


def test_from_which_reward_a_verdict_is_right_can_be_said():
    found, _ = flips_of([row("r", "4", True)], lambda _: 0.0, lambda _: 0.5, right_from=0.5)

    assert found.total.improved == 1


def test_what_is_unscored_and_what_failed_is_counted_for_each_side():
    found, _ = flips_of([row("1", "4"), row("2", "5")], lambda _: None, lambda t: "one" if t == "4" else 1.0)

    assert (found.unscored, found.errors) == ([2, 1], [0, 1])


def test_a_flip_as_json_has_these_keys():
    _, (flip,) = flips_of([row("r", "4", True, "x")], lambda _: 0.0, lambda _: 1.0)

    told = json.loads(json.dumps(flip_as_json(flip)))

    assert list(told) == ["id", "kind", "label", "why", "reference", "completion", "change", "a", "b"]
    assert list(told["a"]) == ["reward", "answer", "reason", "parts", "error", "explanation"]
    assert list(told["a"]["explanation"]) == ["read", "rule", "spans", "forms", "stage", "ms", "notes"]
    assert (told["a"]["reward"], told["b"]["reward"], told["change"]) == (0.0, 1.0, "improved")


def test_regressions_are_kept_however_many_improvements_there_are():
    kept = Kept(3, seed=0)
    rows = [row(str(i), "4", i != 500) for i in range(1000)]

    compare(rows, Judge(lambda _: 0.0), Judge(lambda _: 1.0), keep=kept.add)

    assert [flip.change for flip in kept.flips] == ["regressed", "improved", "improved", "improved"]
    assert kept.flips[0].row.id == "500"


def test_the_same_seed_keeps_the_same_flips_and_another_one_others():
    def chosen(seed):
        kept = Kept(5, seed=seed)
        compare(
            [row(str(i), "4") for i in range(200)], Judge(lambda _: 0.0), Judge(lambda _: 1.0), keep=kept.add
        )
        return [flip.row.id for flip in kept.flips]

    assert chosen(0) == chosen(0) != chosen(1)
    assert sorted(map(int, chosen(0))) == list(map(int, chosen(0)))


def test_a_hundred_thousand_rows_hold_no_more_memory_than_ten_thousand():
    held, kept = [], Kept(10, seed=0)
    a, b = Judge(lambda _: 0.0), Judge(lambda text: float(text == "4"))

    def rows():
        for i in range(100_000):
            if i % 10_000 == 0:
                held.append(sys.getallocatedblocks())
            yield row(str(i), "4" * (i % 3), i % 2 == 0, f"kind {i % 5}")

    found = compare(rows(), a, b, keep=kept.add)

    assert (found.total.rows, a.most, len(kept.flips)) == (100_000, 1, 20)
    assert max(held[1:]) - held[1] < 5_000
