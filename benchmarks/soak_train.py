"""A long run of training, watched from outside: memory, processes, descriptors, rollouts that are not lost.

    python benchmarks/soak_train.py --minutes 30

Some tasks are hostile to their verifier: it hangs, ends the worker, raises, prints, leaks. The run
is then interrupted, as by Ctrl-C, and everything that it left is counted.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

HOSTILE = """
import os, sys, time
from rlvr import Environment, Message, Score, Spec, Task, TaskStream, hookimpl, make

@hookimpl
def rlvr_environments():
    return [Spec(name="hostile-sort", entry_point="rlvr_hostile:load", summary="a verifier that misbehaves")]

LEAK = []

def load():
    inner = make("sort", length=2, base=3, template="{question} >")
    def verify(task, completion):
        kind = int(task.id.rsplit("-", 1)[1]) % 4096
        if kind == 9: time.sleep(60)
        if kind == 10: os._exit(3)
        if kind == 11: raise ValueError("no idea")
        if kind % 8 == 4: print("noise", file=sys.stderr)
        if kind % 8 == 5: LEAK.append(bytearray(1000))
        return inner.verifier(task, completion)
    return Environment(name="hostile-sort", tasks=inner.tasks, verifier=verify)
"""
CONFIG = """
algorithm = "dapo"
[run]
seed = 0
threads = 1
[environment]
name = "hostile-sort"
[model]
name = "scratch"
vocabulary = "0 1 2 >"
prompt = "text"
hidden_size = 32
layers = 1
heads = 2
[rollout]
workers = 1
ahead = 1
timeout_s = 0.5
max_unscored = 0.2
[trainer]
max_steps = 10000000
per_device_train_batch_size = 64
num_generations = 8
max_completion_length = 3
learning_rate = 1e-4
lr_scheduler_type = "constant"
max_num_gen_batches = 2
beta = 0.01
save_steps = 200
[evaluation]
tasks = 0
"""


def seen(process: psutil.Process) -> dict[str, float]:
    """Return what the trainer and its children hold."""
    children = process.children(recursive=True)
    return {
        "rss_mb": round(process.memory_info().rss / 2**20, 1),
        "children_rss_mb": round(sum(child.memory_info().rss for child in children) / 2**20, 1),
        "children": len(children),
        "descriptors": process.num_fds(),
    }


def main() -> None:
    """Run, watch, interrupt, count; print JSON, and exit 1 if anything grew, stayed or was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as name:
        found = soak(Path(name), minutes)
    print(json.dumps(found, indent=2))
    sys.exit(0 if found["good"] else 1)


def soak(folder: Path, minutes: float) -> dict[str, Any]:
    """Return what was seen of a run of so many minutes in a folder."""
    site = folder / "site"
    info = site / "rlvr_hostile-0.1.dist-info"
    info.mkdir(parents=True)
    (site / "rlvr_hostile.py").write_text(HOSTILE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rlvr-hostile\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[rlvr]\nhostile = rlvr_hostile\n")
    (folder / "soak.toml").write_text(CONFIG)
    command = [sys.executable, "-m", "rlvr", "train", "soak.toml", "run.folder=run", "--no-check"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    with (folder / "err").open("w") as err:
        started = subprocess.Popen(command, cwd=folder, env=environment, stderr=err, stdout=err)
    process = psutil.Process(started.pid)
    time.sleep(min(60.0, minutes * 60 / 4))  # until everything is loaded and warm
    samples = []
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until and started.poll() is None:
        samples.append(seen(process))
        time.sleep(max(1.0, minutes * 60 / 60))
    family = process.children(recursive=True)
    alive = started.poll() is None
    started.send_signal(signal.SIGINT)
    code = started.wait(120)
    time.sleep(1)
    return counted(folder, samples, code=code, alive=alive, left=sum(one.is_running() for one in family))


def counted(
    folder: Path, samples: list[dict[str, float]], *, code: int, alive: bool, left: int
) -> dict[str, Any]:
    """Return what a run came to, and whether anything is wrong with it."""
    steps = [json.loads(line) for line in (folder / "run/metrics.jsonl").read_text().splitlines()]
    with (folder / "run/rollouts.jsonl").open() as lines:
        rollouts = sum(1 for _ in lines)
    half = len(samples) // 2
    middle = [statistics.median(s["rss_mb"] for s in part) for part in (samples[:half], samples[half:])]
    found = {
        "minutes_watched": len(samples),
        "steps": len(steps),
        "rollouts": rollouts,
        "rollouts_that_steps_tell_of": sum(step["completions"] for step in steps),
        "timeouts": sum(step["timeouts"] for step in steps),
        "errors": sum(step["errors"] for step in steps),
        "rss_mb_halves": middle,
        "first": samples[0],
        "last": samples[-1],
        "exit_code": code,
        "processes_left": left,
    }
    grew = middle[1] - middle[0]
    found["good"] = bool(
        alive
        and code == 130
        and left == 0
        and found["rollouts"] == found["rollouts_that_steps_tell_of"]
        and grew < 0.05 * middle[0]
        and samples[-1]["descriptors"] <= samples[0]["descriptors"] + 2
        and samples[-1]["children"] <= samples[0]["children"] + 1
    )
    return found


if __name__ == "__main__":
    main()
