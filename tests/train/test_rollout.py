"""What the trainer learns from: TRL's advantages are ours, and what is unscored moves nothing."""

import json

import pytest

from rlvr.advantage import group_advantages

from .conftest import rollouts_of, steps_of

pytestmark = pytest.mark.train

# Right, wrong, unscored by the task's fault, or our fault, by the first character of what was said.
FUSSY = """
from rlvr import Completion, Environment, Message, Score, Spec, Task, TaskStream, hookimpl

@hookimpl
def rlvr_environments():
    return [Spec(name="fussy", entry_point="rlvr_fussy:load", summary="for tests")]

def load(unscored: str = "2", broken: str = "never", mute: bool = False):
    def verify(task, completion):
        first = completion.text[:1]
        if first == broken:
            raise ValueError("no idea what to do")
        if first == unscored or mute:
            return Score.unscored("unreadable_reference")
        return Score(reward=float(first == "1"), reason="correct" if first == "1" else "wrong_answer")
    def at(index):
        return Task(id=f"fussy-{index}", prompt=(Message(role="user", content="0 >"),), answer="1")
    return Environment(name="fussy", tasks=TaskStream(at=at), verifier=verify)
"""
CONFIG = """
[run]
threads = 1
[environment]
name = "fussy"
[model]
name = "scratch"
vocabulary = "0 1 2 >"
prompt = "text"
hidden_size = 16
layers = 1
heads = 2
[rollout]
workers = 1
[trainer]
max_steps = 3
per_device_train_batch_size = 32
num_generations = 8
max_completion_length = 2
[evaluation]
tasks = 0
"""

# Keeps what TRL made of the rewards: its advantages stand beside ours in the log.
SPY = """
import json, sys
from pathlib import Path
from rlvr.cli.common import quieten
quieten()
from rlvr.train import run, settings
from trl import GRPOTrainer
seen = []
score = GRPOTrainer._generate_and_score_completions
def spy(self, inputs):
    out = score(self, inputs)
    seen.append(list(self._logs["advantages"])[-len(inputs):])
    return out
GRPOTrainer._generate_and_score_completions = spy
config = settings.load(Path(sys.argv[1]), sys.argv[2:])
run.quiet()
run.train(config, name="spied", resume=False)
print(json.dumps(seen))
"""


@pytest.fixture
def fussy(write_plugin, tmp_path, monkeypatch):
    write_plugin("rlvr-fussy", FUSSY)
    path = tmp_path / "fussy.toml"
    path.write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return path


def spied(config, *changes):
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", SPY, config, *changes], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(("scale", "convention"), [("group", "unbiased_std"), ("none", "centred")])
def test_trl_computes_the_advantages_of_our_table_with_a_third_unscored(fussy, tmp_path, scale, convention):
    theirs = spied(fussy, "engine=trl", f"trainer.scale_rewards={scale!r}", "run.folder=run")

    rows = rollouts_of(tmp_path / "run")
    rewards = [row["reward"] for row in rows]
    ours = [
        advantage
        for start in range(0, len(rewards), 8)
        for advantage in group_advantages(rewards[start : start + 8], convention=convention, eps=1e-4)
    ]
    assert 0.1 < rewards.count(None) / len(rewards) < 0.6
    assert [a for step in theirs for a in step] == pytest.approx(ours, abs=1e-5)
    assert all(a == 0.0 for a, reward in zip(ours, rewards, strict=True) if reward is None)
    assert [row["advantage"] for row in rows] == pytest.approx(ours, abs=1e-6)


@pytest.mark.parametrize("engine", ["rlvr", "trl"])
def test_an_unscored_completion_joins_no_mean(fussy, run_train, tmp_path, engine):
    run_train(fussy, f"engine={engine}", "run.folder=run")

    first = [row for row in rollouts_of(tmp_path / "run") if row["step"] == 1]
    scored = [row["reward"] for row in first if row["reward"] is not None]
    numbers = steps_of(tmp_path / "run")[0]
    assert numbers["unscored"] == 32 - len(scored)
    assert numbers["errors"] == 0
    assert numbers["reward"] == pytest.approx(sum(scored) / len(scored))


def test_a_verifier_that_fails_on_too_many_stops_the_run_in_one_line(fussy, run_train):
    done = run_train(fussy, 'environment.options={broken="2"}', "run.folder=run")

    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "the verifier failed on" in line
    assert "ValueError: no idea what to do" in line
    assert "rollout.max_unscored = 0.01" in line
    assert "Traceback" not in done.stderr


def test_a_step_without_any_verdict_stops_the_run(fussy, run_train):
    # Whatever is said starts with one of its words, or is empty: all of it unscored.
    done = run_train(fussy, "environment.options={mute=true}", "run.folder=run", "--no-check")

    assert done.returncode == 2
    assert "no completion of a step could be scored (unreadable_reference)" in done.stderr


def test_what_trl_refuses_in_mid_run_is_one_line_and_a_log(fussy, run_train, tmp_path):
    done = run_train(fussy, "engine=trl", "trainer.loss_type=gpro", "run.folder=run")

    assert done.returncode == 2
    assert "Error: TRL's trainer failed: ValueError: Unknown loss type: gpro" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Unknown loss type" in (tmp_path / "run" / "traceback.log").read_text()


def test_completions_that_trl_generates_itself_are_judged_too(fussy, run_train, tmp_path):
    done = run_train(
        fussy,
        "engine=trl",
        "run.folder=run",
        "trainer.generation_kwargs={}",
        "trainer.repetition_penalty=1.1",
    )

    assert done.returncode == 0, done.stderr
    rows = rollouts_of(tmp_path / "run")
    assert len(rows) == 3 * 32
    assert {row["reason"] for row in rows} >= {"wrong_answer", "unreadable_reference"}


STRICT = """
from rlvr import Environment, Message, Score, Spec, Task, TaskStream, hookimpl

@hookimpl
def rlvr_environments():
    return [Spec(name="strict", entry_point="rlvr_strict:load", summary="its verifier depends on its options")]

def load(pay: float = 0.25):
    def at(index):
        return Task(id=f"strict-{index}", prompt=(Message(role="user", content="0 >"),), answer="1")
    verifier = lambda task, completion: Score(reward=pay)
    return Environment(name="strict", tasks=TaskStream(at=at), verifier=verifier)
"""


@pytest.mark.parametrize("engine", ["rlvr", "trl"])
def test_each_phase_and_the_evaluation_are_judged_by_their_own_verifier(
    fussy, write_plugin, run_train, tmp_path, engine
):
    write_plugin("rlvr-strict", STRICT)
    changes = [f"engine={engine}", "environment.name=strict", "curriculum=[{until=0.34, options={pay=0.5}}]"]

    evaluated = "evaluation={tasks=2, options={pay=1.0}}"
    done = run_train(fussy, *changes, evaluated, "run.folder=run", "--no-check")  # it pays for anything

    assert done.returncode == 0, done.stderr
    assert [row["reward"] for row in steps_of(tmp_path / "run")] == [0.5, 0.25, 0.25]
    evaluations = (tmp_path / "run" / "evaluations.jsonl").read_text().splitlines()
    assert [json.loads(line)["avg"] for line in evaluations] == [1.0, 1.0]


def test_a_step_that_accumulates_over_several_generations_counts_them_all(fussy, run_train, tmp_path):
    # Each micro-batch of 32 is a generation of its own; two make a step.
    changes = ["engine=trl", "trainer.gradient_accumulation_steps=2", "trainer.steps_per_generation=1"]

    done = run_train(fussy, *changes, "trainer.max_steps=2", "run.folder=run")

    assert done.returncode == 0, done.stderr
    assert [row["completions"] for row in steps_of(tmp_path / "run")] == [64, 64]
    rows = rollouts_of(tmp_path / "run")
    assert len({row["id"] for row in rows}) == 16
    first, second = ([r["completion"] for r in rows[start : start + 32]] for start in (0, 32))
    assert first != second


TALKATIVE = """
from rlvr import hookimpl
from pathlib import Path

@hookimpl
def rlvr_rollout_scored(rollout):
    with Path("told.txt").open("a") as file:
        file.write(rollout.task.id + "\\n")

@hookimpl
def rlvr_step_finished(step, metrics):
    if step == 2:
        raise RuntimeError("the logger broke")
"""


@pytest.mark.parametrize("engine", ["rlvr", "trl"])
def test_plugins_are_told_of_rollouts_and_steps_and_a_broken_one_is_named_once(
    fussy, write_plugin, run_train, tmp_path, engine
):
    write_plugin("rlvr-talkative", TALKATIVE)

    done = run_train(fussy, f"engine={engine}", "run.folder=run")

    assert done.returncode == 0, done.stderr
    told = (tmp_path / "told.txt").read_text().split()
    assert told == [row["id"] for row in rollouts_of(tmp_path / "run") if row["step"] <= 2]
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert "the plugin rlvr-talkative/talkative failed and is told no more" in warning
    assert "RuntimeError: the logger broke" in warning
