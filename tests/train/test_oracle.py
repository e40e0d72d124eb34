"""TRL as oracle: the same model, batch and rewards give the same loss and the same gradients."""

import copy

import pytest
import torch
from datasets import Dataset

from rlvr.train.forward import Example
from rlvr.train.learner import learner_of
from rlvr.train.losses import Totals
from rlvr.train.models import load_model
from rlvr.train.settings import EnvironmentTable, ModelTable, TrainConfig
from rlvr.train.signal import Signal
from rlvr.train.stages import stages
from rlvr.train.world import World

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore")]

PROMPTS = [[1, 2, 3], [1, 2, 3], [4], [4]]
COMPLETIONS = [[5, 6, 7], [5, 1], [2, 2, 2, 2], [3]]
ADVANTAGES = [1.2, -1.2, -0.5, 0.5]

# Our row, with TRL's words for it. TRL's epsilon_high is CISPO's cap itself.
PAIRS = {
    "grpo": ({"algorithm": "grpo"}, {"loss_type": "grpo"}),
    "dr_grpo": ({"algorithm": "dr_grpo"}, {"loss_type": "dr_grpo"}),
    "dapo": ({"algorithm": "dapo"}, {"loss_type": "dapo", "epsilon_high": 0.28}),
    "gspo": (
        {"algorithm": "gspo"},
        {
            "loss_type": "grpo",
            "importance_sampling_level": "sequence",
            "epsilon": 3e-4,
            "epsilon_high": 4e-4,
        },
    ),
    "cispo": ({"algorithm": "cispo"}, {"loss_type": "cispo", "epsilon_high": 1.28}),
    "sapo": ({"algorithm": "sapo"}, {"loss_type": "sapo"}),
    "kl": ({"algorithm": "grpo", "beta": 0.1}, {"loss_type": "grpo", "beta": 0.1}),
    "entropy": (
        {"algorithm": "dapo", "entropy_coef": 0.05},
        {"loss_type": "dapo", "epsilon_high": 0.28, "entropy_coef": 0.05},
    ),
    "temperature": ({"algorithm": "grpo", "temperature": 0.7}, {"loss_type": "grpo", "temperature": 0.7}),
}


@pytest.fixture(scope="module")
def loaded():
    table = ModelTable(
        name="scratch", vocabulary="a b c d e f g h", hidden_size=32, layers=2, heads=2, max_length=32
    )
    return load_model(table, seed=1)


def policies(loaded):
    """The policy as it is, as it was when it sampled, and the reference: three models that differ."""
    generator = torch.Generator().manual_seed(5)
    made = []
    for scale in (0.0, 0.05, 0.1):
        model = copy.deepcopy(loaded.model)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += scale * torch.randn(parameter.shape, generator=generator)
        made.append(model)
    return made


def padded(rows, *, left, value=0):
    width = max(map(len, rows))
    pad = [[value] * (width - len(row)) for row in rows]
    return torch.tensor([p + row if left else row + p for p, row in zip(pad, rows, strict=True)])


def by_trl(loaded, words, old_logps, tmp_path):
    """The loss that TRL's trainer computes of the batch, and its gradients."""
    from trl import GRPOConfig, GRPOTrainer

    now, _, ref = policies(loaded)
    ref.save_pretrained(tmp_path / "ref")
    args = GRPOConfig(
        output_dir=str(tmp_path),
        use_cpu=True,
        bf16=False,
        report_to="none",
        per_device_train_batch_size=4,
        num_generations=2,
        max_completion_length=4,
        **words,
    )
    rows = Dataset.from_dict({"prompt": ["a"] * 4})
    now.config._name_or_path = str(tmp_path / "ref")
    trainer = GRPOTrainer(
        model=now,
        args=args,
        train_dataset=rows,
        processing_class=loaded.tokenizer,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
    )
    trainer.current_gradient_accumulation_steps = 1
    now.train()
    inputs = {
        "prompt_ids": padded(PROMPTS, left=True),
        "prompt_mask": padded([[1] * len(p) for p in PROMPTS], left=True),
        "completion_ids": padded(COMPLETIONS, left=False),
        "completion_mask": padded([[1] * len(c) for c in COMPLETIONS], left=False),
        "advantages": torch.tensor(ADVANTAGES),
        "old_per_token_logps": padded(old_logps, left=False, value=0.0),
        "num_items_in_batch": torch.tensor(float(sum(map(len, COMPLETIONS)))),
    }
    if "beta" in words:
        reading = learner(loaded, {"algorithm": "grpo"}, ref).read(examples(old_logps))
        inputs["ref_per_token_logps"] = reading.logp_BT.detach()
    loss = trainer._compute_loss(now, inputs)
    loss.backward()
    return loss.item(), [parameter.grad for parameter in now.parameters()]


def examples(old_logps):
    rows = zip(PROMPTS, COMPLETIONS, ADVANTAGES, old_logps, strict=True)
    return [Example(prompt_ids=p, completion_ids=c, advantage=a, logprobs=o) for p, c, a, o in rows]


def learner(loaded, words, model, reference=None):
    words = dict(words)
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=ModelTable(name="none"),
        algorithm=words.pop("algorithm"),
        trainer={
            "max_steps": 1,
            "num_generations": 1,
            "num_iterations": 2,
            "max_completion_length": 4,
            **words,
        },
    )
    return learner_of(model, stages(config)[0], world=World(), reference=reference)


def by_us(loaded, words, old_logps, *, rows):
    now, _, ref = policies(loaded)
    ours = learner(
        loaded, {**words, "per_device_train_batch_size": rows}, now, ref if "beta" in words else None
    )
    units = [(example,) for example in examples(old_logps)]
    tokens = sum(map(len, COMPLETIONS))
    signal = Signal(units=units, totals=Totals(rows=4, tokens=tokens, length=4))
    update = next(iter(ours.updates(signal, 1)))
    losses = [ours.loss(micro, update.totals) for micro in update.micros]
    for loss in losses:
        loss.backward()
    return sum(loss.item() for loss in losses), [parameter.grad for parameter in now.parameters()]


@pytest.mark.parametrize("rows", [4, 2])
@pytest.mark.parametrize("name", PAIRS)
def test_trl_computes_the_same_loss_and_the_same_gradients(loaded, tmp_path, name, rows):
    ours, theirs = PAIRS[name]
    _, old, _ = policies(loaded)
    sampler = learner(loaded, {"algorithm": "grpo", "temperature": ours.get("temperature", 1.0)}, old)
    reading = sampler.read(examples([[0.0] * len(c) for c in COMPLETIONS]))
    old_logps = [row[: len(c)] for row, c in zip(reading.logp_BT.tolist(), COMPLETIONS, strict=True)]

    loss, gradients = by_us(loaded, ours, old_logps, rows=rows)
    expected, expected_gradients = by_trl(loaded, theirs, old_logps, tmp_path)

    assert loss == pytest.approx(expected, abs=1e-5)
    for gradient, other in zip(gradients, expected_gradients, strict=True):
        torch.testing.assert_close(gradient, other, atol=1e-5, rtol=1e-4)
