"""Two processes that train together: one gradient, and groups normalised as one however they are spread."""

import multiprocessing
import os
import subprocess
import sys

import pytest
import torch

from rlvr.advantage import group_advantages
from rlvr.train.forward import Example
from rlvr.train.learner import learner_of
from rlvr.train.losses import Totals
from rlvr.train.models import load_model
from rlvr.train.settings import EnvironmentTable, ModelTable, TrainConfig
from rlvr.train.signal import Signal
from rlvr.train.stages import stages
from rlvr.train.world import World, join_world

from .conftest import TINY, rollouts_of, steps_of

pytestmark = [pytest.mark.train, pytest.mark.slow]


def gradients(world, algorithm):
    """The gradient of five rows of different lengths, after the processes have added theirs up."""
    torch.set_num_threads(1)
    table = ModelTable(name="scratch", vocabulary="a b c d", hidden_size=16, layers=1, heads=2)
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=table,
        algorithm=algorithm,
        trainer={
            "max_steps": 1,
            "num_generations": 1,
            "per_device_train_batch_size": 2,
            "num_iterations": 2,
        },
    )
    learner = learner_of(load_model(table, seed=2).model, stages(config)[0], world=world)
    units = [
        (
            Example(
                prompt_ids=[n % 3],
                completion_ids=[1, 2, 3][: 1 + n % 3],
                logprobs=[-1.0] * (1 + n % 3),
                advantage=n - 2.0,
                reward=float(n % 2),
            ),
        )
        for n in range(5)
    ]
    update = next(iter(learner.updates(Signal(units=units, totals=Totals(rows=5, tokens=9, length=3)), 1)))
    for micro in update.micros:
        learner.loss(micro, update.totals).backward()
    world.add_gradients(learner.parameters)
    return [p.grad for p in learner.parameters], learner.numbers()


def in_a_process(rank, port, algorithm, told):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=port, RANK=str(rank), WORLD_SIZE="2")
    world = join_world()
    found, numbers = gradients(world, algorithm)
    told.put((rank, [g.tolist() for g in found], numbers))
    world.leave()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.mark.parametrize("algorithm", ["grpo", "ppo"])
def test_two_processes_have_the_gradient_that_one_would_have(algorithm):
    context = multiprocessing.get_context("spawn")
    told, port = context.Queue(), free_port()
    both = [context.Process(target=in_a_process, args=(rank, port, algorithm, told)) for rank in range(2)]
    for process in both:
        process.start()
    found = sorted(told.get(timeout=120) for _ in both)
    for process in both:
        process.join(60)

    alone, numbers = gradients(World(), algorithm)
    for _, theirs, told_numbers in found:
        for gradient, other in zip(alone, theirs, strict=True):
            torch.testing.assert_close(torch.tensor(other), gradient, atol=1e-6, rtol=1e-5)
        assert told_numbers == pytest.approx(numbers, abs=1e-6)


@pytest.mark.parametrize("engine", ["rlvr", "trl"])
def test_rewards_of_a_group_that_is_spread_over_processes_are_normalised_together(tmp_path, engine):
    # Three tasks on two processes: four of the eight completions of some task are sampled by each.
    config = tmp_path / "two.toml"
    config.write_text(TINY.replace("per_device_train_batch_size = 16", "per_device_train_batch_size = 12"))
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--no-python"]
    command += [
        sys.executable,
        "-m",
        "rlvr",
        "train",
        str(config),
        "run.folder=run",
        "trainer.num_generations=8",
    ]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)

    assert done.returncode == 0, done.stderr
    rows = rollouts_of(tmp_path / "run")
    assert len(rows) == 12 * 24
    assert [row["completions"] for row in steps_of(tmp_path / "run")] == [24] * 12
    for start in range(0, len(rows), 8):
        group = rows[start : start + 8]
        rewards = [row["reward"] for row in group]
        assert len({(row["step"], row["id"]) for row in group}) == 1
        assert [row["advantage"] for row in group] == pytest.approx(
            group_advantages(rewards, eps=1e-4), abs=1e-6
        )
    assert len({tuple(row["token_ids"]) for row in rows[:8]}) > 4  # the processes draw differently
