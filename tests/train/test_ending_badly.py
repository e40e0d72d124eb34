"""What a run says when it cannot go on: a gradient that is no number, a full accelerator, a disk, a fault of ours."""

import pytest
import torch

from rlvr.boundary import attempt
from rlvr.errors import RunError
from rlvr.train.folder import RunFolder
from rlvr.train.learner import learner_of
from rlvr.train.models import load_model
from rlvr.train.run import _told
from rlvr.train.settings import EnvironmentTable, ModelTable, TrainConfig
from rlvr.train.stages import stages
from rlvr.train.world import World

pytestmark = pytest.mark.train


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_stops_the_run_and_leaves_the_weights(bad):
    table = ModelTable(name="scratch", vocabulary="a b", hidden_size=8, layers=1, heads=1)
    config = TrainConfig(
        environment=EnvironmentTable(name="none"), model=table, trainer={"max_steps": 1, "num_generations": 1}
    )
    learner = learner_of(load_model(table, seed=0).model, stages(config)[0], world=World())
    before = [parameter.detach().clone() for parameter in learner.parameters]
    for parameter in learner.parameters:
        parameter.grad = torch.full_like(parameter, bad)

    with pytest.raises(RunError, match=r"the gradient of step 1 is not finite, and the weights were left"):
        learner.apply(1, 0)

    assert all(torch.equal(old, new) for old, new in zip(before, learner.parameters, strict=True))


def raised(error):
    def fail():
        raise error

    return attempt(fail)


def test_a_full_accelerator_is_told_of_with_the_numbers_to_change(tmp_path):
    said = str(_told(raised(torch.OutOfMemoryError("CUDA out of memory")), RunFolder(path=tmp_path), "rlvr"))

    assert said.startswith("the accelerator is out of memory. What to do: lower ")
    assert "trainer.per_device_train_batch_size" in said
    assert "trainer.max_completion_length" in said
    assert said.endswith("the last whole checkpoint is kept for --resume.")
    assert "\n" not in said


def test_a_disk_that_is_full_names_the_folder(tmp_path):
    said = str(_told(raised(OSError(28, "No space left on device")), RunFolder(path=tmp_path), "rlvr"))

    assert f"the run folder {str(tmp_path)!r} can no longer be written" in said
    assert "free some space" in said


def test_a_fault_of_ours_leaves_its_traceback_in_the_folder(tmp_path):
    said = str(_told(raised(ZeroDivisionError("oh")), RunFolder(path=tmp_path), "rlvr"))

    assert "the trainer failed: ZeroDivisionError: oh." in said
    assert "ZeroDivisionError" in (tmp_path / "traceback.log").read_text()


def test_what_we_word_ourselves_is_passed_on_as_it_is(tmp_path):
    error = RunError("said once.")

    assert _told(raised(error), RunFolder(path=tmp_path), "rlvr") is error
