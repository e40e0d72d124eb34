"""An environment and a policy into a report, with numbers worked out by hand."""

import pytest

from rlvr.evaluate import Report, evaluate, is_right
from rlvr.scoring import InProcess
from rlvr.stats import wilson
from rlvr.testing import ScriptedPolicy
from rlvr.types import Completion, Environment, Message, Rollout, Score, Task


def tasks(n):
    prompt = (Message(role="user", content="?"),)
    return [Task(id=f"t{i}", prompt=prompt, answer=str(i)) for i in range(n)]


def verdict_by_text(task, completion):
    """The completion says its verdict: `reward/measure`, `none` or `raise`."""
    if completion.text == "raise":
        raise ValueError("no idea")
    if completion.text == "none":
        return Score.unscored("unreadable_reference")
    reward, _, measure = completion.text.partition("/")
    parts = {"solved": float(measure)} if measure else {}
    return Score(
        reward=float(reward), reason="correct" if float(reward) == 1 else "wrong_answer", parts=parts
    )


def run(texts, *, n=2, samples=None, true_measure=None):
    environment = Environment(name="e", tasks=tasks(n), verifier=verdict_by_text, true_measure=true_measure)
    return evaluate(
        environment,
        ScriptedPolicy(texts),
        InProcess(environment),
        tasks=environment.tasks,
        samples=samples or len(texts),
    )


def test_pass_at_k_and_avg_at_k_by_hand():
    report, groups = run(["1", "0", "0.5", "0"], n=2)

    # Of four samples one is right: 1/4, of the 6 pairs 3 hold it, of all four one surely does.
    assert report == Report(
        tasks=2,
        samples=4,
        avg=0.375,
        passed={1: 0.25, 2: 0.5, 4: 1.0},
        interval={1: wilson(0.5, 2), 2: wilson(1, 2), 4: wilson(2, 2)},
        parts={},
        reasons={"wrong_answer": 6, "correct": 2},
        completions=8,
        unscored=0,
        errors=0,
    )
    assert [[r.score.reward for r in group] for group in groups] == [[1.0, 0.0, 0.5, 0.0]] * 2
    assert [group[0].task.id for group in groups] == ["t0", "t1"]


def test_a_task_weighs_the_same_however_many_of_its_samples_are_scored():
    class Uneven:
        def generate(self, tasks, *, samples):
            return [[Completion(text=t) for t in texts] for texts in (["1", "1", "1", "1"], ["0", "none"])]

    environment = Environment(name="e", tasks=tasks(2), verifier=verdict_by_text)
    report, _ = evaluate(environment, Uneven(), InProcess(environment), tasks=environment.tasks, samples=4)

    assert report.avg == 0.5
    assert report.passed == {1: 0.5}  # one task has but one scored sample
    assert report.unscored == 1


def test_the_unscored_join_no_figure():
    report, _ = run(["1", "none", "raise", "0"], n=1)

    assert (report.avg, report.passed) == (0.5, {1: 0.5, 2: 1.0})
    assert (report.completions, report.unscored, report.errors) == (4, 2, 1)
    assert report.reasons == {"correct": 1, "unreadable_reference": 1, "verifier_error": 1, "wrong_answer": 1}


def test_where_nothing_is_scored_nothing_is_claimed():
    report, _ = run(["none"], n=3)

    assert (report.tasks, report.avg, report.passed, report.interval) == (0, None, {}, {})
    assert report.unscored == 3


def test_no_task_is_no_figure_either():
    report, groups = run(["1"], n=0)

    assert (report.tasks, report.avg, report.passed, groups) == (0, None, {}, [])


def test_the_true_measure_decides_success_where_there_is_one():
    report, _ = run(["1/0", "0.2/1"], n=1, true_measure="solved")

    assert report.avg == pytest.approx(0.6)
    assert report.passed == {1: 0.5, 2: 1.0}
    assert report.parts == {"solved": 0.5}


@pytest.mark.parametrize(
    ("measure", "score", "right"),
    [
        (None, Score(reward=1.0), True),
        (None, Score(reward=0.99), False),
        (None, Score(reward=None), False),
        ("solved", Score(reward=1.0), False),
        ("solved", Score(reward=1.0, parts={"solved": 0.5}), False),
        ("solved", Score(reward=0.0, parts={"solved": 1.0}), True),
    ],
)
def test_what_counts_as_solved(measure, score, right):
    environment = Environment(name="e", tasks=[], verifier=verdict_by_text, true_measure=measure)
    rollout = Rollout(task=tasks(1)[0], completion=Completion(text=""), score=score)

    assert is_right(environment, rollout) is right


def test_a_part_is_averaged_where_it_is_given():
    report, _ = run(["1/1", "0"], n=1)

    assert report.parts == {"solved": 1.0}
