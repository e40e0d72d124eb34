"""Published and hand-made numbers, through the code that trains: a learner, its micro-batches, its loss."""

from types import SimpleNamespace

import pytest
import torch

from rlvr.train.forward import Example
from rlvr.train.learner import learner_of
from rlvr.train.losses import Totals, gae, value_loss
from rlvr.train.settings import EnvironmentTable, ModelTable, TrainConfig
from rlvr.train.signal import Signal
from rlvr.train.stages import stages
from rlvr.train.world import World

pytestmark = pytest.mark.train

LOGP = [[-0.5, -1.2, -0.3, -2.0], [-0.9, -0.1, -1.5]]
OLD = [[-0.7, -1.0, -0.9, -1.5], [-1.2, -0.2, -1.0]]
REF = [[-0.6, -1.1, -0.4, -1.8], [-1.0, -0.15, -1.3]]
ADVANTAGE = [0.8, -0.6]


class Told(torch.nn.Module):
    """A causal model of two words that gives token t of row b the log-probability it is told."""

    def __init__(self, logp_by_row):
        super().__init__()
        longest = max(map(len, logp_by_row)) + 1
        rows = [[*row, *[-0.7] * (longest - len(row))] for row in logp_by_row]
        logp = torch.tensor(rows, dtype=torch.float64)
        other = torch.log1p(-logp.exp().clamp(max=1 - 1e-12))
        self.logits = torch.nn.Parameter(torch.stack([logp, other], -1))
        self.config = SimpleNamespace(get_text_config=lambda: SimpleNamespace(vocab_size=2, hidden_size=2))
        self.device = torch.device("cpu")

    def base_model(self, *, input_ids, use_cache):
        return SimpleNamespace(last_hidden_state=self.logits[input_ids[:, 0]][:, : input_ids.shape[1]])

    def get_output_embeddings(self):
        return torch.nn.Identity()


def loss_of(algorithm, *, rows=8, reference=False, paired=False, length=4, **trainer):
    """The loss of the two rows, summed over micro-batches of at most `rows`, and what was noted."""
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=ModelTable(name="none"),
        algorithm=algorithm,
        trainer={
            "max_steps": 10,
            "num_generations": 1,
            "num_iterations": 2,
            "per_device_train_batch_size": rows,
            **trainer,
        },
    )
    (stage,) = stages(config)
    held = Told(REF) if reference else None
    learner = learner_of(Told(LOGP), stage, world=World(), reference=held)
    examples = [
        Example(prompt_ids=[b], completion_ids=[0] * len(LOGP[b]), logprobs=OLD[b], advantage=ADVANTAGE[b])
        for b in range(2)
    ]
    units = [tuple(examples)] if paired else [(example,) for example in examples]
    signal = Signal(units=units, totals=Totals(rows=len(units), tokens=7, length=length))
    update = next(iter(learner.updates(signal, 1)))
    loss = sum(learner.loss(micro, update.totals).detach() for micro in update.micros)
    return float(loss), learner.numbers()


# research: verl's formulas on these rows in float64, and by hand for the first two.
GOLDEN = {
    "reinforce": ({"algorithm": "reinforce"}, 0.2428571429),
    "reinforce, sum of a completion": (
        {"algorithm": "reinforce", "loss_agg_mode": "seq-mean-token-sum"},
        0.85,
    ),
    "grpo": ({"algorithm": "grpo"}, -0.0570231687),
    "ppo's clip": ({"algorithm": "grpo", "loss_agg_mode": "token-mean"}, -0.1581701850),
    "dual clip": ({"algorithm": "grpo", "loss_agg_mode": "token-mean", "dual_clip": 3.0}, -0.1581701850),
    "dapo": ({"algorithm": "dapo"}, -0.1697590716),
    "dr_grpo": ({"algorithm": "dr_grpo"}, -0.1383989119),
    "dr_grpo, constant 32": ({"algorithm": "dr_grpo", "length": 16}, -0.0345997280),
    "gspo": ({"algorithm": "gspo", "epsilon": 0.2, "epsilon_high": 0.2}, -0.1199612181),
    "cispo": ({"algorithm": "cispo"}, 0.1784005476),
    "sapo": ({"algorithm": "sapo"}, -0.2652641411),
    "grpo with KL": (
        {"algorithm": "grpo", "reference": True, "beta": 0.04, "use_bias_correction_kl": False},
        -0.0566587955,
    ),
    "dpo": ({"algorithm": "dpo", "paired": True, "reference": True}, 0.6956503056),
    # By hand: the mean of what was said of kept tokens, weighted by their advantages.
    "maxrl": ({"algorithm": "maxrl"}, 0.2428571429),
    # By hand: ratios exp(0.1) and exp(-0.1) of whole completions; -(0.8 * 1.105171 - 0.6 * 0.904837) / 2.
    "rloo": ({"algorithm": "rloo"}, -(0.8 * 1.1051709181 - 0.6 * 0.9048374180) / 2),
}


@pytest.mark.parametrize("rows", [8, 1], ids=["one micro-batch", "a row at a time"])
@pytest.mark.parametrize("name", GOLDEN)
def test_a_loss_is_the_published_number(name, rows):
    arguments, expected = GOLDEN[name]

    loss, _ = loss_of(**arguments, rows=rows)

    assert loss == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("estimator", "expected"), [("k1", -0.0214285714), ("k2", 0.0087500000), ("k3", 0.0091025876)]
)
def test_the_three_estimates_of_the_divergence_are_the_published_numbers(estimator, expected):
    _, noted = loss_of("grpo", reference=True, beta=0.04, kl_estimator=estimator)

    assert noted["kl"] == pytest.approx(expected, abs=1e-6)


def test_what_is_noted_of_an_update_is_worked_out_by_hand():
    _, noted = loss_of("grpo")

    # Ratios above 1.2 where the advantage is positive: exp(0.2) and exp(0.6) of row 0; below 0.8 where it is
    # negative: exp(-0.5) of row 1. Three of seven tokens.
    assert noted["clip_ratio"] == pytest.approx(3 / 7, abs=1e-6)
    differences = [0.2, -0.2, 0.6, -0.5, 0.3, 0.1, -0.5]
    k3 = sum(2.718281828459045**d - d - 1 for d in differences) / 7
    assert noted["mismatch_kl"] == pytest.approx(k3, abs=1e-6)


def test_sft_is_the_mean_negative_log_likelihood_of_completion_tokens():
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=ModelTable(name="none"),
        algorithm="sft",
        trainer={"max_steps": 1, "num_generations": 1},
    )
    learner = learner_of(Told(LOGP), stages(config)[0], world=World())
    units = [(Example(prompt_ids=[b], completion_ids=[0] * len(LOGP[b])),) for b in range(2)]
    signal = Signal(units=units, totals=Totals(rows=2, tokens=7, length=4))

    (update,) = learner.updates(signal, 1)

    assert learner.loss(update.micros[0], update.totals).item() == pytest.approx(6.5 / 7, abs=1e-6)


def test_generalised_advantage_estimation_by_hand():
    # gamma 0.9, lambda 0.8; values 0.5, 0.4, 0.2; reward 1 at the end.
    # delta_2 = 1 - 0.2 = 0.8; delta_1 = 0.9 * 0.2 - 0.4 = -0.22; delta_0 = 0.9 * 0.4 - 0.5 = -0.14.
    # A_2 = 0.8; A_1 = -0.22 + 0.72 * 0.8 = 0.356; A_0 = -0.14 + 0.72 * 0.356 = 0.11632.
    value = torch.tensor([[0.5, 0.4, 0.2, 9.0]])
    reward = torch.tensor([[0.0, 0.0, 1.0, 0.0]])
    mask = torch.tensor([[1.0, 1.0, 1.0, 0.0]])

    advantage, returns = gae(reward, value, mask, gamma=0.9, lam=0.8)

    assert advantage.tolist()[0] == pytest.approx([0.11632, 0.356, 0.8, 0.0], abs=1e-6)
    assert returns.tolist()[0][:3] == pytest.approx([0.61632, 0.756, 1.0], abs=1e-6)


def test_a_value_may_move_only_so_far_before_its_error_stops_shrinking():
    # Was 0.5, now 1.0, target 1.2: clipped to 0.7, whose error 0.25 is larger than 0.04.
    value, old, target = torch.tensor([[1.0]]), torch.tensor([[0.5]]), torch.tensor([[1.2]])

    assert float(value_loss(value, old, target, cliprange=0.2)) == pytest.approx(0.125, abs=1e-6)
    assert float(value_loss(value, old, target, cliprange=0.0)) == pytest.approx(0.02, abs=1e-6)


def test_ppo_learns_from_whitened_advantages_and_a_critic():
    # Values are 0 at the start, gamma = lambda = 1: each token's advantage is its completion's reward 1 or 0.
    # Whitened over seven tokens: mean 4/7, deviation sqrt(12)/7.
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=ModelTable(name="none"),
        algorithm="ppo",
        trainer={"max_steps": 1, "num_generations": 1, "lam": 1.0, "num_iterations": 1, "vf_coef": 0.5},
    )
    learner = learner_of(Told(LOGP).float(), stages(config)[0], world=World())
    units = [
        (Example(prompt_ids=[b], completion_ids=[0] * len(LOGP[b]), logprobs=OLD[b], reward=1.0 - b),)
        for b in range(2)
    ]
    signal = Signal(units=units, totals=Totals(rows=2, tokens=7, length=4))

    (update,) = learner.updates(signal, 1)
    loss = learner.loss(update.micros[0], update.totals)

    spread = 12**0.5 / 7
    up, down = (3 / 7) / spread, (-4 / 7) / spread
    assert update.micros[0].advantage_BX.tolist()[1] == pytest.approx([up] * 4, abs=1e-5)
    # On policy every ratio is 1, and the critic errs by 1 on four tokens: half of the squares.
    expected = -(4 * up + 3 * down) / 7 + 0.5 * (4 * 0.5) / 7
    assert loss.item() == pytest.approx(expected, abs=1e-5)


def test_a_reward_model_learns_by_bradley_terry():
    config = TrainConfig(
        environment=EnvironmentTable(name="none"),
        model=ModelTable(name="none"),
        algorithm="reward_model",
        trainer={"max_steps": 1, "num_generations": 1},
    )
    learner = learner_of(Told(LOGP).float(), stages(config)[0], world=World())
    learner.head.weight.data.copy_(torch.tensor([[1.0, 0.0]]))  # the reward is the last log-probability
    pair = tuple(Example(prompt_ids=[b], completion_ids=[0] * len(LOGP[b])) for b in range(2))
    signal = Signal(units=[pair], totals=Totals(rows=1, tokens=7, length=4))

    (update,) = learner.updates(signal, 1)

    # -log sigmoid(-2.0 + 1.5) = log(1 + exp(0.5))
    assert learner.loss(update.micros[0], update.totals).item() == pytest.approx(0.9740769842, abs=1e-5)
