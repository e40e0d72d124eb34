"""How a reward model's errors are counted, by hand; and what it says when there is none."""

import pytest

from rlvr import make_verifier
from rlvr.errors import InputError
from rlvr.train.reward_model import Judgements, measured

pytestmark = pytest.mark.train


def test_the_threshold_comes_from_every_other_task_and_the_errors_from_the_rest():
    known = [(0.9, True), (0.2, False), (0.4, False), (0.6, True)]  # 0.5 separates them
    fresh = [(0.8, True), (0.45, True), (0.7, False), (0.1, False)]

    found = measured(Judgements(groups=[known, fresh]))

    assert found["threshold"] == pytest.approx(0.5)
    # Four pairs: 0.8 beats both, 0.45 beats one of two.
    assert (found["pairs"], found["pair_accuracy"]) == (4, 0.75)
    assert (found["false_positive_rate"]["n"], found["false_positive_rate"]["rate"]) == (2, 0.5)
    assert (found["false_negative_rate"]["n"], found["false_negative_rate"]["rate"]) == (2, 0.5)


def test_a_rate_of_nothing_is_none():
    found = measured(Judgements(groups=[]))

    assert (found["pairs"], found["pair_accuracy"]) == (0, None)
    assert found["false_positive_rate"] == {"n": 0, "rate": None, "interval95": [0.0, 1.0]}


def test_a_folder_without_a_reward_model_is_one_line(tmp_path):
    with pytest.raises(
        InputError, match=r"there is no reward model in .* a stage algorithm = 'reward_model'"
    ):
        make_verifier("reward-model", path=str(tmp_path))
