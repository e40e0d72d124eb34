"""The two runs that the project stands on: one that learns, one that games its reward and says so."""

import json
import re

import pytest

from rlvr import make
from rlvr.types import first_tasks

from .conftest import ROOT, steps_of

pytestmark = [pytest.mark.train, pytest.mark.slow]


def held_out_lists():
    return make("sort", length=3, base=5, template="{question} >", split="test")


def evaluations(folder):
    rows = [json.loads(line) for line in (folder / "evaluations.jsonl").read_text().splitlines()]
    return [row["parts"]["exact"] for row in rows]


def test_the_demo_learns_to_sort_lists_that_it_never_trained_on(run_train, tmp_path):
    done = run_train(ROOT / "configs/train/sort-scratch.toml", "run.folder=run")

    assert done.returncode == 0, done.stderr
    before, *_, third_last, second_last, last = evaluations(tmp_path / "run")
    assert before <= 0.05
    assert max(third_last, second_last, last) >= 0.90  # 27 lists: other processors round other draws
    assert min(third_last, second_last, last) >= 0.80
    assert "ALARM" not in done.stderr
    assert re.search(r"before '.*' \(.*\)  after '.*' \(1\.00\)", done.stderr)
    assert "Next: rlvr train configs/train/sort-hacked.toml" in done.stderr
    rollouts = (tmp_path / "run" / "rollouts.jsonl").read_text().splitlines()
    tried = {json.loads(line)["prompt"][0]["content"] for line in rollouts}
    held_out = {task.prompt[0].content for task in first_tasks(held_out_lists(), None)}
    assert len(held_out) == 27
    assert len(tried) == 125 - 27
    assert not tried & held_out


def test_a_run_that_games_its_reward_says_so_in_words(run_train, tmp_path):
    done = run_train(ROOT / "configs/train/sort-hacked.toml", "run.folder=run", "trainer.max_steps=200")

    last = steps_of(tmp_path / "run")[-20:]
    alarms = [json.loads(line) for line in (tmp_path / "run" / "alarms.jsonl").read_text().splitlines()]
    assert sum(row["reward"] for row in last) / 20 > 0.85
    assert sum(row["exact"] for row in last) / 20 < 0.75
    assert alarms[0]["kind"] == "reward_hacking"
    assert "the reward is being gamed" in done.stderr
    assert "are not 'exact'" in done.stderr
