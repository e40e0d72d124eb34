"""LoRA: only the adapter learns, the reference is the model without it, and a run goes on to the bit."""

import io
import json
import shutil

import pytest
import torch

from rlvr.config import parse
from rlvr.errors import InputError
from rlvr.train import run
from rlvr.train.models import load_model
from rlvr.train.settings import ModelTable, TrainConfig

from .test_algorithms import TOY, TRAINER

pytest.importorskip("peft", reason="needs the extra `lora`")
pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A tiny model in a folder, as a hub would give it."""
    folder = tmp_path_factory.mktemp("base")
    loaded = load_model(ModelTable(**TOY["model"]), seed=0)
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    return folder


def config(base, folder, **changes):
    table = {
        **TOY,
        "run": {"seed": 1, "folder": str(folder), "threads": 1},
        "model": {"name": str(base), "prompt": "text"},
        "peft": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear"},
        "trainer": {**TRAINER, "max_steps": 6, "save_steps": 3, "beta": 0.01, "learning_rate": 1e-2},
        **changes,
    }
    return parse(TrainConfig, table)


def steps_of(folder):
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in row.items() if not k.endswith("_s") and k != "hidden"} for row in rows]


def test_only_the_adapter_learns_and_is_held_to_the_model_without_it(base, tmp_path):
    run.train(config(base, tmp_path / "run"), name="lora", resume=False, data=io.StringIO())

    steps = steps_of(tmp_path / "run")
    assert steps[0]["kl"] == pytest.approx(0.0, abs=1e-9)  # a fresh adapter changes nothing
    assert steps[5]["kl"] > 0
    place = tmp_path / "run" / "checkpoints" / "checkpoint-6"
    trained = load_model(ModelTable(name=str(place), prompt="text"), seed=0).model
    before = load_model(ModelTable(name=str(base), prompt="text"), seed=0).model
    frozen = dict(before.named_parameters())
    kept = {n.replace(".base_layer", ""): p for n, p in trained.named_parameters() if "lora" not in n}
    moved = [p for name, p in trained.named_parameters() if "lora_B" in name]
    assert all(torch.equal(parameter, frozen[name]) for name, parameter in kept.items())
    assert len(kept) == len(frozen)
    assert any(parameter.abs().max() > 0 for parameter in moved)
    assert not list(place.glob("model*.safetensors"))  # the base model is not written again


def test_a_run_with_an_adapter_goes_on_to_the_bit(base, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    run.train(config(base, whole), name="lora", resume=False, data=io.StringIO())
    shutil.copytree(whole, cut)
    shutil.rmtree(cut / "checkpoints" / "checkpoint-6")

    run.train(config(base, cut), name="lora", resume=True, data=io.StringIO())

    assert steps_of(cut) == steps_of(whole)


def test_fields_that_peft_does_not_have_are_named(base, tmp_path):
    wrong = config(base, tmp_path / "run", peft={"rank": 4})

    with pytest.raises(InputError, match=r"\[peft\] is no LoraConfig for this model: .*rank"):
        run.train(wrong, name="lora", resume=False, data=io.StringIO())
