"""Each kind of alarm: a stream that rings it, and an honest one close by that does not."""

import random

import pytest

from rlvr import Completion, Message, Rollout, Score, Task
from rlvr.alarms import KINDS, Alarms, AlarmsTable, seen_of, suspicious


def judged(name, reward, *, tokens=4, text=None, answer=None, ms=1.0, cut=False, reason="", **parts):
    task = Task(id=name, prompt=(Message(role="user", content=name),), answer=answer)
    completion = Completion(
        text=text if text is not None else f"{name} {reward} {tokens} {ms}",
        token_ids=(1,) * tokens,
        finish_reason="length" if cut else "stop",
    )
    return Rollout(
        task=task, completion=completion, score=Score(reward=reward, reason=reason, parts=parts), ms=ms
    )


def rung(steps, *, window=2, weights=None, **limits):
    """What rings over steps of (rollouts, numbers)."""
    alarms = Alarms(AlarmsTable(window=window, **limits))
    return [
        alarm
        for n, (rollouts, numbers) in enumerate(steps, 1)
        for alarm in alarms.step(seen_of(n, rollouts, numbers, weights=weights))
    ]


def where(alarms):
    return [(alarm.kind, alarm.step) for alarm in alarms]


def grown(short, long, rewards):
    """Two steps of `short` tokens, three of groups with `long` ones."""
    begun = [judged("a", 0.2, tokens=short), judged("a", 0.2, tokens=short)]
    later = [judged("a", reward, tokens=tokens) for tokens, reward in zip(long, rewards, strict=True)]
    return [(begun, {})] * 2 + [(later, {})] * 3


def test_length_that_doubles_and_is_paid_for_rings():
    (alarm,) = rung(grown(40, (80, 120), (0.4, 0.6)))

    assert (alarm.kind, alarm.step, alarm.rows) == ("length", 5, ((5, "a"),))
    assert alarm.words == (
        "length is paid for: completions have 100 tokens on average, 40 in the first 2 steps, the reward rose "
        "by 0.30 to 0.50, and within groups the two correlate by 1.00; if the longer ones are not better, mend "
        "the verifier or set trainer.overlong_buffer_len"
    )


@pytest.mark.parametrize(
    ("short", "long", "rewards"),
    [
        (40, (80, 120), (0.6, 0.4)),  # of two answers the shorter is the better one
        (40, (100, 100), (0.4, 0.6)),  # all grow alike
        (60, (80, 120), (0.4, 0.6)),  # not twice as long
        (4, (8, 12), (0.4, 0.6)),  # an answer of some numbers needs its tokens
    ],
)
def test_length_that_grows_honestly_is_quiet(short, long, rewards):
    assert rung(grown(short, long, rewards)) == []


def cut_off(shares, *, cut_reward=0.0):
    """Steps of four completions of four tasks, so many of them cut off."""
    return [
        ([judged(f"t{i}", cut_reward if i < cut else 0.9, cut=i < cut) for i in range(4)], {})
        for cut in shares
    ]


def test_completions_that_are_mostly_cut_off_and_earn_less_ring():
    (alarm,) = rung(cut_off([1, 1, 3, 3, 3]))

    assert (alarm.kind, alarm.step) == ("length", 5)
    assert alarm.words == (
        "most completions are cut off: 75% of the last 2 steps reached the limit of tokens (25% of the first), "
        "and earned 0.00 on average where the others earned 0.90; raise trainer.max_completion_length, or pay "
        "less for length"
    )


@pytest.mark.parametrize(
    "steps",
    [
        cut_off([1, 1, 3, 3, 3, 3], cut_reward=0.9),  # the answer fills the room that there is, and is right
        cut_off([4, 4, 3, 3, 3, 3]),  # a new model learns to stop
        cut_off([1, 1, 2, 2, 2, 2]),
    ],
)
def test_completions_that_are_cut_off_without_harm_are_quiet(steps):
    assert rung(steps) == []


def sure(rewards, entropies, *, apart=0.0):
    return [
        ([judged("a", reward), judged("a", reward + apart)], {"entropy": entropy})
        for reward, entropy in zip(rewards, entropies, strict=True)
    ]


def test_a_policy_that_is_sure_and_wrong_rings_entropy():
    (alarm,) = rung(sure([0.4] * 5, [2.0, 2.0, 0.1, 0.1, 0.1]))

    assert (alarm.kind, alarm.step) == ("entropy", 5)
    assert alarm.words.startswith(
        "the policy no longer explores: its entropy fell from 2 to 0.1 nats a token (5.0%) while the mean "
        "reward stands at 0.40, and 100% of the groups that are not full are paid alike; raise trainer"
    )


@pytest.mark.parametrize(
    ("rewards", "entropies"),
    [
        ([0.4, 0.4, 0.9, 0.9, 0.9, 0.9], [2.0, 2.0, 0.1, 0.1, 0.1, 0.1]),  # sure and right
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [2.0, 2.0, 0.1, 0.1, 0.1, 0.1]),  # it still learns
        ([0.4] * 6, [2.0, 2.0, 0.3, 0.3, 0.3, 0.3]),
        ([0.4] * 6, [None, None, None, 0.1, 0.1, 0.1]),
    ],
)
def test_a_policy_that_grows_sure_honestly_is_quiet(rewards, entropies):
    assert rung(sure(rewards, entropies)) == []


def test_a_sure_policy_whose_completions_are_still_paid_differently_is_quiet():
    assert rung(sure([0.4] * 6, [2.0, 2.0, 0.1, 0.1, 0.1, 0.1], apart=0.1)) == []


def formed(*steps):
    return [([judged("a", reward, **parts), judged("b", reward, **parts)], {}) for reward, parts in steps]


def test_a_reward_that_rises_by_its_format_alone_rings():
    begun, later = (0.08, {"format": 0.0, "correct": 0.1}), (0.28, {"format": 1.0, "correct": 0.1})

    (alarm,) = rung(formed(begun, begun, later, later, later))

    assert (alarm.kind, alarm.step, alarm.examples) == ("format", 4, ("b", "a"))
    assert alarm.words == (
        "the reward rises through form alone: since the start it rose by 0.20 to 0.28, with format 0.00 to "
        "1.00, while correct went from 0.10 to 0.10; pay less for form, or only where the answer is right"
    )


def test_a_part_that_is_filled_counts_as_form_whatever_it_is_called():
    begun, later = (0.0, {"polite": 0.0, "brief": 0.5}), (0.4, {"polite": 0.95, "brief": 0.5})

    (alarm,) = rung(formed(begun, begun, later, later, later))

    assert "with polite 0.00 to 0.95, while full reward went from 0.00 to 0.00" in alarm.words


def test_the_weights_of_parts_decide_what_the_reward_is():
    begun, later = (0.5, {"format": 0.0, "correct": 0.1}), (0.5, {"format": 1.0, "correct": 0.1})
    steps = formed(begun, begun, later, later, later)

    assert where(rung(steps, weights={"format": 0.5, "correct": 0.5})) == [("format", 4)]
    assert rung(steps) == []


@pytest.mark.parametrize(
    "later",
    [
        (0.6, {"format": 1.0, "correct": 0.5}),  # form comes with substance
        (0.4, {"passed": 0.5, "correct": 0.1}),  # credit for a part that is far from full
        (0.15, {"format": 1.0, "correct": 0.1}),  # the reward has hardly risen
    ],
)
def test_form_that_is_learned_honestly_is_quiet(later):
    begun = (0.08, {"format": 0.0, "correct": 0.1, "passed": 0.0})

    assert rung(formed(begun, begun, later, later, later, later)) == []


def test_format_that_comes_first_and_is_followed_within_a_window_is_quiet():
    begun, formatted = (0.0, {"format": 0.0, "correct": 0.0}), (0.2, {"format": 1.0, "correct": 0.0})
    right = (0.6, {"format": 1.0, "correct": 0.5})

    assert rung(formed(begun, begun, formatted, right, right, right)) == []


@pytest.mark.parametrize(("unscored", "rings"), [(1, False), (2, True)])
def test_more_than_a_twentieth_unscored_rings_and_names_reasons(unscored, rings):
    some = [judged(f"u{i}", None, reason="sandbox_unavailable") for i in range(unscored)]
    step = some + [judged(f"t{i}", 0.5) for i in range(20 - unscored)]

    alarms = rung([(step, {})] * 2)

    assert where(alarms) == [("unscored", 2)] * rings
    if rings:
        assert alarms[0].rows == ((2, "u0"), (2, "u1"))
        assert alarms[0].words.startswith(
            "too much is not scored: 10.0% of the completions of the last 2 steps (sandbox_unavailable 4)"
        )


@pytest.mark.parametrize(("slow", "rings"), [(1, False), (2, True)])
def test_a_verifier_whose_slowest_percent_takes_half_of_the_deadline_rings(slow, rings):
    step = [judged(f"t{i}", 0.5, ms=6000.0 + i if i < slow else 3.0) for i in range(100)]

    alarms = rung([(step, {})], window=1)

    assert where(alarms) == [("slow_verifier", 1)] * rings
    if rings:
        assert alarms[0].examples[:2] == ("t1", "t0")
        assert "1% of them took 6 s or more of the 10 s that rollout.timeout_s allows" in alarms[0].words


@pytest.mark.parametrize(("late", "rings"), [(2, False), (3, True)])
def test_verdicts_that_often_hit_a_deadline_ring_and_rare_endless_programs_do_not(late, rings):
    step = [judged(f"t{i}", 0.0, ms=10_000.0, reason="timeout") for i in range(late)]
    step += [judged(f"r{i}", 0.5) for i in range(10 - late)]

    assert where(rung([(step, {})], window=1)) == [("slow_verifier", 1)] * rings


@pytest.mark.parametrize(
    ("generate_s", "score_s", "rings"),
    [(2.0, 3.0, True), (2.0, 1.9, False), (0.02, 0.5, False), (0.0, 3.0, False)],
)
def test_a_trainer_that_waits_longer_than_it_generates_rings(generate_s, score_s, rings):
    step = ([judged("a", 0.5), judged("b", 0.5)], {"generate_s": generate_s, "score_s": score_s})

    assert where(rung([step] * 2)) == [("slow_verifier", 2)] * rings


def apart(*divergences):
    return [([judged("a", 0.5, tokens=9), judged("b", 0.5)], {"mismatch_kl": d}) for d in divergences]


@pytest.mark.parametrize(
    ("divergences", "rings"),
    [
        ((0.02, 0.0, 0.0, 0.0), [("mismatch", 1)]),
        ((0.005, 0.02, 0.02, 0.02), []),
        ((None, 0.02, 0.0, 0.0), [("mismatch", 2)]),
        ((0.0, 0.04, 0.04, 0.05), []),
        ((0.0, 0.0, 0.06, 0.06), [("mismatch", 4)]),
        ((0.02, 0.06, 0.06, 0.06), [("mismatch", 1)]),
        ((0.02, 0.0, 0.0, 0.06, 0.06), [("mismatch", 1), ("mismatch", 5)]),
    ],
)
def test_a_sampler_that_is_not_the_policy_rings_earlier_at_the_start(divergences, rings):
    assert where(rung(apart(*divergences))) == rings


def test_the_mismatch_names_its_number_and_the_longest_completions():
    (alarm,) = rung(apart(0.02))

    assert alarm.rows == ((1, "a"), (1, "b"))
    assert "at the first step their log-probabilities are 0.02 nats a token apart" in alarm.words


def dull(*rewards, groups=20):
    """A step of groups of two with these rewards, one group after the other, the last for the rest."""
    each = [*rewards, *[rewards[-1]] * (groups - len(rewards))]
    return [judged(f"t{i}", reward) for i, pair in enumerate(each) for reward in pair], {}


def test_tasks_of_which_none_is_ever_solved_are_said_to_be_too_hard():
    (alarm,) = rung([dull((1.0, 0.0), (0.0, 0.0))] * 3)

    assert (alarm.kind, alarm.step, alarm.examples[0]) == ("zero_variance", 3, "t1")
    assert alarm.words.startswith(
        "nothing is paid: the tasks are too hard: in the last 2 steps 0% of the groups were full and 95% empty"
    )


def test_tasks_that_are_solved_from_the_start_are_said_to_be_too_easy():
    (alarm,) = rung([dull((1.0, 0.0), (1.0, 1.0))] * 3)

    assert alarm.words.startswith("all is paid in full from the start: the tasks are too easy: in the last 2")


@pytest.mark.parametrize(
    "steps",
    [
        [dull((1.0, 0.0), (1.0, 0.0), (0.0, 0.0))] * 4,  # two groups of twenty teach
        [dull((1.0, 0.0))] * 2 + [dull((1.0, 1.0))] * 4,  # it has learned them all
        [([judged(f"t{i}", 0.0) for i in range(20)], {})] * 4,  # one completion of each task
        [dull((0.5, 0.5))] * 4,
    ],
)
def test_groups_that_teach_or_have_taught_are_quiet(steps):
    assert rung(steps) == []


def test_one_text_that_is_paid_for_different_tasks_rings_and_is_named():
    step = [judged(f"t{i}", 1.0, text="[object  Object]", answer=str(i)) for i in range(10)]
    step += [judged(f"r{i}", 1.0, answer="x") for i in range(30)]

    (alarm,) = rung([(step, {})] * 2)

    assert (alarm.kind, alarm.step, alarm.examples[:2]) == ("repetition", 2, ("t0", "t1"))
    assert alarm.words.startswith(
        "one text is paid everywhere: '[object Object]' got full reward 20 times in the last 2 steps (25% of all "
        "that did) for tasks with 10 different references"
    )


@pytest.mark.parametrize(
    "step",
    [
        [judged(f"t{i}", 1.0, text="B", answer="B") for i in range(40)],  # a choice of four
        [judged(f"t{i}", 1.0, text="0", answer=0) for i in range(40)],
        [judged(f"t{i}", 1.0, text="7", answer=str(i)) for i in range(9)],
        [judged(f"t{i}", 0.9, text="7", answer=str(i)) for i in range(40)],  # not in full
        [judged(f"t{i}", 1.0, text="7" if i < 10 else str(i), answer=str(i)) for i in range(60)],
    ],
)
def test_a_text_that_is_right_many_times_is_quiet(step):
    assert rung([(step, {})] * 3) == []


def test_a_kind_that_is_off_never_rings():
    assert rung(apart(0.02), off=("mismatch",)) == []


def test_a_kind_rings_again_only_after_it_was_gone_for_a_whole_window():
    bad, good = ([judged("u", None), judged("t", 0.5)], {}), ([judged("t", 0.5)] * 2, {})

    assert where(rung([bad] * 3 + [good] * 2 + [bad])) == [("unscored", 2)]
    assert where(rung([bad] * 3 + [good] * 3 + [bad])) == [("unscored", 2), ("unscored", 7)]


def stream(seed, steps=60):
    """A run in which troubles come and go."""
    rng = random.Random(seed)
    trouble: set[str] = set()
    for _ in range(steps):
        trouble ^= {kind for kind in ("unscored", "entropy", "mismatch", "hard") if rng.random() < 0.15}
        rewards = [None if "unscored" in trouble else 0.3, 0.0 if "hard" in trouble else 0.6, 0.0]
        numbers = {
            "entropy": 0.1 if "entropy" in trouble else 2.0,
            "mismatch_kl": 0.2 * ("mismatch" in trouble),
        }
        yield [judged("a", reward) for reward in rewards], numbers


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("window", [1, 4])
def test_a_run_that_recalls_its_first_window_and_its_last_three_goes_on_as_if_never_stopped(seed, window):
    steps = [seen_of(n, rollouts, numbers) for n, (rollouts, numbers) in enumerate(stream(seed), 1)]
    whole = Alarms(AlarmsTable(window=window, entropy_left=0.5))
    told = [whole.step(seen) for seen in steps]
    assert {alarm.kind for alarms in told for alarm in alarms} >= {"unscored", "mismatch"}

    for cut in range(1, len(steps), 3):
        resumed = Alarms(AlarmsTable(window=window, entropy_left=0.5))
        kept = [*steps[:window], *steps[max(window, cut - 3 * window) : cut]] if cut > window else steps[:cut]
        resumed.recall(kept, [alarm.kind for alarms in told[:cut] for alarm in alarms])
        assert [resumed.step(seen) for seen in steps[cut:]] == told[cut:]


def test_the_kinds_are_these():
    assert KINDS == (
        "reward_hacking", "reward_alone", "format", "repetition", "length", "entropy", "zero_variance",
        "mismatch", "unscored", "slow_verifier",
    )  # fmt: skip


def test_what_is_paid_in_full_for_less_than_half_of_the_usual_is_suspicious():
    usual = [judged(f"t{i}", 1.0, tokens=10) for i in range(5)]
    short = [judged("s", 1.0, tokens=2, text="x" * 300), judged("z", 1.0, tokens=4, text="y")]
    cheap = judged("c", 0.9, tokens=1)

    found = suspicious([*usual, *short, judged("again", 1.0, tokens=4, text="y"), cheap])

    assert [(each.id, each.tokens, each.usual, each.reward) for each in found] == [
        ("s", 2, 10.0, 1.0),
        ("z", 4, 10.0, 1.0),
    ]
    assert found[0].completion == "x" * 200


def test_answers_that_are_about_as_long_as_each_other_are_not_suspicious():
    assert suspicious([judged(f"t{i}", 1.0, tokens=5 + i) for i in range(6)]) == []
    assert suspicious([judged("a", 1.0, tokens=1), judged("b", 1.0, tokens=50)]) == []
    assert suspicious([judged("a", 0.0), judged("b", None)]) == []
