"""The figures of a bench, each held to numbers worked out by hand."""

from collections import Counter
from random import Random

import pytest

from rlvr.bench.agreement import Absent, Agreement, kappa
from rlvr.bench.confusion import Confusion
from rlvr.bench.noise import Groups, estimated
from rlvr.scoring import verdict_of
from rlvr.stats import Reservoir
from rlvr.types import Score


def counted(**cells):
    """Return counts from words as tp=3, `right_unscored` among them."""
    meaning = {
        "tp": (True, True),
        "fp": (False, True),
        "fn": (True, False),
        "tn": (False, False),
        "right_unscored": (True, None),
        "wrong_unscored": (False, None),
        "unlabelled": (None, True),
        "unlabelled_unscored": (None, None),
    }
    counts = Confusion()
    for name, times in cells.items():
        for _ in range(times):
            counts.add(*meaning[name])
    return counts


def test_every_figure_of_a_small_table():
    counts = counted(
        tp=6, fp=2, fn=1, tn=7, right_unscored=3, wrong_unscored=1, unlabelled=4, unlabelled_unscored=5
    )

    figures = counts.figures()

    assert counts.cells() == {
        "n": 29,
        "tp": 6,
        "fp": 2,
        "fn": 1,
        "tn": 7,
        "unscored": 9,
        "unscored_right": 3,
        "unscored_wrong": 1,
        "unlabelled": 9,
    }
    assert figures["accuracy"] == 13 / 20
    assert figures["precision"] == 6 / 8
    assert figures["recall"] == 6 / 10
    assert figures["f1"] == pytest.approx(2 * 0.75 * 0.6 / 1.35)


def test_the_interval_of_an_accuracy_is_wilsons():
    """8 of 10: Wilson's 95% interval is 0.4902 to 0.9433 (Wilson 1927)."""
    figures = counted(tp=5, tn=3, fp=1, fn=1).figures()

    assert [round(bound, 4) for bound in figures["accuracy_ci95"]] == [0.4902, 0.9433]


def test_figures_of_nothing_are_not_defined():
    figures = counted(unlabelled=3).figures()

    assert [figures[name] for name in ("accuracy", "precision", "recall", "f1")] == [None] * 4
    assert figures["accuracy_ci95"] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("reward", "right_from", "verdict"),
    [(1.0, 1.0, True), (0.99, 1.0, False), (0.5, 0.5, True), (None, 0.5, None), (-1.0, -1.0, True)],
)
def test_a_verdict_is_positive_from_a_reward_on(reward, right_from, verdict):
    assert verdict_of(Score(reward=reward), right_from=right_from) is verdict


def test_kappa_of_a_table_of_three_by_three():
    """Of 20 rows 15 agree; chance agrees on (10*9 + 6*7 + 4*4) / 400 = 0.37."""
    pairs = Counter(
        {(True, True): 8, (True, False): 2, (False, False): 4, (False, None): 1, (False, True): 1}
        | {(None, None): 3, (None, False): 1}
    )

    assert kappa(pairs) == pytest.approx((0.75 - 0.37) / (1 - 0.37))


def test_kappa_of_two_that_always_say_the_same_one_thing_is_not_defined():
    assert kappa(Counter({(True, True): 9})) is None
    assert kappa(Counter()) is None


def test_agreement_counts_only_rows_that_both_judged():
    agreement = Agreement(["a", "b", "c"])

    agreement.add([(True, True, Absent), (True, False, False), (None, None, True)])

    assert agreement.table()["share"] == [
        [1.0, pytest.approx(2 / 3), 0.0],
        [pytest.approx(2 / 3), 1.0, 0.5],
        [0.0, 0.5, 1.0],
    ]


def test_noise_is_measured_where_rows_have_groups():
    groups = Groups(2, seed=0)
    for name, label, verdicts in [
        ("a", False, (True, False)),  # the first verifier pays for a wrong row
        ("a", False, (True, False)),  # and again: the group counts once
        ("a", True, (True, False)),  # the second does not pay for a right one
        ("b", True, (True, None)),  # unscored is no error
        ("b", False, (False, False)),
        ("alone", False, (True, True)),  # no group
    ]:
        groups.add(name, label, verdicts)

    first, second = groups.measured(0), groups.measured(1)

    assert (first["groups"], first["group_size"], first["measured"]) == (2, 2.5, True)
    assert (first["groups_with_false_positive"], first["groups_with_false_negative"]) == (0.5, 0.0)
    assert (second["groups_with_false_positive"], second["groups_with_false_negative"]) == (0.0, 0.5)


def test_noise_is_estimated_where_there_are_no_groups():
    """10 labelled rows, one false positive, two false negatives: of groups of 4, 1 - 0.9^4 and 1 - 0.8^4."""
    noise = estimated(counted(tp=4, fp=1, fn=2, tn=3), 4)

    assert noise["measured"] is False
    assert noise["groups_with_false_positive"] == pytest.approx(0.3439)
    assert noise["groups_with_false_negative"] == pytest.approx(0.5904)


def test_of_many_groups_an_even_sample_of_whole_ones_is_kept():
    groups = Groups(1, seed=3, most=500)
    for turn in range(2):  # the rows of a group stand far apart
        for number in range(20_000):
            groups.add(f"g{number}", False, (turn == 1 and number % 4 == 0,))

    noise = groups.measured(0)

    assert (noise["sampled"], noise["group_size"]) == (True, 2)
    assert 100 < noise["groups"] <= 500
    assert noise["groups_with_false_positive"] == pytest.approx(0.25, abs=0.08)


def test_a_reservoir_is_even_and_the_same_for_the_same_seed():
    def sample(seed):
        kept = Reservoir(1_000, random=Random(seed))
        for number in range(50_000):
            kept.offer(number)
        return kept.items()

    kept = sample("a")

    assert kept == sample("a") == sorted(kept)
    assert kept != sample("b")
    assert sum(kept) / len(kept) == pytest.approx(25_000, abs=1_500)  # three standard errors of 456
