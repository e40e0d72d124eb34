"""Configs: each of ours loads, and a wrong one is one clear line before any model loads."""

import tomllib
from pathlib import Path

import pytest

from rlvr.errors import InputError, RLVRError, UnknownName
from rlvr.registry import make
from rlvr.train import settings
from rlvr.train.stages import stages

from .conftest import ROOT, TINY

CONFIGS = sorted((ROOT / "configs").rglob("*.toml"))

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_each_config_of_ours_loads_and_says_what_it_is_for_and_what_to_expect(path):
    from rlvr.train.trl_engine import trainer_settings

    purpose, command, hardware, expected, run_by_us, *_ = path.read_text().splitlines()

    config = settings.load(path)

    assert purpose.startswith("# ")
    assert command.startswith("# ")
    assert command.endswith(f"rlvr train {path.relative_to(ROOT)}")
    assert hardware.startswith("# Hardware: ")
    assert expected.startswith("# Expected: ")
    assert run_by_us.startswith(("# Run by us: yes", "# Run by us: no"))
    if config.engine == "trl":
        assert trainer_settings(config).max_steps > 0
    else:
        assert all(stage.table.max_steps > 0 for stage in stages(config))
    assert make(config.environment.name, **{**config.environment.options, **config.evaluation.options})


def test_words_after_the_config_change_it(tmp_path):
    config = settings.load(CONFIGS[0], ["run.seed=7", "model.hidden_size=32"])

    assert (config.run.seed, config.model.hidden_size) == (7, 32)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("run.sed=1", "no key named 'run.sed'. Did you mean 'run.seed'?"),
        ("modle.name=x", "no key named 'modle'. Did you mean 'model'?"),
        ("run.seed=soon", "run.seed = 'soon' is of the wrong type: expected a whole number."),
        (
            "model.prompt=loud",
            "model.prompt = 'loud' is of the wrong type: expected one of 'auto', 'chat', 'text'.",
        ),
        ("rollout.max_unscored=2", "rollout.max_unscored = 2.0 is out of range: expected 0 to 1."),
        ("model.vocabulary=''", "model.vocabulary is empty"),
        ("model.heads=3", "model.hidden_size = 16 and model.heads = 3: expected the first to be a multiple"),
        ("curriculum=[{until=2, options={}}]", "curriculum: until = [2.0]: expected rising fractions"),
        ("model=3", "model = 3 is of the wrong type: expected a table."),
    ],
)
def test_a_wrong_key_or_value_is_named_with_the_way_out(tmp_path, change, said):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)

    with pytest.raises(RLVRError) as error:
        settings.load(path, [change])

    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "trainer.lerning_rate=1",
            "no key named 'trainer.lerning_rate'. Did you mean 'trainer.learning_rate'?",
        ),
        (
            "trainer.learning_rate=fast",
            "trainer.learning_rate = 'fast' is of the wrong type: expected a finite number.",
        ),
        ("trainer.output_dir=x", "trainer.output_dir is TRL's: here it is run.folder; or set engine = 'trl'"),
        ("trainer.max_steps=0", "trainer.max_steps = 0 is out of range: expected 1 to "),
        ("trainer.scale_rewards=batch", "trainer.scale_rewards is TRL's: here it is trainer.advantage: "),
        (
            "trainer.loss_type=dapo",
            "trainer.loss_type is TRL's: here it is algorithm, as in algorithm = 'dapo'",
        ),
        ("trainer.epsilon=2", "trainer.epsilon = 2.0 is out of range: expected 0 to 1."),
        ("trainer.difficulty=[0.9, 0.1]", "trainer.difficulty = [0.9, 0.1]: expected [low, high] with 0"),
        ("trainer.advantage=grpo", "trainer.advantage = 'grpo' is of the wrong type: expected one of "),
        ("algorithm=grp", "no algorithm named 'grp'. Did you mean 'grpo'?"),
        ("stage=[{algorithm='sftt'}]", "no algorithm named 'sftt'. Did you mean 'sft'?"),
        ("stage=[{algorithm='sft', trainer={max_step=3}}]", "Did you mean 'trainer.max_steps'?"),
    ],
)
def test_a_wrong_setting_of_our_own_engine_is_named_before_any_model_loads(tmp_path, change, said):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)

    with pytest.raises(RLVRError) as error:
        stages(settings.load(path, [change]))

    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("trainer.output_dir=x", "trainer.output_dir is not yours to set: it comes from run.folder."),
        ("trainer.max_steps=0", "trainer.max_steps is missing"),
        ("trainer.num_generations=5", "[trainer] is not consistent: "),
        ("trainer.num_generations=1", "[trainer] is not consistent: "),
    ],
)
def test_trainer_keys_go_to_trl_word_for_word_and_wrong_ones_are_named(tmp_path, change, said):
    from rlvr.train.trl_engine import trainer_settings

    path = tmp_path / "tiny.toml"
    path.write_text(TINY)

    with pytest.raises((InputError, UnknownName)) as error:
        trainer_settings(settings.load(path, [change]))

    assert said in str(error.value)


def test_every_trainer_key_reaches_trl(tmp_path):
    from rlvr.train.trl_engine import trainer_settings

    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    trainer = tomllib.loads(TINY)["trainer"]

    made = trainer_settings(settings.load(path, ["trainer.beta=0.04", "trainer.loss_type=dr_grpo"]))

    assert {key: getattr(made, key) for key in trainer} == trainer
    assert (made.beta, made.loss_type) == (0.04, "dr_grpo")


def test_a_missing_config_is_named():
    with pytest.raises(InputError, match=r"no file 'nowhere.toml': expected a TOML config"):
        settings.load(Path("nowhere.toml"))


@pytest.mark.parametrize(
    ("changes", "tasks"),
    [
        ([], 5 * 4),  # 16 completions in groups of 4, a generation a step
        (["trainer.gradient_accumulation_steps=2", "trainer.steps_per_generation=1"], 5 * 2 * 4),
        (["trainer.gradient_accumulation_steps=2"], 5 * 8),  # one generation for both micro-batches
        (["trainer.num_iterations=2"], 3 * 4),  # each generation serves two steps
        (["trainer.steps_per_generation=4"], 2 * 16),  # 64 completions serve four steps
    ],
)
def test_a_run_is_given_tasks_enough_for_every_step(tmp_path, changes, tasks):
    from rlvr.train.trl_engine import tasks_until, trainer_settings

    path = tmp_path / "tiny.toml"
    path.write_text(TINY)

    assert tasks_until(trainer_settings(settings.load(path, changes)), 5) == tasks
