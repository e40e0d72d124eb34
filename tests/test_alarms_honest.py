"""Honest runs of many kinds, made up: no alarm rings in any of them."""

import random

import pytest

from rlvr import Completion, Message, Rollout, Score, Task
from rlvr.alarms import Alarms, AlarmsTable, seen_of

pytestmark = pytest.mark.slow
TASKS, SAMPLES, STEPS = 8, 8, 300


def rise(at, low, high, *, begin=0.0, end=1.0):
    """A learning curve over the fraction of the run: flat, a slope, flat."""
    return low + (high - low) * min(1.0, max(0.0, (at - begin) / (end - begin)))


def score(right, **parts):
    return Score(reward=float(right), reason="correct" if right else "wrong_answer", parts=parts)


def binary(at, rng, task):
    """Right or wrong, about as long as ever."""
    return score(rng.random() < rise(at, 0.05, 0.85)), rng.lognormvariate(5, 0.5), 1.0


def longer(at, rng, task):
    """Completions grow threefold, and the right ones are a little longer."""
    right = rng.random() < rise(at, 0.1, 0.7)
    return score(right), rng.lognormvariate(rise(at, 5, 6.1) + 0.1 * right, 0.5), 1.0


def credit(at, rng, task):
    """Credit for each of five places, the measure for all of them."""
    p = rise(at, 0.1, 0.9)
    places = sum(rng.random() < p for _ in range(5))
    return Score(reward=places / 5, parts={"exact": float(places == 5)}), 12, 1.0


def form_first(at, rng, task):
    """The format is learned at once, the answer over the whole run."""
    formatted = rng.random() < rise(at, 0.1, 0.98, end=0.2)
    right = formatted and rng.random() < rise(at, 0.1, 0.8)
    parts = {"format": float(formatted), "correct": float(right)}
    return Score(reward=0.2 * formatted + 0.8 * right, parts=parts), rng.lognormvariate(5, 0.5), 1.0


def solved(at, rng, task):
    """All is learned in the first third."""
    return score(rng.random() < rise(at, 0.2, 1.0, end=0.33)), 20, 1.0


def stuck(at, rng, task):
    """Nothing is learned."""
    return score(rng.random() < 0.3), rng.lognormvariate(5, 0.5), 1.0


def programs(at, rng, task):
    """Some never end, some tests fail, the sandbox is away now and then."""
    drawn = rng.random()
    if drawn < 0.01:
        return Score(reward=None, reason="sandbox_unavailable"), 200, 5.0
    if drawn < 0.05:
        return Score(reward=0.0, reason="timeout"), 200, 9000.0
    passed = sum(rng.random() < rise(at, 0.3, 0.8) for _ in range(4)) / 4
    return Score(reward=passed), rng.lognormvariate(5.5, 0.4), rng.lognormvariate(5, 1)


def shorter(at, rng, task):
    """A model that never ends learns to."""
    return (
        score(rng.random() < rise(at, 0.02, 0.9)),
        4 if rng.random() < rise(at, 0.0, 1.0, end=0.1) else 64,
        1.0,
    )


def step_of(kind, number, rng, choice):
    at, rollouts = number / STEPS, []
    for place in range(TASKS):
        answer = "ABCD"[rng.randrange(4)] if choice else str(rng.randrange(10_000))
        name = f"{number}-{place}"
        task = Task(id=name, prompt=(Message(role="user", content=name),), answer=answer)
        for _ in range(SAMPLES):
            verdict, tokens, ms = kind(at, rng, task)
            text = answer if verdict.reward == 1.0 else f"no {rng.random()}"
            completion = Completion(
                text=text,
                token_ids=(1,) * max(1, min(2048, int(tokens))),
                finish_reason="length" if tokens == 64 else "stop",
            )
            rollouts.append(Rollout(task=task, completion=completion, score=verdict, ms=ms))
    return rollouts


def rung_in(kind, seed):
    rng = random.Random(seed)
    measure = "exact" if kind is credit else None
    alarms, rung = Alarms(AlarmsTable(), measure=measure), []
    for number in range(1, STEPS + 1):
        rollouts = step_of(kind, number, rng, choice=kind in (solved, stuck))
        paid = [r.score.reward for r in rollouts if r.score.reward is not None]
        entropy = max(0.05, 1.5 * (1 - sum(paid) / len(paid)))  # the surer, the better paid
        numbers = {
            "entropy": entropy,
            "mismatch_kl": rng.lognormvariate(-7, 0.5),
            "generate_s": rng.lognormvariate(1, 0.3),
            "score_s": rng.lognormvariate(-0.5, 0.8),
        }
        rung += alarms.step(seen_of(number, rollouts, numbers, measure=measure))
    return rung


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "kind",
    [binary, longer, credit, form_first, solved, stuck, programs, shorter],
    ids=lambda kind: kind.__name__,
)
def test_an_honest_run_rings_nothing(kind, seed):
    assert rung_in(kind, seed) == []
