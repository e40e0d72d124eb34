"""The blame boundary: whose fault it was, whatever a verifier does."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from rlvr.errors import InputError, SandboxUnavailable
from rlvr.scoring import InProcess, score
from rlvr.types import Completion, Environment, Score, Task

TASK = Task(id="t", prompt=(), answer="4")
TRY = Completion(text="5")


def judged(returned):
    return score(lambda task, completion: returned, TASK, TRY)


def raising(error):
    def verify(task, completion):
        raise error

    return score(verify, TASK, TRY)


class OwnTimeout(BaseException):
    pass


@pytest.mark.parametrize(
    "verdict",
    [
        Score(reward=0.0, reason="wrong_answer", answer="5"),
        Score(reward=1.0, reason="correct", parts={"format": 1.0}),
        Score(reward=-0.5),
        Score.unscored("unreadable_reference"),
    ],
)
def test_a_verdict_passes_as_it_is(verdict):
    assert judged(verdict) == verdict


def test_a_sandbox_that_cannot_be_had_is_nobodys_fault():
    assert raising(SandboxUnavailable("docker is down")) == Score(reward=None, reason="sandbox_unavailable")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no idea"), "ValueError: no idea"),
        (ValueError(), "ValueError"),
        (ValueError("one\ntwo"), "ValueError: one"),
        (SystemExit(3), "SystemExit: 3"),
        (GeneratorExit(), "GeneratorExit"),
        (OwnTimeout("late"), "OwnTimeout: late"),
        (MemoryError(), "MemoryError"),
        (InputError("a bad reference"), "InputError: a bad reference"),
    ],
)
def test_a_verifier_that_raises_is_unscored_with_the_error(error, line):
    assert raising(error) == Score(reward=None, reason="verifier_error", error=line)


def test_a_verifier_that_recurses_without_end_is_unscored():
    def verify(task, completion):
        return verify(task, completion)

    assert score(verify, TASK, TRY).error.startswith("RecursionError: ")


def test_ctrl_c_passes_through():
    with pytest.raises(KeyboardInterrupt):
        raising(KeyboardInterrupt())


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        (None, "the verifier returned NoneType, expected a Score"),
        (1.0, "the verifier returned float, expected a Score"),
        (True, "the verifier returned bool, expected a Score"),
        ({"reward": 1.0}, "the verifier returned dict, expected a Score"),
        (Score(reward=math.nan), "the verifier returned reward = nan, expected a finite number"),
        (Score(reward=math.inf), "the verifier returned reward = inf, expected a finite number"),
        (Score(reward="1"), "the verifier returned reward = '1', expected a finite number"),
        (Score(reward=1j), "the verifier returned reward = 1j, expected a finite number"),
        (Score(reward=[1.0]), "the verifier returned reward = [1.0], expected a finite number"),
        (Score(reward=Decimal(1)), "the verifier returned reward = Decimal('1'), expected a finite number"),
        (Score(reward=1.0, answer=5), "the verifier returned answer = 5, expected text"),
        (Score(reward=1.0, reason=3), "the verifier returned reason = 3, expected text"),
        (Score(reward=1.0, error=ValueError()), "the verifier returned error = ValueError(), expected text"),
        (Score(reward=1.0, parts=[1]), "the verifier returned parts = [1], expected names with numbers"),
        (Score(reward=1.0, parts={"a": None}), "the verifier returned a = None, expected a finite number"),
        (Score(reward=1.0, parts={"a": math.nan}), "the verifier returned a = nan, expected a finite number"),
        (Score(reward=10**400), "OverflowError: int too large to convert to float"),
        (Score(reward=1.0, parts={"a": -(10**400)}), "OverflowError: int too large to convert to float"),
        (
            Score(reward=1.0, answer=["x" * 500]),
            f"the verifier returned answer = ['{'x' * 78}, expected text",
        ),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_garbage_verdict_is_unscored_and_says_what_was_returned(returned, error):
    assert judged(returned) == Score(reward=None, reason="verifier_error", error=error)


def test_numbers_of_other_kinds_become_floats():
    verdict = judged(Score(reward=True, parts={"a": Fraction(1, 2), 3: 1}))

    assert verdict == Score(reward=1.0, parts={"a": 0.5, "3": 1.0})
    assert [type(value) for value in (verdict.reward, *verdict.parts.values())] == [float] * 3


def test_a_verdict_that_lies_about_itself_is_unscored():
    class Odd(Score):
        @property
        def parts(self):
            raise ValueError("none of your business")

        @parts.setter
        def parts(self, value): ...

    class Explosive:
        def __repr__(self):
            raise ValueError("no repr")

    assert judged(Odd(reward=1.0)).error == "ValueError: none of your business"
    assert judged(Score(reward=Explosive())).error == "ValueError: no repr"


def test_in_process_judges_in_order_and_times_each():
    environment = Environment(
        name="e", tasks=[TASK], verifier=lambda task, c: Score(reward=float(c.text == task.answer))
    )

    rollouts = InProcess(environment)(TASK, [Completion(text="5"), Completion(text="4")])

    assert [rollout.score.reward for rollout in rollouts] == [0.0, 1.0]
    assert all(rollout.ms > 0 for rollout in rollouts)
    assert [rollout.completion.text for rollout in rollouts] == ["5", "4"]
