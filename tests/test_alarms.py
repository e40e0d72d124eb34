"""The alarms over reward and true measure, on made-up histories."""

import random

import pytest

from rlvr import Completion, Message, Rollout, Score, Task
from rlvr.alarms import Alarms, AlarmsTable, seen_of

GROUP = 16


def history(steps, *, seed=0, **chances):
    """Yield a step's rewards, measures and ids: `kind=(reward, measure, chance at the start, at the end)`."""
    rng = random.Random(seed)
    kinds = list(chances.values())
    for step in range(steps):
        at = step / max(1, steps - 1)
        weights = [start + (end - start) * at for _, _, start, end in kinds]
        drawn = rng.choices(kinds, weights, k=GROUP)
        yield [d[0] for d in drawn], [d[1] for d in drawn], [f"task-{step}-{i}" for i in range(GROUP)]


def judged(name, reward, measure, text):
    task = Task(id=name, prompt=(Message(role="user", content=name),), answer=name)
    score = Score(reward=reward, parts={"solved": measure})
    return Rollout(task=task, completion=Completion(text=text), score=score)


def watch(steps, *, window=20):
    alarms, rung = Alarms(AlarmsTable(window=window), measure="solved"), []
    for n, (rewards, measures, ids) in enumerate(steps, 1):
        each = enumerate(zip(rewards, measures, ids, strict=True))
        rollouts = [judged(name, reward, measure, f"{n} {i}") for i, (reward, measure, name) in each]
        rung += alarms.step(seen_of(n, rollouts, {}, measure="solved"))
    return rung


HONEST = {"right": (1.0, 1.0, 0.05, 0.9), "near": (0.5, 0.0, 0.35, 0.08), "wrong": (0.0, 0.0, 0.6, 0.02)}
HACKED = {"right": (1.0, 1.0, 0.2, 0.05), "hack": (1.0, 0.0, 0.0, 0.9), "wrong": (0.0, 0.0, 0.8, 0.05)}


@pytest.mark.parametrize("seed", range(10))
def test_an_honest_run_with_partial_credit_rings_nothing(seed):
    assert watch(history(300, seed=seed, **HONEST)) == []


@pytest.mark.parametrize("seed", range(3))
def test_an_honest_run_that_is_all_right_in_the_end_rings_nothing(seed):
    assert watch(history(200, seed=seed, right=(1.0, 1.0, 0.0, 1.0), wrong=(0.0, 0.0, 1.0, 0.0))) == []


@pytest.mark.parametrize("seed", range(3))
def test_an_honest_run_that_learns_nothing_rings_nothing(seed):
    flat = {"right": (1.0, 1.0, 0.3, 0.3), "near": (0.6, 0.0, 0.3, 0.3), "wrong": (0.0, 0.0, 0.4, 0.4)}

    assert watch(history(200, seed=seed, **flat)) == []


@pytest.mark.parametrize("seed", range(10))
def test_a_hacked_run_rings_reward_hacking_once(seed):
    alarms = watch(history(300, seed=seed, **HACKED))

    assert [alarm.kind for alarm in alarms].count("reward_hacking") == 1


def test_the_alarm_says_its_numbers_and_shows_tasks():
    steps = [([1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0], ["a", "b", "c", "d"])] * 2

    (alarm,) = watch(steps, window=2)

    assert (alarm.kind, alarm.step, alarm.examples) == ("reward_hacking", 2, ("d", "c", "b"))
    assert alarm.rows == ((2, "d"), (2, "c"), (2, "b"))
    assert alarm.words == (
        "the reward is being gamed: of the completions paid like a right answer in the last 2 steps, "
        "75% are not 'solved' (mean reward 1.00, mean solved 0.25); mend the verifier so that these earn less"
    )


def test_a_reward_that_climbs_alone_for_a_window_rings_reward_alone():
    # Nothing is ever right, so that nothing is paid like a right answer.
    steps = [([0.1], [0.0], ["a"])] * 2 + [([0.6], [0.0], [f"t{i}"]) for i in range(3)]

    (alarm,) = watch(steps, window=2)

    assert (alarm.kind, alarm.step, alarm.examples) == ("reward_alone", 5, ("t2", "t1"))
    assert alarm.words == (
        "the reward climbs and 'solved' does not: since the start the reward rose by 0.50 to 0.60, "
        "solved by +0.00 to 0.00; look at what is paid, and mend the verifier"
    )


@pytest.mark.parametrize(("pace", "rings"), [(0.005, False), (0.0, True)])
def test_credit_for_parts_that_still_rises_may_leave_whole_answers_behind(pace, rings):
    # Five places each right by chance p: the reward is p, all of it right p ** 5.
    paid = [min(0.05 + 0.01 * n, 0.45) + pace * max(0, n - 40) for n in range(100)]

    steps = [([p] * 4, [p**5] * 4, [f"t{n}{i}" for i in range(4)]) for n, p in enumerate(paid)]

    assert [alarm.kind for alarm in watch(steps)] == ["reward_alone"] * rings


def test_a_measure_that_falls_while_the_reward_climbs_rings_too():
    steps = [([0.1, 0.1], [1.0, 0.0], ["a", "b"]), ([0.6, 0.4], [0.0, 0.0], ["a", "b"])]

    (alarm,) = watch(steps, window=1)

    assert alarm.kind == "reward_alone"
    assert "solved by -0.50 to 0.00" in alarm.words


@pytest.mark.parametrize(("measure", "rings"), [(0.04, True), (0.06, False)])
def test_a_tenth_of_the_climb_is_the_least_that_counts_as_following(measure, rings):
    steps = [([0.0], [0.0], ["a"]), ([0.5], [measure], ["a"])]

    assert bool(watch(steps, window=1)) is rings


@pytest.mark.parametrize(("wrong", "rings"), [(4, False), (5, True)])
def test_a_fifth_of_wrong_ones_among_the_well_paid_is_the_most_that_passes(wrong, rings):
    rewards, measures = [1.0] * 20, [0.0] * wrong + [1.0] * (20 - wrong)

    assert bool(watch([(rewards, measures, [str(i) for i in range(20)])], window=1)) is rings


def test_below_half_the_reward_nothing_is_called_hacked():
    rewards, measures = [1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0, 0.0]

    assert watch([(rewards, measures, list("abcde"))] * 3, window=1) == []


def test_tasks_that_are_paid_in_full_for_wrong_answers_are_not_called_too_easy():
    step = ([1.0, 1.0, 1.0], [1.0, 0.0, 1.0], ["a", "a", "a"])

    assert [alarm.kind for alarm in watch([step] * 4, window=2)] == ["reward_hacking"]


def test_before_the_window_is_full_nothing_rings():
    assert watch([([1.0], [0.0], ["a"])] * 19) == []


def test_a_step_of_demonstrations_counts_for_nothing():
    step = ([1.0, 1.0], [1.0, 0.0], ["a", "b"])

    (alarm,) = watch([step, ([], [], []), ([], [], []), step], window=2)

    assert alarm.step == 4


def test_at_most_five_different_examples_are_shown():
    step = ([1.0] * 12, [1.0, *[0.0] * 11], ["r", *[f"t{i % 7}" for i in range(11)]])

    (alarm,) = watch([step], window=1)

    assert alarm.examples == ("t3", "t2", "t1", "t0", "t6")
