"""The seven conventions by name, against numbers worked out by hand."""

import math

import pytest

from rlvr.advantage import CONVENTIONS, group_advantages, is_informative

GROUP = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]
MEAN = 3 / 8

# By hand: mean 3/8; sum of squares 15/8, so s = sqrt(15/56) with n - 1 and sqrt(15/64) with n. Of the seven
# others a 1 sees two ones (mean 2/7, s = sqrt(5/21)), a 0 sees three (mean 3/7, s = sqrt(2/7)).
GOLDEN = {
    "unbiased_std": (0.625 / math.sqrt(15 / 56), -0.375 / math.sqrt(15 / 56)),
    "population_std": (0.625 / math.sqrt(15 / 64), -0.375 / math.sqrt(15 / 64)),
    "leave_one_out": ((5 / 7) / math.sqrt(5 / 21), (-3 / 7) / math.sqrt(2 / 7)),
    "centred": (0.625, -0.375),
    "rloo": (5 / 7, -3 / 7),
    "mean_normalised": (5 / 3, -1.0),
    "none": (1.0, 0.0),
}
# The same as the projects that use them compute it, with their eps, to four digits.
PUBLISHED = {
    "unbiased_std": (1.2076, -0.7246),
    "population_std": (1.2910, -0.7746),
    "leave_one_out": (1.4638, -0.8018),
    "centred": (0.625, -0.375),
    "rloo": (0.7143, -0.4286),
    "mean_normalised": (1.6667, -1.0),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_convention_gives_the_numbers_worked_out_by_hand(convention):
    advantages = group_advantages(GROUP, convention=convention, eps=0.0)

    right, wrong = GOLDEN[convention]
    assert advantages == pytest.approx([right if reward else wrong for reward in GROUP], abs=1e-12)


@pytest.mark.parametrize("convention", PUBLISHED)
def test_a_convention_gives_the_published_numbers(convention):
    advantages = group_advantages(GROUP, convention=convention, eps=1e-6)

    assert (round(advantages[0], 4), round(advantages[1], 4)) == PUBLISHED[convention]


def test_eps_is_added_to_the_deviation():
    (first, *_) = group_advantages(GROUP, convention="population_std", eps=1e-4)

    assert first == pytest.approx(0.625 / (math.sqrt(15 / 64) + 1e-4), abs=1e-12)
    assert round(first, 4) == 1.2907  # GRPO-Zero's


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_an_unscored_completion_moves_nothing(convention):
    without = group_advantages(GROUP, convention=convention)

    with_unscored = group_advantages([None, *GROUP, None], convention=convention)

    assert with_unscored == [0.0, *without, 0.0]


@pytest.mark.parametrize("convention", [name for name in CONVENTIONS if name != "none"])
@pytest.mark.parametrize("group", [[], [1.0], [0.3, 0.3, 0.3], [None, None], [1.0, None], [0.0, 0.0]])
def test_a_group_that_shows_no_difference_teaches_nothing(convention, group):
    assert group_advantages(group, convention=convention) == [0.0] * len(group)
    assert not is_informative(group)


def test_without_a_baseline_equal_rewards_still_count():
    assert group_advantages([0.5, 0.5, None], convention="none") == [0.5, 0.5, 0.0]


def test_where_the_others_are_all_equal_leave_one_out_stays_unscaled():
    advantages = group_advantages([1.0, 0.0, 0.0, 0.0], convention="leave_one_out", eps=0.0)

    assert advantages[0] == 1.0
    assert advantages[1:] == pytest.approx([(-1 / 3) / math.sqrt(1 / 3)] * 3)


def test_a_mean_of_zero_has_no_mean_normalised_advantage():
    assert group_advantages([1.0, -1.0], convention="mean_normalised") == [0.0, -0.0]
