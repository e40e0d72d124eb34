"""Estimates, against numbers from papers and by hand."""

import math
import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlvr.stats import Quantiles, mean, pass_at_k, quantile, wilson


@pytest.mark.parametrize(
    ("n", "correct", "k", "expected"),
    [
        (1, 0, 1, 0.0),
        (1, 1, 1, 1.0),
        (4, 1, 1, 1 / 4),
        (4, 1, 2, 1 / 2),  # of the 6 pairs, 3 hold the right one
        (5, 2, 2, 7 / 10),  # of the 10 pairs, 3 hold none of the two
        (5, 2, 4, 1.0),  # four of five cannot leave both out
        (10, 3, 2, 8 / 15),  # 1 - C(7,2)/C(10,2) = 1 - 21/45
        (200, 10, 1, 0.05),
        # By the product over i = n-c+1 .. n of 1 - k/i, as Chen et al. compute it.
        (200, 10, 100, 1 - math.prod(1 - 100 / i for i in range(191, 201))),
    ],
)
def test_pass_at_k_gives_the_numbers_worked_out_by_hand(n, correct, k, expected):
    assert pass_at_k(n, correct, k) == pytest.approx(expected, abs=1e-7)


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_all_choices_of_k_that_hold_a_right_one(case):
    n, correct, k = case
    choices = list(combinations([True] * correct + [False] * (n - correct), k))

    assert pass_at_k(n, correct, k) == pytest.approx(sum(any(c) for c in choices) / len(choices))


@pytest.mark.parametrize("k", [0, 3])
def test_pass_at_k_needs_k_samples(k):
    with pytest.raises(ValueError, match=rf"^pass@{k} needs at least {k} samples of a task, got 2$"):
        pass_at_k(2, 1, k)


# Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3 (Wilson).
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_table(successes, n, low, high):
    assert [round(bound, 4) for bound in wilson(successes, n)] == [low, high]


def test_of_all_right_the_interval_ends_at_one():
    low, high = wilson(20, 20)

    assert (round(low, 4), high) == (1 - 0.1611, 1.0)


def test_of_nothing_the_interval_is_everything():
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 1000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_proportion_and_stays_in_0_to_1(case):
    successes, n = case

    low, high = wilson(successes, n)

    assert 0.0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1.0


@pytest.mark.parametrize(
    ("values", "q", "expected"),
    [
        ([], 0.5, None),
        ([3.0], 0.99, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 0.0, 1.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.5),
        ([4.0, 1.0, 3.0, 2.0], 0.25, 1.75),
        ([4.0, 1.0, 3.0, 2.0], 1.0, 4.0),
    ],
)
def test_a_quantile_is_interpolated(values, q, expected):
    assert quantile(values, q) == expected


def test_a_mean_of_nothing_is_none():
    assert mean([]) is None
    assert mean([0.1] * 10) == 0.1  # exactly: summed without rounding on the way


def test_streamed_quantiles_are_within_one_percent():
    rng = random.Random(7)
    values = [rng.lognormvariate(0, 3) for _ in range(5001)]  # so that no interpolation is needed
    stream = Quantiles()
    for value in values:
        stream.add(value)

    for q in (i / 100 for i in range(101)):
        assert stream.at(q) == pytest.approx(quantile(values, q), rel=0.0101)


def test_streamed_quantiles_take_little_room():
    stream = Quantiles()
    for i in range(100_000):
        stream.add(i / 1000)

    assert stream.count == 100_000
    assert stream.maximum == 99.999
    assert len(stream._buckets) < 2000


def test_quantiles_of_nothing_and_of_zero():
    empty, zero = Quantiles(), Quantiles()
    zero.add(0.0)

    assert empty.at(0.5) is None
    assert zero.at(0.5) == 0.0
