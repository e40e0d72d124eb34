"""What teaches and what does not: rewards as they are learned from, rows left out, denominators, pairs."""

import pytest
import torch

from rlvr import Completion, Message, Rollout, Score, Task
from rlvr.train.collect import Memory
from rlvr.train.learner import learner_of
from rlvr.train.models import load_model
from rlvr.train.settings import EnvironmentTable, ModelTable, TrainConfig
from rlvr.train.signal import Group, advantages_of, group_of, pairs_of, plain_group, reward_of, signal_of
from rlvr.train.stages import stages
from rlvr.train.world import World

pytestmark = pytest.mark.train

TASK = Task(id="t", prompt=(Message(role="user", content="?"),), answer="1")


def stage(algorithm="grpo", **trainer):
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=ModelTable(name="none"),
        algorithm=algorithm,
        trainer={"max_steps": 4, "num_generations": 1, "max_completion_length": 8, **trainer},
    )
    return stages(config)[0]


def table(algorithm="grpo", **trainer):
    return stage(algorithm, **trainer).table


def rollout(reward, *, tokens=(1, 2), finish="stop", parts=None):
    completion = Completion(
        text="x", token_ids=tuple(tokens), logprobs=(-1.0,) * len(tokens), finish_reason=finish
    )
    reason = "" if reward is not None else "unreadable_reference"
    score = Score(reward=reward, reason=reason, parts=parts or {})
    return Rollout(task=TASK, completion=completion, score=score)


def group(*rewards, place=0, **kinds):
    rollouts = tuple(
        rollout(reward, tokens=(1, 2, 3)[: 1 + n % 3], **kinds) for n, reward in enumerate(rewards)
    )
    return Group(rollouts=rollouts, prompt_ids=(3, 4), place=place)


def test_parts_are_weighted_into_the_reward_that_is_learned_from():
    weighed = table(reward_weights={"correct": 0.8, "format": 0.2})

    assert reward_of(rollout(1.0, parts={"correct": 0.5, "format": 1.0}), weighed) == pytest.approx(0.6)
    assert reward_of(rollout(1.0, parts={"format": 1.0}), weighed) == pytest.approx(0.2)
    assert reward_of(rollout(None, parts={"correct": 1.0}), weighed) is None


@pytest.mark.parametrize(("length", "penalty"), [(3, 0.0), (4, 0.0), (5, 0.25), (6, 0.5), (8, 1.0)])
def test_the_last_tokens_before_the_limit_cost_linearly(length, penalty):
    # A buffer of 4 before a limit of 8: DAPO's soft overlong punishment.
    overlong = table(overlong_buffer_len=4)

    assert reward_of(rollout(1.0, tokens=range(length)), overlong) == pytest.approx(1.0 - penalty)


def test_unscored_and_masked_rows_are_in_no_sum_and_no_denominator():
    cut = rollout(1.0, finish="length")
    whole = group(1.0, 0.0, None)
    mixed = Group(rollouts=(*whole.rollouts, cut), prompt_ids=whole.prompt_ids)

    signal = signal_of([mixed], table(mask_truncated_completions=True))

    assert len(signal.units) == 2
    assert (signal.totals.rows, signal.totals.tokens) == (2, 1 + 2)
    # The masked one still counts in its group's baseline: 1, 0, 1 have mean 2/3.
    centred = advantages_of([mixed], table("dr_grpo", mask_truncated_completions=True))
    assert centred[0] == pytest.approx([1 / 3, -2 / 3, 0.0, 1 / 3])


def test_groups_without_variance_cost_no_pass_but_stay_in_the_denominators():
    dull, lively = group(1.0, 1.0, place=0), group(1.0, 0.0, place=1)

    signal = signal_of([dull, lively], table())

    assert len(signal.units) == 2
    assert signal.totals.rows == 4
    assert len(signal_of([dull, lively], table(skip_zero_variance=False)).units) == 4


def test_rejection_sampling_keeps_what_is_verified_and_means_over_that():
    signal = signal_of([group(1.0, 0.5, 1.0), group(0.0, None, place=1)], table("rft"))

    assert [example.advantage for (example,) in signal.units] == [1.0, 1.0]
    assert (signal.totals.rows, signal.totals.tokens) == (2, 1 + 3)


def test_a_pair_is_the_best_and_the_worst_of_a_group_that_has_both():
    signal = pairs_of(
        [group(0.5, 1.0, 0.0), group(1.0, 1.0, place=1), group(None, 1.0, place=2)], table("dpo")
    )

    ((best, worst),) = signal.units
    assert (best.reward, worst.reward) == (1.0, 0.0)
    assert signal.totals.rows == 1


def gradient_of(groups, **trainer):
    model = ModelTable(name="scratch", vocabulary="a b c d e", hidden_size=16, layers=1, heads=2)
    learner = learner_of(load_model(model, seed=4).model, stage(**trainer), world=World())
    for update in learner.updates(signal_of(groups, learner.table), 1):
        for micro in update.micros:
            learner.loss(micro, update.totals).backward()
    return [p.grad for p in learner.parameters if p.grad is not None]


@pytest.mark.parametrize("algorithm", ["grpo", "dapo", "dr_grpo", "reinforce_baseline", "maxrl"])
def test_thirty_percent_unscored_leave_the_gradient_of_the_rest(algorithm):
    scored = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]
    rest = group(*scored)
    # The same rows with three in between that nobody could score.
    unscored = [rollout(None, tokens=(2, 2, 2))] * 3
    mixed = Group(rollouts=(*rest.rollouts[:3], *unscored, *rest.rollouts[3:]), prompt_ids=rest.prompt_ids)

    with_them, without = (gradient_of([g], algorithm=algorithm) for g in (mixed, rest))

    assert any(gradient.abs().max() > 1e-4 for gradient in without)
    for one, other in zip(with_them, without, strict=True):
        torch.testing.assert_close(one, other, atol=1e-7, rtol=1e-5)


@pytest.mark.parametrize("algorithm", ["grpo", "dapo", "gspo"])
def test_leaving_out_groups_without_variance_leaves_the_gradient_as_it_is(algorithm):
    groups = [group(1.0, 1.0, 1.0), group(1.0, 0.0, 0.0, place=1), group(0.0, 0.0, 0.0, place=2)]

    short, long = (
        gradient_of(groups, algorithm=algorithm, skip_zero_variance=skip) for skip in (True, False)
    )

    for one, other in zip(short, long, strict=True):
        torch.testing.assert_close(one, other, atol=1e-7, rtol=1e-5)


def test_the_memory_of_a_task_moves_slowly_and_knows_what_is_outside_of_a_band():
    memory = Memory()
    memory.note(group(1.0, 1.0, 1.0, 0.0))
    memory.note(group(0.0, 0.0, None, None))

    assert memory.shares["t"] == pytest.approx(0.7 * 0.75)
    assert memory.outside("t", (0.6, 1.0))
    assert not memory.outside("t", (0.5, 1.0))
    assert not memory.outside("never seen", (0.5, 1.0))
    assert not memory.outside("t", ())


def test_a_group_made_plain_comes_back_to_the_last_bit():
    completion = Completion(text="x", token_ids=(1,), logprobs=(-0.12345678901234567,))
    one = Rollout(task=TASK, completion=completion, score=Score(reward=0.1), ms=1.5)
    before = Group(rollouts=(one,), prompt_ids=(5,), place=3)

    assert group_of(plain_group(before)) == before
