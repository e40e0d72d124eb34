"""A run that is killed, interrupted or repeated: nothing is lost, and the same steps come again."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import OPTIONS, TINY, rollouts_of, steps_of

pytestmark = pytest.mark.train


def wait_for_steps(folder: Path, n: int, process) -> None:
    end = time.monotonic() + 120
    metrics = folder / "metrics.jsonl"
    while time.monotonic() < end and process.poll() is None:
        if metrics.exists() and metrics.read_bytes().count(b"\n") >= n:
            return
        time.sleep(0.005)  # another process is watched: there is nothing to wait on
    pytest.fail(f"the run ended or stalled before step {n}: {process.communicate()}")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "tiny.toml").write_text(TINY)
    command = [sys.executable, "-m", "rlvr", "train", "tiny.toml", "run.folder=run"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "run"


def test_two_runs_of_one_config_are_the_same_to_the_bit(uninterrupted, run_train, tiny, tmp_path):
    run_train(tiny, "run.folder=again")

    assert steps_of(tmp_path / "again") == steps_of(uninterrupted)
    assert rollouts_of(tmp_path / "again") == rollouts_of(uninterrupted)


@pytest.mark.parametrize("step", [2, 5, 10])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    uninterrupted, start_train, run_train, tiny, tmp_path, step
):
    folder = tmp_path / "run"
    process = start_train(tiny, "run.folder=run")
    wait_for_steps(folder, step, process)
    process.kill()
    process.communicate()

    done = run_train("run", "--resume")

    assert done.returncode == 0, done.stderr
    assert steps_of(folder) == steps_of(uninterrupted)
    assert rollouts_of(folder) == rollouts_of(uninterrupted)


def test_a_torn_checkpoint_is_not_resumed_from(uninterrupted, start_train, run_train, tiny, tmp_path):
    folder = tmp_path / "run"
    process = start_train(tiny, "run.folder=run")
    wait_for_steps(folder, 7, process)
    process.kill()
    process.communicate()
    torn = folder / "checkpoints" / "checkpoint-9"
    torn.mkdir(exist_ok=True)
    (torn / "model.safetensors").write_bytes(b"half")

    done = run_train("run", "--resume")

    assert done.returncode == 0, done.stderr
    assert steps_of(folder) == steps_of(uninterrupted)


def test_the_first_ctrl_c_saves_and_stops_and_the_run_can_go_on(
    uninterrupted, start_train, run_train, tiny, tmp_path
):
    folder = tmp_path / "run"
    process = start_train(tiny, "run.folder=run")
    wait_for_steps(folder, 4, process)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    stopped = steps_of(folder)[-1]["step"]
    assert process.returncode == 130
    assert "Interrupted: go on with `rlvr train run --resume`." in err
    assert "Traceback" not in err
    assert (
        json.loads((folder / "checkpoints" / f"checkpoint-{stopped}" / "rlvr.json").read_text())["step"]
        == stopped
    )
    assert run_train("run", "--resume").returncode == 0
    assert steps_of(folder) == steps_of(uninterrupted)


GAMED = """
from rlvr import Environment, Message, Score, Spec, Task, TaskStream, hookimpl

@hookimpl
def rlvr_environments():
    return [Spec(name="gamed", entry_point="rlvr_gamed:load", summary="pays everyone, though half are wrong")]

def load():
    def verify(task, completion):
        return Score(reward=1.0, parts={"exact": float(completion.text[:1] in "01")})
    def at(index):
        return Task(id=f"gamed-{index}", prompt=(Message(role="user", content="0 >"),), answer="1")
    return Environment(name="gamed", tasks=TaskStream(at=at), verifier=verify, true_measure="exact")
"""


def test_an_alarm_that_rang_before_the_run_was_stopped_does_not_ring_again(
    write_plugin, start_train, run_train, tmp_path
):
    write_plugin("rlvr-gamed", GAMED)
    config = tmp_path / "gamed.toml"
    config.write_text(
        TINY.replace('name = "sort"', 'name = "gamed"')
        .replace("max_steps = 12", "max_steps = 45")
        .split("[evaluation]")[0]
        + "[evaluation]\ntasks = 0\n"
    )
    config.write_text(config.read_text().replace(OPTIONS, ""))
    folder = tmp_path / "run"
    process = start_train(config, "run.folder=run", "--no-check")  # which would stop it at once
    wait_for_steps(folder, 25, process)
    process.kill()
    process.communicate()

    done = run_train("run", "--resume")

    alarms = [json.loads(line) for line in (folder / "alarms.jsonl").read_text().splitlines()]
    assert [(alarm["kind"], alarm["step"]) for alarm in alarms] == [("reward_hacking", 20)]
    assert "ALARM (since step 20): the reward is being gamed" in done.stderr


def test_a_folder_with_a_run_is_not_written_over(uninterrupted, run_train, tiny):
    before = (uninterrupted / "metrics.jsonl").read_bytes()

    done = run_train(tiny, f"run.folder={uninterrupted}")

    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert "holds a run already: go on with it by --resume" in done.stderr
    assert (uninterrupted / "metrics.jsonl").read_bytes() == before


def test_the_run_folder_says_what_the_run_stood_on(uninterrupted):
    written = json.loads((uninterrupted / "environment.json").read_text())

    assert written["environment"].startswith("rlvr-exact/sort@")
    assert len(written["plugins"]["rlvr-exact/exact"]["hash"]) == 8
    assert written["seed"] == 3
    assert {"python", "rlvr", "torch", "transformers", "trl"} <= written["versions"].keys()
    assert (uninterrupted / "curve.png").read_bytes().startswith(b"\x89PNG")
    evaluated = [
        json.loads(line)["step"] for line in (uninterrupted / "evaluations.jsonl").read_text().splitlines()
    ]
    assert evaluated == [0, 6, 12]


def test_runs_of_a_config_are_numbered_and_the_last_is_resumed(run_train, tiny, tmp_path):
    (tmp_path / "runs" / "tiny-3").mkdir(parents=True)  # made, and left before it began
    first = run_train(tiny, "trainer.max_steps=2")
    nothing = run_train(tmp_path / "other.toml", "--resume")
    again = run_train(tiny, "--resume", "trainer.max_steps=2")

    assert [place.name for place in sorted((tmp_path / "runs").iterdir())] == ["tiny-3", "tiny-4"]
    assert "everything is in runs/tiny-4/" in first.stderr
    assert nothing.returncode == 2
    assert again.returncode == 0, again.stderr


def test_a_folder_that_can_take_no_more_is_one_clear_line(uninterrupted, run_train, tiny, tmp_path):
    # No file may grow beyond 16 KiB: to the run that is a full disk.
    command = f"ulimit -f 16; exec {sys.executable} -m rlvr train {tiny} run.folder=run"

    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)

    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert done.returncode == 2
    assert len(errors) == 1
    assert "the run folder 'run' can no longer be written" in errors[0]
    assert "Traceback" not in done.stderr
    assert run_train("run", "--resume").returncode == 0
    assert steps_of(tmp_path / "run") == steps_of(uninterrupted)
