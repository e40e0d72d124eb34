"""The toy of CS336's lecture 17: our parts give its published rewards, and its ratio turns the gradient round."""

import importlib
import json
import math
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra `train`")

from rlvr.registry import make  # noqa: E402 - after the skip
from rlvr.types import Completion, Task  # noqa: E402

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
toy = importlib.import_module("cs336")

pytestmark = pytest.mark.train
PROMPT = "0 1 2 3"  # [3, 1, 0, 2], sorted


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads only wait for each other on tensors of this size, and longest on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def name(known):
    setting = known.setting
    return f"{setting.reward}-{setting.loss}-{toy.NAMES[setting.advantage]}".replace(", ", "-")


@pytest.mark.parametrize("known", toy.KNOWN, ids=name)
def test_a_run_gives_the_mean_rewards_that_the_lecture_gives(known):
    rewards = toy.train(known.setting)

    found = {epoch: toy.measured(rewards, epoch) for epoch in known.at}

    assert found == pytest.approx(known.at, abs=toy.TOLERANCE)


@pytest.mark.parametrize(
    ("advantage", "logged"),
    [
        ("none", {0: 2.333, 10: 2.667, 20: 2.667, 99: 2.667}),
        ("centred", {0: 2.333, 10: 3.0, 20: 3.333, 99: 3.333}),
        ("unbiased_std", {0: 2.333, 10: 3.033, 20: 3.333, 99: 3.333}),
    ],
)
def test_what_is_held_to_is_what_the_logs_of_the_lecture_say(advantage, logged):
    held_to = [known.at for known in toy.KNOWN if known.setting == toy.Setting(advantage=advantage)]

    assert held_to == [logged]


@pytest.mark.parametrize(
    ("reward", "raws"),
    [("sort_inclusion_ordering", [7.0, 3.0, 6.0]), ("sort_distance", [4.0, 1.0, 1.0])],
)
def test_the_plugin_counts_what_the_lecture_counts_on_its_three_examples(reward, raws):
    task = Task(id="t", prompt=(), answer=PROMPT)
    verifier = make("sort", reward=reward).verifier

    scores = [verifier(task, Completion(text=text)) for text in ("0 1 2 3", "7 2 2 5", "0 3 1 2")]

    assert [score.parts["raw"] for score in scores] == raws


@pytest.mark.parametrize(
    ("loss", "slope"),
    [("naive", -1.0), ("ratio", -1.0), ("ratio, clipped", -1.0), ("divided", 1 / math.log(2))],
)
def test_only_the_divided_ratio_makes_a_better_response_less_likely(loss, slope):
    # One token of probability a half, advantage 1, before the first update: both ratios are 1. Of -exp(l - l0)
    # the slope in l is -1, of -l / l0 it is -1 / l0 = 1 / log 2.
    logp = torch.tensor([[math.log(0.5)]], requires_grad=True)

    toy.loss_of(logp, logp.detach(), torch.ones(1, 1), loss).backward()

    assert logp.grad.item() == pytest.approx(slope)


def test_the_divided_ratio_of_a_certain_token_is_no_number():
    logp = torch.zeros(1, 1, requires_grad=True)

    losses = [
        toy.loss_of(logp, logp.detach(), torch.ones(1, 1), loss).item() for loss in ("divided", "ratio")
    ]

    assert math.isnan(losses[0])
    assert losses[1] == -1.0


@pytest.mark.parametrize("expected", [3.333, 3.334])
def test_the_command_prints_json_and_ends_in_1_only_where_a_figure_differs(monkeypatch, capsys, expected):
    known = toy.Known(setting=toy.Setting(advantage="centred"), source="its log", at={99: expected})
    monkeypatch.setattr(toy, "KNOWN", (known,))
    monkeypatch.setattr(sys, "argv", ["cs336.py", "--json"])
    differs = expected == 3.334

    with pytest.raises(SystemExit) as ended:
        toy.main()

    assert ended.value.code == differs
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["measured"], row["expected"], row["differs"]) == (3.333333, expected, differs)
