"""Trackers get each step's numbers; one that fails is told no more."""

import pytest

from rlvr.train.track import Trackers

from .test_algorithms import TOY, TRAINER, train

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]


def test_tensorboard_gets_each_steps_numbers(tmp_path):
    events = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="needs tensorboard"
    )
    table = {"seed": 0, "folder": str(tmp_path / "run"), "threads": 1, "report_to": ["tensorboard"]}

    steps, _ = train(tmp_path / "run", 0, **{**TOY, "run": table, "trainer": {**TRAINER, "max_steps": 3}})

    found = events.EventAccumulator(str(tmp_path / "run" / "run"))
    found.Reload()
    rewards = [(event.step, event.value) for event in found.Scalars("reward")]
    assert rewards == [(row["step"], pytest.approx(row["reward"])) for row in steps]


class Broken:
    def __init__(self):
        self.calls = 0

    def log(self, values, *, step):
        self.calls += 1
        raise ConnectionError("no route")


class Kept:
    def __init__(self):
        self.seen = []

    def log(self, values, *, step):
        self.seen.append((step, values))

    def finish(self):
        self.seen.append("finished")


def test_a_tracker_that_fails_is_named_once_and_the_others_go_on():
    said, broken, kept = [], Broken(), Kept()
    trackers = Trackers(say=said.append, open={"broken": broken, "kept": kept})

    trackers.log(1, {"reward": 0.5, "kl": None})
    trackers.log(2, {"reward": 0.6})
    trackers.finish()

    assert broken.calls == 1
    assert said == ["Warning: the tracker broken failed and is told no more: ConnectionError: no route."]
    assert kept.seen == [(1, {"reward": 0.5}), (2, {"reward": 0.6}), "finished"]
