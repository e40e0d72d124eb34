"""Dynamic sampling, difficulty bands, sampling ahead: what a step draws, and what it costs."""

import json
from collections import Counter

import pytest

from rlvr import Environment, Score, Task
from rlvr.errors import InputError
from rlvr.train.collect import Collector, Memory
from rlvr.train.settings import EnvironmentTable, ModelTable, TrainConfig
from rlvr.train.stages import stages
from rlvr.train.world import World

from .test_algorithms import TRAINER, train

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]

SHORT = {**TRAINER, "max_steps": 8, "per_device_train_batch_size": 32}


def rollouts_of(folder):
    return [json.loads(line) for line in (folder / "rollouts.jsonl").read_text().splitlines()]


def test_dynamic_sampling_fills_a_step_with_groups_that_teach_within_its_bound(tmp_path):
    trainer = {**SHORT, "dynamic_sampling": True, "max_num_gen_batches": 3}

    steps, _ = train(tmp_path / "run", 0, trainer=trainer)

    # Four groups of eight a step; a fresh model leaves many groups without a reward.
    assert any(row["passed_over"] for row in steps)
    for row in steps:
        groups = row["completions"] // 8
        assert 4 <= groups <= 3 * 4
        assert row["examples"] <= 4 * 8
    over = [row for row in rollouts_of(tmp_path / "run") if row.get("passed_over")]
    assert len(over) == 8 * sum(row["passed_over"] for row in steps)
    assert {row["advantage"] for row in over} == {0.0}


def test_a_step_without_any_group_that_teaches_changes_nothing_and_goes_on(tmp_path):
    # Rewards of a wrong answer only: with one completion a group, nothing can be told apart.
    steps, _ = train(tmp_path / "run", 0, trainer={**SHORT, "num_generations": 1})

    assert [row["examples"] for row in steps] == [0] * 8
    assert [row["grad_norm"] for row in steps] == [0.0] * 8


def test_tasks_outside_of_the_band_are_mostly_passed_over():
    tasks = [Task(id=f"t{i}", prompt=(), answer="") for i in range(10)]
    environment = Environment(name="ten", tasks=tasks, verifier=lambda *_: Score(reward=0.0))
    (stage,) = stages(
        TrainConfig(
            environment=EnvironmentTable(name="ten"),
            model=ModelTable(name="none"),
            trainer={"max_steps": 1, "difficulty": [0.2, 0.8]},
        )
    )
    collector = Collector(
        rollouts=None, stage=stage, phases=[(environment, None)], loaded=None, world=World(), seed=0
    )
    # Half of the tasks are known to be solved always, one is in the band, the others were never seen.
    collector.memory = Memory(shares={**{f"t{i}": 1.0 for i in range(5)}, "t5": 0.5})

    drawn = Counter(collector._draw(1).task.id for _ in range(2000))

    easy, others = (sum(drawn[f"t{i}"] for i in part) for part in (range(5), range(5, 10)))
    assert easy / others == pytest.approx(0.1, abs=0.03)
    assert collector.cursor > 2000


def test_sampling_ahead_waits_for_no_verdict_and_learns_from_one_update_ago(tmp_path):
    now, _ = train(tmp_path / "now", 0, trainer=SHORT)
    ahead, _ = train(tmp_path / "ahead", 0, trainer=SHORT, rollout={"workers": 1, "ahead": 1})

    assert [row["completions"] for row in ahead] == [row["completions"] for row in now]
    assert ahead[0]["reward"] == now[0]["reward"]  # the first step samples from the same model
    assert ahead[1]["reward"] != now[2]["reward"] or ahead[2]["reward"] != now[2]["reward"]
    # On policy the sampler and the trainer agree to rounding; one update later they do not.
    assert max(abs(row["mismatch_kl"]) for row in now) < 1e-6
    assert max(row["mismatch_kl"] for row in ahead[2:]) > 1e-5


def test_a_batch_that_groups_do_not_divide_is_one_clear_line(tmp_path):
    with pytest.raises(InputError, match=r"a step has 32 completions .*num_generations = 5 does not divide"):
        train(tmp_path / "run", 0, trainer={**SHORT, "num_generations": 5})


@pytest.mark.parametrize(("temperature", "noted"), [(1.0, True), (0.7, False)])
def test_preferences_are_compared_with_the_sampler_only_where_both_read_at_one_temperature(
    tmp_path, temperature, noted
):
    # Preferences are learned at temperature 1, whatever the temperature of sampling (arXiv 2305.18290, eq. 7).
    changes = {**SHORT, "temperature": temperature}
    rows, _ = train(tmp_path / "run", 0, algorithm="dpo", trainer=changes)

    assert ["mismatch_kl" in row for row in rows] == [noted] * len(rows)
    assert not noted or abs(rows[0]["mismatch_kl"]) < 1e-6
