"""kill -9 at twenty random moments: the run that goes on is the run that nothing happened to, to the bit."""

import multiprocessing
import random
import time

import pytest

from .conftest import rollouts_of, steps_of

pytestmark = [pytest.mark.train, pytest.mark.slow, pytest.mark.timeout(900)]

# All that a checkpoint must hold: an optimiser in mid-flight, a critic, a cursor that runs ahead of the steps,
# what was sampled ahead, how hard each task was, and the end of a stage.
RICH = """
[run]
seed = 3
threads = 1
[environment]
name = "sort"
options = { length = 2, base = 3, template = "{question} >" }
[model]
name = "scratch"
vocabulary = "0 1 2 >"
prompt = "text"
hidden_size = 16
layers = 1
heads = 2
[rollout]
workers = 1
ahead = 1
[trainer]
max_steps = 300
per_device_train_batch_size = 16
num_generations = 4
max_completion_length = 3
learning_rate = 3e-3
num_mini_batches = 2
save_steps = 3
[[stage]]
algorithm = "dapo"
trainer = { max_num_gen_batches = 3, difficulty = [0.05, 0.95], mask_truncated_completions = false }
[[stage]]
algorithm = "ppo"
trainer = { beta = 0.01 }
[evaluation]
every = 50
tasks = 9
"""


def train(config, folder, resume):
    """In a process of its own: one run, or what is left of it."""
    from pathlib import Path

    from rlvr.train import run, settings

    run.quiet()
    parsed = settings.load(Path(config), [f"run.folder={folder!r}"])
    with Path("/dev/null").open("w") as data:
        run.train(parsed, name="rich", resume=resume, data=data)


@pytest.fixture(scope="module")
def processes():
    """Processes that begin with everything imported, so that they are killed in the run, not before it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["rlvr.train.run", "rlvr.train.loop", "rlvr.train.reward_model"])
    return context


def finish(processes, config, folder, *, resume):
    process = processes.Process(target=train, args=(str(config), str(folder), resume))
    process.start()
    process.join(240)
    assert process.exitcode == 0


def lines_of(path):
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_twenty_kills_at_random_moments_change_nothing(processes, tmp_path):
    config, whole, killed = tmp_path / "rich.toml", tmp_path / "whole", tmp_path / "killed"
    config.write_text(RICH)
    finish(processes, config, whole, resume=False)
    draws = random.Random(11)
    kills, moments = 0, []
    while kills < 20:
        resume = (killed / "config.toml").exists()
        process = processes.Process(target=train, args=(str(config), str(killed), resume))
        process.start()
        until = time.monotonic() + draws.uniform(0.5, 1.5)
        while time.monotonic() < until and process.is_alive():
            time.sleep(0.005)  # another process is watched: there is nothing to wait on
        if not process.is_alive():
            break
        process.kill()
        process.join()
        kills += 1
        moments.append(lines_of(killed / "metrics.jsonl"))
    finish(processes, config, killed, resume=True)

    assert kills == 20, f"the run ended after {kills} kills, at steps {moments}"
    assert len(set(moments)) > 3
    assert steps_of(killed) == steps_of(whole)
    assert rollouts_of(killed) == rollouts_of(whole)
    last = "checkpoints/checkpoint-600/model.safetensors"
    assert (killed / last).read_bytes() == (whole / last).read_bytes()
