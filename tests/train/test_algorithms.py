"""Every algorithm improves the sort toy on a CPU in seconds; three seeds each, the mean counts."""

import io
import json

import pytest
import torch

from rlvr import Completion, WorkerPool, make
from rlvr.config import parse
from rlvr.train import run
from rlvr.train.algorithms import ALGORITHMS
from rlvr.train.settings import TrainConfig

pytestmark = [pytest.mark.train, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SEEDS = (0, 1, 2)
TOY = {
    "environment": {"name": "sort", "options": {"length": 2, "base": 3, "template": "{question} >"}},
    "model": {
        "name": "scratch",
        "vocabulary": "0 1 2 >",
        "prompt": "text",
        "hidden_size": 32,
        "layers": 1,
        "heads": 2,
    },
    "rollout": {"workers": 1},
    "evaluation": {"tasks": 9, "samples": 16, "temperature": 1.0},
}
TRAINER = {
    "max_steps": 60,
    "per_device_train_batch_size": 128,
    "num_generations": 8,
    "max_completion_length": 3,
    "learning_rate": 3e-3,
    "lr_scheduler_type": "constant",
    "save_steps": 1000,
}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def train(folder, seed, **changes):
    """Train the toy; return the numbers of each step, and of each evaluation."""
    table = {**TOY, "run": {"seed": seed, "folder": str(folder), "threads": 1}, **changes}
    out = io.StringIO()
    run.train(parse(TrainConfig, table), name="toy", resume=False, data=out)
    steps = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    evaluations = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
    return steps, evaluations


def mean(values):
    return sum(values) / len(values)


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name != "reward_model"])
def test_an_algorithm_improves_the_toy(tmp_path, algorithm):
    found = [train(tmp_path / str(seed), seed, algorithm=algorithm, trainer=TRAINER)[1] for seed in SEEDS]

    before, after = mean([first["avg"] for first, _ in found]), mean([last["avg"] for _, last in found])
    assert before < 0.15
    assert after > before + 0.25


def test_a_reward_model_is_a_verifier_afterwards_with_its_measured_error(tmp_path):
    stages = [
        {"algorithm": "grpo", "trainer": {"max_steps": 20}},
        {"algorithm": "reward_model", "trainer": {"max_steps": 80}},
    ]
    wide = {**TOY["evaluation"], "tasks": 64}
    found = [
        train(tmp_path / str(seed), seed, stage=stages, trainer=TRAINER, evaluation=wide)[0] for seed in SEEDS
    ]

    assert mean([mean([row["preferred"] for row in steps[-10:]]) for steps in found]) > 0.7
    place = tmp_path / "0" / "reward_model"
    about = json.loads((place / "reward_model.json").read_text())
    assert about["pairs"] > 0
    assert about["pair_accuracy"] > 0.7
    with WorkerPool("reward-model", options={"path": str(place)}, workers=1, timeout_s=60) as pool:
        task = make("sort", **TOY["environment"]["options"]).tasks[1]
        right, wrong = pool(task, [Completion(text=task.answer), Completion(text="> > >")])
    assert right.score.parts["score"] > wrong.score.parts["score"]
    assert wrong.score.reward == 0.0
    assert right.score.reward == float(right.score.parts["score"] >= about["threshold"])


def test_a_pipeline_of_stages_begins_each_where_the_one_before_ended(tmp_path):
    stages = [
        {"algorithm": "sft", "trainer": {"max_steps": 60}},
        {"algorithm": "grpo", "trainer": {"max_steps": 10, "beta": 0.01}},
    ]

    steps, (before, after) = train(tmp_path / "run", 0, stage=stages, trainer=TRAINER)

    assert [row["step"] for row in steps] == list(range(1, 71))
    assert before["avg"] < 0.15
    assert steps[60]["reward"] > 0.4  # what supervision taught is there when the second stage begins
    assert steps[60]["kl"] == pytest.approx(0.0, abs=1e-9)  # and is what it is held to
    assert steps[69]["kl"] > 0
    assert after["avg"] > 0.5
