"""How a verdict came to be: told in a worker, read where it arrives, whatever the verifier does."""

import json
import math

import pytest

from rlvr.errors import SandboxUnavailable
from rlvr.explain import as_json, explained, explaining, explanation_of, from_json
from rlvr.protocols import Explains
from rlvr.types import Completion, Explanation, Score, Task
from rlvr.workers import WorkerPool

TASK = Task(id="t", prompt=(), answer="4")
TRY = Completion(text="it is 4, I think")
RIGHT = Score(reward=1.0, answer="4", reason="correct", parts={"format": 1.0})
SAID = Explanation(
    score=RIGHT,
    read="4",
    rule="number",
    spans=((6, 7),),
    forms={"answer": "4", "reference": "4"},
    stage="text",
    ms={"read": 0.25, "compare": 0.5},
    notes=("One.", "Two."),
)

TELLING = """
import os, signal
from rlvr import Completion, Score, Task
from rlvr.explain import explaining
from rlvr.hookspecs import Spec, hookimpl
from rlvr.types import Explanation

@hookimpl
def rlvr_verifiers():
    return [Spec(name="telling", entry_point="rlvr_telling:make", summary="for tests")]

def make():
    def judge(task, completion):
        if completion.text == "hang":
            while True: pass
        if completion.text == "die": os.kill(os.getpid(), signal.SIGKILL)
        if completion.text == "raise": raise ValueError("no idea")
        return Score(reward=1.0, answer=completion.text, reason="correct")

    def explain(task, completion):
        verdict = judge(task, completion)
        if completion.text == "mute": raise KeyError("words")
        return Explanation(score=verdict, read=completion.text, rule="whole", spans=((0, len(completion.text)),))

    return explaining(judge, explain)
"""


def told(verifier, completion=TRY):
    return explanation_of(explained(verifier)(TASK, completion))


def saying(explanation):
    return explaining(lambda task, completion: RIGHT, lambda task, completion: explanation)


def test_an_explanation_survives_json():
    assert from_json(json.loads(json.dumps(as_json(SAID)))) == SAID


def test_the_keys_of_an_explanation_are_these():
    keys = ["read", "rule", "spans", "forms", "stage", "ms", "notes"]

    assert list(as_json(SAID)) == [*keys, "reward", "answer", "reason", "parts", "error"]


def test_what_a_verifier_says_of_itself_arrives_as_it_was_said():
    assert told(saying(SAID)) == SAID


def test_a_plain_function_is_timed_and_what_it_read_is_its_answer():
    said = told(lambda task, completion: RIGHT)

    assert (said.score, said.read, said.spans, said.rule) == (RIGHT, "4", (), "")
    assert list(said.ms) == ["total"]
    assert said.ms["total"] >= 0


def test_texts_of_any_kind_cross():
    said = Explanation(score=RIGHT, read="\x00\ud800\x1b[2J", forms={"\u2028": "\ud800"})

    assert told(saying(said)) == said


def test_a_verifier_that_fails_to_explain_still_gives_its_verdict():
    def explain(task, completion):
        raise KeyError("words")

    said = told(explaining(lambda task, completion: RIGHT, explain))

    assert said.score == RIGHT
    (note,) = said.notes
    assert "could not explain itself (KeyError: 'words')" in note


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        RIGHT,
        Explanation(score=RIGHT, spans=((1, 2, 3),)),
        Explanation(score=RIGHT, spans=5),
        Explanation(score=RIGHT, ms={"read": "long"}),
        Explanation(score=RIGHT, forms=3),
    ],
)
def test_an_explanation_that_is_none_costs_the_explanation_and_not_the_verdict(garbage):
    said = told(saying(garbage))

    assert said.score == RIGHT
    assert "could not explain itself" in said.notes[0]


def test_a_verdict_that_is_none_is_our_fault_also_where_it_is_explained():
    said = told(saying(Explanation(score=Score(reward=math.nan))))

    assert said.score.reward is None
    assert said.score.error == "the verifier returned reward = nan, expected a finite number"


def test_a_verifier_that_raises_is_our_fault():
    def judge(task, completion):
        raise ValueError("no idea")

    said = told(judge)

    assert said.score == Score.unscored("verifier_error", error="ValueError: no idea")


def test_a_sandbox_that_cannot_be_had_stays_nobodys_fault_and_says_why():
    def explain(task, completion):
        raise SandboxUnavailable("no user namespaces here")

    said = told(explaining(lambda task, completion: RIGHT, explain))

    assert said.score == Score.unscored("sandbox_unavailable")
    assert said.notes == ("no user namespaces here",)


def test_spans_outside_the_completion_are_dropped():
    said = told(saying(Explanation(score=RIGHT, spans=((-1, 3), (6, 7), (5, 5), (9, 8), (3, 1000)))))

    assert said.spans == ((6, 7),)


def test_what_is_long_is_cut_and_says_so():
    said = told(saying(Explanation(score=RIGHT, read="x" * 1_000_000, spans=((0, 1),) * 10_000)))

    assert said.read.endswith("x... (980,000 more characters)")
    assert len(said.spans) == 256


def test_a_score_given_in_place_of_one_explains_no_more():
    timeout = Score(reward=0.0, reason="timeout")

    assert explanation_of(timeout) == Explanation(score=timeout)


def test_calling_a_verifier_that_explains_judges():
    verifier = saying(SAID)

    assert isinstance(verifier, Explains)
    assert verifier(TASK, TRY) == RIGHT


def test_workers_explain_and_what_hangs_or_dies_there_costs_only_itself(write_plugin):
    write_plugin("rlvr-telling", TELLING)
    texts = ["four", "hang", "die", "raise", "mute", "five"]

    with WorkerPool("telling", kind="verifier", workers=2, timeout_s=0.5, explain=True) as pool:
        said = [explanation_of(r.score) for r in pool(TASK, [Completion(text=text) for text in texts])]

    assert [one.score.reward for one in said] == [1.0, 0.0, None, None, 1.0, 1.0]
    assert [one.read for one in said] == ["four", "", "", "", "mute", "five"]
    assert [one.rule for one in said] == ["whole", "", "", "", "", "whole"]
    assert [one.score.reason for one in said[1:4]] == ["timeout", "worker_died", "verifier_error"]


def test_without_being_asked_workers_explain_nothing(write_plugin):
    write_plugin("rlvr-telling", TELLING)

    with WorkerPool("telling", kind="verifier", workers=1) as pool:
        (rollout,) = pool(TASK, [Completion(text="four")])

    assert rollout.score == Score(reward=1.0, answer="four", reason="correct")
