"""Small runs: a model of a few thousand parameters, a handful of steps, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("trl", reason="needs the extra `train`")

ROOT = Path(__file__).parents[2]
OPTIONS = """[environment.options]
length = 2
base = 3
template = "{question} >"
"""
TINY = f"""
[run]
seed = 3
threads = 1
[environment]
name = "sort"
{OPTIONS}[model]
name = "scratch"
vocabulary = "0 1 2 >"
prompt = "text"
hidden_size = 16
layers = 1
heads = 2
[rollout]
workers = 1
[trainer]
max_steps = 12
per_device_train_batch_size = 16
num_generations = 4
max_completion_length = 3
learning_rate = 1e-3
save_steps = 3
[evaluation]
every = 6
options = {{ split = "test" }}
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The config of a run of twelve steps of a tenth of a second."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture
def start_train(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start `rlvr train` in a folder of the test's own."""

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "rlvr", "train", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=tmp_path, **pipes)

    return start


@pytest.fixture
def run_train(start_train) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `rlvr train` to its end."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        process = start_train(*arguments)
        out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return run


def steps_of(folder: Path) -> list[dict]:
    """The numbers of each step, without what is made of seconds, which no two runs share."""
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if not k.endswith("_s") and k != "hidden"} for row in rows]


def rollouts_of(folder: Path) -> list[dict]:
    """The rollouts, without the milliseconds."""
    rows = [json.loads(line) for line in (folder / "rollouts.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if k != "ms"} for row in rows]
